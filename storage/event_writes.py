"""Events of a turn to rows: ADK's own, as its `DatabaseSessionService` writes them, and what follows in the ledger.

The statements are run by whatever is at hand in one transaction, as those of `ledger_writes`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from storage.errors import MissingError
from storage.ledger import entries
from storage.ledger_writes import IN_SESSION, Execute, Values, as_utc, post, session_values
from storage.scope import SessionKey, TurnKey

_SESSION = "app_name = :app_name AND user_id = :user_id AND id = :session_id"
_USER = "app_name = :app_name AND user_id = :user_id"
_APP = "app_name = :app_name"


class StaleError(Exception):
    """The session was changed by somebody else since it was read."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to write: its JSON, and what it changes in the states."""

    data: dict[str, Any]
    session_state: Mapping[str, Any] = field(default_factory=dict)
    user_state: Mapping[str, Any] = field(default_factory=dict)
    app_state: Mapping[str, Any] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        """When it happened."""
        return datetime.fromtimestamp(self.data["timestamp"], UTC)


def append(execute: Execute, key: TurnKey, events: Sequence[NewEvent], expected: datetime | None) -> None:
    """Writes events of one turn with their ledger rows. Where it raises, it has written nothing.

    Args:
        execute: Runs statements in a transaction.
        key: The turn.
        events: What to write, in order, at least one.
        expected: The session's time as it was last read or written; None to write whatever it is.

    Raises:
        StaleError: The session has another time by now.
        MissingError: The session is not there.
    """
    at = events[-1].at
    values = session_values(key.session)
    _touch(execute, values, at, expected)
    for table, row, states in (
        ("sessions", _SESSION, [event.session_state for event in events]),
        ("user_states", _USER, [event.user_state for event in events]),
        ("app_states", _APP, [event.app_state for event in events]),
    ):
        if any(states):
            _merge(execute, table, row, values, states, at)
    for event in events:
        _insert(execute, key.session, event)
    found = [entry for event in events for entry in entries(event.data)]
    post(execute, key, [event.at for event in events], found)


def add_summary(execute: Execute, key: SessionKey, event: dict[str, Any], through: int) -> None:
    """Writes an ADK compaction event that stands for all turns up to number `through`.

    The session's time stays as it is, so a turn that runs meanwhile is not disturbed.
    """
    _insert(execute, key, NewEvent(event))
    execute(
        f"UPDATE session_info SET summary_event_id = :id, summarized_through = :through WHERE {IN_SESSION}",
        {**session_values(key), "id": event["id"], "through": through},
    )


def _touch(execute: Execute, values: Values, at: datetime, expected: datetime | None) -> None:
    """Sets a session's time, if it is the expected one."""
    found = execute(f"SELECT update_time FROM sessions WHERE {_SESSION}", values)
    if not found:
        raise MissingError
    if expected and as_utc(found[0][0]) != expected:
        raise StaleError(f"the session {values['session_id']} was changed by another process since it was read")
    execute(f"UPDATE sessions SET update_time = :at WHERE {_SESSION}", {**values, "at": at})


def _insert(execute: Execute, key: SessionKey, event: NewEvent) -> None:
    execute(
        "INSERT INTO events (id, app_name, user_id, session_id, invocation_id, timestamp, event_data)"
        " VALUES (:id, :app_name, :user_id, :session_id, :invocation_id, :at, :data)",
        {
            **session_values(key),
            "id": event.data["id"],
            "invocation_id": event.data["invocation_id"],
            "at": event.at,
            "data": json.dumps(event.data),
        },
    )


def _merge(
    execute: Execute, table: str, row: str, values: Values, deltas: Sequence[Mapping[str, Any]], at: datetime
) -> None:
    held = execute(f"SELECT state FROM {table} WHERE {row}", values)
    state: dict[str, Any] = json.loads(held[0][0]) if held and held[0][0] else {}
    for delta in deltas:
        state.update(delta)
    execute(
        f"UPDATE {table} SET state = :state, update_time = :at WHERE {row}",
        {**values, "state": json.dumps(state), "at": at},
    )
