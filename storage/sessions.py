"""Sessions as a person sees them: listed newest first, found by id, unique prefix, title, or `last`."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from storage.database import Database
from storage.errors import StorageError
from storage.scope import SessionKey, User
from storage.tables import session_info, turns

LAST = "last"


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One session; `turns` counts its turns, however they ended."""

    session_id: str
    title: str
    created_at: datetime
    last_event_at: datetime
    turns: int
    forked_from: str | None = None
    forked_at_turn: int | None = None


async def listing(database: Database, user: User, *, limit: int, offset: int = 0) -> list[SessionInfo]:
    """A user's sessions, the last used first."""
    return await _sessions(database, _of_user(user), limit, offset)


async def count(database: Database, user: User) -> int:
    """How many sessions a user has."""
    query = select(func.count()).where(session_info.c.app_name == user.app_name, session_info.c.user_id == user.user_id)
    async with database.read() as conn:
        return int((await conn.execute(query)).scalar_one())


async def latest(database: Database, user: User) -> SessionInfo | None:
    """The session a user used last."""
    found = await listing(database, user, limit=1)
    return found[0] if found else None


async def get(database: Database, key: SessionKey) -> SessionInfo | None:
    """One session, once it has an event."""
    found = await _sessions(database, _of_user(key.user).where(session_info.c.session_id == key.session_id), 1, 0)
    return found[0] if found else None


def unused(key: SessionKey) -> SessionInfo:
    """A session in which nothing has been said yet."""
    now = datetime.now(UTC)
    return SessionInfo(key.session_id, "", now, now, 0)


async def find(database: Database, user: User, name: str) -> SessionInfo:
    """The session that a person means by an id, the beginning of one, a title, or `last`.

    Raises:
        StorageError: No session, or more than one, is called so.
    """
    if name == LAST:
        found = await listing(database, user, limit=1)
    else:
        mine, id_ = _of_user(user), session_info.c.session_id
        found = await _sessions(database, mine.where(id_ == name), 1, 0)
        if not found:
            beginning = id_.startswith(name, autoescape=True)
            alike = or_(beginning, id_.in_(await _entitled(database, user, name)))
            found = await _sessions(database, mine.where(alike), 2, 0)
    if not found:
        raise StorageError(f"no session is called {name!r}", "`sessions` lists the sessions of a user.")
    if len(found) > 1:
        raise StorageError(f"more than one session is called {name!r}", "Give more of its id; `sessions` lists them.")
    return found[0]


async def _entitled(database: Database, user: User, title: str) -> list[str]:
    """Ids of the sessions with a title, however it is capitalised; SQLite itself folds only ASCII."""
    query = select(session_info.c.session_id, session_info.c.title).where(
        session_info.c.app_name == user.app_name,
        session_info.c.user_id == user.user_id,
        func.length(session_info.c.title) == len(title),
    )
    async with database.read() as conn:
        rows = (await conn.execute(query)).all()
    return [id_ for id_, held in rows if held.casefold() == title.casefold()][:2]


def _of_user(user: User) -> Select[Any]:
    turn_count = (
        select(func.count())
        .where(
            turns.c.app_name == session_info.c.app_name,
            turns.c.user_id == session_info.c.user_id,
            turns.c.session_id == session_info.c.session_id,
            turns.c.undone_at.is_(None),
        )
        .scalar_subquery()
    )
    return select(
        session_info.c.session_id,
        func.coalesce(session_info.c.title, "").label("title"),
        session_info.c.created_at,
        session_info.c.last_event_at,
        turn_count.label("turns"),
        session_info.c.forked_from,
        session_info.c.forked_at_turn,
    ).where(session_info.c.app_name == user.app_name, session_info.c.user_id == user.user_id)


async def _sessions(database: Database, query: Select[Any], limit: int, offset: int) -> list[SessionInfo]:
    newest = (session_info.c.last_event_at.desc(), session_info.c.session_id)
    async with database.read() as conn:
        rows = (await conn.execute(query.order_by(*newest).limit(limit).offset(offset))).all()
    return [SessionInfo(*row) for row in rows]
