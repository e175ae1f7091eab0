"""Sessions as a person sees them: listed newest first, found by id, unique prefix, title, or `last`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from storage.database import Database
from storage.errors import StorageError
from storage.names import LAST as LAST
from storage.names import can_be_meant
from storage.schema.selects import in_conversation
from storage.schema.tables import delegations, session_info, turns
from storage.scope import SessionKey, User

_LAST_CHARACTER = chr(0x10FFFF)
SHORT_ID = 8
"""Characters of a session's id that are shown at least."""
_SHOWN_NAME = 60
"""Characters of a name that are told again when it means nothing."""


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One session.

    Attributes:
        turns: How many turns it has, however they ended, without those undone.
        short_id: The beginning of its id that tells it from the user's other sessions.
        agents: The agents that were given a task in it.
    """

    session_id: str
    title: str
    created_at: datetime
    last_event_at: datetime
    turns: int
    forked_from: str | None = None
    forked_at_turn: int | None = None
    short_id: str = ""
    agents: tuple[str, ...] = ()


def _told() -> Select[Any]:
    """What is told of a session, and the ids beside its own."""
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
    other = session_info.alias()
    others = (other.c.app_name == session_info.c.app_name, other.c.user_id == session_info.c.user_id)
    before = select(func.max(other.c.session_id)).where(*others, other.c.session_id < session_info.c.session_id)
    after = select(func.min(other.c.session_id)).where(*others, other.c.session_id > session_info.c.session_id)
    return select(
        session_info.c.session_id,
        func.coalesce(session_info.c.title, "").label("title"),
        session_info.c.created_at,
        session_info.c.last_event_at,
        turn_count.label("turns"),
        session_info.c.forked_from,
        session_info.c.forked_at_turn,
        before.scalar_subquery().label("before"),
        after.scalar_subquery().label("after"),
    )


_TOLD = _told()


async def listing(database: Database, user: User, *, limit: int, offset: int = 0) -> list[SessionInfo]:
    """A user's sessions, the last used first."""
    return await _sessions(database, user, limit=limit, offset=offset)


async def count(database: Database, user: User) -> int:
    """How many sessions a user has."""
    query = select(func.count()).where(session_info.c.app_name == user.app_name, session_info.c.user_id == user.adk_id)
    async with database.read() as conn:
        return int((await conn.execute(query)).scalar_one())


async def latest(database: Database, user: User) -> SessionInfo | None:
    """The session a user used last."""
    found = await listing(database, user, limit=1)
    return found[0] if found else None


async def get(database: Database, key: SessionKey) -> SessionInfo | None:
    """One session, once it has an event."""
    found = await _sessions(database, key.user, session_info.c.session_id == key.session_id, limit=1)
    return found[0] if found else None


def unused(key: SessionKey) -> SessionInfo:
    """A session in which nothing has been said yet."""
    now = datetime.now(UTC)
    return SessionInfo(key.session_id, "", now, now, 0, short_id=key.session_id[:SHORT_ID])


async def find(database: Database, user: User, name: str) -> SessionInfo:
    """The session that a person means by an id, the beginning of one, a title, or `last`.

    Raises:
        StorageError: No session, or more than one, is called so; nothing is ever called by an empty name.
    """
    found = await _called(database, user, name) if can_be_meant(name) else []
    shown = repr(name if len(name) <= _SHOWN_NAME else f"{name[:_SHOWN_NAME]}…")
    if not found:
        raise StorageError(f"no session is called {shown}", "`sessions` lists the sessions of a user.")
    if len(found) > 1:
        ids = " or ".join(info.short_id for info in found)
        raise StorageError(
            f"more than one session is called {shown}", f"Give more of its id, such as {ids}; `sessions` lists them."
        )
    return found[0]


async def chosen(database: Database, user: User, name: str | None = None, *, new: bool = False) -> SessionKey:
    """The session that a person goes on in: the one called `name`, else the latest, else or if they want it a new one.

    Raises:
        StorageError: No session, or more than one, is called so.
    """
    if name is not None:
        found: SessionInfo | None = await find(database, user, name)
    else:
        found = None if new else await latest(database, user)
    return SessionKey.of(user, found.session_id if found else str(uuid4()))


async def _called(database: Database, user: User, name: str) -> list[SessionInfo]:
    """The sessions that a name may mean, two at most."""
    if name.strip() == LAST:
        return await listing(database, user, limit=1)
    id_ = session_info.c.session_id
    if exact := await _sessions(database, user, id_ == name, limit=1):
        return exact
    beginning = and_(id_ >= name, id_ < f"{name}{_LAST_CHARACTER}")  # unlike LIKE, it uses the index
    alike = or_(beginning, id_.in_(await _entitled(database, user, name)))
    return await _sessions(database, user, alike, limit=2)


async def _entitled(database: Database, user: User, title: str) -> list[str]:
    """Ids of the sessions with a title, however it is capitalised; SQLite itself folds only ASCII."""
    query = select(session_info.c.session_id, session_info.c.title).where(
        session_info.c.app_name == user.app_name,
        session_info.c.user_id == user.adk_id,
        func.length(session_info.c.title) == len(title),
    )
    async with database.read() as conn:
        rows = (await conn.execute(query)).all()
    return [id_ for id_, held in rows if held.casefold() == title.casefold()][:2]


async def by_id(database: Database, user: User, session_ids: Iterable[str]) -> dict[str, SessionInfo]:
    """Some of a user's sessions, by their ids."""
    ids = set(session_ids)
    found = await _sessions(database, user, session_info.c.session_id.in_(ids), limit=len(ids))
    return {info.session_id: info for info in found}


async def _sessions(
    database: Database, user: User, *those: ColumnElement[bool], limit: int, offset: int = 0
) -> list[SessionInfo]:
    """First which sessions, then what is to be told of them: what stands on earlier pages is not looked up."""
    newest = (session_info.c.last_event_at.desc(), session_info.c.session_id)
    mine = (session_info.c.app_name == user.app_name, session_info.c.user_id == user.adk_id)
    page = select(session_info.c.session_id).where(*mine, *those).order_by(*newest).limit(limit).offset(offset)
    async with database.read() as conn:
        ids = list((await conn.execute(page)).scalars())
        told = (await conn.execute(_TOLD.where(*mine, session_info.c.session_id.in_(ids)))).all()
        agents = await _agents(conn, user, ids)
    return [
        replace(
            SessionInfo(*row[:-2]),
            short_id=_short(row.session_id, row.before, row.after),
            agents=tuple(agents.get(row.session_id, ())),
        )
        for row in sorted(told, key=lambda row: ids.index(row.session_id))
    ]


async def _agents(conn: AsyncConnection, user: User, session_ids: Sequence[str]) -> dict[str, list[str]]:
    """Session -> its agents, the one asked first at the front."""
    agent = func.coalesce(delegations.c.agent_name, "")  # not the bare column: SQLite would read its whole index
    query = (
        select(delegations.c.session_id, agent)
        .where(
            delegations.c.app_name == user.app_name,
            delegations.c.user_id == user.adk_id,
            delegations.c.session_id.in_(session_ids),
            in_conversation(),
        )
        .group_by(delegations.c.session_id, agent)
        .order_by(func.min(delegations.c.started_at))
    )
    found: dict[str, list[str]] = {}
    for session_id, name in (await conn.execute(query)).all():
        found.setdefault(session_id, []).append(name)
    return found


def _short(session_id: str, *others: str | None) -> str:
    """The shortest beginning, of `SHORT_ID` characters or more, that no neighbour in the order of ids shares."""
    shared = max((_alike(session_id, other) for other in others if other), default=0)
    return session_id[: max(SHORT_ID, shared + 1)]


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
