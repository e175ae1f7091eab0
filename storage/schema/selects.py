"""SELECT statements that are a view for people and the base of our own queries: nothing is counted in two ways."""

from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from storage.schema.tables import COMPLETED, FAILED, delegations, preferences, tenant_of, turns

MEANINGS = {
    "agent_stats": {
        "tenant": "tenant of the user",
        "delegations": "tasks the agent was given, however they ended",
        "completed": "tasks it answered",
        "failed": "tasks that ended with an error",
        "median_seconds": "median of the seconds its completed tasks took; empty when there are none",
        "p95_seconds": "95 of 100 of its completed tasks took no longer than that many seconds",
        "last_used": "when it was given its last task, UTC",
    },
    "conversation_history": {
        "agents": "agents the turn was given to, in order and comma-separated; empty when the manager answered alone",
    },
}
"""View -> column -> what it holds, where that is not what a column of a table holds."""


def agent_stats() -> Select[Any]:
    """Per app, user and agent; the median is the mean of the two middle values, the percentile the nearest rank."""
    of_agent = [delegations.c.app_name, delegations.c.user_id, delegations.c.agent_name]
    counted = (
        select(
            *of_agent,
            func.count().label("delegations"),
            func.count(case((delegations.c.status == COMPLETED, 1))).label("completed"),
            func.count(case((delegations.c.status == FAILED, 1))).label("failed"),
            func.count(case((delegations.c.status == COMPLETED, delegations.c.seconds))).label("timed"),
            func.max(delegations.c.started_at).label("last_used"),
        )
        .group_by(*of_agent)
        .subquery()
    )
    ranked = (
        select(
            *of_agent,
            delegations.c.seconds,
            func.row_number().over(partition_by=of_agent, order_by=delegations.c.seconds).label("rank"),
        )
        .where(delegations.c.status == COMPLETED, delegations.c.seconds.is_not(None))
        .subquery()
    )
    row, size, place = counted.c, counted.c.timed, ranked.c
    middle = place.rank.in_([(size + 1) // 2, (size + 2) // 2])
    nearest = place.rank == (95 * size + 99) // 100
    same = and_(*(place[column.name] == row[column.name] for column in of_agent), or_(middle, nearest))
    tenant = tenant_of(row.user_id).label("tenant")
    shown = [row.app_name, row.user_id, tenant, row.agent_name, row.delegations, row.completed, row.failed]
    return (
        select(
            *shown,
            func.avg(case((middle, place.seconds))).label("median_seconds"),
            func.max(case((nearest, place.seconds))).label("p95_seconds"),
            row.last_used,
        )
        .select_from(counted.outerjoin(ranked, same))
        .group_by(*shown, row.last_used)
        .order_by(row.delegations.desc(), row.agent_name)
    )


def conversation_history() -> Select[Any]:
    """One row a turn that was not undone, with the agents that took part."""
    return (
        select(
            turns.c.app_name,
            turns.c.user_id,
            turns.c.tenant,
            turns.c.session_id,
            turns.c.number.label("turn"),
            turns.c.started_at.label("timestamp"),
            turns.c.user_input,
            turns.c.agent_response,
            agents_of_turn().label("agents"),
            turns.c.status,
            turns.c.seconds,
            turns.c.event_id,
        )
        .where(turns.c.undone_at.is_(None))
        .order_by(turns.c.started_at)
    )


def agents_of_turn() -> Any:
    """The agents a turn was delegated to, in order and comma-separated; NULL when the manager answered alone."""
    # Grouped by an expression: to group by the column itself, SQLite would read all of a user's delegations, in the
    # index that has them in the order of agents, and not the few of the turn.
    agent = func.coalesce(delegations.c.agent_name, "").label("agent_name")
    agents = (
        select(agent, func.min(delegations.c.started_at).label("first"))
        .where(
            delegations.c.app_name == turns.c.app_name,
            delegations.c.user_id == turns.c.user_id,
            delegations.c.session_id == turns.c.session_id,
            delegations.c.invocation_id == turns.c.invocation_id,
        )
        .group_by(agent)
        .order_by("first")
        .correlate(turns)
        .subquery()
    )
    return select(func.aggregate_strings(agents.c.agent_name, ", ")).scalar_subquery()


def in_conversation() -> ColumnElement[bool]:
    """Whether the turn of a delegation has not been undone."""
    turn = select(turns.c.id).where(
        turns.c.app_name == delegations.c.app_name,
        turns.c.user_id == delegations.c.user_id,
        turns.c.session_id == delegations.c.session_id,
        turns.c.invocation_id == delegations.c.invocation_id,
        turns.c.undone_at.is_(None),
    )
    return turn.correlate(delegations).exists()


def agent_delegations() -> Select[Any]:
    """One row a delegation."""
    return select(
        delegations.c.app_name,
        delegations.c.user_id,
        delegations.c.tenant,
        delegations.c.session_id,
        delegations.c.started_at.label("timestamp"),
        delegations.c.from_agent,
        delegations.c.agent_name,
        delegations.c.task,
        delegations.c.status,
        delegations.c.seconds,
        delegations.c.error,
    ).order_by(delegations.c.started_at)


def stock_watchlist() -> Select[Any]:
    """One row a ticker that somebody watches."""
    return (
        select(
            preferences.c.app_name,
            preferences.c.user_id,
            preferences.c.tenant,
            preferences.c.value.label("ticker"),
            preferences.c.created_at.label("added_at"),
        )
        .where(preferences.c.kind == "stock_watchlist")
        .order_by(preferences.c.created_at)
    )
