"""Tool calls counted: by tool, and by what they were asked about."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.schema.tables import CANCELLED, COMPLETED, FAILED, HAS_TOPIC, INTERRUPTED, RUNNING, tool_calls
from storage.scope import User
from storage.stats.filter import EVERYTHING, StatsFilter, constant, turn_is_over

TOPIC_ARGUMENTS = ("topic", "ticker", "tickers", "query")
"""Names of the arguments that say what a tool was asked about. The index behind `HAS_TOPIC` was made with them, so they
are part of the schema: a tool with other names is not counted here."""
_LONGEST_TOPIC = 60


@dataclass(frozen=True, slots=True)
class ToolStats:
    """One tool of one agent; each call is in exactly one of `completed` to `orphaned`. Times are of completed calls."""

    agent_name: str
    tool_name: str
    calls: int
    completed: int
    failed: int
    cancelled: int
    interrupted: int
    running: int
    orphaned: int
    mean_seconds: float | None
    longest_seconds: float | None
    last_used: datetime


@dataclass(frozen=True, slots=True)
class CallStats:
    """All tool calls; every one is in exactly one of `completed` to `orphaned`."""

    calls: int
    completed: int
    failed: int
    cancelled: int
    interrupted: int
    running: int
    orphaned: int


async def tools(database: Database, user: User, within: StatsFilter = EVERYTHING) -> list[ToolStats]:
    """One entry for every tool an agent called, the busiest first."""
    part = within.part(tool_calls, user)
    timed = case((part.c.status == COMPLETED, part.c.seconds))
    of_tool = (part.c.agent_name, part.c.tool_name)
    query = (
        select(
            *of_tool,
            func.count().label("calls"),
            *(func.count(case((part.c.status == status, 1))).label(status) for status in _STATUSES),
            func.count(case(((part.c.status == RUNNING) & turn_is_over(part), 1))).label("orphaned"),
            func.avg(timed),
            func.max(timed),
            func.max(part.c.started_at),
        )
        .where(part.rows)
        .group_by(*of_tool)
        .order_by(func.count().desc(), *of_tool)
    )
    async with database.read() as conn:
        rows = (await conn.execute(query)).all()
    return [
        ToolStats(agent, tool, calls, done, failed, cancelled, interrupted, running - orphaned, orphaned, *rest)
        for agent, tool, calls, done, failed, cancelled, interrupted, running, orphaned, *rest in rows
    ]


async def calls_on(conn: AsyncConnection, user: User, within: StatsFilter) -> CallStats:
    """Counts over all tool calls."""
    part = within.part(tool_calls, user)
    all_calls = (await conn.execute(select(func.count()).where(part.rows).select_from(part.source))).scalar_one()
    unfinished = part.c.status != constant(COMPLETED)
    others = select(part.c.status, func.count()).where(part.rows, unfinished).group_by(part.c.status)
    counts: dict[str, int] = dict((await conn.execute(others)).all())
    left = select(func.count()).where(part.rows, unfinished, part.c.status == RUNNING, turn_is_over(part))
    orphaned = (await conn.execute(left)).scalar_one()
    return CallStats(
        all_calls,
        all_calls - sum(counts.values()),
        counts.get(FAILED, 0),
        counts.get(CANCELLED, 0),
        counts.get(INTERRUPTED, 0),
        counts.get(RUNNING, 0) - orphaned,
        orphaned,
    )


async def topics_on(conn: AsyncConnection, user: User, within: StatsFilter, *, limit: int) -> list[tuple[str, int]]:
    """What tools were asked about most, and how often; upper and lower case are the same."""
    part = within.part(tool_calls, user)
    query = select(part.c.arguments, func.count()).where(part.rows, text(HAS_TOPIC)).group_by(part.c.arguments)
    return most_asked((await conn.execute(query)).all(), limit)


def most_asked(calls: Iterable[tuple[Mapping[str, Any], int]], limit: int) -> list[tuple[str, int]]:
    """The topics named most in arguments of calls, and how often.

    Args:
        calls: Arguments, and how many calls had them.
        limit: How many topics to give.
    """
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for arguments, count in calls:
        for topic in _topics(arguments):
            counts[topic.casefold()] += count
            written[topic.casefold()] = min(topic, written.get(topic.casefold(), topic))
    return [(written[name], count) for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))][
        :limit
    ]


def _topics(arguments: Mapping[str, Any]) -> set[str]:
    found = [arguments.get(name) for name in TOPIC_ARGUMENTS]
    named = [item for value in found for item in (value if isinstance(value, list) else [value])]
    topics = {" ".join(item.split()) for item in named if isinstance(item, str)}
    return {topic for topic in topics if 0 < len(topic) <= _LONGEST_TOPIC}


_STATUSES = (COMPLETED, FAILED, CANCELLED, INTERRUPTED, RUNNING)
