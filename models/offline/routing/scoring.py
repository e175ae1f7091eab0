"""How well a reading of a message fits each intent: TF-IDF cosine against the intents' examples.

A feature is a concept, a slot, or two neighbours in order. What is rare among intents weighs most, words that nobody
explained weigh more than any of them, so a request with foreign words around it fits nothing. The index is built once.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from models.offline.language import english
from models.offline.language.lexicon import Kind, Token
from models.offline.skill import Intent, Skill

UNKNOWN_WEIGHT = 3.2
SLOT_WEIGHT = 2.8
_FIXED = {
    Kind.STORY: 4.0,
    Kind.CONDITION: 4.0,
    Kind.NEGATION: 4.0,
    Kind.UNKNOWN: UNKNOWN_WEIGHT,
    Kind.SLOT: SLOT_WEIGHT,
    Kind.NUMBER: 1.6,
}
_WEIGHTLESS = frozenset({Kind.DROP, Kind.PREPOSITION, Kind.JOINER})
_ORDER = 0.3
"""How much the order of two neighbours counts, as a share of the lighter one's weight."""
_TYPO = 0.97
"""What a corrected word counts, as a share of the word spelt right."""

_LEAST = {Kind.WORD: 2.0, Kind.THING: 2.0, Kind.ACT: 2.6}
"""The least weight of a token, however many intents use it."""
_COPULA = 2.5
_QUESTION = 2.0
"""What an unexplained question word takes of the budget, unless it opens: it makes another sentence of the rest."""
_COPULAS = frozenset(f"={word}" for word in ("is", "are", "am"))
BUDGET = 1.9
"""How much weight a reading may hold that the example does not explain; more is never acted on, whatever the cosine."""
OVER_BUDGET = 0.79
"""The highest score of a reading over the budget: worth a question back at best."""

Feature = str | tuple[str, str]


@dataclass(frozen=True)
class Example:
    """One example phrase of an intent, compiled."""

    skill: Skill
    intent: Intent
    text: str
    slots: frozenset[str]
    negated: bool
    core: frozenset[str]
    """What a message must say to mean this: the example's acts and things, or its frames when it has neither."""
    features: Mapping[Feature, float]
    norm: float


class Index:
    """The examples of all skills, by feature."""

    def __init__(self, examples: Iterable[tuple[Skill, Intent, str, Sequence[Token]]]) -> None:
        listed = list(examples)
        used: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for skill, intent, _, tokens in listed:
            for token in tokens:
                used[token.symbol].add((skill.agent, intent.name))
        total = len({(skill.agent, intent.name) for skill, intent, _, _ in listed})
        self._weights = {s: min(3.2, max(1.2, math.log(1 + total / len(by)))) for s, by in used.items()}
        self._weights.update(english.LIGHT)
        self._weights["it"] = 1.0
        self._by_symbol: dict[str, list[Example]] = defaultdict(list)
        for skill, intent, text, tokens in listed:
            features = self.features(tokens)
            slots = frozenset(t.slot for t in tokens if t.slot)
            negated = any(t.kind is Kind.NEGATION for t in tokens)
            norm = math.sqrt(sum(w * w for w in features.values()))
            core = _core(tokens)
            example = Example(skill, intent, text, slots, negated, core, features, norm)
            rarest = min(core or {t.symbol for t in tokens if t.symbol}, key=lambda s: (len(used[s]), s), default="")
            self._by_symbol[rarest].append(example)

    def weight(self, token: Token) -> float:
        """What `token` adds to a text, 0 for padding."""
        if token.kind in _WEIGHTLESS:
            return 0.0
        weight = _FIXED.get(token.kind) or self._weights.get(token.symbol, UNKNOWN_WEIGHT)
        if token.symbol in english.LIGHT:
            return weight
        floor = _COPULA if token.symbol in _COPULAS else _LEAST.get(token.kind, 0.0)
        return max(weight, floor)

    def features(self, tokens: Sequence[Token]) -> dict[Feature, float]:
        """The weighted features of a text."""
        found: dict[Feature, float] = {}
        before: tuple[str, float] | None = None
        for token in tokens:
            weight = self.weight(token)
            if not weight:
                continue
            found[token.symbol] = weight
            if weight >= 1.0:
                if before and before[0] != token.symbol:
                    found[before[0], token.symbol] = _ORDER * min(before[1], weight)
                before = token.symbol, weight
        return found

    def match(self, tokens: Sequence[Token]) -> list[tuple[float, Example]]:
        """The best example of each intent for a reading, best first, with its cosine in 0..1."""
        features = self.features(tokens)
        if not features:
            return []
        typos = {t.symbol for t in tokens if t.typo and t.symbol}
        slots = {t.slot for t in tokens if t.slot}
        symbols = {t.symbol for t in tokens}
        negated = "negation" in symbols
        opening = next(str(feature) for feature in features)
        norm = math.sqrt(sum(w * w for w in features.values()))
        best: dict[tuple[str, str], tuple[float, Example]] = {}
        for symbol in sorted(symbols):
            for example in self._by_symbol.get(symbol, ()):
                if example.negated != negated or not (example.slots <= slots and example.core <= symbols):
                    continue
                dot = sum(
                    weight * other * (_TYPO if feature in typos else 1.0)
                    for feature, other in example.features.items()
                    if (weight := features.get(feature))
                )
                score = dot / (norm * example.norm)
                if score > OVER_BUDGET and _unexplained(features, example, opening) > BUDGET:
                    score = OVER_BUDGET
                name = example.skill.agent, example.intent.name
                if name not in best or score > best[name][0]:
                    best[name] = score, example
        return sorted(best.values(), key=lambda found: -found[0])


def _core(tokens: Sequence[Token]) -> frozenset[str]:
    concepts = {t.symbol for t in tokens if t.kind in (Kind.ACT, Kind.THING)}
    return frozenset(concepts or {t.symbol for t in tokens if t.kind is Kind.FRAME and t.symbol not in ("give", "it")})


def _unexplained(features: Mapping[Feature, float], example: Example, opening: str) -> float:
    left = (feature for feature in features if isinstance(feature, str) and feature not in example.features)
    return sum(
        max(features[feature], _QUESTION if feature in english.QUESTIONS and feature != opening else 0.0)
        for feature in left
    )
