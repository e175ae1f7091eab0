"""The figures as Markdown: calls beside bare statements, with the plans of listing, and increments beside others."""

import re
from collections.abc import Sequence

from benchmarks.memory.calls import AWAITED, CALLED, OURS, TARGET, Cost, Found
from benchmarks.memory.counting import Counted
from benchmarks.turns.report import table

_CALLS = (
    "database",
    "call",
    "µs, p50",
    "p95",
    "bare, called: p50",
    "p95",
    "times",
    f"under {TARGET:g}",
    "bare, awaited: p50",
    "p95",
    "times",
    f"under {TARGET:g}",
)
_INCREMENTS = (
    "system",
    "increments a second",
    "ms, p50",
    "p95",
    "longest",
    "by each process",
    "failed",
    "lost",
)


def calls_table(found: Sequence[Found]) -> str:
    """What calls cost, on each database."""
    return table(_CALLS, [_cost(cost) for each in found for cost in each.costs], words=2)


def plan(found: Found) -> str:
    """How a database lists by a prefix: whether that is by its index, and in the index's own order."""
    steps = "\n".join(f"    {step}" for step in found.plan)
    return f"{found.costs[0].database} lists by a prefix {_told(' '.join(found.plan))}:\n\n{steps}"


def _told(steps: str) -> str:
    if re.search(r"\bSCAN\b|Seq Scan", steps):
        return "**by reading the whole table**"
    return "by the index, and sorts what it finds" if re.search(r"\bSort\b|TEMP B-TREE", steps) else "by the index"


def increments_table(found: Sequence[Counted]) -> str:
    """How many increments there were."""
    return table(_INCREMENTS, [_counted(each) for each in found])


def _cost(cost: Cost) -> list[str]:
    return [cost.database, cost.operation, *_time(cost, OURS), *_beside(cost, CALLED), *_beside(cost, AWAITED)]


def _beside(cost: Cost, how: str) -> list[str]:
    times = cost.times(how)
    reached = ("yes" if times < TARGET else "**no**") if cost.promised else "-"
    return [*_time(cost, how), f"{times:.2f}", reached]


def _time(cost: Cost, how: str) -> list[str]:
    return [f"{cost.middle(how):,.0f}", f"{cost.p95(how):,.0f}"]


def _counted(each: Counted) -> list[str]:
    if each.missing:
        return [each.system, f"not measured: {each.missing}", *[""] * (len(_INCREMENTS) - 2)]
    return [
        each.system,
        f"{each.a_second:,.0f}",
        _figure(each.p50),
        _figure(each.p95),
        _figure(each.longest),
        f"{each.fewest:,} to {each.most:,}",
        f"{sum(each.failed.values()):,}",
        _lost(each),
    ]


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:,.2f}"


def _lost(each: Counted) -> str:
    if not each.lost:
        return "0"
    return f"**{each.lost:,}** of {each.added:,}"
