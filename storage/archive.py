"""A session as one document: written out whole, and read into another database as the same conversation.

The document holds ADK's events and the ledger's rows; what belongs to a database alone (row numbers, which process ran
a turn) is left out, so that export, import and export again give the same document.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError
from sqlalchemy import Connection, Table, exists, insert, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError

from storage.database import Database
from storage.errors import StorageError
from storage.ledger_writes import of_session
from storage.scope import SessionKey, User
from storage.statements import written
from storage.tables import (
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

VERSION = 1


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Event(_Part):
    id: str
    invocation_id: str
    timestamp: AwareDatetime
    event_data: dict[str, Any]


class _Span(_Part):
    invocation_id: str
    status: Literal["running", "completed", "failed", "cancelled", "interrupted", "delegated"]
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    seconds: float | None
    error: str | None


class _Turn(_Span):
    number: int
    event_id: str
    user_input: str
    agent_response: str | None
    model: str | None
    model_calls: int
    prompt_tokens: int
    output_tokens: int
    undone_at: AwareDatetime | None
    events: int


class _Delegation(_Span):
    id: str
    from_agent: str
    agent_name: str
    task: str
    reported: bool


class _ToolCall(_Span):
    id: str
    agent_name: str
    tool_name: str
    arguments: dict[str, Any]


class _Session(_Part):
    id: str
    title: str | None
    created_at: AwareDatetime
    last_event_at: AwareDatetime
    forked_from: str | None
    forked_at_turn: int | None
    summary_event_id: str | None
    summarized_through: int | None
    state: dict[str, Any]


class _Version(BaseModel):
    """What is read first: a newer document may have parts that are not known here."""

    format: Literal["persistent-multi-agent session"]
    version: int


class Archive(_Part):
    """The document."""

    format: Literal["persistent-multi-agent session"] = "persistent-multi-agent session"
    version: int = VERSION
    session: _Session
    turns: list[_Turn]
    delegations: list[_Delegation]
    tool_calls: list[_ToolCall]
    events: list[_Event]


_ROWS: tuple[tuple[str, Table, type[_Part]], ...] = (
    ("turns", turns, _Turn),
    ("delegations", delegations, _Delegation),
    ("tool_calls", tool_calls, _ToolCall),
    ("events", events, _Event),
)


async def export(database: Database, key: SessionKey) -> Archive:
    """The whole of a session.

    Raises:
        StorageError: There is no such session.
    """
    async with database.read() as conn:
        return await conn.run_sync(_export, key)


async def import_(database: Database, user: User, document: str | bytes) -> SessionKey:
    """Reads a document of `export` in, for a user, in one transaction; ADK's tables must be there.

    The session keeps its id when the user has no session of that id yet.

    Raises:
        StorageError: It is not such a document, or one of a newer version; nothing was written.
    """
    archive = parse(document)
    try:
        async with database.write() as conn:
            return await conn.run_sync(_import, user, archive)
    except IntegrityError as error:
        raise StorageError("not an exported session: it names something twice", "Nothing was written.") from error


def parse(document: str | bytes) -> Archive:
    """The document, checked.

    Raises:
        StorageError: It is not such a document, or one of a newer version.
    """
    try:
        version = _Version.model_validate_json(document).version
        if version > VERSION:
            raise StorageError(
                f"the file is of a newer version ({version}; this program knows {VERSION})", "Nothing was written."
            )
        return Archive.model_validate_json(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or "the file"
        raise StorageError(f"not an exported session: {where}: {first['msg']}", "Nothing was written.") from error


def _export(conn: Connection, key: SessionKey) -> Archive:
    own = conn.execute(select(sessions.c.state).where(adk_session(key))).first()
    info = conn.execute(select(session_info).where(of_session(session_info, key))).mappings().first()
    if own is None or info is None:
        raise StorageError("there is no such session to export")
    kept = {name: info[name] for name in _Session.model_fields if name in info}
    rows: dict[str, list[Any]] = {}
    for name, table, part in _ROWS:
        query = select(*(table.c[field] for field in part.model_fields)).where(of_session(table, key))
        found = conn.execute(query.order_by(written(table))).mappings()
        rows[name] = [part.model_validate({**row}) for row in found]
    session = _Session(id=key.session_id, state=own.state or {}, **kept)
    return Archive.model_validate({"session": session, **rows})


def _import(conn: Connection, user: User, archive: Archive) -> SessionKey:
    key = SessionKey(user.app_name, user.user_id, archive.session.id)
    if conn.execute(select(exists().where(adk_session(key)))).scalar():
        key = SessionKey(user.app_name, user.user_id, str(uuid4()))
    session = archive.session
    mine = {"app_name": key.app_name, "user_id": key.user_id}
    _ensure_states(conn, mine, session.last_event_at)
    times = {"create_time": session.created_at, "update_time": session.last_event_at}
    conn.execute(insert(sessions).values(**mine, id=key.session_id, state=session.state, **times))
    mine["session_id"] = key.session_id
    conn.execute(insert(session_info).values(**mine, **session.model_dump(exclude={"id", "state"})))
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
