"""Cuts a message into fragments and reads a run of them in every way that a slot allows.

A message is sentences, a sentence is fragments: between commas and joiners, and before words that start a request.
The router tries every run of neighbouring fragments as one request. A run has a plain reading, one for each pronoun
that the conversation can fill, and one for each place where an example expects free text ("news about {query}").
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from models.offline.dialogue import Slots
from models.offline.language import english
from models.offline.language.exclusion import set_aside, spared
from models.offline.language.lexicon import Kind, Lexicon, Token
from models.offline.language.text import SENTENCE_ENDS, Word, words
from models.offline.skill import wordset

MOST_FRAGMENTS = 10
"""In one sentence; a longer one is no request."""
_STARTS = frozenset({"give", "what", "how", "who", "which", "when", "i"})
MOST_NOUNS = 4
"""The most words in a row that still read as a noun phrase."""
FREE = {"query": 6, "name": 3}
"""Free-text slot kinds and the most words each may take."""
_PLURAL = wordset("""
    both them those these two their they pair other
""")


COMMA = Token("", Kind.JOINER, (Word(",", ",", mark=True),))
"""Stands where two fragments of one reading were apart."""


@dataclass(frozen=True)
class Fragment:
    """Tokens between two seams. `link` tells the seam before it: "start", "comma", "and", "but" or "flow"."""

    tokens: tuple[Token, ...]
    link: str


@dataclass(frozen=True)
class Reading:
    """One way to take a run of fragments: its tokens, the slot values found, and what a free text swallowed."""

    tokens: tuple[Token, ...]
    slots: Slots
    about: Slots = field(default_factory=dict)
    """Names inside the free text: news "about Tesla" is also about the ticker TSLA."""
    swallowed: float = 0.0
    """How many acts and things the free text took in; each makes the reading less likely."""


def sentences(lexicon: Lexicon, text: str) -> list[list[Fragment]]:
    """The message's sentences as fragments; over-long sentences come as one fragment that fits nothing."""
    found: list[list[Fragment]] = []
    chunk: list[Word] = []
    current: list[Fragment] = []

    def flush() -> None:
        if chunk:
            tokens = spared(lexicon.tokens(chunk), started=bool(current))
            current.extend(_cut(tokens, "comma" if current else "start"))
            chunk.clear()

    for word in words(text):
        if not word.mark:
            chunk.append(word)
            continue
        flush()
        if word.text in SENTENCE_ENDS and current:
            found.append(current)
            current = []
    flush()
    if current:
        found.append(current)
    found = [_begun(s) for s in found]
    return [
        s if len(s) <= MOST_FRAGMENTS else [Fragment(tuple(t for f in s for t in f.tokens), "start")] for s in found
    ]


def _begun(fragments: list[Fragment]) -> list[Fragment]:
    """A sentence without an opening that only puts a value aside."""
    if len(fragments) > 1 and set_aside(fragments[0].tokens, [t for f in fragments[1:] for t in f.tokens]):
        return [replace(fragments[1], link="start"), *fragments[2:]]
    return fragments


def _cut(tokens: Sequence[Token], link: str) -> Iterator[Fragment]:
    run: list[Token] = []
    for token in tokens:
        weighty = any(t.kind not in (Kind.DROP, Kind.JOINER) for t in run)
        weighty = weighty and not any(t.kind is Kind.NEGATION for t in run)
        starts = token.kind is Kind.ACT or (token.kind is Kind.FRAME and token.symbol in _STARTS)
        if token.kind is Kind.JOINER or (starts and weighty):
            if run:
                yield Fragment(tuple(run), link)
            if token.kind is Kind.JOINER:
                link = "but" if token.words[0].text in english.CONTRASTS else "and"
            else:
                link = "flow"
            run = []
        run.append(token)
    if run:
        yield Fragment(tuple(run), link)


@dataclass(frozen=True)
class Anchor:
    """Where examples expect free text: the symbols right before and right after it."""

    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    @cached_property
    def needed(self) -> frozenset[str]:
        """The symbols that must be there for it to match."""
        return frozenset(self.before + self.after)


def anchors(example: Sequence[Token | str]) -> Iterator[Anchor]:
    """The anchors of a compiled example, in which a free slot is its bare kind as a string."""
    kept = [item for item in example if isinstance(item, str) or item.kind not in (Kind.DROP, Kind.JOINER)]
    for at, item in enumerate(kept):
        if isinstance(item, str):
            before = tuple(t.symbol for t in kept[max(0, at - 2) : at] if isinstance(t, Token))
            after = tuple(t.symbol for t in kept[at + 1 : at + 3] if isinstance(t, Token))
            yield Anchor(item, before, after)


class Reader:
    """Knows the anchors of all examples and lists the readings of a run of tokens."""

    def __init__(self, found: Sequence[Anchor]) -> None:
        self._anchors = sorted(set(found), key=lambda a: (a.kind, a.before, a.after))

    def readings(self, tokens: Sequence[Token], antecedents: Mapping[str, tuple[str, ...]]) -> list[Reading]:
        """All readings, the plain one first. `antecedents` are the values that a pronoun may stand for, by kind."""
        plain = tuple(framed(tokens))
        variants = [plain]
        spots = [at for at, token in enumerate(plain) if token.symbol == "it"]
        for kind, values in antecedents.items():
            for at in (*spots, *_ordinals(plain, values)):
                if _place(plain, at, kind):
                    continue
                value = _picked(plain[at], values, alone=kind == "query")
                slot = Token(f"{{{kind}}}", Kind.SLOT, (), value)
                variants.append((*plain[:at], slot, *plain[at + 1 :]))
        found = []
        for variant in variants:
            found.append(Reading(variant, named(variant)))
            found += self._free(variant)
        return found

    def _free(self, tokens: tuple[Token, ...]) -> Iterator[Reading]:
        kept = [at for at, token in enumerate(tokens) if token.kind not in (Kind.DROP, Kind.JOINER)]
        symbols = [tokens[at].symbol for at in kept]
        present = frozenset(symbols)
        for anchor in self._anchors:
            if not anchor.needed <= present:
                continue
            for start, end in _gaps(symbols, anchor):
                if start >= end:
                    continue
                first = kept[start - 1] + 1 if start else kept[0]
                last = kept[end] if end < len(kept) else len(tokens)
                if not _frames(anchor, tokens[kept[start - 1]] if start else None):
                    continue
                inside = tokens[first:last]
                text = free_text(inside, anchor.kind, tight=not anchor.before)
                if text and anchor.before[-1:] == _PRESENTING and not text[:1].isupper():
                    continue
                if text:
                    slot = Token(f"{{{anchor.kind}}}", Kind.SLOT, (), (text,))
                    reading = (*tokens[:first], slot, *tokens[last:])
                    swallowed = sum(_TAKEN_IN.get(t.kind, 0.0) for t in inside)
                    yield Reading(reading, named(reading), named(inside), swallowed)


def _ordinals(tokens: Sequence[Token], values: Sequence[str]) -> list[int]:
    """Where "the first one" or "the second one" stands within a request and picks one of several values."""
    if len(values) < 2 or sum(t.kind not in (Kind.DROP, Kind.JOINER) for t in tokens) < 2:
        return []
    return [at for at, token in enumerate(tokens) if _position(token) is not None]


def _position(token: Token) -> int | None:
    if token.symbol not in ("yes", "second") or not token.words:
        return None
    texts = {word.text for word in token.words}
    return 0 if texts & _FIRST else 1 if texts & _SECOND else -1 if texts & _LAST else None


def _picked(token: Token, values: tuple[str, ...], alone: bool) -> tuple[str, ...]:
    """The values that a pronoun or "the first one" stands for; `alone` where only one can be asked about."""
    position = _position(token)
    if position is not None:
        return (values[position],)
    return values if token.words[-1].text in _PLURAL and not alone else values[-1:]


def _place(tokens: Sequence[Token], at: int, kind: str) -> bool:
    """Whether the pronoun at `at` is where a named value goes to or comes from: "add Walmart to it"."""
    before = _last_word(tokens[at - 1]) if at else ""
    return before in ("to", "from", "on", "off") and any(token.slot == kind for token in tokens)


_FIRST, _SECOND, _LAST = wordset("first former"), wordset("second latter"), wordset("last")
_TAKEN_IN = {Kind.ACT: 1.5, Kind.THING: 1.0, Kind.NUMBER: 1.0, Kind.WORD: 0.2}


def _frames(anchor: Anchor, left: Token | None) -> bool:
    """Whether the word before a subject leads to one: a preposition, an act or a verb, but not a bare noun."""
    if anchor.kind != "query" or left is None or not anchor.before or left.kind is not Kind.THING:
        return True
    return _last_word(left) in _LEADING


_LEADING = frozenset(english.PREPOSITIONS) | {
    "are",
    "is",
    "include",
    "with",
    "mentioned",
    "mention",
    "discuss",
    "discussed",
}


def _gaps(symbols: Sequence[str], anchor: Anchor) -> Iterator[tuple[int, int]]:
    """The (start, end) spans that `anchor` frames."""
    size = len(symbols)
    left, right = len(anchor.before), len(anchor.after)
    if left:
        starts = [at + left for at in range(size - left + 1) if tuple(symbols[at : at + left]) == anchor.before]
    else:
        starts = []
    ends = (
        [at for at in range(size - right + 1) if tuple(symbols[at : at + right]) == anchor.after] if right else [size]
    )
    if left:
        for start in starts:
            yield from ((start, end) for end in ends if end > start)
    else:
        for end in ends:
            yield from ((start, end) for start in range(max(0, end - 2), end))


def _last_word(token: Token) -> str:
    return token.words[-1].text if token.words else ""


def _longest_run(tokens: Sequence[Token]) -> int:
    """The most words in a row without a preposition or "and" between them."""
    longest = run = 0
    for token in tokens:
        run = 0 if token.kind in (Kind.PREPOSITION, Kind.JOINER) else run + len(token.words)
        longest = max(longest, run)
    return longest


def free_text(tokens: Sequence[Token], kind: str, tight: bool = False) -> str | None:
    """The words of a free-text slot as typed, or None when they are no noun phrase or name.

    A `tight` one stands before its noun ("electric car news") and holds no preposition.
    """
    kept = list(tokens)
    if tight and any(t.kind in (Kind.PREPOSITION, Kind.JOINER) for t in kept):
        return None
    while kept and (
        (kept[0].kind in _PADDING and not kept[0].symbol.startswith("?")) or _last_word(kept[0]) in _MENTION
    ):
        kept.pop(0)
    while kept and (kept[-1].kind in _PADDING or _last_word(kept[-1]) in _LATELY):
        kept.pop()
    typed = [word for token in kept for word in token.words]
    if not 0 < len(typed) <= FREE[kind] or _longest_run(kept) > MOST_NOUNS:
        return None
    if tight and not (
        all(t.kind in (Kind.UNKNOWN, Kind.DROP) for t in kept)
        or (len(kept) == 1 and kept[0].kind in (Kind.SLOT, Kind.WORD))
    ):
        return None
    for token in kept:
        if (token.kind is Kind.JOINER and token.raw.casefold() not in ("and", "&")) or (
            token.kind is Kind.SLOT and not token.words
        ):
            return None
        if token.kind in (Kind.STORY, Kind.CONDITION, Kind.NEGATION) or (
            token.symbol in english.FRAMES and token.kind is Kind.FRAME
        ):
            return None
        if _position(token) is not None or any(word.text in NO_NOUNS for word in token.words):
            return None
    if kind == "name" and any(w.text in english.NOT_NAMES for w in typed):
        return None
    if kind == "name" and len(typed) > 1 and not all(w.raw[:1].isupper() for w in typed):
        return None
    if kind == "name" and not (
        all(w.raw.replace("'", "").isalpha() for w in typed) and all(t.kind in _NAMES for t in kept)
    ):
        return None
    return " ".join(word.raw for word in typed if word.raw) or None


_PADDING = (Kind.DROP, Kind.PREPOSITION, Kind.JOINER)
_LATELY = wordset("""
    recently lately yesterday already before so far ever again
""")
_MENTION = wordset("mention mentions mentioned mentioning shorter condense")
"""Before a subject these say that it came up; they are no part of it."""
_PRESENTING = ("=am",)
"""Before a name: "I am ..." presents somebody only when what follows is written like a name."""
_NAMES = (Kind.UNKNOWN, Kind.DROP, Kind.SLOT)
NO_NOUNS = wordset("""
    is are am was were be been has have had will would can could should do does did made makes goes went came
    comes took takes say said see saw get got give gave make run ran keep kept let likes told watched rose fell
    became began knew thought brought bought sold ate drank swallowed spoke stood sat walked laughed cried
    opened closed though thus however while when where because whose whom yet still already always never ever
    often seldom soon once perhaps rather quite enough hardly nearly almost also again later since until unless
    although otherwise anyway instead without within upon than then here there very too so if whether either
    neither nor both each every many much more most few less least other another such same own only just even
    away along together maybe indeed after therefore hence meanwhile moreover besides else anything something nothing
    everything anyone someone everyone nobody yourself himself herself itself themselves which who what how why
""")
"""Words that no noun phrase contains: a free text with one of them is a clause, not a subject."""


def framed(tokens: Sequence[Token]) -> Iterator[Token]:
    """Drops the copula of a question ("what the price *is*"); an opening "is" or "do" becomes the frame "whether"."""
    open_question = False
    started = False
    for token in tokens:
        text = token.words[0].text if token.words and len(token.words) == 1 else ""
        if token.symbol in english.QUESTIONS and token.kind is Kind.FRAME:
            open_question = True
        elif not started and text in english.AUXILIARIES:
            started = True
            yield replace(token, symbol="whether", kind=Kind.FRAME)
            continue
        elif open_question and text in english.COPULAS:
            open_question = False
            yield replace(token, symbol="", kind=Kind.DROP)
            continue
        elif open_question and text in english.AUXILIARIES:
            yield replace(token, symbol="", kind=Kind.DROP)
            continue
        started = started or token.kind not in (Kind.DROP, Kind.JOINER)
        yield token


def named(tokens: Sequence[Token]) -> dict[str, tuple[str, ...]]:
    """The values by kind in the order named, those negated ("not AAPL") only where there are no others."""
    found: dict[str, tuple[str, ...]] = {}
    refused: dict[str, tuple[str, ...]] = {}
    negated = False
    for token in tokens:
        if token.kind is Kind.NEGATION:
            negated = True
        elif token.slot:
            into = refused if negated else found
            known = into.get(token.slot, ())
            into[token.slot] = known + tuple(v for v in token.values if v not in known)
            negated = False
    return {**refused, **found}
