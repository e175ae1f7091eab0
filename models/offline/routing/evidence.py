"""What the classifier sees of a message: words, concepts and slots, their order and pairs, and the turn before.

Names and values are replaced by their kind, words that nobody explained keep their beginning and end, so that what is
learnt from one company or one misspelling holds for the others.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from models.offline.language.lexicon import Kind, Token

STOP = "."
"""Stands where one sentence ends and the next begins."""
_CONCEPTS = (Kind.ACT, Kind.THING, Kind.SLOT, Kind.NUMBER, Kind.NEGATION, Kind.CONDITION)
_MOST = 40
"""Words beyond these say nothing more about what is asked."""


def evidence(tokens: Sequence[Token], previous: str) -> list[str]:
    """The features of a run of tokens; `previous` is the tool that answered the turn before, "" without one."""
    forms = [form for token in tokens for form in _forms(token)][:_MOST]
    found = {f"w:{form}" for form in forms}
    padded = ["<", *forms, ">"]
    found.update(f"b:{a} {b}" for a, b in pairwise(padded))
    found.update(f"t:{a} {b} {c}" for a, b, c in zip(padded, padded[1:], padded[2:], strict=False))
    concepts = list(dict.fromkeys(token.symbol for token in tokens if token.kind in _CONCEPTS))[:8]
    found.update(f"s:{symbol}" for symbol in concepts)
    found.update(f"p:{a} {b}" for at, a in enumerate(concepts) for b in concepts[at + 1 :])
    for token in tokens:
        if token.kind is Kind.FRAME:
            found.add(f"s:{token.symbol}")
        elif token.kind is Kind.UNKNOWN:
            word = token.words[0].text
            found.update((f"c:^{word[:4]}", f"c:{word[-3:]}$"))
        elif token.slot == "ticker" and token.raw.isupper() and token.raw.isalpha():
            found.add(f"n:symbol {len(forms) < 3}")
    opening = next((token.symbol for token in tokens if token.symbol), "")
    if opening and not opening.startswith("?"):
        found.update(f"o:{opening} {symbol}" for symbol in concepts)
    for kind in (Kind.UNKNOWN, Kind.STORY, Kind.SLOT, Kind.FRAME, Kind.THING):
        found.add(f"n:{kind.name.lower()} {min(4, sum(token.kind is kind for token in tokens))}")
    found.add(f"n:words {min(12, len(forms)) // 2}")
    found.add(f"<{previous}")
    if len(forms) < 6:
        found.add(f"<{previous} short")
    found.update(f"<{previous} {symbol}" for symbol in concepts)
    return sorted(found)


def _forms(token: Token) -> Iterator[str]:
    if token.slot or (token.typo and token.symbol):
        yield token.symbol
    else:
        yield from (word.text for word in token.words)
