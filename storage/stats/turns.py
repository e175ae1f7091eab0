"""Turns counted: by model, by local day and hour, by session."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.schema.tables import FAILED, delegations, session_info, turns
from storage.scope import User
from storage.stats import local_hours
from storage.stats.filter import EVERYTHING, StatsFilter, names
from storage.stats.local_hours import Hours

_SUMMED = ("turns", "failed", "prompt_tokens", "output_tokens")


@dataclass(frozen=True, slots=True)
class ModelStats:
    """Turns of one model, the last one that answered in each; None is of turns in which none did."""

    model: str | None
    turns: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    interrupted: int = 0
    running: int = 0
    undone: int = 0
    model_calls: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0


@dataclass(frozen=True, slots=True)
class DayStats:
    """One local day on which something was said."""

    day: date
    sessions: int
    turns: int
    failed: int
    delegations: int
    prompt_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class SessionStats:
    """One session's work."""

    session_id: str
    title: str
    turns: int
    failed: int
    undone: int
    delegations: int
    model_calls: int
    prompt_tokens: int
    output_tokens: int
    seconds: float
    last_turn: datetime


async def models(database: Database, user: User, within: StatsFilter = EVERYTHING) -> list[ModelStats]:
    """One entry a model, the one with most turns first."""
    async with database.read() as conn:
        return await models_on(conn, user, within)


async def models_on(conn: AsyncConnection, user: User, within: StatsFilter) -> list[ModelStats]:
    """`models` on a connection."""
    sums = ("model_calls", "prompt_tokens", "output_tokens")
    part = within.part(turns, user)
    query = (
        select(
            part.c.model,
            part.c.status,
            func.count().label("turns"),
            func.count(part.c.undone_at).label("undone"),
            *(func.sum(part.c[name]).label(name) for name in sums),
        )
        .where(part.rows)
        .group_by(part.c.model, part.c.status)
    )
    found: dict[str | None, Counter[str]] = {}
    for row in (await conn.execute(query)).all():
        counts = found.setdefault(row.model, Counter())
        counts.update({name: getattr(row, name) for name in ("turns", "undone", *sums)})
        counts[row.status] += row.turns
    listed = [ModelStats(model, **counts) for model, counts in found.items()]
    return sorted(listed, key=lambda stats: (-stats.turns, stats.model or ""))


async def hours_on(conn: AsyncConnection, user: User, within: StatsFilter, zone: tzinfo | None) -> Hours:
    """Local day and hour -> turns that started in it.

    Args:
        conn: A connection in a transaction.
        user: Whose turns.
        within: Which of them.
        zone: The person's time zone; None is the one of this machine.
    """
    part = within.part(turns, user)
    width = await characters(conn, user, within, zone)
    joined = select(func.aggregate_strings(local_hours.stamp(part.c.started_at, width), "")).where(part.rows)
    return local_hours.counted((await conn.execute(joined)).scalar() or "", width, zone)


async def days(
    database: Database, user: User, within: StatsFilter = EVERYTHING, *, zone: tzinfo | None = None
) -> list[DayStats]:
    """One entry a local day, the newest first."""
    async with database.read() as conn:
        width = await characters(conn, user, within, zone)
        part, given = within.part(turns, user), within.part(delegations, user)
        begun, at = local_hours.stamp(part.c.started_at, width), local_hours.stamp(given.c.started_at, width)
        spoken = select(
            begun,
            part.c.session_id,
            func.count(),
            func.count(case((part.c.status == FAILED, 1))),
            func.sum(part.c.prompt_tokens),
            func.sum(part.c.output_tokens),
        ).where(part.rows)
        known = await names(conn, user, within)
        handed = select(at, func.count()).where(given.rows, given.c.agent_name.in_(known))
        in_turns = (await conn.execute(spoken.group_by(begun, part.c.session_id))).all()
        in_delegations = (await conn.execute(handed.group_by(at))).all()
    sums: dict[date, Counter[str]] = {}
    sessions: dict[date, set[str]] = {}
    for stamped, session_id, *counts in in_turns:
        day = local_hours.local(stamped, zone).date()
        sums.setdefault(day, Counter()).update(dict(zip(_SUMMED, counts, strict=True)))
        sessions.setdefault(day, set()).add(session_id)
    for stamped, count in in_delegations:
        sums.setdefault(local_hours.local(stamped, zone).date(), Counter())["delegations"] += count
    zero = dict.fromkeys((*_SUMMED, "delegations"), 0)
    return [DayStats(day, len(sessions.get(day, ())), **{**zero, **sums[day]}) for day in sorted(sums, reverse=True)]


async def sessions(
    database: Database, user: User, within: StatsFilter = EVERYTHING, *, limit: int, offset: int = 0
) -> list[SessionStats]:
    """One entry a session with turns, the one with the newest turn first."""
    part, given = within.part(turns, user), within.part(delegations, user)
    of_turns = (
        select(
            part.c.session_id,
            func.count().label("turns"),
            func.count(case((part.c.status == FAILED, 1))).label("failed"),
            func.count(part.c.undone_at).label("undone"),
            func.sum(part.c.model_calls).label("model_calls"),
            func.sum(part.c.prompt_tokens).label("prompt_tokens"),
            func.sum(part.c.output_tokens).label("output_tokens"),
            func.coalesce(func.sum(part.c.seconds), 0.0).label("seconds"),
            func.max(part.c.started_at).label("last_turn"),
        )
        .where(part.rows)
        .group_by(part.c.session_id)
        .order_by(func.max(part.c.started_at).desc(), part.c.session_id)
        .limit(limit)
        .offset(offset)
    )
    async with database.read() as conn:
        rows = (await conn.execute(of_turns)).all()
        ids = [row.session_id for row in rows]
        titled = select(session_info.c.session_id, session_info.c.title).where(
            session_info.c.app_name == user.app_name,
            session_info.c.user_id == user.adk_id,
            session_info.c.session_id.in_(ids),
        )
        titles = dict((await conn.execute(titled)).all())
        handed = (
            select(given.c.session_id, func.count())
            .where(given.rows, given.c.session_id.in_(ids))
            .group_by(given.c.session_id)
        )
        counts: dict[str, int] = dict((await conn.execute(handed)).all())
    return [
        SessionStats(
            row.session_id,
            titles.get(row.session_id) or "",
            row.turns,
            row.failed,
            row.undone,
            counts.get(row.session_id, 0),
            row.model_calls,
            row.prompt_tokens,
            row.output_tokens,
            row.seconds,
            row.last_turn,
        )
        for row in rows
    ]


def active_days(hours: Hours) -> int:
    """On how many local days something was said."""
    return len({day for day, _ in hours})


def week(hours: Hours) -> tuple[tuple[int, ...], ...]:
    """Turns by weekday, Monday first, and hour of the day."""
    counts = [[0] * 24 for _ in range(7)]
    for (day, hour), count in hours.items():
        counts[day.weekday()][hour] += count
    return tuple(map(tuple, counts))


async def characters(conn: AsyncConnection, user: User, within: StatsFilter, zone: tzinfo | None) -> int:
    """To how many characters the times of turns are cut for a zone; see `local_hours`."""
    part = within.part(turns, user)
    ends = select(
        select(func.min(part.c.started_at)).where(part.rows).scalar_subquery(),
        select(func.max(part.c.started_at)).where(part.rows).scalar_subquery(),
    )
    first, last = (await conn.execute(ends)).one()
    return local_hours.width(zone, first, last) if first and last else local_hours.HOUR
