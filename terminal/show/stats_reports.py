"""What `stats` can tell in detail: each report is rows of plain values, and the columns that show them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from typing import TypeAlias

from rich.console import Console, RenderableType

from record.prices import Prices
from storage.database import Database
from storage.scope import User
from storage.stats import figures, preferences, tools, turns
from storage.stats.filter import StatsFilter
from terminal.show.stats_columns import Column, Row, count, moment, name, price, seconds, share, table, title, wrong

_MEDIUM, _WIDE, _WIDEST = 60, 80, 110


@dataclass(frozen=True, slots=True)
class StatsQuery:
    """What is asked of a record.

    Attributes:
        database: Where.
        user: Whose record.
        within: Which part of it.
        now: Time-zone-aware.
        zone: The person's time zone; None is the one of this machine.
        prices: What tokens cost.
        limit: Rows a page, of reports that have pages.
        offset: Rows before the page.
    """

    database: Database
    user: User
    within: StatsFilter
    now: datetime
    zone: tzinfo | None
    prices: Prices
    limit: int = 20
    offset: int = 0


Rows: TypeAlias = Callable[[StatsQuery], Awaitable[list[Row]]]


@dataclass(frozen=True, slots=True)
class Report:
    """One report."""

    rows: Rows
    columns: Callable[[datetime], Sequence[Column]]
    nothing: str

    def render(self, rows: Sequence[Row], console: Console, now: datetime) -> RenderableType:
        """The rows as a table."""
        return table(rows, self.columns(now), console, self.nothing)


async def _agents(asked: StatsQuery) -> list[Row]:
    found = await figures.agent_stats(asked.database, asked.user, asked.within)
    return [{**asdict(agent), "success_rate": agent.success_rate} for agent in found]


def _agent_columns(now: datetime) -> Sequence[Column]:
    return (
        Column("Agent", "agent_name", name, number=False),
        Column("Tasks", "delegations", count),
        Column("OK", "success_rate", share),
        Column("Median", "median_seconds", seconds),
        Column("95 %", "p95_seconds", seconds, _MEDIUM),
        Column("Failed", "failed", wrong, _WIDE),
        Column("Cancelled", "cancelled", count, _WIDEST),
        Column("Interrupted", "interrupted", count, _WIDEST),
        Column("Orphaned", "orphaned", wrong, _WIDEST),
        Column("Running", "running", count, 140),
        Column("Reported", "reported", count, 140),
        Column("Last used", "last_used", moment(now), _WIDE, number=False),
    )


async def _tools(asked: StatsQuery) -> list[Row]:
    return [asdict(tool) for tool in await tools.tools(asked.database, asked.user, asked.within)]


def _tool_columns(now: datetime) -> Sequence[Column]:
    return (
        Column("Tool", "tool_name", name, number=False),
        Column("Agent", "agent_name", name, _WIDE, number=False),
        Column("Calls", "calls", count),
        Column("Failed", "failed", wrong),
        Column("Mean", "mean_seconds", seconds, _MEDIUM),
        Column("Longest", "longest_seconds", seconds, _MEDIUM),
        Column("Cancelled", "cancelled", count, _WIDEST),
        Column("Interrupted", "interrupted", count, _WIDEST),
        Column("Orphaned", "orphaned", wrong, _WIDEST),
        Column("Last used", "last_used", moment(now), 100, number=False),
    )


async def _models(asked: StatsQuery) -> list[Row]:
    found = await turns.models(asked.database, asked.user, asked.within)
    return [{**asdict(model), "dollars": asked.prices.cost(model)} for model in found]


def _model_columns(_now: datetime) -> Sequence[Column]:
    return (
        Column("Model", "model", name, number=False),
        Column("Turns", "turns", count),
        Column("Failed", "failed", wrong, _MEDIUM),
        Column("Calls", "model_calls", count, _WIDE),
        Column("Read", "prompt_tokens", count, _MEDIUM),
        Column("Written", "output_tokens", count, _MEDIUM),
        Column("Cost", "dollars", price),
    )


async def _days(asked: StatsQuery) -> list[Row]:
    found = await turns.days(asked.database, asked.user, asked.within, zone=asked.zone)
    return [asdict(day) for day in found[asked.offset : asked.offset + asked.limit]]


def _day_columns(_now: datetime) -> Sequence[Column]:
    return (
        Column("Day", "day", lambda day: f"{day:%a} {day.day} {day:%b %Y}", number=False),
        Column("Turns", "turns", count),
        Column("Failed", "failed", wrong),
        Column("Tasks", "delegations", count),
        Column("Sessions", "sessions", count, _MEDIUM),
        Column("Read", "prompt_tokens", count, _WIDE),
        Column("Written", "output_tokens", count, _WIDE),
    )


async def _sessions(asked: StatsQuery) -> list[Row]:
    found = await turns.sessions(asked.database, asked.user, asked.within, limit=asked.limit, offset=asked.offset)
    return [asdict(session) for session in found]


def _session_columns(now: datetime) -> Sequence[Column]:
    return (
        Column("Session", "title", title, number=False),
        Column("Turns", "turns", count),
        Column("Failed", "failed", wrong, _WIDE),
        Column("Undone", "undone", count, _WIDEST),
        Column("Tasks", "delegations", count, _MEDIUM),
        Column("Read", "prompt_tokens", count, 100),
        Column("Written", "output_tokens", count, 100),
        Column("Last turn", "last_turn", moment(now), _WIDE, number=False),
    )


async def _preferences(asked: StatsQuery) -> list[Row]:
    return [asdict(held) for held in await preferences.held(asked.database, asked.user)]


def _preference_columns(now: datetime) -> Sequence[Column]:
    return (
        Column("Kind", "kind", name, number=False),
        Column("Value", "value", title, number=False),
        Column("Since", "created_at", moment(now), number=False),
    )


REPORTS: Mapping[str, Report] = {
    "agents": Report(_agents, _agent_columns, "No agent has been asked."),
    "tools": Report(_tools, _tool_columns, "No tool has been called."),
    "models": Report(_models, _model_columns, "Nothing has been said."),
    "days": Report(_days, _day_columns, "Nothing has been said."),
    "sessions": Report(_sessions, _session_columns, "Nothing has been said."),
    "preferences": Report(_preferences, _preference_columns, "Nothing is known of you yet."),
}
"""The reports by name. `days` and `sessions` have pages."""
