"""What the agents know about a user's taste: one row a value, so that parallel tools cannot lose each other's.

Which kinds there are, and how their values are written, is for who writes them to know (`preference_kinds.py`).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, delete, insert, select
from sqlalchemy.sql.elements import ColumnElement

from storage.database import Database
from storage.preference_kinds import PreferenceKind
from storage.schema.tables import preferences
from storage.scope import SessionKey, TurnKey, User


async def of_user(database: Database, user: User) -> dict[str, list[str]]:
    """Kind -> values, the oldest first; kinds without a value are absent."""
    query = (
        select(preferences.c.kind, preferences.c.value)
        .where(_of_user(user))
        .order_by(preferences.c.created_at, preferences.c.value)
    )
    found: dict[str, list[str]] = {}
    for row in await database.fetch(query):
        found.setdefault(row.kind, []).append(row.value)
    return found


async def add(
    database: Database, user: User, kind: str, value: str, turn: TurnKey | None = None, *, single: bool = False
) -> bool:
    """Adds a value; with `single`, in place of those that are there. Returns False when it was there already."""

    def add(conn: Connection) -> bool:
        if conn.execute(select(preferences.c.value).where(_value(user, kind, value))).first() is not None:
            return False
        if single:
            conn.execute(delete(preferences).where(_of_user(user), preferences.c.kind == kind))
        conn.execute(
            insert(preferences).values(
                app_name=user.app_name,
                user_id=user.adk_id,
                kind=kind,
                value=value,
                created_at=datetime.now(UTC),
                session_id=turn.session.session_id if turn else None,
                invocation_id=turn.invocation_id if turn else None,
            )
        )
        return True

    return await database.write(add)


def take(
    conn: Connection, session: SessionKey, stated: Sequence[tuple[PreferenceKind, Sequence[str]]], at: datetime
) -> None:
    """Adds what the state of a session says of its user, in its order; what is known already stands."""
    mine = {"app_name": session.app_name, "user_id": session.user_id}
    query = select(preferences.c.kind, preferences.c.value).where(*(preferences.c[name] == mine[name] for name in mine))
    known = {(row.kind, row.value) for row in conn.execute(query)}
    taken = {kind for kind, _ in known}
    for kind, values in stated:
        for number, value in enumerate(values):
            if (kind.name, value) not in known and not (kind.single and kind.name in taken):
                row = {"kind": kind.name, "value": value, "created_at": at + timedelta(microseconds=number)}
                conn.execute(insert(preferences).values(**mine, **row, session_id=session.session_id))


async def remove(database: Database, user: User, kind: str, value: str) -> bool:
    """Removes a value; returns False when it was not there."""
    gone = delete(preferences).where(_value(user, kind, value))
    return await database.write(lambda conn: conn.execute(gone).rowcount > 0)


def _of_user(user: User) -> ColumnElement[bool]:
    return and_(preferences.c.app_name == user.app_name, preferences.c.user_id == user.adk_id)


def _value(user: User, kind: str, value: str) -> ColumnElement[bool]:
    return and_(_of_user(user), preferences.c.kind == kind, preferences.c.value == value)
