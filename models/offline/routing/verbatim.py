"""Requests about a whole sentence: "remember that my sister lives in Oslo".

The router reads what a request is about as a noun phrase, and a fact is a clause. So what follows one of the leads that
a skill declares is taken as it was typed. The router is asked first: nothing that it understands is read so.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from models.offline.dialogue import Act, Dialogue
from models.offline.routing.router import Decision, Router
from models.offline.skill import Intent, Skill, wordset

_POLITE = r"(?:(?:please|kindly|hey|hi|hello|ok|okay|oh|and|also|can you|could you|would you|will you|now)[, ]+)*"
_REQUEST = re.compile(r"(?:can|could|will|would) you\b", re.IGNORECASE)
_SLOT = re.compile(r"\{(\w+)\}")
_ENDS = re.compile(r"(?<=[.!?])\s+")
_MARKS = " .!?,:;"
_OWN = wordset("i i'm i've i'd i'll we we're we've my our mine ours")
_OPENERS = _OWN | wordset("""
    he he's she she's it it's they they're his her their its you you're your the a an there there's this these those
    all every each no some most both on in at from by when if until since
""")
_NOUNS = wordset("my our his her their its your the a an this these those all every each no some most both")
_COPULAS = wordset("is are am was were be has have had isn't aren't wasn't weren't can can't will won't")
_SHORTEST = 3
_MOST = 2000
"""Characters of a sentence that is read so."""
_APOSTROPHE = "\N{RIGHT SINGLE QUOTATION MARK}"


@dataclass(frozen=True)
class _Lead:
    """One way to begin, and what it begins."""

    skill: Skill
    intent: Intent
    begins: re.Pattern[str]
    slot: str

    def act(self, sentence: str) -> Act | None:
        """What is asked for, if the sentence begins so."""
        found = self.begins.fullmatch(sentence)
        if found is None:
            return None
        if not self.slot:
            return Act(self.skill, self.intent)
        value = re.sub(r",? please$", "", found["value"].strip(_MARKS), flags=re.IGNORECASE)
        fits = _FITS[self.slot](value, sentence)
        return Act(self.skill, self.intent, {"words": (value,)}) if fits else None


class Verbatim:
    """The leads of some skills."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        intents = [(skill, intent) for skill in skills for intent in skill.intents]
        self._leads = [_lead(skill, intent, lead) for skill, intent in intents for lead in intent.leads]

    def decide(self, router: Router, text: str, dialogue: Dialogue) -> Decision:
        """What the router makes of a message, and of sentences of which it makes nothing, what they lead to."""
        sentences = _ENDS.split(text.strip())
        led = {place: act for place, sentence in enumerate(sentences) if (act := self._act(sentence))}
        led = {place: act for place, act in led.items() if not router.decide(sentences[place], dialogue).acts}
        if not led:
            return router.decide(text, dialogue)
        rest = " ".join(sentence for place, sentence in enumerate(sentences) if place not in led)
        other = router.decide(rest, dialogue) if rest else Decision()
        first, last = ([*led.values()], other.acts) if 0 in led else (other.acts, [*led.values()])
        return replace(other, acts=(*first, *last), question="", options=())

    def _act(self, sentence: str) -> Act | None:
        found: Iterator[Act | None] = (lead.act(sentence) for lead in self._leads if len(sentence) <= _MOST)
        return next((act for act in found if act), None)


def _lead(skill: Skill, intent: Intent, lead: str) -> _Lead:
    slot = _SLOT.search(lead)
    words = r"[,:]?\s+".join(map(re.escape, _SLOT.sub("", lead).split())).replace("'", f"['{_APOSTROPHE}]")
    value = r"[,:]?\s+(?P<value>\S.*)" if slot else r"[\s.!?]*"
    begins = re.compile(f"{_POLITE}{words}{value}", re.IGNORECASE | re.DOTALL)
    return _Lead(skill, intent, begins, slot[1] if slot else "")


def _words(value: str) -> list[str]:
    return [word.strip(_MARKS) for word in value.casefold().replace(_APOSTROPHE, "'").split()]


def _is_clause(value: str, sentence: str) -> bool:
    """Whether it says something: "my sister lives in Oslo", and not "my sister", or a question."""
    words = _words(value)
    asked = sentence.endswith("?") and not _REQUEST.match(sentence)
    if asked or len(words) < _SHORTEST:
        return False
    opens = words[0] in _OPENERS or not value[0].islower()
    return opens and (words[0] not in _NOUNS or len(words) > _SHORTEST or bool(set(words) & _COPULAS))


def _is_own(value: str, sentence: str) -> bool:
    return _words(value)[0] in _OWN and _is_clause(value, sentence)


def _is_mine(value: str, _sentence: str) -> bool:
    return _words(value)[0] in _OWN


_FITS: Mapping[str, Callable[[str, str], bool]] = {
    "clause": _is_clause,
    "own": _is_own,
    "mine": _is_mine,
    "words": lambda value, _sentence: bool(value),
}
"""Kind of a slot -> whether a value is of it: a clause, one of oneself, something of oneself, or any words."""
