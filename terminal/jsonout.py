"""What `--json` prints of the record: storage's dataclasses as plain objects, times as ISO 8601 in UTC."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from storage.sessions import SessionInfo
from storage.stats import AgentStats, Totals
from storage.turns import Turn
from terminal.session_actions import Found


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


def dumps(value: Any) -> str:
    """JSON for people and programs: indented, characters as they are."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _plain(row: SessionInfo | Turn | AgentStats | Totals) -> dict[str, Any]:
    return {name: _value(value) for name, value in asdict(row).items()}


def _value(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
