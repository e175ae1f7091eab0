"""A session as one document: written out whole, and read into another database as the same conversation.

The document holds ADK's events and the ledger's rows; what belongs to a database alone (row numbers, which process ran
a turn) is left out, so that export, import and export again give the same document. What comes in is strict JSON of a
bounded size, each value within its limits, and says nothing that its events do not say (`archive_check.py`).
"""

import asyncio
import json
import math
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeAlias
from uuid import uuid4

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, Table, exists, insert, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError

from storage import names
from storage.database import Database
from storage.errors import StorageError
from storage.ledger.posting import of_session
from storage.ledger.statements import written
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

VERSION = 1
_SHOWN = 200
"""Characters of a place and of a reason in an error."""


MAX_BYTES = 64 * 2**20
"""Bytes of a document that is read in at most."""
_MAX_TEXT, _MAX_ROWS, _MAX_NUMBER, _MAX_COUNT, _MAX_SECONDS = 10_000_000, 1_000_000, 1_000_000, 10**12, 1e9
_MAX_NAME, _MAX_CALL_ID, _MAX_DIGITS = 128, 4096, 300
_FIRST_TIME, _LAST_TIME = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("has characters that cannot be seen")
    return text


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("has a NUL character")
    return text


def _title(text: str) -> str | None:
    return names.title(text) or None


_Time: TypeAlias = Annotated[AwareDatetime, Field(ge=_FIRST_TIME, lt=_LAST_TIME)]
_Seconds: TypeAlias = Annotated[float, Field(ge=0, le=_MAX_SECONDS, allow_inf_nan=False)]
_Count: TypeAlias = Annotated[int, Field(ge=0, le=_MAX_COUNT)]
_Number: TypeAlias = Annotated[int, Field(ge=1, le=_MAX_NUMBER)]
_Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=_MAX_NAME), AfterValidator(_printable)]
_CallId: TypeAlias = Annotated[str, Field(min_length=1, max_length=_MAX_CALL_ID), AfterValidator(_printable)]
_Text: TypeAlias = Annotated[str, Field(max_length=_MAX_TEXT), AfterValidator(_without_nul)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Event(_Part):
    id: _Name
    invocation_id: _Name
    timestamp: _Time
    event_data: dict[str, Any]


class Span(_Part):
    """What a turn, a delegation and a tool call have in common: when it was, and how it ended."""

    invocation_id: _Name
    status: Literal["running", "completed", "failed", "cancelled", "interrupted", "delegated"]
    started_at: _Time
    ended_at: _Time | None
    seconds: _Seconds | None
    error: _Text | None


class _Turn(Span):
    number: _Number
    event_id: _Name
    user_input: _Text
    agent_response: _Text | None
    model: _Name | None
    model_calls: _Count
    prompt_tokens: _Count
    output_tokens: _Count
    undone_at: _Time | None
    events: _Count


class _Delegation(Span):
    id: _CallId
    from_agent: _Name
    agent_name: _Name
    task: _Text
    reported: bool


class _ToolCall(Span):
    id: _CallId
    agent_name: _Name
    tool_name: _Name
    arguments: dict[str, Any]


class _Session(_Part):
    id: str
    title: Annotated[str, AfterValidator(_title)] | None
    created_at: _Time
    last_event_at: _Time
    forked_from: _Name | None
    forked_at_turn: _Number | None
    summary_event_id: _Name | None
    summarized_through: _Number | None
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
    turns: Annotated[list[_Turn], Field(max_length=_MAX_ROWS)]
    delegations: Annotated[list[_Delegation], Field(max_length=_MAX_ROWS)]
    tool_calls: Annotated[list[_ToolCall], Field(max_length=_MAX_ROWS)]
    events: Annotated[list[_Event], Field(max_length=_MAX_ROWS)]


_ROWS: tuple[tuple[str, Table, type[_Part]], ...] = (
    ("turns", turns, _Turn),
    ("delegations", delegations, _Delegation),
    ("tool_calls", tool_calls, _ToolCall),
    ("events", events, _Event),
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
        async with database.write() as conn:
            return await conn.run_sync(_import, user, archive)
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


def parse(document: str | bytes) -> Archive:
    """The document, each of its values within its limits.

    Raises:
        StorageError: It is not such a document, or one of a newer version.
    """
    text = _decoded(document)
    try:
        _check_json(text)
        version = _Version.model_validate_json(text).version
        if version > VERSION:
            raise StorageError(
                f"the file is of a newer version ({version}; this program knows {VERSION})", "Nothing was written."
            )
        return Archive.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise refused(".".join(str(step) for step in first["loc"]) or "the file", first["msg"]) from error
    except (ValueError, RecursionError) as error:
        raise refused(
            "the file", "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        ) from error


def refused(where: str, what: str) -> StorageError:
    """The error for a document that is not read in, in one line."""
    line = names.one_clean_line(f"not an exported session: {where[:_SHOWN]}: {what[:_SHOWN]}")
    return StorageError(line, "Nothing was written.")


def _decoded(document: str | bytes) -> str:
    try:
        if isinstance(document, str):
            document = document.encode()
        if len(document) > MAX_BYTES:
            raise refused("the file", f"it is larger than {MAX_BYTES // 2**20} MB")
        return document.decode("utf-8-sig")
    except UnicodeError as error:
        raise refused("the file", "it is not UTF-8") from error


def _check_json(text: str) -> None:
    """Raises ValueError for what is no strict JSON, or would be read in another way elsewhere."""
    json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite, parse_int=_short)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len({name for name, _ in pairs}):
        raise ValueError("an object has the same key twice")


def _no_number(literal: str) -> None:
    raise ValueError(f"{literal} is no number of JSON")


def _finite(digits: str) -> None:
    if not math.isfinite(float(digits)):
        raise ValueError("a number is too large")


def _short(digits: str) -> None:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("a number is too large")


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
        rows[name] = [part.model_construct(**row) for row in found]
    session = _Session.model_construct(id=key.session_id, state=own.state or {}, **kept)
    return Archive.model_construct(None, session=session, **rows)


def _import(conn: Connection, user: User, archive: Archive) -> SessionKey:
    session = archive.session
    key = SessionKey(user.app_name, user.user_id, session.id)
    is_there = conn.execute(select(exists().where(adk_session(key)))).scalar()
    if is_there or not names.is_id(session.id):
        key = SessionKey(user.app_name, user.user_id, str(uuid4()))
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
