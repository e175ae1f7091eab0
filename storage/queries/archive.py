"""A session as one document: written out whole, and read into another database as the same conversation.

The document holds ADK's events and the ledger's rows; what belongs to a database alone (row numbers, which process ran
a turn) is left out, so that export, import and export again give the same document. What comes in is strict JSON of a
bounded size, each value within its limits (`archive_document.py`), and says nothing that its events do not say
(`archive_check.py`).
"""

import asyncio
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Table, exists, insert, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError

from storage import names
from storage.database import Database
from storage.errors import StorageError
from storage.ledger.posting import of_session
from storage.ledger.statements import written
from storage.queries.archive_document import (
    Archive,
    ArchivedDelegation,
    ArchivedEvent,
    ArchivedSession,
    ArchivedToolCall,
    ArchivedTurn,
    Part,
    parse,
    refused,
)
from storage.queries.session_changes import distinct_title
from storage.schema.tables import (
    RUNNING,
    adk_session,
    app_states,
    delegations,
    events,
    session_info,
    sessions,
    tool_calls,
    turns,
    user_states,
)
from storage.scope import SessionKey, User

_ROWS: tuple[tuple[str, Table, type[Part]], ...] = (
    ("turns", turns, ArchivedTurn),
    ("delegations", delegations, ArchivedDelegation),
    ("tool_calls", tool_calls, ArchivedToolCall),
    ("events", events, ArchivedEvent),
)


async def export(database: Database, key: SessionKey) -> Archive:
    """The whole of a session, as it stands: nothing that older versions took in keeps it from being written out.

    Raises:
        StorageError: There is no such session.
    """
    async with database.read() as conn:
        return await conn.run_sync(_export, key)


async def import_(database: Database, user: User, document: str | bytes) -> SessionKey:
    """Reads a document of `export` in, for a user, in one transaction; ADK's tables must be there.

    The session keeps its id, unless the user has a session of that id already (then its title says that it was
    imported) or it is no id that a person can type.

    Raises:
        StorageError: It is not such a document, one of a newer version, or says what its events do not; nothing was
            written.
    """
    archive = await asyncio.to_thread(checked, document)
    try:
        return await database.write(lambda conn: _import(conn, user, archive))
    except IntegrityError as error:
        raise refused("the file", "it names something twice") from error


def checked(document: str | bytes) -> Archive:
    """The document, with events that ADK can read and a ledger that is theirs; ADK is loaded for it.

    Raises:
        StorageError: As `import_`.
    """
    from storage.adk.check import check_events  # ADK takes long to import: only an import needs it here
    from storage.queries.archive_check import check_ledger

    archive = parse(document)
    check_events(archive)
    check_ledger(archive)
    return archive


def _export(conn: Connection, key: SessionKey) -> Archive:
    own = conn.execute(select(sessions.c.state).where(adk_session(key))).first()
    info = conn.execute(select(session_info).where(of_session(session_info, key))).mappings().first()
    if own is None or info is None:
        raise StorageError("there is no such session to export")
    kept = {name: info[name] for name in ArchivedSession.model_fields if name in info}
    rows: dict[str, list[Any]] = {}
    for name, table, part in _ROWS:
        query = select(*(table.c[field] for field in part.model_fields)).where(of_session(table, key))
        found = conn.execute(query.order_by(written(table))).mappings()
        rows[name] = [part.model_construct(**row) for row in found]
    session = ArchivedSession.model_construct(id=key.session_id, state=own.state or {}, **kept)
    return Archive.model_construct(None, session=session, **rows)


def _import(conn: Connection, user: User, archive: Archive) -> SessionKey:
    session = archive.session
    key = SessionKey.of(user, session.id)
    is_there = conn.execute(select(exists().where(adk_session(key)))).scalar()
    if is_there or not names.is_id(session.id):
        key = SessionKey.of(user, str(uuid4()))
    title = distinct_title(conn, user, session.title or "", "imported") if is_there else session.title
    mine = {"app_name": key.app_name, "user_id": key.user_id}
    _ensure_states(conn, mine, session.last_event_at)
    times = {"create_time": session.created_at, "update_time": session.last_event_at}
    conn.execute(insert(sessions).values(**mine, id=key.session_id, state=session.state, **times))
    mine["session_id"] = key.session_id
    conn.execute(
        insert(session_info).values(**mine, **session.model_dump(exclude={"id", "state", "title"}), title=title)
    )
    for name, table, _part in _ROWS:
        rows = [{**mine, **_settled(part.model_dump())} for part in getattr(archive, name)]
        if rows:
            conn.execute(insert(table), rows)
    return key


def _ensure_states(conn: Connection, mine: dict[str, str], at: datetime) -> None:
    """ADK expects its state rows wherever it has a session."""
    app = {"app_name": mine["app_name"], "state": {}, "update_time": at}
    conn.execute(sqlite_insert(app_states).values(app).on_conflict_do_nothing())
    conn.execute(sqlite_insert(user_states).values({**app, "user_id": mine["user_id"]}).on_conflict_do_nothing())


def _settled(row: dict[str, Any]) -> dict[str, Any]:
    """What ran when it was exported does not run here."""
    return {**row, "status": "interrupted"} if row.get("status") == RUNNING else row
