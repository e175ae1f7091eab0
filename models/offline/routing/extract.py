"""Finds the values of a request in a whole message: names that are known, and the words that a free text is made of.

Where an example shows no place for a subject, it is the noun phrase that a preposition, a verb of saying or a noun such
as "news" points at; what only says when, why or for whom is left off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.offline.dialogue import Slots
from models.offline.language import english
from models.offline.language.lexicon import NUMBERS, Kind, Token
from models.offline.language.text import normal
from models.offline.routing.reading import FREE, NO_NOUNS, named
from models.offline.skill import wordset

_ABOUT = wordset("about regarding concerning re involving discuss discussed mention mentioned mentioning covering")
_ON = wordset("on into around over over up in")
_OF = wordset("of for with to at from against is are include includes as")
_BESIDE_THE_POINT = wordset("""
    lately recently today yesterday tomorrow tonight week weeks month year day days morning afternoon evening night
    minute moment hour already before again ever please thanks thank wanted though anyway now once twice sake boss
    friend friends sister brother mother mom dad wife husband kids colleague colleagues teacher meeting presentation
    subject topic theme field hobby area pronto immediately only mean guess think ok okay soon long
    time times chat chats conversation conversations session word words read useful useless particular specifically
    general mean something anything
    anyone somebody someone everybody world thing things stuff lot bit love honey dear sweetheart cheers here there
    monday tuesday wednesday thursday friday saturday sunday january february march april june july august september
    october november december work school homework essay project report paper talk exam class course
""")
_NO_PART = wordset("""
    conversation conversations chat chats word wanted wondering grabbed scan
    mention mentions mentioned mentioning shorter condense
    as come comes happen happens happened happening grep spare scoop wise say says using use used
    catch making made informed informing looking look dig writing written wrote reported reporting reports n ne bout
    read reading hear heard find finding search searching think know ask
""")
"""Words that end a phrase, beside those that none may hold."""
_PHRASE = (Kind.UNKNOWN, Kind.SLOT, Kind.WORD, Kind.DROP)


@dataclass(frozen=True)
class _Phrase:
    tokens: tuple[Token, ...]
    before: Token | None
    after: Token | None

    def text(self) -> str:
        return " ".join(token.raw for token in self.tokens if token.raw)


def values(kinds: Iterable[str], tokens: Sequence[Token]) -> Slots:
    """The values of these slot kinds that `tokens` hold."""
    found = {kind: held for kind, held in named(tokens).items() if kind in kinds}
    for kind in FREE:
        if kind in kinds:
            text = subject(tokens) if kind == "query" else name(tokens)
            if text:
                found[kind] = (text,)
    if "number" in kinds and "number" not in found:
        spelt = [token.words[0].text for token in tokens if token.kind is Kind.DROP and token.words]
        counted = [NUMBERS[word] for word in spelt if word in NUMBERS]
        if counted:
            found["number"] = (counted[0],)
    return found


def subject(tokens: Sequence[Token]) -> str | None:
    """What a message is about, as typed; None when nothing in it names a subject."""
    best, most = None, 0.0
    for phrase in _phrases(tokens):
        worth = _worth(phrase)
        if worth > most:
            best, most = phrase, worth
    return best.text() if best else None


def padded(long: str, short: str) -> bool:
    """Whether what `long` has beyond `short` is beside the point."""
    beyond = set(normal(long).split()) - set(normal(short).split())
    return bool(beyond & (_BESIDE_THE_POINT | _NO_PART | _ON | _OF | _ABOUT))


def _phrases(tokens: Sequence[Token]) -> Iterable[_Phrase]:
    run: list[int] = []
    for at, token in enumerate((*tokens, None)):
        if token is not None and (_nominal(token) or (run and _bridge(tokens, at))):
            run.append(at)
            continue
        while run and _trailing(tokens[run[-1]]):
            run.pop()
        while run and tokens[run[0]].kind is Kind.DROP and not tokens[run[0]].symbol.startswith("?"):
            run.pop(0)
        while len(run) > 1 and all(word.text in _BESIDE_THE_POINT for word in tokens[run[0]].words):
            run.pop(0)
        if run:
            before = tokens[run[0] - 1] if run[0] else None
            back = run[0] - 1
            while back > 0 and tokens[back].kind is Kind.DROP:
                back -= 1
                before = tokens[back]
            following = tokens[run[-1] + 1 : run[-1] + 3]
            after = next((t for t in following if t.kind is not Kind.DROP), None)
            yield _Phrase(tuple(tokens[i] for i in run), before, after)
        run = []


def _nominal(token: Token) -> bool:
    if token.kind not in _PHRASE or not token.words or token.slot == "agent":
        return False
    return not any(word.text in NO_NOUNS or word.text in _NO_PART for word in token.words)


def _bridge(tokens: Sequence[Token], at: int) -> bool:
    """Whether a small word joins two parts of one noun phrase ("rates in Europe", "war and peace")."""
    if at + 1 >= len(tokens) or tokens[at + 1].kind not in (Kind.UNKNOWN, Kind.SLOT) or not _nominal(tokens[at + 1]):
        return False
    text = tokens[at].raw.casefold()
    return text in ("of", "in", "and", "&") and tokens[at - 1].kind in (Kind.UNKNOWN, Kind.SLOT, Kind.WORD)


def _trailing(token: Token) -> bool:
    return token.kind in (Kind.DROP, Kind.PREPOSITION, Kind.JOINER) or all(
        word.text in _BESIDE_THE_POINT for word in token.words
    )


def _worth(phrase: _Phrase) -> float:
    words = [word.text for token in phrase.tokens for word in token.words]
    if len(words) > FREE["query"] or all(word in _BESIDE_THE_POINT for word in words):
        return 0.0
    worth = 1.0 + 0.5 * (phrase.tokens[0].kind is Kind.UNKNOWN) - 0.3 * max(0, len(words) - 3)
    before = phrase.before.words[-1].text if phrase.before and phrase.before.words else ""
    leads = phrase.before is not None and phrase.before.kind in (Kind.PREPOSITION, Kind.THING, Kind.ACT)
    if before in _ABOUT:
        worth += 5
    elif leads and before in _ON:
        worth += 4
    elif leads and before in _OF:
        worth += 3
    elif leads:
        worth += 2.5
    if phrase.after is not None and phrase.after.kind is Kind.THING:
        worth += 3
    return worth


def name(tokens: Sequence[Token]) -> str | None:
    """What somebody wants to be called, as typed."""
    best, most = None, 0.0
    for at, token in enumerate(tokens):
        if token.kind not in (Kind.UNKNOWN, Kind.SLOT, Kind.DROP, Kind.WORD) or not token.words:
            continue
        raw = token.raw
        low = token.words[0].text
        if low in english.NOT_NAMES or low in NO_NOUNS or not raw.replace("'", "").isalpha() or token.slot == "number":
            continue
        if token.kind in (Kind.DROP, Kind.WORD) and not raw[0].isupper():
            continue
        before = tokens[at - 1] if at else None
        last = before.words[-1].text if before and before.words else ""
        worth = 0.5 * (token.kind is Kind.UNKNOWN) + 1.0 * raw[0].isupper()
        if last in ("is", "me", "call", "called", "to", "as", "by", "name", "am"):
            worth += 2
        if before and before.kind is Kind.ACT:
            worth += 1
        if worth > most:
            following = tokens[at + 1] if at + 1 < len(tokens) else None
            if following and following.kind in (Kind.UNKNOWN, Kind.SLOT) and raw[0].isupper():
                second = following.raw
                if second[:1].isupper() and second.isalpha():
                    raw = f"{raw} {second}"
            best, most = raw, worth
    return best if most >= 1.5 else None
