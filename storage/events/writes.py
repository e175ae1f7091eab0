"""Events of a turn to rows: ADK's own, as its `DatabaseSessionService` writes them, and what follows in the ledger.

The statements are those of `statements`, run by whatever is at hand in one transaction.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from storage.errors import MissingError, OvertakenError, SessionBusyError, TurnLostError
from storage.leases import Lease
from storage.ledger.entries import TurnStarted, entries
from storage.ledger.posting import as_utc, begin_session, post
from storage.ledger.statements import IN_SESSION, RUNS, Execute, Values, session_values, turn_values
from storage.ledger.summaries import Coverage, holds
from storage.schema.tables import INTERRUPTED
from storage.scope import SessionKey, TurnKey

_SESSION = "app_name = :app_name AND user_id = :user_id AND id = :session_id"
_USER = "app_name = :app_name AND user_id = :user_id"
_APP = "app_name = :app_name"


class StaleError(Exception):
    """The session was changed by somebody else since it was read."""


class StateMissingError(ValueError):
    """ADK's row for the state of the app or the user is not there; ADK raises a `ValueError` with these words."""


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


def append(
    execute: Execute,
    key: TurnKey,
    events: Sequence[NewEvent],
    expected: datetime | None,
    lease: Lease,
    *,
    alone: bool = False,
) -> None:
    """Writes events of one turn with their ledger rows. Where it raises, it has written nothing.

    Args:
        execute: Runs statements in a transaction.
        key: The turn.
        events: What to write, in order, at least one.
        expected: The session's time as it was last read or written; None to write whatever it is.
        lease: Under which the turn runs, when it begins with these.
        alone: Begin a turn only when no other one of its session runs.

    Raises:
        TurnLostError: The turn ran under this lease, and others have ended it, as that of a dead program.
        SessionBusyError: Another turn of the session runs.
        StaleError: The session has another time by now.
        MissingError: The session is not there.
        StateMissingError: A state's row is not there, where ADK refuses every event as well.
    """
    at = events[-1].at
    values = session_values(key.session)
    found = [entry for event in events for entry in entries(event.data)]
    if alone and any(isinstance(entry, TurnStarted) for entry in found):
        refuse_second(execute, key)
    _touch(execute, key, lease, at, expected)
    for table, row, states in (
        ("sessions", _SESSION, [event.session_state for event in events]),
        ("user_states", _USER, [event.user_state for event in events]),
        ("app_states", _APP, [event.app_state for event in events]),
    ):
        if any(states):
            _merge(execute, table, row, values, states, at)
    for event in events:
        _insert(execute, key.session, event)
    post(execute, key, [event.at for event in events], found, lease)


def begin(
    execute: Execute,
    key: TurnKey,
    event: NewEvent,
    expected: datetime | None,
    lease: Lease,
    undo: NewEvent | None = None,
    made_at: datetime | None = None,
) -> None:
    """Writes the first event of a turn, when no other one of its session runs; with `undo`, that takes the session's
    last turn back first, in whose place it comes; with `made_at`, the session is made first, so that none is left
    without it.

    Other arguments and errors are those of `append`; where it raises, the transaction is to be rolled back.

    Raises:
        OvertakenError: The turn to be undone is not the last one.
    """
    if made_at:
        create(execute, key.session, made_at)
    if undo:
        newest = (
            f"SELECT invocation_id FROM turns WHERE {IN_SESSION} AND undone_at IS NULL ORDER BY number DESC LIMIT 1"
        )
        last = execute(newest, session_values(key.session))
        if last and last[0][0] != undo.data["actions"]["rewind_before_invocation_id"]:
            raise OvertakenError
        append(execute, TurnKey(key.session, undo.data["invocation_id"]), [undo], expected, lease)
        expected = None
    append(execute, key, [event], expected, lease, alone=True)


def add_summary(execute: Execute, key: SessionKey, event: dict[str, Any], covers: Coverage) -> bool:
    """Writes an ADK compaction event that stands for all turns that it covers.

    It is not written when one of them was undone meanwhile, or when another summary covers as much. The session's
    time stays as it is, so a turn that runs meanwhile is not disturbed.

    Returns:
        Whether it was written.
    """
    values = {**session_values(key), "id": event["id"], "through": covers.turn}
    less = f"{IN_SESSION} AND COALESCE(summarized_through, 0) < :through"
    if not holds(execute, key, covers) or not execute(f"SELECT 1 FROM session_info WHERE {less}", values):
        return False
    _insert(execute, key, NewEvent(event))
    execute(f"UPDATE session_info SET summary_event_id = :id, summarized_through = :through WHERE {IN_SESSION}", values)
    return True


def create(execute: Execute, key: SessionKey, at: datetime) -> None:
    """Makes a session and ADK's rows for the states of the user and the app, where they are missing."""
    values = {**session_values(key), "at": at}
    for table, names in (("app_states", "app_name"), ("user_states", "app_name, user_id")):
        placed = ", ".join(f":{name}" for name in names.split(", "))
        execute(
            f"INSERT INTO {table} ({names}, state, update_time) VALUES ({placed}, '{{}}', :at) ON CONFLICT DO NOTHING",
            values,
        )
    execute(
        "INSERT INTO sessions (app_name, user_id, id, state, create_time, update_time)"
        " VALUES (:app_name, :user_id, :session_id, '{}', :at, :at) ON CONFLICT DO NOTHING",
        values,
    )
    begin_session(execute, key, at)


def refuse_second(execute: Execute, key: TurnKey) -> None:
    """Raises `SessionBusyError` when another turn of the session runs."""
    running = execute(
        "SELECT t.invocation_id, t.owner, t.started_at, l.machine, l.pid FROM turns t"
        f" LEFT JOIN leases l ON l.owner = t.owner WHERE {IN_SESSION} AND {RUNS} AND t.invocation_id <> :invocation_id",
        turn_values(key),
    )
    for invocation_id, owner, since, machine, pid in running:
        process = f"process {pid} of {machine.partition('/')[0]}" if machine else None
        raise SessionBusyError(invocation_id, owner, as_utc(since), process)


def _touch(execute: Execute, key: TurnKey, lease: Lease, at: datetime, expected: datetime | None) -> None:
    """Sets a session's time, if it is the expected one, all that an event may change is there, and the turn was not
    taken from its lease."""
    values = session_values(key.session)
    found = execute(
        "SELECT s.update_time, u.user_id, a.app_name, t.status, t.owner FROM sessions s"
        " LEFT JOIN user_states u ON u.app_name = s.app_name AND u.user_id = s.user_id"
        " LEFT JOIN app_states a ON a.app_name = s.app_name"
        " LEFT JOIN turns t ON t.app_name = s.app_name AND t.user_id = s.user_id AND t.session_id = s.id"
        " AND t.invocation_id = :invocation_id"
        " WHERE s.app_name = :app_name AND s.user_id = :user_id AND s.id = :session_id",
        turn_values(key),
    )
    if not found:
        raise MissingError
    updated_at, user, app, status, owner = found[0]
    if status == INTERRUPTED and owner == lease.owner:
        raise TurnLostError
    if app is None:
        raise StateMissingError(f"App state missing for app_name={values['app_name']!r}")
    if user is None:
        raise StateMissingError(
            f"User state missing for app_name={values['app_name']!r}, user_id={values['user_id']!r}"
        )
    if expected and as_utc(updated_at) != expected:
        raise StaleError(
            f"the session {values['session_id']} has been modified in storage since it was loaded: load it again"
        )
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
    ((held,),) = execute(f"SELECT state FROM {table} WHERE {row}", values)
    state: dict[str, Any] = json.loads(held) if held else {}
    for delta in deltas:
        state.update(delta)
    execute(
        f"UPDATE {table} SET state = :state, update_time = :at WHERE {row}",
        {**values, "state": json.dumps(state), "at": at},
    )


def set_version(execute: Execute, version: str) -> None:
    """Writes the version of ADK's tables, unless it is there."""
    execute(
        "INSERT INTO adk_internal_metadata (key, value) VALUES ('schema_version', :version) ON CONFLICT DO NOTHING",
        {"version": version},
    )
