"""How the agents did: the one place that counts, for the tools, the terminal, the command line and the SQL views.

Turns that were undone count: their work was done. The turns that a fork took along count in both sessions, and
`Totals.copied` says how many those are. Nothing here reads a text, or sorts what an index has in order.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, and_, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.ledger.posting import REPORTED
from storage.schema.tables import CANCELLED, COMPLETED, FAILED, INTERRUPTED, RUNNING, delegations, session_info, turns
from storage.scope import User
from storage.stats.filter import EVERYTHING, Part, StatsFilter, constant, names, turn_is_over
from storage.stats.turns import ModelStats, models_on


@dataclass(frozen=True, slots=True)
class AgentStats:
    """One agent's record for one user; times are seconds of completed delegations.

    The median is the mean of the two middle values, the percentile the nearest rank. Every delegation is in exactly one
    of `completed` to `reported`; `orphaned` are those whose turn is over and which never ended.
    """

    agent_name: str
    delegations: int
    completed: int
    failed: int
    median_seconds: float | None
    p95_seconds: float | None
    last_used: datetime
    cancelled: int = 0
    interrupted: int = 0
    running: int = 0
    orphaned: int = 0
    reported: int = 0

    @property
    def success_rate(self) -> float | None:
        """Completed in those that ended either way, 0 to 1."""
        ended = self.completed + self.failed
        return self.completed / ended if ended else None


@dataclass(frozen=True, slots=True)
class Totals:
    """What a user's record holds in all.

    Every turn is in exactly one of `completed`, `failed`, `cancelled`, `interrupted` and `running`; `undone` of them
    were undone, `copied` of them stand in a fork and were counted in its origin.
    """

    sessions: int
    turns: int
    completed: int
    failed: int
    model_calls: int
    prompt_tokens: int
    output_tokens: int
    first_turn: datetime | None
    last_turn: datetime | None
    cancelled: int = 0
    interrupted: int = 0
    running: int = 0
    undone: int = 0
    copied: int = 0


Counts: TypeAlias = dict[str, Counter[str]]
"""Agent -> status -> delegations."""


async def agent_stats(database: Database, user: User, within: StatsFilter = EVERYTHING) -> list[AgentStats]:
    """One entry for every agent that was given a task, the busiest first."""
    async with database.read() as conn:
        return await agents_on(conn, user, within)


async def totals(database: Database, user: User, within: StatsFilter = EVERYTHING) -> Totals:
    """Counts over a user's turns."""
    async with database.read() as conn:
        return await totals_on(conn, user, within, await models_on(conn, user, within))


async def agents_on(conn: AsyncConnection, user: User, within: StatsFilter) -> list[AgentStats]:
    """`agent_stats` on a connection, so that several figures are of one moment."""
    if not (known := await names(conn, user, within)):
        return []
    part = within.part(delegations, user)
    counts = await _counts(conn, part, known)
    orphaned: dict[str, int] = dict((await conn.execute(_orphaned(part, known))).all())
    times = await _times(conn, part, {name: of[COMPLETED] for name, of in counts.items() if of[COMPLETED]})
    last = await _last_used(conn, part, list(counts))
    found = [
        AgentStats(
            name,
            sum(of.values()),
            of[COMPLETED],
            of[FAILED],
            times[name][0] if name in times else None,
            times[name][1] if name in times else None,
            last[name],
            of[CANCELLED],
            of[INTERRUPTED],
            of[RUNNING] - orphaned.get(name, 0),
            orphaned.get(name, 0),
            of[REPORTED],
        )
        for name, of in counts.items()
    ]
    return sorted(found, key=lambda agent: (-agent.delegations, agent.agent_name))


async def asked(conn: AsyncConnection, user: User, within: StatsFilter) -> dict[str, int]:
    """Agent -> delegations, without how they ended."""
    known = await names(conn, user, within)
    part = within.part(delegations, user)
    agent = part.c.agent_name
    query = select(agent, func.count()).where(part.rows, agent.in_(known)).group_by(agent)
    return dict((await conn.execute(query)).all()) if known else {}


async def totals_on(conn: AsyncConnection, user: User, within: StatsFilter, models: Iterable[ModelStats]) -> Totals:
    """`totals` on a connection, of what `models_on` found."""
    part = within.part(turns, user)
    ends = select(
        select(func.count(part.c.session_id.distinct())).where(part.rows).scalar_subquery(),
        select(func.min(part.c.started_at)).where(part.rows).scalar_subquery(),
        select(func.max(part.c.started_at)).where(part.rows).scalar_subquery(),
        _copied(user, part, within.session_id).scalar_subquery(),
    )
    sessions, first, last, copied = (await conn.execute(ends)).one()
    summed = {field.name: sum(getattr(model, field.name) for model in models) for field in fields(ModelStats)[1:]}
    return Totals(sessions=sessions, first_turn=first, last_turn=last, copied=copied, **summed)


async def _counts(conn: AsyncConnection, part: Part, known: Sequence[str]) -> Counts:
    """All delegations of an agent are counted without a look at them; those that are not completed have an index."""
    agent, status = part.c.agent_name, part.c.status
    given = [select(literal(name), literal(COMPLETED), func.count()).where(part.rows, agent == name) for name in known]
    others = (
        select(agent, status, func.count())
        .where(part.rows, agent.in_(known), status != constant(COMPLETED))
        .group_by(agent, status)
    )
    found: Counts = {}
    for name, state, count in (await conn.execute(union_all(*given, others))).all():
        of = found.setdefault(name, Counter())
        of[state] += count
        if state != COMPLETED:
            of[COMPLETED] -= count
    return {name: of for name, of in found.items() if any(of.values())}


def _orphaned(part: Part, known: Sequence[str]) -> Select[Any]:
    agent, status = part.c.agent_name, part.c.status
    left = and_(agent.in_(known), status == constant(RUNNING), status != constant(COMPLETED))
    return select(agent, func.count()).where(part.rows, left, turn_is_over(part)).group_by(agent)


async def _times(conn: AsyncConnection, part: Part, completed: Mapping[str, int]) -> dict[str, tuple[float, float]]:
    """Agent -> median and 95th percentile: each a place in the order of seconds."""
    if not completed:
        return {}
    places: list[Select[Any]] = []
    seconds = part.c.seconds
    for name, count in completed.items():
        rows = and_(part.rows, part.c.agent_name == name, _completed(part), seconds.is_not(None))
        middle = select(seconds).where(rows).order_by(seconds).limit(2 - count % 2).offset((count - 1) // 2).subquery()
        above = count - nearest_rank(count)
        nearest = select(seconds).where(rows).order_by(seconds.desc()).limit(1).offset(above).subquery()
        median = select(func.avg(middle.c.seconds)).scalar_subquery()
        places.append(select(literal(name), median, select(nearest.c.seconds).scalar_subquery()))
    found = (await conn.execute(union_all(*places))).all()
    return {name: (median, p95) for name, median, p95 in found if median is not None}


def nearest_rank(count: int, percent: int = 95) -> int:
    """The place, from 1 on, of a percentile among `count` sorted values."""
    return -(-percent * count // 100)


async def _last_used(conn: AsyncConnection, part: Part, known: Sequence[str]) -> dict[str, datetime]:
    if not known:
        return {}
    at = func.max(part.c.started_at)
    newest = [
        select(literal(name), select(at).where(part.rows, part.c.agent_name == name).scalar_subquery())
        for name in known
    ]
    return dict((await conn.execute(union_all(*newest))).all())


def _copied(user: User, part: Part, session_id: str | None) -> Select[Any]:
    """Counts turns that are older than their session: a fork took them along. Forks are few, so they come first."""
    older = select(func.count()).where(
        part.rows, part.c.session_id == session_info.c.session_id, part.c.started_at < session_info.c.created_at
    )
    forks = select(func.coalesce(func.sum(older.correlate(session_info).scalar_subquery()), 0)).where(
        session_info.c.app_name == user.app_name,
        session_info.c.user_id == user.adk_id,
        session_info.c.forked_from.is_not(None),
    )
    return forks.where(session_info.c.session_id == session_id) if session_id else forks


def _completed(part: Part) -> ColumnElement[bool]:
    done: ColumnElement[bool] = part.c.status == constant(COMPLETED)
    return done
