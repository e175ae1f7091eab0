"""A quote and what can be worked out from its closes: the change, the change over the period, a text sparkline.

Always holds: closes are in trading order, oldest first, the last one is the price, and there is at least one. Nothing
here asks anybody for data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

BLOCKS = "▁▂▃▄▅▆▇█"
SPARK_WIDTH = 20
"""Characters of a sparkline: 60 closes at three a character, narrow enough for a table."""


@dataclass(frozen=True, slots=True)
class Quote:
    """One stock's latest price with the daily closes that led to it, in `currency`, and where they come from."""

    ticker: str
    name: str
    currency: str
    closes: tuple[float, ...]
    as_of: date
    source: str

    def __post_init__(self) -> None:
        if not self.closes:
            raise ValueError(f"a quote of {self.ticker} without a price")

    @property
    def price(self) -> float:
        return self.closes[-1]


def day_change(closes: Sequence[float]) -> tuple[float, float]:
    """The last close against the one before: in currency, and in per cent. Both 0 when there is only one close."""
    return _change(closes[-2], closes[-1]) if len(closes) > 1 else (0.0, 0.0)


def period_change_percent(closes: Sequence[float]) -> float:
    """The last close against the first, in per cent. Raises IndexError when there is none."""
    return _change(closes[0], closes[-1])[1]


def _change(before: float, after: float) -> tuple[float, float]:
    return after - before, (after - before) / before * 100 if before else 0.0


def sparkline(values: Sequence[float], width: int = SPARK_WIDTH) -> str:
    """`values` as at most `width` block characters, from lowest to highest; a level line sits in the middle.

    More values than characters are averaged in even groups, so the last group ends with the last value.
    """
    if not values:
        return ""
    columns = min(width, len(values))
    edges = [round(i * len(values) / columns) for i in range(columns + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(edges)]
    low, high = min(means), max(means)
    if high == low:
        return BLOCKS[len(BLOCKS) // 2] * columns
    return "".join(BLOCKS[round((mean - low) / (high - low) * (len(BLOCKS) - 1))] for mean in means)


def as_answer(quote: Quote) -> dict[str, Any]:
    """The quote as a tool gives it to a model: rounded to cents and hundredths of a per cent, the date in ISO form."""
    change, percent = day_change(quote.closes)
    return {
        "ticker": quote.ticker,
        "name": quote.name,
        "price": round(quote.price, 2),
        "currency": quote.currency,
        "change": round(change, 2),
        "change_percent": round(percent, 2),
        "source": quote.source,
        "as_of": quote.as_of.isoformat(),
        "sparkline": sparkline(quote.closes),
    }
