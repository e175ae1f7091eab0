"""What a turn reads of ADK's tables and the ledger, each in as few statements as can be.

What belongs to which turn, and in what order, is told by the numbers of turns and by what was written first: clocks
differ between processes, and are set.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from storage.adk.words import OBJECTS
from storage.ledger.posting import as_utc
from storage.ledger.statements import IN_SESSION, IN_TURN, WRITTEN, Execute, session_values, turn_values
from storage.ledger.summaries import best
from storage.scope import SessionKey, TurnKey

_FIND_OBJECTS = f"SELECT COUNT(*) FROM sqlite_master WHERE name IN ({', '.join(map(repr, OBJECTS))})"


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session as it is stored, without its events.

    Attributes:
        has_states: Whether ADK's rows for the states of the user and the app are there, as they must be; a turn's
            message brings what is not, the session itself included.
        is_known: Whether the ledger has the session; one that another program has made may be new to it.
        summary_event_id: The event that stands for the turns up to `summarized_through`.
        last_turn: The number of the newest turn that was not undone; 0 when there is none.
    """

    state: dict[str, Any]
    user_state: dict[str, Any]
    app_state: dict[str, Any]
    has_states: bool
    is_known: bool
    updated_at: datetime
    summary_event_id: str | None
    summarized_through: int
    last_turn: int


@dataclass(frozen=True, slots=True)
class TurnContext:
    """What a turn begins with: the session, and what is known of its user (kind -> values, the oldest first)."""

    session: StoredSession
    preferences: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class SummaryCoverage:
    """How far a session reaches beyond its summary: its newest turn, and the characters said since."""

    summary_event_id: str | None
    summarized_through: int
    last_turn: int
    characters: int


@dataclass(frozen=True, slots=True)
class TurnResult:
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
    ((found,),) = execute(_FIND_OBJECTS, {})
    if found < len(OBJECTS):
        return None
    rows = execute("SELECT value FROM adk_internal_metadata WHERE key = 'schema_version'", {})
    return str(rows[0][0]) if rows else None


def session(execute: Execute, key: SessionKey, before: int | None = None) -> StoredSession | None:
    """A session's states and when it was last written; as it is without its turns from number `before` on."""
    found = execute(
        "SELECT s.state, s.update_time, u.state, a.state, u.user_id IS NOT NULL AND a.app_name IS NOT NULL,"
        " i.session_id IS NOT NULL, i.summary_event_id, i.summarized_through,"
        " (SELECT MAX(number) FROM turns t WHERE t.app_name = s.app_name AND t.user_id = s.user_id"
        " AND t.session_id = s.id AND t.undone_at IS NULL AND t.number < COALESCE(:before, t.number + 1))"
        " FROM sessions s LEFT JOIN session_info i"
        " ON i.app_name = s.app_name AND i.user_id = s.user_id AND i.session_id = s.id"
        " LEFT JOIN user_states u ON u.app_name = s.app_name AND u.user_id = s.user_id"
        " LEFT JOIN app_states a ON a.app_name = s.app_name"
        " WHERE s.app_name = :app_name AND s.user_id = :user_id AND s.id = :session_id",
        {**session_values(key), "before": before},
    )
    if not found:
        return None
    state, updated_at, user_state, app_state, has_states, is_known, summary_id, summarized, last_turn = found[0]
    if before is not None and (summarized or 0) >= before:
        older = best(execute, key, before=before)
        summary_id, summarized = (older.event_id, older.covers.turn) if older else (None, None)
    states = (_loaded(state), _loaded(user_state), _loaded(app_state), bool(has_states))
    return StoredSession(*states, bool(is_known), as_utc(updated_at), summary_id, summarized or 0, last_turn or 0)


def opening(execute: Execute, key: SessionKey, undone_from: str | None = None) -> TurnContext | None:
    """What a turn of a session begins with; None when there is no such session.

    Args:
        execute: Runs statements in a transaction.
        key: The session.
        undone_from: The invocation of a turn that the new one will undo, with all that follow it.
    """
    before = None if undone_from is None else _number(execute, TurnKey(key, undone_from))
    stored = session(execute, key, before)
    if stored is None:
        return None
    return TurnContext(stored, _preferences(execute, key))


def first_opening(execute: Execute, key: SessionKey, at: datetime) -> TurnContext:
    """What the first turn of a session begins with, which is made with that turn's message, as of a time."""
    ((user_state, app_state),) = execute(
        "SELECT (SELECT state FROM user_states WHERE app_name = :app_name AND user_id = :user_id),"
        " (SELECT state FROM app_states WHERE app_name = :app_name)",
        session_values(key),
    )
    stored = StoredSession({}, _loaded(user_state), _loaded(app_state), False, True, at, None, 0, 0)
    return TurnContext(stored, _preferences(execute, key))


def _preferences(execute: Execute, key: SessionKey) -> dict[str, list[str]]:
    known: dict[str, list[str]] = {}
    for kind, value in execute(
        "SELECT kind, value FROM preferences WHERE app_name = :app_name AND user_id = :user_id"
        " ORDER BY created_at, value",
        session_values(key),
    ):
        known.setdefault(kind, []).append(value)
    return known


def _number(execute: Execute, key: TurnKey) -> int | None:
    found = execute(f"SELECT number FROM turns WHERE {IN_TURN}", turn_values(key))
    return int(found[0][0]) if found else None


def ending(execute: Execute, key: TurnKey) -> TurnResult | None:
    """How a turn ended; None where nothing was written."""
    statement = (
        f"SELECT status, model, model_calls, prompt_tokens, output_tokens, seconds, error FROM turns WHERE {IN_TURN}"
    )
    found = execute(statement, turn_values(key))
    return TurnResult(*found[0]) if found else None


def extent(execute: Execute, key: SessionKey) -> SummaryCoverage | None:
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
    return SummaryCoverage(*found[0]) if found else None


def window(execute: Execute, key: SessionKey, after_turn: int, last_turn: int) -> list[tuple[int, dict[str, Any]]]:
    """The events of a session's turns after a number and up to another, each with the number of its turn.

    They are in the order of the turns, and within a turn as they were written; turns that were undone are left out.
    """
    values = {**session_values(key), "after": after_turn, "last": last_turn}
    live = f"FROM turns WHERE {IN_SESSION} AND undone_at IS NULL AND number > :after AND number <= :last"
    numbers = {id_: number for id_, number in execute(f"SELECT invocation_id, number {live}", values)}
    found = execute(
        f"SELECT invocation_id, event_data FROM events WHERE {IN_SESSION} AND invocation_id IN"
        f" (SELECT invocation_id {live}) ORDER BY {WRITTEN}",
        values,
    )
    told = [(int(numbers[id_]), _loaded(data)) for id_, data in found]
    return sorted(told, key=itemgetter(0))


def first_time(execute: Execute, key: SessionKey, after_turn: int) -> datetime | None:
    """The earliest time that a turn after a number bears, whatever its clock was; None when there is no such turn."""
    ((found,),) = execute(
        "SELECT MIN(CASE WHEN ended_at < started_at THEN ended_at ELSE started_at END) FROM turns"
        f" WHERE {IN_SESSION} AND undone_at IS NULL AND number > :after",
        {**session_values(key), "after": after_turn},
    )
    return as_utc(found) if found else None


def event(execute: Execute, key: SessionKey, event_id: str) -> dict[str, Any] | None:
    """One event by its id."""
    statement = f"SELECT event_data FROM events WHERE id = :id AND {IN_SESSION}"
    found = execute(statement, {**session_values(key), "id": event_id})
    return _loaded(found[0][0]) if found else None


def _loaded(stored: str | None) -> Any:
    return json.loads(stored) if stored else {}
