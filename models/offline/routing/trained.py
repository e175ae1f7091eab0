"""The router with a second opinion: where the cosine of the examples is not sure, the trained classifier decides.

A message that an example explains to the last word is settled. Otherwise the classifier weighs the whole message, or,
when it holds several requests, the best cut of it into parts. What only reads may be done at a lower probability than
what changes something, and a change needs its act or its object to be named. What has no slot or no probability is
still asked back, as the examples would.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from models.offline import followup
from models.offline.dialogue import Act, Dialogue
from models.offline.language import english
from models.offline.language.lexicon import Kind, Lexicon, Token
from models.offline.language.smalltalk import CORRECT, FOLLOW_UPS, SWITCH
from models.offline.language.smalltalk import SKILL as SMALLTALK
from models.offline.language.text import Word, normal
from models.offline.routing.classifier import NONE, SEVERAL, Classifier
from models.offline.routing.evidence import STOP, evidence
from models.offline.routing.extract import padded, values
from models.offline.routing.reading import COMMA, FREE, Fragment, sentences
from models.offline.routing.router import Decision, Router, Segment, kind_of
from models.offline.skill import Intent, Skill, wordset

READ, CHANGE = 0.6, 0.75
"""The least probability at which a request that only reads, or one that changes something, is carried out."""
PART = 0.6
"""The least probability of one request among several."""
OVERRULE, OVERRULE_FREE = 0.85, 0.55
"""The least probability at which the classifier's request replaces the one that the examples gave; a free text, which
takes in whatever stands there, gives way sooner."""
ALONE = 0.88
"""The least probability at which one request replaces several."""
VETO = 0.85
"""The probability of no request at all that holds back what the examples gave."""
EXPECTED = 0.12
"""What it adds to a probability that the examples would have asked for the same."""
CUT = 0.5
"""What every cut of a message costs, as a logarithm."""
MOST_FRAGMENTS = 14
LONGEST = 7
COMPOUND = 0.25
"""What a noun right behind a company's name adds to that: "amazon rainforest" is no company."""
_TELLERS = wordset("he she they him her")
_CHANGES = ("add_", "remove_", "update_", "set_")
_NEGATED = (
    "manager.remove_from_stock_watchlist",
    "manager.remove_joke_preference",
    "funny_nerd.explain_joke",
    *FOLLOW_UPS,
)
"""Requests that are often made with a "not"."""
_STOP = Token(STOP, Kind.JOINER, (Word(STOP, STOP, mark=True),))


class TrainedRouter(Router):
    """A router for the skills that a classifier was trained for, and any others beside them."""

    def __init__(self, skills: Sequence[Skill], classifier: Classifier) -> None:
        super().__init__(skills)
        self.classifier = classifier
        self.kinds: dict[str, list[tuple[Skill, Intent]]] = {}
        for skill in self.skills:
            for intent in skill.intents:
                self.kinds.setdefault(kind_of(skill, intent), []).append((skill, intent))

    def decide(self, text: str, dialogue: Dialogue = (), only: str | None = None) -> Decision:
        """What to do about `text` after `dialogue`; with `only`, as that agent alone would."""
        exact = super().decide(text, dialogue, only)
        if only or not exact.segments:
            return exact
        tokens = flat(self.lexicon, text)
        chances = self._chances(tokens, dialogue)
        decision = self._weighed(exact, text, tokens, dialogue, chances)
        best = sorted(chances.items(), key=lambda item: -item[1])[:4]
        return replace(decision, segments=exact.segments, chances=tuple(best))

    def _chances(self, tokens: Sequence[Token], dialogue: Dialogue) -> dict[str, float]:
        return self.classifier.probabilities(evidence(tokens, previous(dialogue)))

    def _weighed(
        self, exact: Decision, text: str, tokens: Sequence[Token], dialogue: Dialogue, chances: dict[str, float]
    ) -> Decision:
        label = max(chances, key=lambda name: chances[name])
        meant = self._restated(tokens, dialogue)
        if meant:
            return meant
        if (exact.refused and _forbidden(tokens)) or (not exact.acts and _reported(tokens)):
            return exact
        if label not in _NEGATED and any(token.kind is Kind.NEGATION for token in tokens):
            tokens = affirmed(tokens)
            nothing = label == NONE and chances[label] >= VETO and not exact.acts
            if nothing or not any(token.kind in (Kind.ACT, Kind.THING, Kind.SLOT) for token in tokens):
                return exact
            chances = self._chances(tokens, dialogue)
            label = max(chances, key=lambda name: chances[name])
        if exact.acts:
            return self._confirmed(exact, text, tokens, dialogue, label, chances[label])
        if label == NONE:
            return exact
        if label == SEVERAL and chances[label] >= READ:
            return self._parts(exact, text, dialogue) or exact
        expected = any(kind_of(act.skill, act.intent) == label for act in exact.options)
        return self._single(exact, label, chances[label] + EXPECTED * expected, tokens, dialogue) or exact

    def _confirmed(
        self, exact: Decision, text: str, tokens: Sequence[Token], dialogue: Dialogue, label: str, sure: float
    ) -> Decision:
        """The acts that the examples gave, completed or replaced where the classifier is surer."""
        done = {kind_of(act.skill, act.intent) for act in exact.acts}
        used = [s.best for s in exact.segments if s.best]
        followed = bool(dialogue) and any(best.intent.name in FOLLOW_UPS for best in used)
        rest = [s for s in exact.segments if s.best is None and s.mass >= 1.0 and not s.has(Kind.NEGATION)]
        if label == NONE:
            loose = not followed and sure >= VETO
            return Decision(talk=exact.talk, segments=exact.segments) if loose else exact
        if label == SEVERAL or (rest and label in done):
            parts = self._parts(exact, text, dialogue)
            if parts and {kind_of(a.skill, a.intent) for a in parts.acts} > done:
                return parts
        if label == SEVERAL:
            return exact
        if label in (SWITCH, CORRECT) and len(exact.acts) > 1 and any(t.kind is Kind.NEGATION for t in tokens):
            return self._single(exact, label, 1.0, tokens, dialogue) or exact
        if label in done:
            if (len(done) > 1 and sure < ALONE) or followed:
                return exact
            act = self._act(label, tokens, exact.segments)
            single = (
                None if act and act.missing() and len(done) == 1 else self._single(exact, label, sure, tokens, dialogue)
            )
            if single is None or (len(done) == 1 and not _fuller(single.acts, exact.acts)):
                return exact
            return single
        free = any(kind in FREE for act in exact.acts for kind in act.slots)
        if (followed and not rest and not free) or len(done) > 1 or sure < (OVERRULE_FREE if free else OVERRULE):
            return exact
        return self._single(exact, label, sure, tokens, dialogue) or exact

    def _single(
        self, exact: Decision, label: str, sure: float, tokens: Sequence[Token], dialogue: Dialogue
    ) -> Decision | None:
        """The one request of that class, when it is sure enough and whole; else a question or nothing."""
        act = self._act(label, tokens, exact.segments)
        if act is None or sure < self._needed(act, tokens):
            return None
        resolved = followup.resolve(self.skills, act, (), dialogue, self._pending)
        if resolved.acts:
            return Decision(resolved.acts)
        if resolved.question and not exact.question and not exact.acts:
            return Decision(question=resolved.question, options=resolved.options)
        return None

    def _restated(self, tokens: Sequence[Token], dialogue: Dialogue) -> Decision | None:
        """What "no, I meant ..." goes on with, when that is a whole request and not only another name."""
        if not dialogue:
            return None
        at = max((i for i, token in enumerate(tokens) if token.symbol == "mean"), default=-1)
        rest = tokens[at + 1 :]
        own = [t for t in rest if t.kind is Kind.THING and t.symbol not in SMALLTALK.things]
        if at < 0 or at > 4 or not own or any(t.kind is Kind.NEGATION for t in rest):
            return None
        if any(act.intent.instead for act in dialogue[-1].acts):
            return None
        meant = self.decide(" ".join(token.raw for token in rest), dialogue)
        return meant if meant.acts else None

    @staticmethod
    def _needed(act: Act, tokens: Sequence[Token]) -> float:
        tool = act.intent.tool or ""
        if not tool.startswith(_CHANGES):
            return READ + COMPOUND * any(
                a.slot == "ticker" and b.kind is Kind.UNKNOWN and a.raw[-2:] != "'s" for a, b in pairwise(tokens)
            )
        explicit = any(token.kind in (Kind.ACT, Kind.THING) for token in tokens)
        return CHANGE if explicit else 2.0

    def _act(self, label: str, tokens: Sequence[Token], segments: Sequence[Segment]) -> Act | None:
        """The request of that class with the values that the tokens hold."""
        listed = self.kinds.get(label)
        if not listed:
            return None
        scored = {(c.example.skill.agent, c.intent.name): c.score for s in segments for c in reversed(s.candidates)}
        skill, intent = max(listed, key=lambda pair: scored.get((pair[0].agent, pair[1].name), 0.0))
        kinds = {wanted.rstrip("+") for wanted in intent.slots.values()}
        if intent.name in FOLLOW_UPS:
            kinds = {"ticker", "topic", "place", "agent"}
        found = values(kinds, tokens)
        if intent.name in FOLLOW_UPS and not found:
            found = values({"query"}, tokens)
        return Act(skill, intent, found)

    def _parts(self, exact: Decision, text: str, dialogue: Dialogue) -> Decision | None:
        """The requests of the most probable cut of the message, None when one of them is not sure."""
        runs: list[tuple[Fragment, int]] = []
        for number, fragments in enumerate(sentences(self.lexicon, text)):
            runs += [(fragment, number) for fragment in fragments]
        if len(runs) > MOST_FRAGMENTS:
            return None
        size = len(runs)
        value = [0.0] + [-math.inf] * size
        chosen: list[tuple[int, str, float, list[Token]]] = [(0, NONE, 0.0, [])] * (size + 1)
        for end in range(1, size + 1):
            for start in range(max(0, end - LONGEST), end):
                tokens = _joined(runs[start:end])
                chances = self._chances(tokens, dialogue if start == 0 else ())
                label = max((n for n in chances if n != SEVERAL), key=lambda name: chances[name])
                gain = value[start] + math.log(chances[label] + 1e-9) - CUT
                if gain > value[end]:
                    value[end], chosen[end] = gain, (start, label, chances[label], tokens)
        parts = []
        at = size
        while at:
            parts.append(chosen[at])
            at = chosen[at][0]
        acts: list[Act] = []
        for _, label, sure, tokens in reversed(parts):
            if label == NONE:
                continue
            act = self._act(label, tokens, exact.segments)
            if (
                act is None
                or sure < max(PART, self._needed(act, tokens))
                or any(token.kind is Kind.NEGATION for token in tokens if label not in _NEGATED)
            ):
                return None
            resolved = followup.resolve(self.skills, act, acts, dialogue, self._pending)
            if not resolved.acts:
                return None
            acts += [a for a in resolved.acts if a not in acts]
        return Decision(tuple(acts)) if acts else None


def flat(lexicon: Lexicon, text: str) -> list[Token]:
    """All tokens of a message, with its seams."""
    found: list[tuple[Fragment, int]] = []
    for number, fragments in enumerate(sentences(lexicon, text)):
        found += [(fragment, number) for fragment in fragments]
    return _joined(found)


def _joined(runs: Sequence[tuple[Fragment, int]]) -> list[Token]:
    tokens: list[Token] = []
    before = runs[0][1] if runs else 0
    for fragment, number in runs:
        if tokens and number != before:
            tokens.append(_STOP)
        elif tokens and fragment.link == "comma":
            tokens.append(COMMA)
        before = number
        tokens += fragment.tokens
    return tokens


def previous(dialogue: Dialogue) -> str:
    """The tool that answered the turn before, "talk" when none did, "" at the beginning."""
    if not dialogue:
        return ""
    acts = dialogue[-1].acts
    return (acts[-1].intent.tool or "talk") if acts else "talk"


def affirmed(tokens: Sequence[Token]) -> list[Token]:
    """The clauses that hold no negation."""
    clauses: list[list[Token]] = [[]]
    for token in tokens:
        seam = token is COMMA or token is _STOP or token.kind is Kind.CONDITION
        seam = seam or (token.kind is Kind.JOINER and bool(token.words) and token.words[0].text in english.CONTRASTS)
        if seam:
            clauses.append([])
        clauses[-1].append(token)
    return [t for clause in clauses if not any(t.kind is Kind.NEGATION for t in clause) for t in clause]


def _fuller(made: Sequence[Act], before: Sequence[Act]) -> bool:
    """Whether `made` names more values than `before`, or the same free text with less around it."""
    for act in made:
        for kind, held in act.slots.items():
            known = [value for old in before for value in old.slots.get(kind, ())]
            if kind in FREE:
                return bool(known) and normal(held[0]) in normal(known[0]) and padded(known[0], held[0])
            if set(known) < set(held):
                return True
    return False


def _forbidden(tokens: Sequence[Token]) -> bool:
    """Whether a "not" stands right before a removal ("don't remove it")."""
    kept = [token for token in tokens if token.kind is not Kind.DROP]
    return any(a.kind is Kind.NEGATION and b.kind is Kind.ACT and b.symbol == "remove" for a, b in pairwise(kept))


def _reported(tokens: Sequence[Token]) -> bool:
    """Whether somebody else is said to have said it."""
    said = {word.text for token in tokens if token.kind is Kind.STORY for word in token.words}
    return bool(said & _TELLERS and said & english.REPORTS)
