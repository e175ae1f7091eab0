"""A multinomial logistic regression over the evidence of a message: how probable each request is, and none at all.

The cosine of `scoring` knows when a message is a request and nothing else. This knows how much of a longer message may
be beside the point: it was trained from the skills' examples, labelled utterances, and text in which nobody asks for
anything. A linear model suits some thousand short texts: it is learnt in seconds without a library, its weights can be
read, and a decision is a sum. Only the weights are shipped (`weights.json`); features they do not know count nothing.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

NONE, SEVERAL = "none", "several"
"""The classes for text that asks for nothing, and for more than one thing at once."""
STEP = 0.05
"""The unit of the weights in the file."""
SHIPPED = Path(str(resources.files(__package__) / "weights.json"))


@dataclass(frozen=True)
class Classifier:
    """Classes and, for every feature, the weights of those classes that it speaks for or against."""

    classes: tuple[str, ...]
    weights: Mapping[str, Sequence[float]]
    """Feature -> class number, weight, class number, weight ..."""
    unit: float = 1.0
    """What a weight of 1 counts."""

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """The probability of every class."""
        sums = [0.0] * len(self.classes)
        for feature in features:
            row = self.weights.get(feature)
            if row:
                for at in range(0, len(row), 2):
                    sums[int(row[at])] += row[at + 1] * self.unit
        top = max(sums)
        powers = [math.exp(value - top) for value in sums]
        total = sum(powers)
        return {name: power / total for name, power in zip(self.classes, powers, strict=True)}

    @property
    def agents(self) -> frozenset[str]:
        """The agents whose requests it knows."""
        return frozenset(name.partition(".")[0] for name in self.classes if "." in name)


def packed(classifier: Classifier, source: str) -> str:
    """The file that `unpacked` reads: weights in steps of `STEP`, and the fingerprint of what they were learnt from."""
    rows: dict[str, list[int]] = {}
    for feature, row in classifier.weights.items():
        rows[feature] = [int(n) if at % 2 == 0 else round(n / STEP) for at, n in enumerate(row)]
    lines = ",\n".join(
        f"{json.dumps(f, ensure_ascii=False)}:{json.dumps(row, separators=(',', ':'))}" for f, row in rows.items()
    )
    head = f'"source":"{source}","classes":{json.dumps(classifier.classes)}'
    return f'{{{head},\n"weights":{{\n{lines}\n}}}}\n'


def unpacked(text: str) -> Classifier:
    """The classifier that `packed` wrote."""
    stored = json.loads(text)
    return Classifier(tuple(stored["classes"]), stored["weights"], STEP)


@cache
def shipped() -> Classifier | None:
    """The classifier that comes with the program, None when there is none."""
    return unpacked(SHIPPED.read_text(encoding="utf-8")) if SHIPPED.exists() else None
