"""Sessions out of a database of another session service of ADK's, into a person's record.

The file is only read. Whatever app they were of, its sessions become sessions of ours: their events are checked as
those of an archive are and stored with their times, and the ledger is made from them as for any events that were
written without us. The state of the file's users and apps stays behind, as with an archive.

A session keeps its id, so that reading the same file in twice brings nothing twice.
"""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from google.adk.events import Event
from pydantic import ValidationError
from sqlalchemy import Connection, exists, insert, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage import files
from storage.adk import private
from storage.adk.catchup import make_session
from storage.adk.check import check_events
from storage.database import Database
from storage.errors import StorageError
from storage.kind import Kind, kind_of
from storage.ledger.posting import of_session
from storage.queries.archive_document import Archive
from storage.schema.tables import adk_session, app_states, events, sessions, user_states
from storage.scope import SessionKey, User

_TICK = timedelta(microseconds=1)
_JSON_IN_V0 = (
    "content",
    "grounding_metadata",
    "custom_metadata",
    "usage_metadata",
    "citation_metadata",
    "input_transcription",
    "output_transcription",
)
_NOTHING_WRITTEN = "Nothing was written."


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the sessions of a file.

    Attributes:
        keys: Those that were read in.
        known: How many were there already.
    """

    keys: tuple[SessionKey, ...]
    known: int


async def import_sessions(database: Database, user: User, file: Path) -> Imported:
    """Reads in the sessions of a file that are the person's: those under their name, or all where there is one name.

    Args:
        database: Where to; ADK's tables must be there.
        user: Whose record they become a part of.
        file: A SQLite file of ADK's `SqliteSessionService`, or of its `DatabaseSessionService`, old or new.

    Raises:
        StorageError: It is no such file, is the database itself, or has sessions of several others or with events that
            ADK does not know; nothing was written.
    """
    if database.file:
        files.keep_apart(database.file, file)
    if not file.exists():
        raise StorageError(f"there is no file {file}", "Name a database that ADK has made.")
    source = _Source(file)
    theirs = await asyncio.to_thread(source.sessions_of, user)
    for each in theirs:
        await asyncio.to_thread(source.read, each)
    done = []
    for each in theirs:
        archive = await asyncio.to_thread(source.read, each)
        done.append(await database.write(partial(_store, user=user, source=each, archive=archive)))
    return Imported(tuple(key for key in done if key), done.count(None))


class _Source:
    """A file of ADK's; each call opens it anew, read-only."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def sessions_of(self, user: User) -> list[SessionKey]:
        """The sessions with events under a name, or, where there is only one name, under that; the oldest first.

        In a file of ours, a user is called as there; elsewhere nobody knows of tenants.
        """
        said = "SELECT DISTINCT app_name, user_id, session_id FROM events"
        query = f"SELECT * FROM ({said}) JOIN sessions s USING (app_name, user_id) WHERE s.id = session_id"
        with closing(self._open()) as connection:
            self._kind(connection)
            rows = self._rows(connection, f"{query} ORDER BY create_time")
        found = [SessionKey(row["app_name"], row["user_id"], row["session_id"]) for row in rows]
        names = sorted({key.user_id for key in found})
        mine = user.adk_id if user.adk_id in names else user.user_id
        if len(names) > 1 and mine not in names:
            raise StorageError(
                f"{self._file} has sessions of {len(names)} users, and none of {user.user_id}",
                f"--user says whose to read in, and into whose record: {', '.join(map(repr, names[:5]))}.",
            )
        return [key for key in found if len(names) == 1 or key.user_id == mine]

    def read(self, key: SessionKey) -> Archive:
        """A session, checked."""
        mine = (key.app_name, key.user_id, key.session_id)
        with closing(self._open()) as connection:
            kind = self._kind(connection)
            where = "WHERE app_name = ? AND user_id = ?"
            rows = self._rows(connection, f"SELECT * FROM sessions {where} AND id = ?", mine)
            written = self._rows(
                connection, f"SELECT * FROM events {where} AND session_id = ? ORDER BY timestamp, rowid", mine
            )
        try:
            archive = _archive(rows[0], [_event(kind, row) for row in written])
        except (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise StorageError(
                f"{self._file}: session {key.session_id!r} has an event or a state that ADK does not know",
                _NOTHING_WRITTEN,
            ) from error
        check_events(archive)
        return archive

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(files.for_reading(self._file), uri=True)
        connection.row_factory = sqlite3.Row
        return connection

    def _kind(self, connection: sqlite3.Connection) -> Kind:
        try:
            kind = kind_of(connection)
        except sqlite3.Error as error:
            raise StorageError(f"{self._file} cannot be read: {error}", _NOTHING_WRITTEN) from error
        if kind not in (Kind.ADK, Kind.ADK_PICKLED, Kind.ADK_SQLITE):
            raise StorageError(f"{self._file} is no database of a session service of ADK's", _NOTHING_WRITTEN)
        return kind

    def _rows(self, connection: sqlite3.Connection, query: str, values: Sequence[str] = ()) -> list[dict[str, Any]]:
        try:
            return [dict(row) for row in connection.execute(query, values)]
        except sqlite3.Error as error:
            raise StorageError(f"{self._file} cannot be read: {error}", _NOTHING_WRITTEN) from error


def _archive(session: dict[str, Any], stored: list[Event]) -> Archive:
    """The document of a session without its ledger; events that share a time are kept apart in their order."""
    at = datetime.min.replace(tzinfo=UTC)
    rows = []
    for event in stored:
        at = max(_time(event.timestamp), at + _TICK)
        data = event.model_dump(exclude_none=True, mode="json")
        rows.append({"id": event.id, "invocation_id": event.invocation_id, "timestamp": at, "event_data": data})
    told = {
        "id": session["id"],
        "title": None,
        "created_at": _time(session["create_time"]),
        "last_event_at": at,
        "forked_from": None,
        "forked_at_turn": None,
        "summary_event_id": None,
        "summarized_through": None,
        "state": json.loads(session["state"] or "{}") or {},
    }
    return Archive.model_validate({"session": told, "turns": [], "delegations": [], "tool_calls": [], "events": rows})


def _event(kind: Kind, row: dict[str, Any]) -> Event:
    """An event as ADK itself reads it, but for columns that an older ADK has not made yet."""
    if kind is Kind.ADK_SQLITE:
        return Event.model_validate_json(row["event_data"])
    row["timestamp"] = _time(row["timestamp"]).replace(tzinfo=None)
    if kind is Kind.ADK:
        return private.stored_event()(**{**row, "event_data": json.loads(row["event_data"] or "{}")}).to_event()
    row["actions"] = _unpickled(row["actions"])
    for name in _JSON_IN_V0:
        if row.get(name) is not None:
            row[name] = json.loads(row[name])
    stored = private.pickled_event()
    known = {column.key for column in stored.__table__.columns}
    return stored(**{name: value for name, value in row.items() if name in known}).to_event()


def _unpickled(stored: bytes | None) -> Any:
    """What an old ADK has pickled."""
    if stored is None:
        return None
    try:
        return private.unpickled(stored)
    except Exception as error:  # bytes that anybody may have written can fail in any way
        raise ValueError("not an event's actions") from error


def _time(stored: float | str) -> datetime:
    """Seconds since 1970, or the time in UTC that SQLAlchemy has written."""
    if isinstance(stored, str):
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    return datetime.fromtimestamp(stored, UTC)


def _store(conn: Connection, user: User, source: SessionKey, archive: Archive) -> SessionKey | None:
    """Writes a session with its ledger; None when it is there already."""
    session = archive.session
    key = _free(conn, user, source, archive)
    if key is None:
        return None
    mine = {"app_name": key.app_name, "user_id": key.user_id}
    for table, values in ((app_states, {"app_name": key.app_name}), (user_states, mine)):
        row = {**values, "state": {}, "update_time": session.last_event_at}
        conn.execute(sqlite_insert(table).values(row).on_conflict_do_nothing())
    times = {"create_time": session.created_at, "update_time": session.last_event_at}
    conn.execute(insert(sessions).values(**mine, id=key.session_id, state=session.state, **times))
    conn.execute(
        insert(events), [{**mine, "session_id": key.session_id, **each.model_dump()} for each in archive.events]
    )
    make_session(conn, key)
    return key


def _free(conn: Connection, user: User, source: SessionKey, archive: Archive) -> SessionKey | None:
    """The key for a session: its own id, or one made of what it was called when another session has that."""
    own = uuid5(NAMESPACE_URL, json.dumps([source.app_name, source.user_id, source.session_id]))
    for session_id in (source.session_id, str(own)):
        key = SessionKey.of(user, session_id)
        if not conn.execute(select(exists().where(adk_session(key)))).scalar():
            return key
        first = events.c.id == archive.events[0].id
        if conn.execute(select(exists().where(of_session(events, key), first))).scalar():
            return None
    return None
