"""Figures over time and by size, for what people would rather look at than read: plots."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import TypeAlias

from sqlalchemy import and_, case, func, select

from storage.database import Database
from storage.schema.tables import COMPLETED, delegations, turns
from storage.scope import User
from storage.stats import local_hours
from storage.stats import turns as stats_turns
from storage.stats.filter import EVERYTHING, StatsFilter, constant, names

EDGES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)
"""Seconds at which one class of latency ends and the next begins."""
ALONE = "(no agent)"
"""Turns that were answered without an agent."""

Daily: TypeAlias = dict[str, Counter[date]]
"""Name -> local day -> how many."""


@dataclass(frozen=True, slots=True)
class Series:
    """What the plots show.

    Attributes:
        turns_by_agent: Turns a day in which an agent was asked; a turn with two agents counts for both.
        latencies: Agent -> completed delegations in each class between `EDGES`, the last one open.
        tokens_by_model: Tokens a day, read and written.
    """

    turns_by_agent: Daily
    latencies: dict[str, tuple[int, ...]]
    tokens_by_model: Daily


async def series(
    database: Database, user: User, within: StatsFilter = EVERYTHING, *, zone: tzinfo | None = None
) -> Series:
    """Everything the plots need, of one moment.

    Args:
        database: Where.
        user: Whose record.
        within: Which part of it.
        zone: The person's time zone; None is the one of this machine.
    """
    spoken, given = within.part(turns, user), within.part(delegations, user)
    of_turn = and_(
        delegations.c.app_name == spoken.c.app_name,
        delegations.c.user_id == spoken.c.user_id,
        delegations.c.session_id == spoken.c.session_id,
        delegations.c.invocation_id == spoken.c.invocation_id,
    )
    if within.agent_name:
        of_turn = and_(of_turn, delegations.c.agent_name == within.agent_name)
    async with database.read() as conn:
        stamp = local_hours.stamp(spoken.c.started_at, await stats_turns.characters(conn, user, within, zone))
        asked = (
            select(stamp, func.coalesce(delegations.c.agent_name, ALONE), func.count(spoken.c.id.distinct()))
            .select_from(spoken.source.outerjoin(delegations, of_turn))
            .where(spoken.rows)
            .group_by(stamp, delegations.c.agent_name)
        )
        spent = (
            select(stamp, spoken.c.model, func.sum(spoken.c.prompt_tokens + spoken.c.output_tokens))
            .where(spoken.rows, spoken.c.model.is_not(None))
            .group_by(stamp, spoken.c.model)
        )
        agent, seconds = given.c.agent_name, given.c.seconds
        size = case(*((seconds < edge, place) for place, edge in enumerate(EDGES)), else_=len(EDGES))
        known = await names(conn, user, within)
        took = (
            select(agent, size, func.count())
            .where(given.rows, agent.in_(known), given.c.status == constant(COMPLETED), seconds.is_not(None))
            .group_by(agent, size)
        )
        turns_by_agent = _daily((await conn.execute(asked)).all(), zone)
        tokens_by_model = _daily((await conn.execute(spent)).all(), zone)
        latencies: dict[str, list[int]] = {}
        for name, place, count in (await conn.execute(took)).all():
            latencies.setdefault(name, [0] * (len(EDGES) + 1))[place] = count
    return Series(turns_by_agent, {name: tuple(counts) for name, counts in latencies.items()}, tokens_by_model)


def _daily(rows: Iterable[tuple[str, str, int]], zone: tzinfo | None) -> Daily:
    found: Daily = {}
    for stamped, name, count in rows:
        found.setdefault(name, Counter())[local_hours.local(stamped, zone).date()] += count
    return dict(sorted(found.items(), key=lambda item: (-item[1].total(), item[0])))
