"""Which part of a user's record is counted: a period, a session, an agent, or all of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import FromClause, Table, and_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import ColumnElement

from storage.schema.tables import RUNNING, delegations, turns
from storage.scope import User


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a table: where they are read from, and which of them."""

    source: FromClause
    rows: ColumnElement[bool]

    @property
    def c(self) -> ReadOnlyColumnCollection[str, Any]:
        return self.source.c


@dataclass(frozen=True, slots=True)
class StatsFilter:
    """A part of a record; what is left out does not limit it.

    Attributes:
        since: The first moment, time-zone-aware.
        until: The moment after the last, time-zone-aware.
        session_id: One session.
        agent_name: Delegations to one agent, its tool calls, and the turns in which it was asked.
    """

    since: datetime | None = None
    until: datetime | None = None
    session_id: str | None = None
    agent_name: str | None = None

    def part(self, table: Table, user: User) -> Part:
        """The rows of `turns`, `delegations` or `tool_calls` that belong to it, by when they started.

        Those of a session are read first, by its key, and all that is asked is asked of them: SQLite knows nothing of
        how many rows there are, and would rather read all of a user in an order that suits.
        """
        source: FromClause = table
        if self.session_id:
            mine = select(table).where(
                table.c.app_name == user.app_name,
                table.c.user_id == user.adk_id,
                table.c.session_id == self.session_id,
            )
            source = mine.cte(f"{table.name}_of_session").prefix_with("MATERIALIZED")
        found = [source.c.app_name == user.app_name, source.c.user_id == user.adk_id]
        if self.since:
            found.append(source.c.started_at >= self.since)
        if self.until:
            found.append(source.c.started_at < self.until)
        if self.agent_name:
            found.append(_asked(source, self.agent_name) if table is turns else source.c.agent_name == self.agent_name)
        return Part(source, and_(*found))

    def periods(self, now: datetime, default: timedelta) -> tuple[Self, Self]:
        """What a trend compares: this period and the one before it of the same length; of all time, the last days.

        Args:
            now: Time-zone-aware; where a period ends that has no end.
            default: How long the periods are when this one has no beginning.
        """
        until = self.until or now
        since = self.since or until - default
        return replace(self, since=since, until=until), replace(self, since=since - (until - since), until=since)


def _asked(source: FromClause, agent: str) -> ColumnElement[bool]:
    """The turns in which an agent was asked."""
    asked = delegations.alias("asked")
    in_turn = select(asked.c.id).where(
        asked.c.app_name == source.c.app_name,
        asked.c.user_id == source.c.user_id,
        asked.c.session_id == source.c.session_id,
        asked.c.invocation_id == source.c.invocation_id,
        asked.c.agent_name == agent,
    )
    return in_turn.correlate(source).exists()


EVERYTHING = StatsFilter()


async def names(conn: AsyncConnection, user: User, within: StatsFilter) -> Sequence[str]:
    """The agents a user ever asked, from one step of the index to the next, however many delegations there are."""
    if within.agent_name:
        return [within.agent_name]
    mine = and_(delegations.c.app_name == user.app_name, delegations.c.user_id == user.adk_id)
    walk = select(func.min(delegations.c.agent_name).label("name")).where(mine).cte("walk", recursive=True)
    following = select(func.min(delegations.c.agent_name)).where(mine, delegations.c.agent_name > walk.c.name)
    walk = walk.union_all(select(following.scalar_subquery()).where(walk.c.name.is_not(None)))
    return (await conn.execute(select(walk.c.name).where(walk.c.name.is_not(None)))).scalars().all()


def turn_is_over(part: Part) -> ColumnElement[bool]:
    """Whether the turn of a call has ended."""
    over = select(turns.c.id).where(
        turns.c.app_name == part.c.app_name,
        turns.c.user_id == part.c.user_id,
        turns.c.session_id == part.c.session_id,
        turns.c.invocation_id == part.c.invocation_id,
        turns.c.status != RUNNING,
    )
    return over.correlate(part.source).exists()


def constant(value: str) -> ColumnElement[str]:
    """Written into the statement, so that it is seen that a partial index holds all that is asked for."""
    return literal(value, literal_execute=True)
