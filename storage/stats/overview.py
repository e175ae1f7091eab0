"""The overview: every figure that `stats` shows at first, all of one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from storage.database import Database
from storage.scope import User
from storage.stats import figures, tools, turns
from storage.stats.figures import AgentStats, Totals
from storage.stats.filter import EVERYTHING, StatsFilter
from storage.stats.remembered import remembered
from storage.stats.tools import CallStats
from storage.stats.turns import ModelStats

TREND = timedelta(days=30)
"""What a trend compares when no period was asked for: the last days with as many before."""
TOPICS = 12


@dataclass(frozen=True, slots=True)
class Trend:
    """Delegations in a period, and in the one before of the same length."""

    now: int
    before: int


@dataclass(frozen=True, slots=True)
class Overview:
    """A user's record in figures.

    Attributes:
        within: What was counted.
        totals: Turns.
        active_days: Local days on which something was said.
        agents: The team, the busiest first.
        trends: Agent -> how its work changed, over `trend_days`.
        trend_days: Days that a trend looks at, and as many before.
        tool_calls: Tool calls.
        models: Tokens by model.
        week: Turns by weekday, Monday first, and local hour.
        topics: What was asked about most, and how often.
        memory: How much is remembered now, whatever was counted, by kind.
    """

    within: StatsFilter
    totals: Totals
    active_days: int
    agents: list[AgentStats]
    trends: dict[str, Trend]
    trend_days: float
    tool_calls: CallStats
    models: list[ModelStats]
    week: tuple[tuple[int, ...], ...]
    topics: list[tuple[str, int]]
    memory: Mapping[str, int]


async def overview(
    database: Database, user: User, within: StatsFilter = EVERYTHING, *, now: datetime, zone: tzinfo | None = None
) -> Overview:
    """Everything at once.

    Args:
        database: Where.
        user: Whose record.
        within: Which part of it.
        now: Time-zone-aware; where the trend ends.
        zone: The person's time zone; None is the one of this machine.
    """
    period, earlier = within.periods(now, TREND)
    async with database.read() as conn:
        models = await turns.models_on(conn, user, within)
        hours = await turns.hours_on(conn, user, within, zone)
        recent, before = await figures.asked(conn, user, period), await figures.asked(conn, user, earlier)
        agents = await figures.agents_on(conn, user, within)
        assert period.since and period.until, "a period has both ends"
        return Overview(
            within,
            await figures.totals_on(conn, user, within, models),
            turns.active_days(hours),
            agents,
            {agent.agent_name: _trend(agent.agent_name, recent, before) for agent in agents},
            (period.until - period.since) / timedelta(days=1),
            await tools.calls_on(conn, user, within),
            models,
            turns.week(hours),
            await tools.topics_on(conn, user, within, limit=TOPICS),
            await conn.run_sync(remembered, user, database.now()),
        )


def _trend(agent: str, recent: dict[str, int], before: dict[str, int]) -> Trend:
    return Trend(recent.get(agent, 0), before.get(agent, 0))
