"""SELECT statements that are a view for people and the base of our own queries: nothing is counted in two ways."""

from typing import Any

from sqlalchemy import Select, case, func, select

from storage.tables import COMPLETED, FAILED, delegations, preferences, turns


def agent_stats() -> Select[Any]:
    """Per app, user and agent; the median is the mean of the two middle values, the percentile the nearest rank."""
    timed = case((delegations.c.status == COMPLETED, delegations.c.seconds))
    of_agent = [delegations.c.app_name, delegations.c.user_id, delegations.c.agent_name]
    partition = [*of_agent, timed.is_(None)]
    ranked = select(
        *of_agent,
        delegations.c.status,
        delegations.c.started_at,
        timed.label("seconds"),
        func.row_number().over(partition_by=partition, order_by=timed).label("rank"),
        func.count().over(partition_by=partition).label("size"),
    ).subquery()
    row, size = ranked.c, ranked.c.size
    middle = case((row.rank.in_([(size + 1) // 2, (size + 2) // 2]), row.seconds))
    nearest = case((row.rank == (95 * size + 99) // 100, row.seconds))
    return (
        select(
            row.app_name,
            row.user_id,
            row.agent_name,
            func.count().label("delegations"),
            func.count(case((row.status == COMPLETED, 1))).label("completed"),
            func.count(case((row.status == FAILED, 1))).label("failed"),
            func.round(func.avg(middle), 3).label("median_seconds"),
            func.round(func.max(nearest), 3).label("p95_seconds"),
            func.max(row.started_at).label("last_used"),
        )
        .group_by(row.app_name, row.user_id, row.agent_name)
        .order_by(func.count().desc(), row.agent_name)
    )


def conversation_history() -> Select[Any]:
    """One row a turn that was not taken back, with the agents that took part."""
    return (
        select(
            turns.c.app_name,
            turns.c.user_id,
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
    agents = (
        select(delegations.c.agent_name, func.min(delegations.c.started_at).label("first"))
        .where(
            delegations.c.app_name == turns.c.app_name,
            delegations.c.user_id == turns.c.user_id,
            delegations.c.session_id == turns.c.session_id,
            delegations.c.invocation_id == turns.c.invocation_id,
        )
        .group_by(delegations.c.agent_name)
        .order_by("first")
        .correlate(turns)
        .subquery()
    )
    return select(func.aggregate_strings(agents.c.agent_name, ", ")).scalar_subquery()


def agent_delegations() -> Select[Any]:
    """One row a delegation."""
    return select(
        delegations.c.app_name,
        delegations.c.user_id,
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
            preferences.c.value.label("ticker"),
            preferences.c.created_at.label("added_at"),
        )
        .where(preferences.c.kind == "stock_watchlist")
        .order_by(preferences.c.created_at)
    )
