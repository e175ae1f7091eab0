"""Decides what a message asks for: one score for every intent, one threshold, one margin, no list of special cases.

Method. Words are first reduced to concepts, slots and frames (`lexicon`: phrases, synonyms, a restricted edit distance
for typos). Then every run of neighbouring fragments of a sentence is compared with the examples of all intents by
TF-IDF cosine over concepts and their order (`scoring`), and the cut of the sentence that explains most wins, by a small
dynamic programme. A cosine near 1 means "nothing was said beyond this request", which is what keeps a stray "joke" or
"apple" from acting; every score can be traced to the words behind it, and an agent that was added with some examples
works without any training. How much may be said beside a request is not for the cosine to tell: see `trained`.

What always holds: an act has a score of at least `ACCEPT`, leads the next intent by `MARGIN`, and has all its slots;
what is negated, conditional or reported is never acted on; whatever falls between is asked back, not guessed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from models.offline import followup
from models.offline.dialogue import Act, Dialogue, Outcome, acts_latest_first
from models.offline.language import english
from models.offline.language.lexicon import Kind, Lexicon, Token
from models.offline.language.smalltalk import AGAIN, CORRECT, FOLLOW_UPS, SWITCH
from models.offline.language.smalltalk import SKILL as SMALLTALK
from models.offline.routing.reading import COMMA, FREE, Fragment, Reader, Reading, anchors, framed, sentences
from models.offline.routing.scoring import Example, Index
from models.offline.skill import Intent, Skill, wordset

ACCEPT = 0.80
"""The least cosine that is acted on."""
ASK = 0.55
"""The least cosine that is worth a question back."""
MARGIN = 0.03
"""How far the best intent must lead the second."""
SWALLOWED = 0.85
"""What is left of a score for each act or thing that a free text takes in."""
MOST_UNKNOWN = 8
"""A run with more unexplained words than any free text may hold is not scored."""
LIST = 3
"""So many clear requests in one sentence are a list; what else it says is no reason to doubt one of them."""
LONGEST_RUN = 6
"""The most neighbouring fragments that may form one request."""


@dataclass(frozen=True)
class Candidate:
    """One intent's score for a run of fragments, with the reading and example that gave it."""

    score: float
    example: Example
    reading: Reading

    @property
    def intent(self) -> Intent:
        """The intent scored."""
        return self.example.intent

    def act(self) -> Act:
        """The intent with the values that the example has slots for."""
        named = {k: v for k, v in self.reading.slots.items() if k in self.example.slots}
        return Act(self.example.skill, self.intent, {**self.reading.about, **named})


@dataclass(frozen=True)
class Segment:
    """A run of fragments taken as one request, and how all intents scored on it."""

    tokens: tuple[Token, ...]
    link: str
    mass: float
    candidates: tuple[Candidate, ...]

    @property
    def best(self) -> Candidate | None:
        """The candidate to act on: over the threshold and ahead by the margin, else None."""
        if not self.candidates or self.candidates[0].score < ACCEPT or self.close or self.dangling:
            return None
        return max(self.near, key=lambda c: (bool(c.intent.after), c.score))

    @property
    def near(self) -> list[Candidate]:
        """The candidates over the threshold that are as good as the first."""
        return [c for c in self.candidates if c.score >= max(ACCEPT, self.candidates[0].score - MARGIN)]

    @property
    def close(self) -> bool:
        """Whether two intents are too near each other to choose."""
        near = [c for c in self.near if c.intent.after] or self.near
        return len({c.intent.tool or c.intent.name for c in near}) > 1

    @property
    def dangling(self) -> bool:
        """Whether it breaks off in a question word ("a joke what")."""
        weighty = [token for token in self.tokens if token.kind not in (Kind.DROP, Kind.JOINER, Kind.PREPOSITION)]
        return len(weighty) > 1 and weighty[-1].kind is Kind.FRAME and weighty[-1].symbol in english.QUESTIONS

    @property
    def explicit(self) -> bool:
        """Whether it begins like a request or a question, not like a bare noun."""
        for token in self.tokens:
            if token.kind in (Kind.JOINER, Kind.THING) and token.symbol in _CONVERSATIONAL | {""}:
                continue
            if token.kind is Kind.DROP:
                if token.words and token.words[0].text in _POLITE:
                    return True
                continue
            return token.kind in (Kind.ACT, Kind.FRAME) and token.symbol not in ("it", "your")
        return False

    def has(self, kind: Kind) -> bool:
        """Whether any of its tokens is of that kind."""
        return any(token.kind is kind for token in self.tokens)


def _run(fragments: Sequence[Fragment]) -> tuple[Token, ...]:
    tokens: list[Token] = []
    for fragment in fragments:
        if tokens and fragment.link == "comma":
            tokens.append(COMMA)
        tokens += fragment.tokens
    return tuple(tokens)


def _spans_refusal(fragments: Sequence[Fragment]) -> bool:
    """Whether a comma or "but" follows a negated fragment: what comes after it is not negated."""
    refused = False
    for fragment in fragments:
        if refused and fragment.link in ("comma", "but"):
            return True
        refused = refused or any(token.kind is Kind.NEGATION for token in fragment.tokens)
    return False


def _chain(chosen: Sequence[Segment | None], start_of: Sequence[int], end: int) -> list[Act]:
    """The acts of the best cut that ends at fragment `end`."""
    acts: list[Act] = []
    while end:
        segment = chosen[end]
        if segment and segment.best and segment.best.intent.tool:
            acts.insert(0, segment.best.act())
        end = start_of[end]
    return acts


def _completes(segment: Segment, act: Act, last: Act) -> bool:
    """Whether a bare name only says what the request right before it is about: "joke. recursion."."""
    bare = all(token.kind in (Kind.SLOT, Kind.DROP, Kind.JOINER, Kind.PREPOSITION) for token in segment.tokens)
    return bare and segment.link == "start" and act.intent == last.intent


_CONVERSATIONAL = frozenset(SMALLTALK.things)
_POLITE = wordset("""
    please could can would will do are is have go make kindly let has does
""")


@dataclass(frozen=True)
class Decision(Outcome):
    """The outcome for a whole message, with the segments that led to it."""

    refused: bool = False
    """Whether a request was undone or negated in the message itself."""
    segments: tuple[Segment, ...] = field(default=(), repr=False)
    chances: tuple[tuple[str, float], ...] = ()
    """The classifier's most probable classes for the whole message, where it was asked."""


def kind_of(skill: Skill, intent: Intent) -> str:
    """The class that a request counts as: the agent, its tool and the preference it sets; else the intent's name."""
    if intent.tool is None:
        return intent.name
    return ".".join([skill.agent, intent.tool, *map(str, intent.fixed.values())])


class Router:
    """The compiled skills of one model."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        self.skills = (SMALLTALK, *skills)
        self.lexicon = Lexicon(self.skills)
        examples, found = [], []
        for skill in self.skills:
            for intent in skill.intents:
                for text in (*intent.examples, *intent.request):
                    compiled = list(self._compile(text))
                    found += list(anchors(compiled))
                    tokens = [Token(f"{{{t}}}", Kind.SLOT, (), ("",)) if isinstance(t, str) else t for t in compiled]
                    examples.append((skill, intent, text, tokens))
        self.index = Index(examples)
        self.reader = Reader(found)

    def _compile(self, example: str) -> Iterator[Token | str]:
        """An example's tokens; a free slot is its kind as a string."""
        placed = re.split(r"\{(\w+)\}", example)
        pieces: list[Token | str] = []
        for at, piece in enumerate(placed):
            if at % 2 == 0:
                pieces += [t for s in sentences(self.lexicon, piece) for f in s for t in f.tokens]
            elif piece in FREE:
                pieces.append(piece)
            else:
                kind = Kind.NUMBER if piece == "number" else Kind.SLOT
                pieces.append(Token(f"{{{piece}}}", kind, (), ("",)))
        return self._framed(pieces)

    @staticmethod
    def _framed(pieces: Sequence[Token | str]) -> Iterator[Token | str]:
        """The same treatment of copulas as a message gets."""
        marks = [p if isinstance(p, Token) else Token(p, Kind.SLOT, ()) for p in pieces]
        for token in framed(marks):
            yield token.symbol if token.symbol in FREE and token.kind is Kind.SLOT else token

    def decide(self, text: str, dialogue: Dialogue = (), only: str | None = None) -> Decision:
        """What to do about `text` after `dialogue`; with `only`, as that agent alone would."""
        segments: list[Segment] = []
        acts: list[Act] = []
        talk: list[str] = []
        asks: list[Outcome] = []
        refused = blocked = False
        for fragments in sentences(self.lexicon, text):
            spans = self._cut(fragments, acts, dialogue, only)
            segments += spans
            conditional = any(
                s.best is None and s.has(Kind.CONDITION) and s.tokens[0].kind is Kind.CONDITION for s in spans
            )
            inherits = False
            for at, segment in enumerate(spans):
                if segment.best is None:
                    if segment.has(Kind.NEGATION):
                        refused = inherits = True
                    elif segment.mass:
                        asks.append(self._question(segment, acts, dialogue))
                    continue
                if inherits and not segment.explicit and segment.link == "and":
                    continue
                inherits = False
                chosen = segment.best
                if chosen.intent.tool is None and chosen.intent.name not in FOLLOW_UPS:
                    talk.append(chosen.intent.name)
                    continue
                if conditional or self._in_doubt(spans, at):
                    blocked = True
                    act = chosen.act()
                    if act.intent.tool and act.missing() is None:
                        asks.append(followup.confirm(act))
                    continue
                earlier = acts if segment.link != "flow" else []
                resolved = followup.resolve(self.skills, chosen.act(), earlier, dialogue, self._pending)
                if resolved.acts:
                    if acts and not acts[-1].slots and _completes(segment, resolved.acts[0], acts[-1]):
                        acts.pop()
                    acts += [act for act in resolved.acts if act not in acts]
                elif resolved.talk:
                    talk += resolved.talk
                else:
                    asks.append(resolved)
        if acts:
            return Decision(tuple(acts), tuple(talk), segments=tuple(segments), refused=refused)
        if segments and not talk and not any(segment.mass for segment in segments):
            talk.append("ok")
        best = max(asks, key=lambda ask: (bool(ask.question), len(ask.options)), default=Outcome())
        if best.question and (blocked or not refused):
            return Decision(question=best.question, options=best.options, segments=tuple(segments))
        return Decision(talk=tuple(talk), refused=refused, segments=tuple(segments))

    def _pending(self, dialogue: Dialogue) -> tuple[Act, ...]:
        """What the last reply offered: the acts in its closing question, else what we would have asked back."""
        if not dialogue or (dialogue[-1].acts and "?" not in dialogue[-1].reply):
            return ()
        last = dialogue[-1]
        questions = re.findall(r"[^.!?\n]*\?", last.reply)
        if questions:
            asked = followup.OFFER.sub("", questions[-1])
            before = [replace(last, reply="")]
            either = [self.decide(option, before).acts for option in asked.split(" or ")]
            if len(either) > 1 and all(either):
                return tuple(act for offered in either for act in offered)
            whole = self.decide(asked, before)
            if whole.acts:
                return whole.acts
            if asked != questions[-1] and whole.options and not last.acts:
                return whole.options
        if last.acts:
            return ()
        return self.decide(last.user, [replace(t, reply="") for t in dialogue[:-1]]).options

    def _cut(
        self, fragments: Sequence[Fragment], acts: Sequence[Act], dialogue: Dialogue, only: str | None
    ) -> list[Segment]:
        """The cut of a sentence into segments that explains most of its weight."""
        size = len(fragments)
        value = [0.0] + [float("-inf")] * size
        chosen: list[Segment | None] = [None] * (size + 1)
        start_of = [0] * (size + 1)
        for end in range(1, size + 1):
            for start in range(max(0, end - LONGEST_RUN), end):
                if _spans_refusal(fragments[start:end]):
                    continue
                said = [*acts, *_chain(chosen, start_of, start)]
                segment = self._segment(fragments[start:end], fragments[:start], said, dialogue, only)
                top = segment.candidates[0].score if segment.candidates else 0.0
                repeated = [t.symbol for t in segment.tokens if t.kind in (Kind.THING, Kind.ACT)]
                top -= 0.1 * (len(repeated) - len(set(repeated)))
                gain = segment.mass * (top if top >= ACCEPT else 0.25 * top) - (0.1 if segment.explicit else 0.4)
                if value[start] + gain > value[end]:
                    value[end], chosen[end], start_of[end] = value[start] + gain, segment, start
        cut: list[Segment] = []
        at = size
        while at:
            taken = chosen[at]
            assert taken is not None
            cut.append(taken)
            at = start_of[at]
        return cut[::-1]

    def _segment(
        self,
        run: Sequence[Fragment],
        before: Sequence[Fragment],
        acts: Sequence[Act],
        dialogue: Dialogue,
        only: str | None,
    ) -> Segment:
        tokens = _run(run)
        mass = sum(self.index.weight(token) for token in tokens)
        known = followup.antecedents([t for f in before for t in f.tokens], acts, dialogue, self.skills)
        best: dict[tuple[str, str], Candidate] = {}
        if sum(token.kind in (Kind.UNKNOWN, Kind.STORY) for token in tokens) > MOST_UNKNOWN:
            return Segment(tokens, run[0].link, mass, ())
        for reading in self.reader.readings(tokens, known):
            for score, example in self.index.match(reading.tokens):
                if (only and example.skill.agent != only) or not self._in_place(example.intent, acts, dialogue):
                    continue
                key = example.skill.agent, example.intent.name
                score = (
                    score * SWALLOWED**reading.swallowed
                    + 0.002 * len(reading.slots)
                    + 0.001 * bool(example.intent.after)
                )
                if key not in best or score > best[key].score:
                    best[key] = Candidate(score, example, reading)
        ranked = sorted(best.values(), key=lambda c: -c.score)[:6]
        return Segment(tokens, run[0].link, mass, tuple(ranked))

    @staticmethod
    def _in_place(intent: Intent, acts: Sequence[Act], dialogue: Dialogue) -> bool:
        if intent.name in (AGAIN, SWITCH, CORRECT) and not (acts or dialogue):
            return False
        if not intent.after:
            return True
        latest = [*reversed(acts), *acts_latest_first(dialogue, turns=2)]
        return any(act.intent.name in intent.after for act in latest)

    def _in_doubt(self, spans: Sequence[Segment], at: int) -> bool:
        """Whether the rest of the sentence makes the request at `at` reported, described or accidental."""
        segment = spans[at]
        clear = sum(other.best is not None and bool(other.best.intent.tool) for other in spans)
        for other, rest in enumerate(spans):
            if clear >= LIST and not rest.has(Kind.STORY) and rest.link in ("start", "comma"):
                continue
            if other == at or rest.best is not None or rest.mass < 1.0:
                continue
            flowing = all(between.link == "flow" for between in spans[min(other, at) + 1 : max(other, at) + 1])
            foreign = any(rest.has(kind) for kind in (Kind.UNKNOWN, Kind.STORY, Kind.CONDITION))
            if flowing and other < at:
                return True
            if rest.has(Kind.NEGATION) and not foreign and (segment.explicit or segment.link != "and"):
                continue
            if any(word.text in english.REPORTS for token in rest.tokens for word in token.words):
                return True
            if not segment.explicit and (foreign or rest.has(Kind.WORD) or rest.has(Kind.ACT)):
                return True
            if flowing and rest.tokens[0].symbol not in ("i", "my"):
                return True
            if (
                other == at + 1
                and rest.link == "and"
                and rest.tokens[-1].kind is Kind.UNKNOWN
                and len(rest.tokens) <= 3
            ):
                return True
        return False

    def _question(self, segment: Segment, acts: Sequence[Act], dialogue: Dialogue) -> Outcome:
        """A question back for a segment that is not clear enough to act on."""
        near = [c for c in segment.candidates if c.score >= ASK and c.intent.tool][:3]
        options = [c.act() for c in near if c.score >= near[0].score - 0.15]
        return followup.question(self.skills, segment.tokens, options)
