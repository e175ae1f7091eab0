"""Turns as they are read back, and how one ends when no event says so."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, select

from storage.database import Database
from storage.leases import Lease, Watch, others
from storage.ledger import settling
from storage.ledger.entries import TurnEnded
from storage.ledger.posting import end_turn, of_session, on
from storage.schema.selects import agents_of_turn
from storage.schema.tables import FAILED, RUNNING, delegations, tool_calls, turns
from storage.scope import SessionKey, TurnKey, User


@dataclass(frozen=True, slots=True)
class Turn:
    """One user message and its answer."""

    session_id: str
    invocation_id: str
    number: int
    event_id: str
    user_input: str
    agent_response: str | None
    status: str
    started_at: datetime
    seconds: float | None
    model: str | None
    model_calls: int
    prompt_tokens: int
    output_tokens: int
    error: str | None
    agents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool by an agent."""

    invocation_id: str
    id: str
    agent_name: str
    tool_name: str
    arguments: dict[str, Any]
    status: str
    started_at: datetime
    seconds: float | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Delegation:
    """One hand-over of a task to an agent."""

    session_id: str
    invocation_id: str
    id: str
    agent_name: str
    task: str
    status: str
    started_at: datetime
    seconds: float | None


_NEWEST = (turns.c.started_at.desc(), turns.c.number.desc())
_KEY = (turns.c.app_name, turns.c.user_id, turns.c.session_id, turns.c.invocation_id)


async def history(database: Database, key: SessionKey, *, limit: int, offset: int = 0) -> list[Turn]:
    """A session's turns, newest first."""
    query = selected(key.user).where(turns.c.session_id == key.session_id).order_by(turns.c.number.desc())
    return await _turns(database, query, limit, offset)


async def between(database: Database, key: SessionKey, after: int, before: int, *, limit: int) -> list[Turn]:
    """The first of a session's turns between two numbers, oldest first."""
    mine = selected(key.user).where(turns.c.session_id == key.session_id)
    query = mine.where(turns.c.number > after, turns.c.number < before).order_by(turns.c.number)
    return await _turns(database, query, limit, 0)


async def first(database: Database, key: SessionKey) -> Turn | None:
    """The oldest turn of a session."""
    query = selected(key.user).where(turns.c.session_id == key.session_id).order_by(turns.c.number).limit(1)
    rows = await database.fetch(query)
    return turn_of(rows[0]) if rows else None


async def of_user(database: Database, user: User, *, limit: int, offset: int = 0) -> list[Turn]:
    """A user's turns over all sessions, newest first."""
    return await _turns(database, selected(user).order_by(*_NEWEST), limit, offset)


async def recent_delegations(
    database: Database, user: User, *, limit: int, session_id: str | None = None
) -> list[Delegation]:
    """A user's delegations in turns that were not undone, those of the newest turn first; of one session when it
    is named."""
    # The turns first, in their index: by the delegations' own times, all that the user ever had would be sorted.
    delegated = exists().where(*(delegations.c[column.name] == column for column in _KEY))
    age = turns.c.started_at if session_id is None else turns.c.number
    newest = select(*_KEY, age.label("age")).where(
        turns.c.app_name == user.app_name, turns.c.user_id == user.adk_id, turns.c.undone_at.is_(None), delegated
    )
    if session_id is not None:
        newest = newest.where(turns.c.session_id == session_id)
    turn = newest.order_by(age.desc()).limit(limit).subquery()
    query = (
        select(*(delegations.c[field.name] for field in fields(Delegation)))
        .join(turn, and_(*(delegations.c[column.name] == turn.c[column.name] for column in _KEY)))
        .order_by(turn.c.age.desc(), delegations.c.started_at.desc(), delegations.c.id)
        .limit(limit)
    )
    async with database.read() as conn:
        return [Delegation(*row) for row in (await conn.execute(query)).all()]


async def tool_calls_of(database: Database, key: SessionKey, invocation_ids: Sequence[str]) -> list[ToolCall]:
    """The tool calls of some turns, in the order they were made."""
    query = (
        select(*(tool_calls.c[field.name] for field in fields(ToolCall)))
        .where(of_session(tool_calls, key), tool_calls.c.invocation_id.in_(invocation_ids))
        .order_by(tool_calls.c.started_at, tool_calls.c.id)
    )
    async with database.read() as conn:
        return [ToolCall(*row) for row in (await conn.execute(query)).all()]


async def tokens_of_session(database: Database, key: SessionKey) -> int:
    """Tokens that a session has cost, sent and written, in turns that were undone as well."""
    query = select(func.coalesce(func.sum(turns.c.prompt_tokens + turns.c.output_tokens), 0))
    async with database.read() as conn:
        return int((await conn.execute(query.where(of_session(turns, key)))).scalar_one())


async def last_answer(database: Database, key: SessionKey) -> str:
    """The newest answer of a session; empty when there is none."""
    query = (
        select(turns.c.agent_response)
        .where(of_session(turns, key), turns.c.undone_at.is_(None), turns.c.agent_response != "")
        .order_by(turns.c.number.desc())
        .limit(1)
    )
    async with database.read() as conn:
        return (await conn.execute(query)).scalar() or ""


async def end_if_running(database: Database, key: TurnKey, status: str, error: str | None = None) -> bool:
    """Ends a turn that no event has ended: it was cancelled, or left behind, or nothing was said.

    Returns whether it was running.
    """
    return await _end(database, key, status, error, (RUNNING,))


async def fail(database: Database, key: TurnKey, error: str) -> bool:
    """Ends a turn as failed, with a line for a person instead of what the model's library said.

    Returns whether it was running, or had failed.
    """
    return await _end(database, key, FAILED, error, (RUNNING, FAILED))


async def _end(database: Database, key: TurnKey, status: str, error: str | None, statuses: Sequence[str]) -> bool:
    end = TurnEnded(datetime.now(UTC), status, "", None, error)
    return await database.write(lambda conn: end_turn(on(conn), key, end, statuses=statuses))


async def are_run_elsewhere(database: Database, user: User, lease: Lease) -> bool:
    """Whether others run turns in a user's sessions."""
    async with database.read() as conn:
        return bool(await conn.run_sync(lambda sync: others(on(sync), user, lease)))


async def settle_dead(database: Database, watch: Watch | None, user: User | None, lease: Lease | None = None) -> int:
    """As `settling.settle_dead`; where there is nothing to find out, nothing is written.

    Without a watch this is the only look, which tells no more than who is known to be gone.
    """
    async with database.read() as conn:
        found = await conn.run_sync(lambda sync: others(on(sync), user, lease))
    if not any(watch or owner.is_gone() for owner in found):
        return 0
    looker = watch or Watch(math.inf)
    return await database.write(lambda conn: settling.settle_dead(on(conn), looker, user, lease))


_SELECTED: Select[Any] = select(
    *(turns.c[field.name] for field in fields(Turn) if field.name != "agents"), agents_of_turn().label("agents")
).where(turns.c.undone_at.is_(None))


def selected(user: User) -> Select[Any]:
    """The columns of `turn_of`, for all of a user's turns that have not been undone."""
    return _SELECTED.where(turns.c.app_name == user.app_name, turns.c.user_id == user.adk_id)


async def _turns(database: Database, query: Select[Any], limit: int, offset: int) -> list[Turn]:
    return [turn_of(row) for row in await database.fetch(query.limit(limit).offset(offset))]


def turn_of(row: Any) -> Turn:
    """The turn in a row of `selected`."""
    values = {field.name: getattr(row, field.name) for field in fields(Turn)}
    return Turn(**{**values, "agents": tuple(filter(None, (row.agents or "").split(", ")))})
