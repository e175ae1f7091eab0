"""The queries of the statistics read indexes in their order; nothing reads a whole table, or a user for one session."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import turns
from storage.stats import figures, tools
from storage.stats.filter import StatsFilter
from storage.stats.overview import overview
from tests.storage.support import ADA, delegated_turn, key, store

NOW = datetime(2026, 1, 3, tzinfo=UTC)
MONTH = StatsFilter(since=NOW - timedelta(days=30))
SESSION = StatsFilter(session_id="session-1")
Ask = Callable[[Database], Awaitable[Any]]


async def plan(database: Database, ask: Ask) -> list[str]:
    """The steps of all statements of a question."""
    made: list[tuple[str, Any]] = []

    def note(_conn: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        made.append((statement, values))

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    await ask(database)
    event.remove(engine, "before_cursor_execute", note)
    steps: list[str] = []
    async with database.read() as conn:
        for statement, values in made:
            if statement.startswith(("SELECT", "WITH")):
                explained = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                steps += [row.detail for row in explained.all()]
    return steps


@pytest.fixture
async def filled(database: Database, service: SessionService) -> Database:
    await store(service, delegated_turn())
    return database


@pytest.mark.parametrize("within", [StatsFilter(), MONTH, SESSION], ids=["all", "month", "session"])
async def test_nothing_reads_a_whole_table(filled: Database, within: StatsFilter) -> None:
    steps = await plan(filled, lambda database: overview(database, ADA, within, now=NOW))
    assert steps
    for table in ("turns", "delegations", "tool_calls", "session_info", "sessions", "events"):
        assert not [step for step in steps if step.split()[:2] == ["SCAN", table]]


async def test_sums_over_turns_read_no_texts(filled: Database) -> None:
    steps = await plan(filled, lambda database: figures.totals(database, ADA))
    assert any("COVERING INDEX ix_turns_stats" in step for step in steps)
    assert not [step for step in steps if "TEMP B-TREE" in step]


async def test_medians_of_all_time_sort_nothing(filled: Database) -> None:
    steps = await plan(filled, lambda database: figures.agent_stats(database, ADA))
    assert any("ix_delegations_seconds" in step for step in steps)
    assert not [step for step in steps if "TEMP B-TREE" in step]


async def test_a_period_reads_what_began_in_it(filled: Database) -> None:
    steps = await plan(filled, lambda database: figures.agent_stats(database, ADA, MONTH))
    assert any("ix_delegations_agent (app_name=? AND user_id=? AND agent_name=? AND started_at>?)" in s for s in steps)
    assert not [step for step in steps if "ix_delegations_seconds" in step]


@pytest.mark.parametrize(
    "ask",
    [
        lambda database: figures.agent_stats(database, ADA, SESSION),
        lambda database: tools.tools(database, ADA, SESSION),
    ],
    ids=["agents", "tools"],
)
async def test_a_session_is_read_by_its_own_key(filled: Database, ask: Ask) -> None:
    steps = await plan(filled, ask)
    reading = [step for step in steps if step.startswith(("SEARCH delegations ", "SEARCH tool_calls "))]
    assert any("session_id=?" in step for step in reading)
    names = "COVERING INDEX ix_delegations_agent"
    assert [step for step in reading if "session_id=?" not in step and names not in step] == []


async def test_the_agents_of_a_turn_are_read_by_its_own_key(filled: Database) -> None:
    async with filled.read() as conn:
        view = await conn.exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM conversation_history")
        steps = [row.detail for row in view.all() if "delegations" in row.detail]
    assert steps and all("session_id=? AND invocation_id=?" in step for step in steps)
    (turn,) = await turns.history(filled, key(), limit=1)
    assert sorted(turn.agents) == ["funny_nerd", "stock_analyst"]


async def test_the_newest_delegations_are_those_of_the_newest_turns_in_their_index(filled: Database) -> None:
    steps = await plan(filled, lambda database: turns.recent_delegations(database, ADA, limit=5))
    assert any("ix_turns_started" in step for step in steps)
    steps = await plan(filled, lambda database: turns.recent_delegations(database, ADA, limit=5, session_id="s"))
    assert any("ix_turns_number" in step for step in steps)
    assert not [step for step in steps if step.startswith("SCAN") and "anon" not in step]


async def test_the_history_of_a_session_is_its_own_index_backwards(filled: Database) -> None:
    without_log = Database(filled.engine)  # whose queries all go through the engine
    steps = await plan(filled, lambda _: turns.history(without_log, key(), limit=5))
    assert any("USING INDEX ix_turns_number" in step for step in steps)
    ordering = steps[steps.index(next(step for step in steps if "ix_turns_number" in step)) + 1 :]
    assert not [step for step in ordering if "RIGHT PART OF ORDER BY" in step]
