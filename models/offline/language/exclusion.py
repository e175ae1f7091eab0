"""Takes out of a sentence what it excludes: "but leave Mastercard out", "except a python one", "forget Oracle, ...".

A value that is only named to be left out must never be acted on, so it is gone before anything is compared. What stays
is the request; a sentence that is nothing but a refusal is left as it is, for the router to hear the "no".
"""

from collections.abc import Sequence

from models.offline.language import english
from models.offline.language.lexicon import Kind, Token
from models.offline.skill import wordset

_VALUES = ("ticker", "topic")
_EXCEPT = ("except", "except for", "excluding", "excepting", "barring", "other than", "apart from", "aside from")
_SET_ASIDE = (
    ("forget",),
    ("forget", "about"),
    ("never", "mind"),
    ("never", "mind", "about"),
    ("nevermind",),
    ("ignore",),
    ("skip",),
)
_LEAVE, _OUT = wordset("leave keep leaving keeping"), wordset("out off")
_LIGHT = (Kind.DROP, Kind.PREPOSITION, Kind.SLOT)


def spared(tokens: Sequence[Token], started: bool) -> list[Token]:
    """`tokens` without the clause that excludes a value; `started` tells whether the sentence has begun before them."""
    for at, token in enumerate(tokens):
        if not (started or any(t.kind not in (Kind.DROP, Kind.JOINER) for t in tokens[:at])):
            continue
        start = _clause(tokens, at, started and all(t.kind is Kind.DROP for t in tokens[:at]))
        if start is None:
            continue
        end = next((i for i in range(start, len(tokens)) if tokens[i].kind is Kind.JOINER), len(tokens))
        if all(t.kind in (Kind.JOINER, *_LIGHT) or t.symbol == "versus" for t in tokens[end:]):
            end = len(tokens)  # "but not Tesla and Intel" leaves out both
        if _only_values(tokens[start:end], leaving=_text(token) in _LEAVE):
            return [*tokens[:at], *tokens[end:]]
    return list(tokens)


def set_aside(first: Sequence[Token], later: Sequence[Token]) -> bool:
    """Whether a sentence begins by putting a value aside for another: "forget Oracle, what's Salesforce at?"."""
    said = tuple(word.text for token in first if token.kind not in (Kind.SLOT, Kind.DROP) for word in token.words)
    kinds = {token.slot for token in first if token.slot in _VALUES}
    changes = any(token.kind is Kind.ACT and token.symbol in ("add", "remove", "like") for token in later)
    return said in _SET_ASIDE and bool(kinds & {token.slot for token in later}) and not changes


def _clause(tokens: Sequence[Token], at: int, opening: bool) -> int | None:
    """Where the excluded part begins when an exclusion starts at `at`, which may open a clause; else None."""
    token = tokens[at]
    if token.kind is Kind.NEGATION and (
        " ".join(word.text for word in token.words) in _EXCEPT or (_text(token) == "not" and opening)
    ):
        return at + 1
    if token.kind is Kind.JOINER and at + 1 < len(tokens):
        following = tokens[at + 1]
        contrast = _text(token) in english.CONTRASTS
        if following.kind is Kind.NEGATION and contrast and following.words[-1].text in ("not", "without"):
            return at + 2
        if _text(following) in _LEAVE:
            return at + 1
    return at if _text(token) in _LEAVE else None


def _only_values(clause: Sequence[Token], leaving: bool) -> bool:
    """Whether it names values and nothing else that asks: "one about physics", "leave Mastercard out"."""
    if not any(token.slot in _VALUES for token in clause):
        return False
    texts = [word.text for token in clause for word in token.words]
    if leaving or texts[0] in _LEAVE:
        rest = [token for token in clause if _text(token) not in _LEAVE]
        return bool(_OUT.intersection(texts) and len(texts) <= 6) or all(
            token.kind in _LIGHT or token.symbol in ("watchlist", "it") for token in rest
        )
    return all(token.kind in _LIGHT or token.symbol in ("one", "joke", "versus") for token in clause)


def _text(token: Token) -> str:
    return token.words[0].text if len(token.words) == 1 else ""
