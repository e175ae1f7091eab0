"""The ledger of what was written without us: made when the database is opened, exactly once.

ADK sets a session's `update_time` to the time of its last event, and the ledger keeps the same time in `session_info`;
a session where the two differ has events we do not know, and one without a row there was made elsewhere. In it, every
turn that does not count as many events as ADK has stored for it is made anew from those events, in the order in which
they were written, whatever the clocks were.
"""

import json
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, inspect, or_, select

from storage.adk.made import Kinds, documented, know
from storage.database import Database
from storage.ledger.entries import DELEGATIONS, TurnsUndone, delegation_id, entries
from storage.ledger.posting import of_session, of_turn, on, post
from storage.ledger.statements import written
from storage.ledger.summaries import choose
from storage.queries.turns import settle_dead
from storage.schema.tables import (
    RUNNING,
    adk_session,
    delegations,
    events,
    session_info,
    sessions,
    tool_calls,
    turns,
    user_states,
)
from storage.scope import SessionKey, TurnKey, User


async def bring_up_to_date(database: Database, user: User | None = None, *, kinds: Kinds = documented) -> None:
    """What every opening begins with: events written without us, and turns of those who are known to be gone.

    Where nothing can be written, the record is read as it is.

    Args:
        database: The record.
        user: Whose sessions are looked at; all when left out.
        kinds: The kinds of preferences that are taken of the state that a session was made with.
    """
    if database.read_only:
        return
    await catch_up(database, user, kinds)
    await settle_dead(database, None, user)


async def catch_up(database: Database, user: User | None = None, kinds: Kinds = documented) -> int:
    """Brings the ledger up to ADK's sessions, of a user or of all; returns how many turns were made anew."""
    async with database.read() as conn:
        behind = await conn.run_sync(_behind, user)
    made = 0
    for key in behind:
        made += await database.write(partial(_catch_up, key=key, kinds=kinds))
    return made


def _catch_up(conn: Connection, key: SessionKey, kinds: Kinds) -> int:
    of_user = (session_info.c.app_name == key.app_name, session_info.c.user_id == key.user_id)
    if not conn.execute(select(exists().where(of_session(session_info, key)))).scalar():
        made = conn.execute(select(sessions.c.state, sessions.c.create_time).where(adk_session(key))).first()
        if made is None:  # it was deleted meanwhile
            return 0
        is_first = not conn.execute(select(exists().where(*of_user))).scalar()
        given = (made.state or {}, _user_state(conn, key) if is_first else {})
        know(conn, key, made.create_time, given, kinds)
    return make_session(conn, key)


def _user_state(conn: Connection, key: SessionKey) -> dict[str, Any]:
    """What was given for the user; nobody knows with which session, so that it is looked at with the first."""
    mine = (user_states.c.app_name == key.app_name, user_states.c.user_id == key.user_id)
    return conn.execute(select(user_states.c.state).where(*mine)).scalar() or {}


def _behind(conn: Connection, user: User | None) -> list[SessionKey]:
    """Sessions that the ledger does not know, or not all of; the last used first."""
    if not inspect(conn).has_table(sessions.name):
        return []
    same = and_(
        session_info.c.app_name == sessions.c.app_name,
        session_info.c.user_id == sessions.c.user_id,
        session_info.c.session_id == sessions.c.id,
    )
    query = (
        select(sessions.c.app_name, sessions.c.user_id, sessions.c.id)
        .outerjoin(session_info, same)
        .where(or_(session_info.c.last_event_at != sessions.c.update_time, session_info.c.last_event_at.is_(None)))
        .order_by(sessions.c.update_time.desc())
    )
    if user:
        query = query.where(sessions.c.app_name == user.app_name, sessions.c.user_id == user.adk_id)
    return [SessionKey(*row) for row in conn.execute(query).all()]


def make_session(conn: Connection, key: SessionKey) -> int:
    """Makes the ledger of what it does not know of a session's events; returns how many turns it made anew."""
    first = func.min(written(events))
    stored = select(events.c.invocation_id, func.count(), first).where(of_session(events, key))
    known = dict(conn.execute(select(turns.c.invocation_id, turns.c.events).where(of_session(turns, key))).all())
    made = 0
    earlier: list[str] = []
    for invocation_id, count, _ in conn.execute(stored.group_by(events.c.invocation_id).order_by(first)).all():
        if known.get(invocation_id) != count:
            made += _make_turn(conn, TurnKey(key, invocation_id), earlier)
        earlier.append(invocation_id)
    last = select(sessions.c.update_time).where(adk_session(key))
    updated = conn.execute(last).scalar()
    conn.execute(session_info.update().where(of_session(session_info, key)).values(last_event_at=updated))
    choose(on(conn), key)
    return made


def _make_turn(conn: Connection, key: TurnKey, earlier: Sequence[str]) -> bool:
    query = select(events.c.timestamp, events.c.event_data).where(of_turn(events, key)).order_by(written(events))
    stored = [(row.timestamp, _loaded(row.event_data)) for row in conn.execute(query).all()]
    known_as = conn.execute(select(turns.c.number, turns.c.status, turns.c.owner).where(of_turn(turns, key))).first()
    for table in (turns, tool_calls, delegations):
        conn.execute(delete(table).where(of_turn(table, key)))
    known = _delegation_ids([event for _, event in stored])
    for at, event in stored:
        found = entries(event, known)
        for entry in found:
            if isinstance(entry, TurnsUndone):
                _undo_earlier(conn, key.session, entry, earlier)
        post(on(conn), key, [at], [entry for entry in found if not isinstance(entry, TurnsUndone)], None)
    if known_as:
        owner = known_as.owner if known_as.status == RUNNING else None
        conn.execute(turns.update().where(of_turn(turns, key)).values(number=known_as.number, owner=owner))
    return conn.execute(select(turns.c.number).where(of_turn(turns, key))).first() is not None


def _undo_earlier(conn: Connection, key: SessionKey, entry: TurnsUndone, earlier: Sequence[str]) -> None:
    """Undoes only what was there when it was written: an undo that is known already undoes nothing more."""
    first = select(turns.c.number).where(of_turn(turns, TurnKey(key, entry.from_invocation_id))).scalar_subquery()
    live = of_session(turns, key) & turns.c.undone_at.is_(None) & (turns.c.number >= first)
    there = set(earlier)
    for id_ in conn.execute(select(turns.c.invocation_id).where(live)).scalars().all():
        if id_ in there:
            conn.execute(turns.update().where(of_turn(turns, TurnKey(key, id_))).values(undone_at=entry.at))


def _delegation_ids(stored: Sequence[Any]) -> set[str]:
    """Calls that were answered by an agent of their own: its events carry the call's id in their branch."""
    return {
        id_
        for event in stored
        for id_ in (delegation_id(event), *(event.get("custom_metadata") or {}).get(DELEGATIONS, ()))
        if id_
    }


def _loaded(data: Any) -> Any:
    return json.loads(data) if isinstance(data, str) else data
