"""What was done for a plan: nothing is lost, and the order is that in which it was told."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.memory import feed
from storage.memory.errors import BadNameError, BadValueError
from storage.plans import actions
from storage.plans.actions import Action

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MINE = ("acme", "ada")


async def record(database: Database, plan_id: str, action: str, at: datetime = AT, agent_id: str = "") -> Action:
    return await database.do(
        lambda execute: actions.record(execute, *MINE, plan_id, action, at, agent_id=agent_id), writes=True
    )


async def after(database: Database, id_: int) -> list[Action]:
    return await database.do(lambda execute: actions.of_plan(execute, *MINE, "p", after=id_, limit=2))


async def test_actions_come_back_oldest_first_with_time_and_agent(database: Database) -> None:
    assert await database.do(lambda execute: actions.of_plan(execute, *MINE, "p")) == []
    first = await record(database, "p", "research.completed", AT + timedelta(days=1), agent_id="researcher")
    other = await record(database, "q", "draft.completed")
    second = await record(database, "p", "research.completed")
    assert await database.do(lambda execute: actions.of_plan(execute, *MINE, "p")) == [first, second]
    assert await database.do(lambda execute: actions.of_plan(execute, *MINE, "q")) == [other]
    assert (first.name, first.agent_id, first.at) == ("research.completed", "researcher", AT + timedelta(days=1))


async def test_actions_are_read_in_pages(database: Database) -> None:
    made = [await record(database, "p", f"a{number}") for number in range(5)]
    found: list[Action] = []
    for most in (2, 2, 1, 0):
        page = await after(database, found[-1].id if found else 0)
        assert len(page) == most
        found += page
    assert found == made
    with pytest.raises(BadValueError, match="limit"):
        await database.do(lambda execute: actions.of_plan(execute, *MINE, "p", limit=101))


async def test_an_action_is_told_by_its_number(database: Database) -> None:
    made = await record(database, "p", "secret", agent_id="a")
    (told,) = await database.do(lambda execute: feed.after(execute, *MINE, 0))
    assert (told.topic, told.key, told.kind, told.facts) == ("plans", "p", "action", {"id": made.id, "agent_id": "a"})


async def test_actions_of_one_plan_are_removed(database: Database) -> None:
    for plan_id in ("p", "p", "q"):
        await record(database, plan_id, "did")
    removed = [await database.do(lambda execute: actions.remove(execute, *MINE, "p"), writes=True) for _ in range(2)]
    assert removed == [2, 0]
    assert len(await database.do(lambda execute: actions.of_plan(execute, *MINE, "q"))) == 1


@pytest.mark.parametrize("action", ["", "x" * 513, "a\0"])
async def test_an_action_has_a_name(database: Database, action: str) -> None:
    with pytest.raises(BadNameError, match="action"):
        await record(database, "p", action)
