"""Figures about agents equal those of Python's statistics, in the tool, the terminal and the SQL view alike."""

import math
import statistics
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert

from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences
from storage.schema.tables import delegations
from storage.stats import figures
from tests.storage.support import ADA, EVE, START, Turn, delegated_turn, exchange, file_of, rows, store

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
HALF_A_MILLISECOND = 0.000501
Done = tuple[str, str, float]
done = st.tuples(
    st.sampled_from(["funny_nerd", "stock_analyst"]),
    st.sampled_from(["completed", "failed", "cancelled", "running", "delegated"]),
    st.floats(0, 1000).map(lambda seconds: round(seconds, 6)),
)


def recorded(number: int, record: Done) -> dict[str, Any]:
    agent, status, seconds = record
    ended = status in ("completed", "failed", "cancelled")
    return {
        "app_name": ADA.app_name,
        "user_id": ADA.user_id,
        "session_id": "session-1",
        "id": str(number),
        "invocation_id": "turn-1",
        "from_agent": "manager",
        "agent_name": agent,
        "task": "t",
        "status": status,
        "reported": status == "delegated",
        "started_at": BEGIN + timedelta(minutes=number),
        "seconds": seconds if ended else None,
    }


@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=st.lists(done, min_size=1, max_size=40))
async def test_figures_equal_those_of_the_statistics_module(
    database: Database, service: SessionService, settings: Settings, work: list[Done]
) -> None:
    await store(service, [])

    def fill(conn: Connection) -> None:
        conn.execute(delete(delegations))
        conn.execute(insert(delegations), [recorded(number, record) for number, record in enumerate(work)])

    await database.write(fill)
    found = await figures.agent_stats(database, ADA)
    assert {agent.agent_name for agent in found} == {agent for agent, _, _ in work}
    assert [agent.delegations for agent in found] == sorted((agent.delegations for agent in found), reverse=True)
    for agent in found:
        mine = [(status, seconds) for name, status, seconds in work if name == agent.agent_name]
        times = sorted(seconds for status, seconds in mine if status == "completed")
        failed = sum(status == "failed" for status, _ in mine)
        assert (agent.delegations, agent.completed, agent.failed) == (len(mine), len(times), failed)
        assert agent.last_used == max(
            BEGIN + timedelta(minutes=number) for number, (name, _, _) in enumerate(work) if name == agent.agent_name
        )
        if times:
            assert agent.median_seconds is not None
            assert agent.median_seconds == pytest.approx(statistics.median(times), abs=HALF_A_MILLISECOND)
            nearest_rank = times[math.ceil(0.95 * len(times)) - 1]
            assert agent.p95_seconds == pytest.approx(nearest_rank, abs=HALF_A_MILLISECOND)
        else:
            assert agent.median_seconds is agent.p95_seconds is None
        ended = len(times) + failed
        assert agent.success_rate == (len(times) / ended if ended else None)
    seen = rows(file_of(settings.database_url), "SELECT * FROM agent_stats")
    assert [
        (
            row["agent_name"],
            row["delegations"],
            row["completed"],
            row["failed"],
            row["median_seconds"],
            row["p95_seconds"],
        )
        for row in seen
    ] == [(a.agent_name, a.delegations, a.completed, a.failed, a.median_seconds, a.p95_seconds) for a in found]


async def test_stats_are_of_one_user(database: Database, service: SessionService) -> None:
    await store(service, delegated_turn(), user=EVE)
    assert await figures.agent_stats(database, ADA) == []
    assert [agent.agent_name for agent in await figures.agent_stats(database, EVE)] == ["funny_nerd", "stock_analyst"]


async def test_totals_count_everything_of_a_user(database: Database, service: SessionService) -> None:
    nothing = await figures.totals(database, ADA)
    assert (nothing.sessions, nothing.turns, nothing.model_calls, nothing.first_turn) == (0, 0, 0, None)
    await store(service, delegated_turn("turn-1", START))
    failed = Turn("turn-2", START + 100)
    failed.user("hello")
    failed.bare(error_code="500")
    await store(service, failed.made, "session-2")
    await store(service, exchange(), user=EVE)
    found = await figures.totals(database, ADA)
    assert (found.sessions, found.turns, found.completed, found.failed) == (2, 2, 1, 1)
    assert (found.model_calls, found.prompt_tokens, found.output_tokens) == (5, 50, 15)
    assert found.first_turn == datetime.fromtimestamp(START, UTC)
    assert found.last_turn == datetime.fromtimestamp(START + 100, UTC)


async def test_a_person_can_read_the_record_with_any_sql_tool(
    database: Database, service: SessionService, settings: Settings
) -> None:
    await store(service, delegated_turn("turn-1", START))
    await store(service, exchange("hello", "hi", "turn-2", START + 100))
    await preferences.add(database, ADA, "stock_watchlist", "NVDA")
    file = file_of(settings.database_url)
    talked = rows(file, "SELECT turn, user_input, agent_response, agents, status FROM conversation_history")
    assert [tuple(row.values()) for row in talked] == [
        (1, "a joke and a price", "ha, and 250", talked[0]["agents"], "completed"),
        (2, "hello", "hi", None, "completed"),
    ]
    assert sorted(talked[0]["agents"].split(", ")) == ["funny_nerd", "stock_analyst"]
    handed = rows(file, "SELECT from_agent, agent_name, task, status, seconds FROM agent_delegations")
    assert sorted(tuple(row.values()) for row in handed) == [
        ("manager", "funny_nerd", "a joke", "completed", 3.0),
        ("manager", "stock_analyst", "a price", "completed", 4.0),
    ]
    watched = rows(file, "SELECT user_id, ticker FROM stock_watchlist")
    assert [tuple(row.values()) for row in watched] == [("ada", "NVDA")]
