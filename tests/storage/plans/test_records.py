"""Plans as records: what is kept of them, how they are found, and what goes with them."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from memory.store import Store
from storage.database import Database
from storage.ledger.statements import Execute
from storage.memory import feed
from storage.memory.errors import (
    BadNameError,
    BadValueError,
    ConflictError,
    MemoryRefusedError,
    NotThereError,
    StatusError,
    TooLargeError,
)
from storage.memory.scopes import WORKING, Scope
from storage.plans import actions, records
from storage.plans.records import Plan

Result = TypeVar("Result")
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MINE = ("acme", "ada")


def later(seconds: int) -> datetime:
    return AT + timedelta(seconds=seconds)


async def create(
    database: Database, plan_id: str | None = None, *, whose: tuple[str, str] = MINE, at: datetime = AT, **given: Any
) -> Plan:
    return await database.do(lambda execute: records.create(execute, *whose, at, plan_id=plan_id, **given), writes=True)


async def move(database: Database, plan_id: str, status: str, seconds: int, **given: Any) -> Plan:
    return await database.do(
        lambda execute: records.update_status(execute, *MINE, plan_id, status, later(seconds), **given), writes=True
    )


async def listed(database: Database, *, whose: tuple[str, str] = MINE, **asked: Any) -> list[str]:
    found = await database.do(lambda execute: records.listing(execute, *whose, **asked))
    return [plan.plan_id for plan in found]


async def get(database: Database, plan_id: str, *, whose: tuple[str, str] = MINE) -> Plan | None:
    return await database.do(lambda execute: records.get(execute, *whose, plan_id))


async def act(database: Database, plan_id: str) -> None:
    await database.do(lambda execute: actions.record(execute, *MINE, plan_id, "did", AT), writes=True)


async def read(database: Database, work: Callable[[Execute], Result]) -> Result:
    return await database.do(work)


def working(plan_id: str) -> Scope:
    return Scope(MINE[0], WORKING, plan_id, MINE[1])


async def keep(database: Database, plan_id: str, key: str) -> None:
    await Store(database).set(working(plan_id), key, "kept", by="a")


async def kept(database: Database, plan_id: str, key: str) -> bool:
    return await Store(database).get(working(plan_id), key) is not None


async def test_P1_a_plan_begins_as_running_and_parent_and_session_may_be_left_out(database: Database) -> None:
    plan = await create(database, "p")
    assert plan == Plan("acme", "ada", "p", None, None, None, {}, "running", None, None, None, AT, AT, None)
    assert await get(database, "p") == plan
    assert plan.id == "p"


async def test_P1_all_that_is_given_comes_back(database: Database) -> None:
    data = {"topic": "Äpfel", "n": [1, 2.5, True, None], "deep": {"a": {}}}
    given: dict[str, Any] = {"session_id": "nobody's", "parent_plan_id": "not there", "goal_event": "research.goal"}
    plan = await create(database, "p", goal_data=data, status="pending", on_complete="cleanup", **given)
    assert await get(database, "p") == plan
    assert (plan.goal_data, plan.status, plan.on_complete) == (data, "pending", "cleanup")
    assert {name: getattr(plan, name) for name in given} == given


async def test_P1_a_plan_without_an_id_is_given_one(database: Database) -> None:
    made = {(await create(database)).plan_id for _ in range(3)}
    assert len(made) == 3 and {len(each) for each in made} == {36}


async def test_P2_the_plan_changed_last_is_first_then_by_id(database: Database) -> None:
    for number, plan_id in enumerate(("d", "c", "b", "a")):
        await create(database, plan_id, at=later(number // 2))
    assert await listed(database) == ["a", "b", "c", "d"]
    await move(database, "d", "paused", 9)
    assert await listed(database) == ["d", "a", "b", "c"]
    assert [await listed(database, limit=2, offset=offset) for offset in (0, 2, 4)] == [["d", "a"], ["b", "c"], []]


async def test_P2_a_page_has_20_unless_it_is_told_1_to_100(database: Database) -> None:
    for number in range(101):
        await create(database, f"{number:03}")
    assert len(await listed(database)) == 20
    assert len(await listed(database, limit=100)) == 100
    for limit in (0, 101, -1):
        with pytest.raises(BadValueError, match=f"limit must be 1 to 100, not {limit}"):
            await listed(database, limit=limit)
    with pytest.raises(BadValueError, match="offset"):
        await listed(database, offset=-1)


async def test_P2_filters_by_status_session_and_parent(database: Database) -> None:
    await create(database, "a", session_id="s")
    await create(database, "b", session_id="s", parent_plan_id="a", status="pending")
    await create(database, "c", session_id="t", parent_plan_id="a")
    assert await listed(database, session_id="s") == ["a", "b"]
    assert await listed(database, status="pending") == ["b"]
    assert await listed(database, parent_plan_id="a") == ["b", "c"]
    assert await listed(database, session_id="s", status="running", parent_plan_id="a") == []
    with pytest.raises(StatusError, match="pending, running, paused, completed, failed or cancelled"):
        await listed(database, status="foo")


async def test_P3_the_same_id_again_is_a_conflict_and_changes_nothing(database: Database) -> None:
    plan = await create(database, "p", goal_event="first")
    for whose in (MINE, ("acme", "eve")):
        with pytest.raises(ConflictError, match="there is a plan 'p' already"):
            await create(database, "p", whose=whose, goal_event="second", at=later(1))
    assert await get(database, "p") == plan
    assert len(await read(database, lambda execute: feed.after(execute, *MINE, 0))) == 1


async def test_P3_of_many_who_make_one_plan_at_once_one_does(database: Database) -> None:
    made = await asyncio.gather(*(create(database, "p") for _ in range(20)), return_exceptions=True)
    assert [type(each) for each in made].count(Plan) == 1
    assert {type(each) for each in made} == {Plan, ConflictError}


async def test_P4_of_many_who_end_a_plan_at_once_one_does(database: Database) -> None:
    await create(database, "p")
    ends = ["completed", "failed", "cancelled"] * 5
    moved = await asyncio.gather(*(move(database, "p", end, 1, result=end) for end in ends), return_exceptions=True)
    plan = await get(database, "p")
    assert plan and plan.result == plan.status
    assert [each for each in moved if isinstance(each, Plan)] == [plan] * 5
    assert [type(each) for each in moved].count(StatusError) == 10
    assert len(await read(database, lambda execute: feed.after(execute, *MINE, 0))) == 2


async def test_P3_the_same_id_in_another_tenant_is_another_plan(database: Database) -> None:
    await create(database, "p", goal_event="mine")
    await create(database, "p", whose=("other", "ada"), goal_event="theirs")
    for tenant, goal in (("acme", "mine"), ("other", "theirs")):
        plan = await get(database, "p", whose=(tenant, "ada"))
        assert plan and plan.goal_event == goal


async def test_P4_a_status_that_is_none_is_refused_naming_those_that_are(database: Database) -> None:
    await create(database, "p")
    for refused in (create(database, "q", status="foo"), move(database, "p", "foo", 1)):
        with pytest.raises(StatusError, match="'foo': it is pending, running, paused, completed, failed or cancelled"):
            await refused
    with pytest.raises(StatusError, match="begins as pending or running, not as completed"):
        await create(database, "q", status="completed")
    assert await listed(database) == ["p"]


async def test_P4_what_is_completed_does_not_run_again(database: Database) -> None:
    await create(database, "p")
    done = await move(database, "p", "completed", 1, result={"answer": 42})
    assert (done.status, done.result, done.ended_at, done.updated_at) == (
        "completed",
        {"answer": 42},
        later(1),
        later(1),
    )
    with pytest.raises(StatusError, match="'p' is completed and cannot become running: it has ended"):
        await move(database, "p", "running", 2)
    assert await move(database, "p", "completed", 3, result="another") == done
    assert await get(database, "p") == done


async def test_a_plan_that_failed_says_why_in_one_line(database: Database) -> None:
    await create(database, "p")
    assert (await move(database, "p", "failed", 1, error="no\nroute\x00")).error == "no route"


async def test_P7_a_child_is_found_by_its_parent_at_any_depth(database: Database) -> None:
    for number, (plan_id, parent) in enumerate((("a", None), ("b", "a"), ("c", "b"), ("d", "a"), ("e", None))):
        await create(database, plan_id, parent_plan_id=parent, at=later(number))
    below = await read(database, lambda execute: records.below(execute, *MINE, "a"))
    assert [plan.plan_id for plan in below] == ["b", "c", "d"]
    assert await read(database, lambda execute: records.below(execute, *MINE, "e")) == []


async def test_P7_a_parent_may_come_later_never_or_be_one_s_own_child(database: Database) -> None:
    await create(database, "b", parent_plan_id="a")
    assert [p.plan_id for p in await read(database, lambda execute: records.below(execute, *MINE, "a"))] == ["b"]
    await create(database, "a", parent_plan_id="b")
    assert [p.plan_id for p in await read(database, lambda execute: records.below(execute, *MINE, "a"))] == ["b"]
    with pytest.raises(BadNameError, match="parent"):
        await create(database, "x", parent_plan_id="x")


async def test_a_plan_is_deleted_with_its_memory_and_its_actions(database: Database) -> None:
    for plan_id in ("p", "q"):
        await create(database, plan_id)
        await keep(database, plan_id, "k")
        await act(database, plan_id)
    assert await database.do(lambda execute: records.delete(execute, *MINE, "p", later(1)), writes=True)
    assert (await kept(database, "p", "k"), await kept(database, "q", "k")) == (False, True)
    assert await read(database, lambda execute: actions.of_plan(execute, *MINE, "p")) == []
    assert len(await read(database, lambda execute: actions.of_plan(execute, *MINE, "q"))) == 1
    assert await listed(database) == ["q"]
    assert not await database.do(lambda execute: records.delete(execute, *MINE, "p", later(2)), writes=True)
    past = await read(database, lambda execute: execute("SELECT value FROM memory_history WHERE scope_id = 'p'", {}))
    assert past and {value for (value,) in past} == {None}


async def test_a_deleted_plan_s_memory_goes_though_nobody_created_the_plan(database: Database) -> None:
    await keep(database, "p", "k")
    assert not await database.do(lambda execute: records.delete(execute, *MINE, "p", AT), writes=True)
    assert not await kept(database, "p", "k")


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
async def test_memory_goes_when_a_plan_ends_that_was_told_so(database: Database, end: str) -> None:
    for plan_id, on_complete in (("p", "cleanup"), ("q", None)):
        await create(database, plan_id, on_complete=on_complete)
        await keep(database, plan_id, "k")
        await move(database, plan_id, "paused", 1)
        assert await kept(database, plan_id, "k")
        await move(database, plan_id, "running", 2)
        await move(database, plan_id, end, 3)
        assert await kept(database, plan_id, "k") == (on_complete is None)
    with pytest.raises(BadValueError, match="on_complete"):
        await create(database, on_complete="forget")


async def test_each_change_is_told_once(database: Database) -> None:
    await create(database, "p", session_id="s")
    await move(database, "p", "paused", 1)
    await move(database, "p", "paused", 2)
    for _ in range(2):
        await database.do(lambda execute: records.delete(execute, *MINE, "p", later(3)), writes=True)
    told = await read(database, lambda execute: feed.after(execute, *MINE, 0))
    assert [(each.topic, each.key, each.kind, each.facts) for each in told] == [
        ("plans", "p", "created", {"status": "running", "session_id": "s", "parent_plan_id": None}),
        ("plans", "p", "updated", {"status": "paused", "before": "running"}),
        ("plans", "p", "deleted", {}),
    ]
    assert await read(database, lambda execute: feed.after(execute, "acme", "eve", 0)) == []


async def test_what_cannot_be_kept_is_refused(database: Database) -> None:
    wrong: list[dict[str, Any]] = [
        {"plan_id": ""},
        {"plan_id": "x" * 257},
        {"session_id": "a\0"},
        {"parent_plan_id": "\ud800"},
        {"goal_event": "x" * 4_001},
    ]
    for given in wrong:
        with pytest.raises(BadNameError):
            await create(database, **given)
    for whose in (("", "ada"), ("acme", "")):
        with pytest.raises(BadNameError):
            await create(database, whose=whose)
    with pytest.raises(TooLargeError, match="goal_data"):
        await create(database, goal_data={"long": "x" * 1024 * 1024})
    with pytest.raises(MemoryRefusedError, match="goal_data"):
        await create(database, goal_data={"odd": object()})
    with pytest.raises(NotThereError, match="'p'"):
        await move(database, "p", "paused", 1)
    assert await listed(database) == []
