"""ADK's tables and the ledger on one bare SQLite connection: what every turn does, in as few steps as can be.

One connection is kept warm on one thread; reading a session, and writing an event with all that follows from it, is one
visit to that thread and, for an event, one durable commit. The rules are those of ADK's `DatabaseSessionService`: the
same rows, the same check for a session that somebody else has changed.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Row, Select, create_engine
from sqlalchemy.pool import StaticPool

from storage.ledger import entries
from storage.ledger_writes import Values, post, session_values, stamp, turn_values
from storage.scope import SessionKey, TurnKey
from storage.worker import Worker

Result = TypeVar("Result")

_ADK_OBJECTS = 6
_SESSION = "app_name = :app_name AND user_id = :user_id AND session_id = :session_id"
_ADK_SESSION = "app_name = :app_name AND user_id = :user_id AND id = :session_id"
_USER = "app_name = :app_name AND user_id = :user_id"


class StaleError(Exception):
    """The session was changed by somebody else since it was read."""


class MissingError(Exception):
    """The session is not there."""


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


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to write: its JSON, and what it changes in the states."""

    data: dict[str, Any]
    session_state: dict[str, Any] = field(default_factory=dict)
    user_state: dict[str, Any] = field(default_factory=dict)
    app_state: dict[str, Any] = field(default_factory=dict)


class EventLog:
    """One file, one connection, one thread. Use `await close()` at the end."""

    def __init__(self, file: Path, busy_timeout: float) -> None:
        self._file = file
        self._busy_timeout = busy_timeout
        self._worker = Worker("event-log")
        self._connection: sqlite3.Connection | None = None

    async def adk_version(self) -> str | None:
        """The version of ADK's tables, when they are all there, its newest index included."""
        return await self._visit(self._adk_version)

    async def opening(self, key: SessionKey) -> Opening | None:
        """What a turn of a session begins with; None when there is no such session."""
        return await self._visit(lambda: self._opening(key))

    async def session(self, key: SessionKey) -> StoredSession | None:
        """A session's states and when it was last written."""
        return await self._visit(lambda: self._session(key))

    async def ending(self, key: TurnKey) -> tuple[Ending | None, Extent | None]:
        """How a turn ended, and how far its session reaches then; None where nothing was written."""
        return await self._visit(lambda: (self._ending(key), self._extent(key.session)))

    async def window(self, key: SessionKey, after_turn: int) -> list[dict[str, Any]]:
        """The events of a session's turns after a number, oldest first, without turns that were taken back."""
        return await self._visit(lambda: self._window(key, after_turn))

    async def event(self, key: SessionKey, event_id: str) -> dict[str, Any] | None:
        """One event by its id."""
        statement = f"SELECT event_data FROM events WHERE id = :id AND {_SESSION}"
        found = await self._visit(lambda: self._execute(statement, {**session_values(key), "id": event_id}))
        return _loaded(found[0][0]) if found else None

    async def add_summary(self, key: SessionKey, event: dict[str, Any], through: int) -> None:
        """Writes an ADK compaction event that stands for all turns up to number `through`.

        The session's time stays as it is, so a turn that runs meanwhile is not disturbed.
        """
        await self._visit(lambda: self._transaction(lambda: self._add_summary(key, event, through)))

    async def append(self, key: SessionKey, event: NewEvent, expected: datetime | None) -> datetime:
        """Writes an event with its ledger rows, durably; returns the session's new time.

        Args:
            key: The session.
            event: What to write.
            expected: The session's time as it was last read or written; None to write whatever it is.

        Raises:
            StaleError: The session has another time by now.
            MissingError: The session is not there.
        """
        return await self._visit(lambda: self._transaction(lambda: self._append(key, event, expected)))

    async def fetch(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """The rows of one SELECT."""
        return await self._visit(lambda: self._fetch(query))

    async def close(self) -> None:
        """Closes the connection and ends the thread."""
        await self._visit(self._close)
        self._worker.stop()

    async def _visit(self, work: Callable[[], Result]) -> Result:
        return await self._worker.do(work)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(
                self._file, timeout=self._busy_timeout, isolation_level=None, check_same_thread=False
            )
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            self._connection = connection
            self._engine = create_engine(
                "sqlite://", creator=self._open, poolclass=StaticPool, pool_reset_on_return=None
            )
        return self._connection

    def _fetch(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """With SQLAlchemy on the same connection; it begins no transaction there, so nothing stays open."""
        self._open()
        with self._engine.connect() as conn:
            return conn.execute(query).all()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _execute(self, statement: str, values: Values) -> Sequence[Sequence[Any]]:
        return self._run(statement, values).fetchall()

    def _run(self, statement: str, values: Values) -> sqlite3.Cursor:
        stored = {k: stamp(v) if isinstance(v, datetime) else v for k, v in values.items()}
        return self._open().execute(statement, stored)

    def _session(self, key: SessionKey) -> StoredSession | None:
        found = self._execute(
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
        return StoredSession(*states, _time(updated_at), summary_id, summarized or 0, last_turn or 0)

    def _adk_version(self) -> str | None:
        statement = (
            "SELECT COUNT(*) FROM sqlite_master WHERE name IN ('sessions', 'events', 'user_states', 'app_states',"
            " 'adk_internal_metadata', 'idx_events_app_user_session_ts_id')"
        )
        ((found,),) = self._execute(statement, {})
        if found < _ADK_OBJECTS:
            return None
        rows = self._execute("SELECT value FROM adk_internal_metadata WHERE key = 'schema_version'", {})
        return str(rows[0][0]) if rows else None

    def _opening(self, key: SessionKey) -> Opening | None:
        session = self._session(key)
        if session is None:
            return None
        statement = f"SELECT kind, value FROM preferences WHERE {_USER} ORDER BY created_at, value"
        known: dict[str, list[str]] = {}
        for kind, value in self._execute(statement, {"app_name": key.app_name, "user_id": key.user_id}):
            known.setdefault(kind, []).append(value)
        return Opening(session, known)

    def _ending(self, key: TurnKey) -> Ending | None:
        statement = (
            "SELECT status, model, model_calls, prompt_tokens, output_tokens, seconds, error FROM turns"
            f" WHERE {_SESSION} AND invocation_id = :invocation_id"
        )
        found = self._execute(statement, turn_values(key))
        return Ending(*found[0]) if found else None

    def _extent(self, key: SessionKey) -> Extent | None:
        statement = (
            "SELECT i.summary_event_id, COALESCE(i.summarized_through, 0), COALESCE(MAX(t.number), 0),"
            " COALESCE(SUM(LENGTH(t.user_input) + LENGTH(COALESCE(t.agent_response, ''))), 0)"
            " FROM session_info i LEFT JOIN turns t ON t.app_name = i.app_name AND t.user_id = i.user_id"
            " AND t.session_id = i.session_id AND t.undone_at IS NULL AND t.number > COALESCE(i.summarized_through, 0)"
            " WHERE i.app_name = :app_name AND i.user_id = :user_id AND i.session_id = :session_id"
            " GROUP BY i.summary_event_id, i.summarized_through"
        )
        found = self._execute(statement, session_values(key))
        return Extent(*found[0]) if found else None

    def _window(self, key: SessionKey, after_turn: int) -> list[dict[str, Any]]:
        values = {**session_values(key), "after": after_turn}
        live = self._execute(
            f"SELECT invocation_id, started_at FROM turns WHERE {_SESSION} AND undone_at IS NULL AND number > :after"
            " ORDER BY number",
            values,
        )
        if not live:
            return []
        found = self._execute(
            f"SELECT invocation_id, event_data FROM events WHERE {_SESSION} AND timestamp >= :since"
            " ORDER BY timestamp, id",
            {**values, "since": live[0][1]},
        )
        kept = {invocation_id for invocation_id, _ in live}
        return [_loaded(data) for invocation_id, data in found if invocation_id in kept]

    def _transaction(self, work: Callable[[], Result]) -> Result:
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work()
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite itself rolls back on a full disk
                connection.execute("ROLLBACK")
            raise
        return result

    def _append(self, key: SessionKey, event: NewEvent, expected: datetime | None) -> datetime:
        values = session_values(key)
        at = datetime.fromtimestamp(event.data["timestamp"], UTC)
        self._touch(values, at, event.session_state, expected)
        if event.user_state:
            self._merge("user_states", _USER, values, event.user_state, at)
        if event.app_state:
            self._merge("app_states", "app_name = :app_name", values, event.app_state, at)
        self._insert(key, event.data)
        post(self._execute, TurnKey(key, event.data["invocation_id"]), at, entries(event.data))
        return at

    def _touch(self, values: Values, at: datetime, delta: dict[str, Any], expected: datetime | None) -> None:
        """Sets a session's time and state, if its time is the expected one."""
        as_read = " AND update_time = :expected" if expected else ""
        touch = f"UPDATE sessions SET update_time = :at WHERE {_ADK_SESSION}{as_read}"
        if not self._run(touch, {**values, "at": at, "expected": expected}).rowcount:
            there = self._execute(f"SELECT 1 FROM sessions WHERE {_ADK_SESSION}", values)
            raise StaleError(values["session_id"]) if there else MissingError(values["session_id"])
        if delta:
            self._merge("sessions", _ADK_SESSION, values, delta, at)

    def _add_summary(self, key: SessionKey, event: dict[str, Any], through: int) -> None:
        self._insert(key, event)
        self._execute(
            f"UPDATE session_info SET summary_event_id = :id, summarized_through = :through WHERE {_SESSION}",
            {**session_values(key), "id": event["id"], "through": through},
        )

    def _insert(self, key: SessionKey, event: dict[str, Any]) -> None:
        self._execute(
            "INSERT INTO events (id, app_name, user_id, session_id, invocation_id, timestamp, event_data)"
            " VALUES (:id, :app_name, :user_id, :session_id, :invocation_id, :at, :data)",
            {
                **session_values(key),
                "id": event["id"],
                "invocation_id": event["invocation_id"],
                "at": datetime.fromtimestamp(event["timestamp"], UTC),
                "data": json.dumps(event),
            },
        )

    def _merge(self, table: str, row: str, values: Values, delta: dict[str, Any], at: datetime) -> None:
        held = self._execute(f"SELECT state FROM {table} WHERE {row}", values)
        state = json.dumps({**_loaded(held[0][0] if held else None), **delta})
        self._execute(
            f"UPDATE {table} SET state = :state, update_time = :at WHERE {row}", {**values, "state": state, "at": at}
        )


def _loaded(stored: str | None) -> Any:
    return json.loads(stored) if stored else {}


def _time(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)
