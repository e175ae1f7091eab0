"""Turns words into tokens: concepts, slot values, frames and whatever nobody explained.

Longest phrase first. A word that is in no phrase may be a typo of one that is (restricted Damerau distance, same first
letter, never an ordinary English word), a stock symbol in capitals, a number, or unknown. Every word ends in just one
token, so that what a message says beyond the request stays visible to the scores.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from rapidfuzz import process
from rapidfuzz.distance import OSA

from models.offline.language import english
from models.offline.language.text import Word, words
from models.offline.skill import Skill, wordset


class Kind(Enum):
    """What a token is to a request."""

    DROP = auto()
    PREPOSITION = auto()
    FRAME = auto()
    ACT = auto()
    THING = auto()
    SLOT = auto()
    NUMBER = auto()
    NEGATION = auto()
    STORY = auto()
    CONDITION = auto()
    JOINER = auto()
    WORD = auto()
    """A word that some example uses, but that belongs to no concept."""
    UNKNOWN = auto()


@dataclass(frozen=True)
class Token:
    """One phrase of a message. `symbol` is what examples are compared by, "{kind}" for a slot."""

    symbol: str
    kind: Kind
    words: tuple[Word, ...]
    values: tuple[str, ...] = ()
    typo: bool = False

    @property
    def raw(self) -> str:
        """The token as typed."""
        return " ".join(word.raw for word in self.words if word.raw)

    @property
    def slot(self) -> str | None:
        """The slot kind, None when the token is no slot."""
        return self.symbol[1:-1] if self.kind in (Kind.SLOT, Kind.NUMBER) else None


_SYMBOL = re.compile(r"\$[A-Za-z]{1,5}|[A-Z]{2,5}")
_NOT_A_SYMBOL = wordset("""
    AI AM API ASAP BBC CEO CNN CPU CSV DIY DNA EU FAQ FBI FYI GDP GPU HTML HTTP ID IMHO IMO IOS IT JSON LLM LOL
    MBA NASA NBA NFL NHS NO NOT OK OMG PC PDF PHD PM PS SQL TV UFO UK UN URL US USA USB UTC VIP VR WHO WTF WWW
    XML YES
""")
NUMBERS = {
    w: str(n)
    for n, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}
_PLAIN = {Kind.DROP: "", Kind.PREPOSITION: "@", Kind.JOINER: ""}


class Lexicon:
    """All phrases that the skills and English give a meaning to."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        self._phrases: dict[tuple[str, ...], Token] = {}
        self._longest: dict[str, int] = {}
        for kind, phrases in (
            (Kind.DROP, english.DROPPED),
            (Kind.PREPOSITION, english.PREPOSITIONS),
            (Kind.DROP, english.ENDINGS),
            (Kind.JOINER, english.JOINERS),
            (Kind.JOINER, english.CONTRASTS),
            (Kind.CONDITION, english.CONDITIONS),
            (Kind.NEGATION, english.NEGATION),
        ):
            self._add(_PLAIN.get(kind, kind.name.lower()), kind, phrases)
        for phrase in english.STORY:
            self._add(f"~{phrase}", Kind.STORY, (phrase,))
        for concept, phrases in english.FRAMES.items():
            self._add(concept, Kind.FRAME, phrases)
        self._add("", Kind.DROP, english.NOT_NEGATION)
        for number, value in NUMBERS.items():
            if number != "one":
                self._add("{number}", Kind.NUMBER, (number,), value)
        for skill in skills:
            for kind, table in ((Kind.THING, skill.things), (Kind.ACT, skill.acts)):
                for concept, phrases in table.items():
                    self._add(concept, kind, phrases)
        for skill in skills:
            for slot, values in skill.vocabularies.items():
                for value, phrases in values.items():
                    self._add(f"{{{slot}}}", Kind.SLOT, phrases, value)
            if skill.names:
                self._add("{agent}", Kind.SLOT, skill.names, skill.agent)
        for skill in skills:
            for intent in skill.intents:
                for example in (*intent.examples, *intent.request):
                    for word in words(re.sub(r"\{\w+\}", " ", example)):
                        if not word.mark and not self._starts(word.text):
                            self._add(f"={word.text}", Kind.WORD, (word.text,))
        self._known = {word for phrase in self._phrases for word in phrase} | english.ORDINARY
        targets: dict[int, list[str]] = {}
        for target in sorted({w for phrase in self._phrases for w in phrase if len(w) > 2}):
            targets.setdefault(len(target), []).append(target)
        self._targets = targets
        self._names = {word for phrase, token in self._phrases.items() if token.kind is Kind.SLOT for word in phrase}
        self._corrections: dict[str, str | None] = {}

    def _starts(self, word: str) -> bool:
        return (word,) in self._phrases

    def _add(self, symbol: str, kind: Kind, phrases: Iterable[str], value: str | None = None) -> None:
        for phrase in phrases:
            found = tuple(Word(w.text, w.raw) for w in words(phrase) if not w.mark)
            key = tuple(w.text for w in found)
            if key:
                capitals = value is not None and phrase.isupper() and len(key) == 1
                values = () if value is None else (value,)
                self._phrases[key] = Token(symbol, kind, found if capitals else (), values)
                self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    def tokens(self, message: Sequence[Word]) -> list[Token]:
        """The tokens of `message`, which holds no boundary marks."""
        spelt = [self._spelt(word) for word in message]
        return list(self._context(list(self._chunks(spelt, message))))

    def _spelt(self, word: Word) -> Word:
        if (
            word.text in self._known
            or word.text.startswith("$")
            or (word.text.endswith("s") and word.text[:-1] in self._known)
        ):
            return word
        if word.raw.isupper() and not word.raw.isalpha():
            return word
        corrected = self._correction(word.text)
        return Word(corrected, word.raw) if corrected else word

    def _correction(self, word: str) -> str | None:
        if word not in self._corrections:
            if len(self._corrections) > 10_000:
                self._corrections.clear()
            self._corrections[word] = self._closest(word)
        return self._corrections[word]

    def _closest(self, word: str) -> str | None:
        if len(word) < 3 or word in english.ORDINARY or not word.isalpha():
            return None
        allowed = 1 if len(word) < 8 else 2
        near = [w for n in range(len(word) - allowed, len(word) + allowed + 1) for w in self._targets.get(n, ())]
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=allowed, limit=5)
        for target, far, _ in sorted(
            found, key=lambda hit: (hit[1], hit[0][0] != word[0], sorted(hit[0]) != sorted(word), hit[0])
        ):
            if far > 1 and len(word) < 10 and target not in self._names:
                continue
            swapped = sorted(target) == sorted(word)
            same_start = target[0] == word[0] or swapped
            longer = len(target) > len(word) and len(target) > 3
            if same_start and (len(word) > 4 or swapped or longer):
                return target
        return None

    def _chunks(self, spelt: Sequence[Word], typed: Sequence[Word]) -> Iterator[Token]:
        at = 0
        while at < len(spelt):
            for size in range(min(self._longest.get(spelt[at].text, 1), len(spelt) - at), 0, -1):
                found = self._phrases.get(tuple(w.text for w in spelt[at : at + size]))
                here = tuple(typed[at : at + size])
                if found and found.words and not here[0].raw.isupper():
                    continue
                if found:
                    typo = any(a.text != b.text for a, b in zip(spelt[at : at + size], here, strict=True))
                    yield replace(found, words=here, typo=typo)
                    at += size
                    break
            else:
                yield self._single(typed[at])
                at += 1

    def _single(self, word: Word) -> Token:
        text = word.text
        singular = self._phrases.get((text[:-1],)) if len(text) > 3 and text.endswith("s") else None
        if singular and singular.kind is not Kind.SLOT and not singular.words:
            return replace(singular, words=(word,))
        if text.isdecimal():
            return Token("{number}", Kind.NUMBER, (word,), (text,))
        if text.startswith("$") and text[1:].isalpha():
            known = self._phrases.get((text[1:],))
            if known and known.symbol == "{ticker}":
                return replace(known, words=(word,))
        if _SYMBOL.fullmatch(word.raw) and word.raw not in _NOT_A_SYMBOL:
            return Token("{ticker}", Kind.SLOT, (word,), (word.raw.lstrip("$").upper(),))
        if text.endswith(english.ADJECTIVE_ENDINGS) and len(text) > 5:
            return Token(f"?{text}", Kind.DROP, (word,))
        return Token(f"?{text}", Kind.UNKNOWN, (word,))

    @staticmethod
    def _context(tokens: list[Token]) -> Iterator[Token]:
        """A name after "a" or "an" is a common noun ("an apple") unless a cue follows ("an Apple quote").

        "No" before a thing negates it ("no jokes please"); elsewhere it answers or corrects.
        """
        for at, token in enumerate(tokens):
            if token.symbol == "no" and any(t.kind is Kind.THING for t in tokens[at + 1 : at + 3]):
                yield replace(token, symbol="negation", kind=Kind.NEGATION)
                continue
            if token.symbol == "one" and len(token.words) == 1 and _counted(tokens[at + 1 : at + 3]):
                yield replace(token, symbol="", kind=Kind.DROP)
                continue
            if (
                token.kind is Kind.SLOT
                and token.slot != "agent"
                and at
                and tokens[at - 1].words[-1].text in ("a", "an")
            ):
                following = tokens[at + 1].kind if at + 1 < len(tokens) else None
                if following not in (Kind.THING, Kind.ACT, Kind.WORD, Kind.SLOT):
                    yield Token(f"?{token.words[0].text}", Kind.UNKNOWN, token.words)
                    continue
            yield token


def _counted(following: Sequence[Token]) -> bool:
    """Whether a thing follows, so that "one" only counts it ("one joke", "one AMZN quote")."""
    kinds = [token.kind for token in following]
    return kinds[:1] == [Kind.THING] or (kinds == [Kind.SLOT, Kind.THING])
