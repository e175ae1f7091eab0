"""Figures for programs: as JSON, and as CSV."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from record import csvout, documents
from record.prices import Prices
from storage.stats.overview import Overview


def overview_document(shown: Overview, prices: Prices) -> dict[str, Any]:
    """The overview as an object: times ISO 8601 in UTC, `week` is turns by weekday, Monday first, and local hour."""
    bill = prices.bill(shown.models)
    document = {
        **documents.stats_json(shown.totals, shown.agents),
        "since": shown.within.since,
        "until": shown.within.until,
        "active_days": shown.active_days,
        "trend_days": shown.trend_days,
        "trends": shown.trends,
        "tool_calls": shown.tool_calls,
        "models": [{**asdict(model), "dollars": prices.cost(model)} for model in shown.models],
        "dollars": bill.dollars,
        "without_price": bill.without_price,
        "week": shown.week,
        "memory": shown.memory,
        "topics": [{"topic": topic, "calls": calls} for topic, calls in shown.topics],
    }
    return {name: documents.plain(value) for name, value in document.items()}


def rows_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """A line of names and a line for each row; what is not known is empty."""
    return csvout.dumps(list(rows[0]), (list(row.values()) for row in rows)) if rows else ""


def figures_csv(document: Mapping[str, Any]) -> str:
    """A document as two columns: where a figure stands in it, and the figure."""
    return rows_csv([{"figure": name, "value": value} for name, value in _flat(document)])


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, held in value.items():
            yield from _flat(held, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for place, held in enumerate(value):
            yield from _flat(held, f"{path}.{place}")
    else:
        yield path, value
