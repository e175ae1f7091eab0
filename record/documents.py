"""What `--json` prints of the record: storage's dataclasses as plain objects, times as ISO 8601 in UTC.

It is strict JSON that any reader takes, and may be printed on a terminal: there is no NaN and no Infinity (null stands
for them) and no half of a surrogate pair (U+FFFD does), and a character that a terminal would obey or not show is
written as its escape.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, date, datetime
from typing import Any

from record.memory_items import Item, ScopeName
from record.sessions import Found
from storage.harmless import printable_json
from storage.knowledge.browsing import Counted
from storage.queries.sessions import SessionInfo
from storage.queries.turns import Turn
from storage.stats.figures import AgentStats, Totals


def sessions_json(listed: Iterable[SessionInfo]) -> list[dict[str, Any]]:
    """One object a session, in the order given."""
    return [_plain(info) for info in listed]


def session_json(info: SessionInfo) -> dict[str, Any]:
    """One session."""
    return _plain(info)


def found_json(found: Iterable[Found]) -> list[dict[str, Any]]:
    """One object a turn that a search found, in the order given, with the line that matches."""
    return [
        {
            **_plain(each.turn),
            "title": each.session.title,
            "line": "".join(piece for piece, _ in each.line),
            "hits": [piece for piece, hit in each.line if hit],
        }
        for each in found
    ]


def history_json(listed: Iterable[Turn]) -> list[dict[str, Any]]:
    """One object a turn, in the order given."""
    return [_plain(turn) for turn in listed]


def stats_json(totals: Totals, agents: Iterable[AgentStats]) -> dict[str, Any]:
    """The user's totals, and one object an agent."""
    return {
        "totals": _plain(totals),
        "agents": [{**_plain(agent), "success_rate": agent.success_rate} for agent in agents],
    }


def memory_json(item: Item) -> dict[str, Any]:
    """One thing that is remembered."""
    return {field.name: plain(getattr(item, field.name)) for field in fields(item) if field.name != "source"}


def memories_json(items: Iterable[Item]) -> list[dict[str, Any]]:
    """One object an item, in the order given."""
    return [memory_json(item) for item in items]


def memory_counts_json(counted: Mapping[ScopeName, Counted]) -> dict[str, Any]:
    """How much there is in each scope."""
    return {scope: plain(counts) for scope, counts in counted.items()}


def dumps(value: Any) -> str:
    """JSON for people and programs: indented, characters as they are."""
    return _json(value, indent=2)


def line(value: Any) -> str:
    """JSON on one line, as JSON Lines want it."""
    return _json(value, indent=None)


def plain(value: Any) -> Any:
    """A value as JSON can hold it; bytes are written as SQL writes them, `x'00ff'`."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case bytes():
            return f"x'{value.hex()}'"
        case Mapping():
            return {str(name): plain(held) for name, held in value.items()}
        case list() | tuple():
            return [plain(held) for held in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return plain(asdict(value))
        case _:
            return str(value)


def _json(value: Any, indent: int | None) -> str:
    return printable_json(json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=indent))


def _plain(row: SessionInfo | Turn | AgentStats | Totals) -> dict[str, Any]:
    return {name: plain(value) for name, value in asdict(row).items()}
