"""Summaries of a session's older turns: ADK compaction events, each of which tells what it covers.

A summary covers all turns up to one that it names, by its number and its invocation. It holds where that turn is in the
conversation: turns are only ever undone from the end, so all before it are there as well. So it holds after an undo
of later turns, in a fork, after an import, and where the ledger was made anew.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from storage.ledger.statements import IN_SESSION, IN_TURN, WRITTEN, Execute, session_values, turn_values
from storage.scope import SessionKey, TurnKey

COVERS = "covers"
"""Key in a compaction event's custom metadata."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The last turn that a summary covers."""

    turn: int
    invocation_id: str

    def metadata(self) -> dict[str, Any]:
        """What is written on the summary's event."""
        return {COVERS: {"turn": self.turn, "invocation_id": self.invocation_id}}


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary that was stored."""

    event_id: str
    covers: Coverage


def summaries(execute: Execute, key: SessionKey) -> Iterator[Summary]:
    """All summaries of a session, the newest first, whether they hold or not."""
    statement = (
        f"SELECT event_data FROM events WHERE {IN_SESSION} AND NOT EXISTS (SELECT 1 FROM turns t"
        " WHERE t.app_name = events.app_name AND t.user_id = events.user_id AND t.session_id = events.session_id"
        f" AND t.invocation_id = events.invocation_id) ORDER BY events.{WRITTEN} DESC"
    )
    for (stored,) in execute(statement, session_values(key)):
        event = json.loads(stored) if isinstance(stored, str) else stored
        covers = coverage(event)
        if covers:
            yield Summary(event["id"], covers)


def coverage(event: Mapping[str, Any]) -> Coverage | None:
    """What the summary in an event covers; None for other events, and for summaries that do not tell."""
    told = (event.get("custom_metadata") or {}).get(COVERS)
    if not (event.get("actions") or {}).get("compaction") or not isinstance(told, Mapping):
        return None
    turn, invocation_id = told.get("turn"), told.get("invocation_id")
    return Coverage(turn, invocation_id) if isinstance(turn, int) and isinstance(invocation_id, str) else None


def holds(execute: Execute, key: SessionKey, covers: Coverage) -> bool:
    """Whether a summary that covers so much is true of the conversation as it is."""
    statement = f"SELECT 1 FROM turns WHERE {IN_TURN} AND number = :turn AND undone_at IS NULL"
    return bool(execute(statement, {**turn_values(TurnKey(key, covers.invocation_id)), "turn": covers.turn}))


def best(execute: Execute, key: SessionKey, *, before: int | None = None) -> Summary | None:
    """The summary that holds and covers most, and no turn from number `before` on."""
    found = sorted(summaries(execute, key), key=lambda summary: summary.covers.turn, reverse=True)
    allowed = (summary for summary in found if before is None or summary.covers.turn < before)
    return next((summary for summary in allowed if holds(execute, key, summary.covers)), None)


def choose(execute: Execute, key: SessionKey) -> None:
    """Lets a session begin with its best summary, when it has none or one that covers turns no longer there."""
    found = best(execute, key)
    execute(
        f"UPDATE session_info SET summary_event_id = :id, summarized_through = :through WHERE {IN_SESSION}",
        {
            **session_values(key),
            "id": found and found.event_id,
            "through": found and found.covers.turn,
        },
    )
