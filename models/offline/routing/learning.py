"""Learns a `Classifier` from labelled evidence: softmax regression with L2 by AdaGrad, in plain Python, in seconds.

The same examples give the same weights. Features seen in fewer than two examples are not learnt, small weights are
dropped, and the rest is rounded, so that the result is a small file.
"""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from models.offline.routing.classifier import Classifier

_RARE = 3
_LEAST = 0.13


@dataclass(frozen=True)
class Lesson:
    """The evidence of one text, the class it belongs to, and how many such texts it counts for."""

    features: tuple[str, ...]
    label: str
    weight: float = 1.0


def learn(lessons: Sequence[Lesson], epochs: int = 12, rate: float = 0.25, decay: float = 2e-5) -> Classifier:
    """The classifier for `lessons`; `decay` is the strength of the L2 penalty for each step."""
    seen = Counter(feature for lesson in lessons for feature in lesson.features)
    classes = sorted({lesson.label for lesson in lessons})
    number = {name: at for at, name in enumerate(classes)}
    size = len(classes)
    weights = {feature: [0.0] * size for feature in sorted(seen) if seen[feature] >= _RARE}
    squares = {feature: [1e-2] * size for feature in weights}
    order = [
        (tuple(f for f in lesson.features if f in weights), number[lesson.label], lesson.weight) for lesson in lessons
    ]
    dice = random.Random(1)
    for _ in range(epochs):
        dice.shuffle(order)
        for features, wanted, weight in order:
            sums = [sum(column) for column in zip(*(weights[f] for f in features), strict=True)] or [0.0] * size
            top = max(sums)
            powers = [math.exp(value - top) for value in sums]
            total = sum(powers)
            slopes = [(at, power / total * weight) for at, power in enumerate(powers) if power > 0.003 * total]
            slopes = [(at, slope - weight if at == wanted else slope) for at, slope in slopes]
            if all(at != wanted for at, _ in slopes):
                slopes.append((wanted, -weight))
            if max(abs(slope) for _, slope in slopes) < 0.02:
                continue
            for feature in features:
                row, squared = weights[feature], squares[feature]
                for at, slope in slopes:
                    step = slope + decay * len(order) * row[at] * 0.01
                    squared[at] += step * step
                    row[at] -= rate * step / math.sqrt(squared[at]) * 0.3
    kept: dict[str, list[float]] = {}
    for feature, row in weights.items():
        flat: list[float] = []
        for at, value in enumerate(row):
            if abs(value) >= _LEAST:
                flat += [at, round(value, 2)]
        if flat:
            kept[feature] = flat
    return Classifier(tuple(classes), kept)
