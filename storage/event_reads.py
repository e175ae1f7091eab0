"""What a turn reads of ADK's tables and the ledger, each in as few statements as can be.

The statements are run by whatever is at hand, as those of `ledger_writes`.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.ledger_writes import IN_SESSION, IN_TURN, Execute, as_utc, session_values, turn_values
from storage.scope import SessionKey, TurnKey

_ADK_OBJECTS = 6


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as it is stored, without its events.

    Attributes:
        summary_event_id: The event that stands for the turns up to `summarized_through`.
        last_turn: The number of the newest turn that was not taken back; 0 when there is none.
    """

    state: dict[str, Any]
    user_state: dict[str, Any]
    app_state: dict[str, Any]
    updated_at: datetime
    summary_event_id: str | None
    summarized_through: int
    last_turn: int


@dataclass(frozen=True, slots=True)
class Opening:
    """What a turn begins with: the session, and what is known of its user (kind -> values, the oldest first)."""

    session: StoredSession
    preferences: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Extent:
    """How far a session reaches beyond its summary: its newest turn, and the characters said since."""

    summary_event_id: str | None
    summarized_through: int
    last_turn: int
    characters: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How a turn ended: its status, and what it took; seconds are None while it runs."""

    status: str
    model: str | None
    model_calls: int
    prompt_tokens: int
    output_tokens: int
    seconds: float | None
    error: str | None


def adk_version(execute: Execute) -> str | None:
    """The version of ADK's tables, when they are all there, its newest index included."""
    statement = (
        "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('sessions', 'events', 'user_states', 'app_states',"
        " 'adk_internal_metadata', 'idx_events_app_user_session_ts_id')"
    )
    ((found,),) = execute(statement, {})
    if found < _ADK_OBJECTS:
        return None
    rows = execute("SELECT value FROM adk_internal_metadata WHERE key = 'schema_version'", {})
    return str(rows[0][0]) if rows else None


def session(execute: Execute, key: SessionKey) -> StoredSession | None:
    """A session's states and when it was last written."""
    found = execute(
        "SELECT s.state, s.update_time, u.state, a.state, i.summary_event_id, i.summarized_through,"
        " (SELECT MAX(number) FROM turns t WHERE t.app_name = s.app_name AND t.user_id = s.user_id"
        " AND t.session_id = s.id AND t.undone_at IS NULL) FROM sessions s"
        " LEFT JOIN session_info i"
        " ON i.app_name = s.app_name AND i.user_id = s.user_id AND i.session_id = s.id"
        " LEFT JOIN user_states u ON u.app_name = s.app_name AND u.user_id = s.user_id"
        " LEFT JOIN app_states a ON a.app_name = s.app_name"
        " WHERE s.app_name = :app_name AND s.user_id = :user_id AND s.id = :session_id",
        session_values(key),
    )
    if not found:
        return None
    state, updated_at, user_state, app_state, summary_id, summarized, last_turn = found[0]
    states = (_loaded(state), _loaded(user_state), _loaded(app_state))
    return StoredSession(*states, as_utc(updated_at), summary_id, summarized or 0, last_turn or 0)


def opening(execute: Execute, key: SessionKey) -> Opening | None:
    """What a turn of a session begins with; None when there is no such session."""
    stored = session(execute, key)
    if stored is None:
        return None
    known: dict[str, list[str]] = {}
    for kind, value in execute(
        "SELECT kind, value FROM preferences WHERE app_name = :app_name AND user_id = :user_id"
        " ORDER BY created_at, value",
        {"app_name": key.app_name, "user_id": key.user_id},
    ):
        known.setdefault(kind, []).append(value)
    return Opening(stored, known)


def ending(execute: Execute, key: TurnKey) -> Ending | None:
    """How a turn ended; None where nothing was written."""
    statement = (
        f"SELECT status, model, model_calls, prompt_tokens, output_tokens, seconds, error FROM turns WHERE {IN_TURN}"
    )
    found = execute(statement, turn_values(key))
    return Ending(*found[0]) if found else None


def extent(execute: Execute, key: SessionKey) -> Extent | None:
    """How far a session reaches beyond its summary; None where nothing was written."""
    statement = (
        "SELECT i.summary_event_id, COALESCE(i.summarized_through, 0), COALESCE(MAX(t.number), 0),"
        " COALESCE(SUM(LENGTH(t.user_input) + LENGTH(COALESCE(t.agent_response, ''))), 0)"
        " FROM session_info i LEFT JOIN turns t ON t.app_name = i.app_name AND t.user_id = i.user_id"
        " AND t.session_id = i.session_id AND t.undone_at IS NULL AND t.number > COALESCE(i.summarized_through, 0)"
        " WHERE i.app_name = :app_name AND i.user_id = :user_id AND i.session_id = :session_id"
        " GROUP BY i.summary_event_id, i.summarized_through"
    )
    found = execute(statement, session_values(key))
    return Extent(*found[0]) if found else None


def window(execute: Execute, key: SessionKey, after_turn: int) -> list[tuple[int, dict[str, Any]]]:
    """The events of a session's turns after a number, oldest first, each with the number of its turn.

    Turns that were taken back are left out.
    """
    values = {**session_values(key), "after": after_turn}
    live = execute(
        f"SELECT invocation_id, number, started_at FROM turns WHERE {IN_SESSION} AND undone_at IS NULL"
        " AND number > :after ORDER BY number",
        values,
    )
    if not live:
        return []
    found = execute(
        f"SELECT invocation_id, event_data FROM events WHERE {IN_SESSION} AND timestamp >= :since"
        " ORDER BY timestamp, id",
        {**values, "since": live[0][2]},
    )
    numbers = {invocation_id: number for invocation_id, number, _ in live}
    return [(numbers[invocation_id], _loaded(data)) for invocation_id, data in found if invocation_id in numbers]


def event(execute: Execute, key: SessionKey, event_id: str) -> dict[str, Any] | None:
    """One event by its id."""
    statement = f"SELECT event_data FROM events WHERE id = :id AND {IN_SESSION}"
    found = execute(statement, {**session_values(key), "id": event_id})
    return _loaded(found[0][0]) if found else None


def _loaded(stored: str | None) -> Any:
    return json.loads(stored) if stored else {}
