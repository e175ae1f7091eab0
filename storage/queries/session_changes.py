"""What a person does to whole sessions: rename, delete, fork, prune."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Connection, Table, delete, insert, literal, select, update
from sqlalchemy.sql.elements import ColumnElement

from storage import names
from storage.database import Database
from storage.errors import StorageError
from storage.ledger.posting import of_session, on
from storage.ledger.statements import written
from storage.ledger.summaries import choose, holds, summaries
from storage.names import TITLE_LENGTH as TITLE_LENGTH
from storage.queries import sessions as stored
from storage.queries.sessions import SessionInfo
from storage.schema.tables import adk_session, delegations, events, session_info, sessions, tool_calls, turns
from storage.scope import SessionKey, User


async def rename(database: Database, key: SessionKey, title: str) -> str:
    """Gives a session another title; returns it as it was kept: one line, without what is not to be seen.

    Raises:
        StorageError: The title is empty.
    """
    cleaned = names.title(title)
    if not cleaned:
        raise StorageError("a title cannot be empty")
    renamed = update(session_info).where(of_session(session_info, key)).values(title=cleaned)
    await database.write(lambda conn: conn.execute(renamed))
    return cleaned


async def remove(database: Database, keys: Sequence[SessionKey]) -> None:
    """Deletes sessions with everything that was said in them; preferences stay."""

    def remove(conn: Connection) -> None:
        for key in keys:
            conn.execute(delete(sessions).where(adk_session(key)))

    await database.write(remove)


async def prunable(database: Database, user: User, *, older_than: datetime, keep: int) -> list[SessionInfo]:
    """The sessions last used before a time, but for the `keep` last used of all."""
    found: list[SessionInfo] = []
    offset = keep
    while page := await stored.listing(database, user, limit=1000, offset=offset):
        found += [info for info in page if info.last_event_at < older_than]
        offset += len(page)
    return found


async def fork(database: Database, key: SessionKey, *, at: int | None = None) -> SessionKey:
    """A new session with the history of another one, up to and with turn `at` (default: all of it).

    Raises:
        StorageError: The session has no such turn.
    """
    target = SessionKey(key.app_name, key.user_id, str(uuid4()))
    await database.write(lambda conn: _fork(conn, key, target, at))
    return target


def _fork(conn: Connection, key: SessionKey, target: SessionKey, at: int | None) -> None:
    live = of_session(turns, key) & turns.c.undone_at.is_(None)
    numbers = conn.execute(select(turns.c.number).where(live).order_by(turns.c.number)).scalars().all()
    if not numbers:
        raise StorageError("this session has no turns to fork")
    last = numbers[-1] if at is None else at
    if last not in numbers:
        raise StorageError(f"this session has no turn {last}", f"Its turns are {numbers[0]} to {numbers[-1]}.")
    now = datetime.now(UTC)
    _copy(conn, sessions, adk_session(key), {"id": target.session_id, "create_time": now, "update_time": now})
    kept = select(turns.c.invocation_id).where(live, turns.c.number <= last)
    for table in (turns, events, delegations, tool_calls):
        rows = of_session(table, key) & table.c.invocation_id.in_(kept)
        _copy(conn, table, rows, {"session_id": target.session_id})
    _copy_summaries(conn, key, target)
    title = conn.execute(select(session_info.c.title).where(of_session(session_info, key))).scalar()
    conn.execute(
        insert(session_info).values(
            app_name=target.app_name,
            user_id=target.user_id,
            session_id=target.session_id,
            title=distinct_title(conn, key.user, title or "", "fork"),
            created_at=now,
            last_event_at=now,
            forked_from=key.session_id,
            forked_at_turn=last,
        )
    )
    choose(on(conn), target)


def _copy_summaries(conn: Connection, key: SessionKey, target: SessionKey) -> None:
    """The summaries that hold in the fork as well: of turns that are all in it."""
    execute = on(conn)
    found = [summary.event_id for summary in summaries(execute, key) if holds(execute, target, summary.covers)]
    _copy(conn, events, of_session(events, key) & events.c.id.in_(found), {"session_id": target.session_id})


def distinct_title(conn: Connection, user: User, title: str, mark: str) -> str:
    """A title with a mark that tells a copy from its origin, and from the copies before."""
    base = re.sub(rf" \({mark}( \d+)?\)$", "", title)[: TITLE_LENGTH - len(f" ({mark} 9999)")]
    query = select(session_info.c.title).where(
        session_info.c.app_name == user.app_name,
        session_info.c.user_id == user.adk_id,
        session_info.c.title.startswith(f"{base} ({mark}", autoescape=True),
    )
    taken = set(conn.execute(query).scalars())
    marks = (f" ({mark})" if number == 1 else f" ({mark} {number})" for number in count(1))
    return next(f"{base}{marked}" for marked in marks if f"{base}{marked}" not in taken).strip()


def _copy(conn: Connection, table: Table, rows: ColumnElement[bool], changed: dict[str, object]) -> None:
    """Copies rows within a table in the order they were written, with some columns changed; what the database itself
    gives is given anew."""
    columns = [column for column in table.columns if not _is_given(column)]
    values = [literal(changed[c.name], c.type).label(c.name) if c.name in changed else c for c in columns]
    copies = select(*values).where(rows).order_by(written(table))
    conn.execute(insert(table).from_select([c.name for c in columns], copies))


def _is_given(column: Column[Any]) -> bool:
    """Whether it is the database that gives the value: a row's number, and what is computed."""
    return column.computed is not None or (column.name == "id" and column is column.table.autoincrement_column)
