"""Working memory of a plan, as the seed has it, and without its faults."""

import asyncio
from typing import Any

import pytest

from memory import WorkflowState
from memory.store import Store
from storage.database import Database
from storage.errors import StorageError
from storage.memory.errors import BadNameError, WrongTypeError
from storage.memory.scopes import WORKING, Scope
from tests.memory.conftest import Clock, Memory


@pytest.fixture
def state(memory: Memory) -> WorkflowState:
    return WorkflowState(memory, "plan-1", "acme", "ada")


VALUES: list[Any] = [
    "text",
    42,
    1.5,
    ["a", "b"],
    {"b": 1, "a": 2},
    {"tasks": [{"id": 1}, {"id": 2}, {"id": 3}], "metadata": {"priority": 1}},
    True,
    [],
    {},
    "",
    10**30,
    -0.0,
    'ünï \U0001f600 \\ " \n \0',
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
async def test_W1_a_value_comes_back_equal_and_of_its_type(state: WorkflowState, value: Any) -> None:
    await state.set("key", value)
    found = await state.get("key")
    assert repr(found) == repr(value)
    assert type(found) is type(value)


async def test_W2_the_second_value_takes_the_place_of_the_first(state: WorkflowState) -> None:
    for value in ("text", 42, ["a", "b", "c"]):
        await state.set("key", value)
        assert await state.get("key") == value
    assert await state.snapshot() == {"key": ["a", "b", "c"]}


async def test_W3_null_is_a_value_and_absent_is_absent(state: WorkflowState) -> None:
    await state.set("null", None)
    assert (await state.get("null", "d"), await state.has("null")) == (None, True)
    assert (await state.get("other", "d"), await state.has("other")) == ("d", False)


async def test_W4_what_is_there_is_changed_and_what_is_not_begins_empty(state: WorkflowState) -> None:
    await state.set("count", 5)
    assert await state.increment("count") == 6
    assert await state.increment("new") == 1
    assert await state.increment("count", 3) == 9
    assert await state.increment("count", delta=-2) == 7
    assert await state.increment("half", 0.5) == 0.5
    await state.set("items", ["item1", "item2"])
    assert await state.append("items", "item3") == ["item1", "item2", "item3"]
    assert await state.extend("items", ["item4", "item5"]) == [f"item{number}" for number in range(1, 6)]
    assert await state.append("begun", {"a": []}) == [{"a": []}]
    assert await state.extend("begun too", []) == []
    assert await state.update_dict("fields", {"key1": 1}) == {"key1": 1}
    assert await state.update_dict("fields", {"key2": 2}) == {"key1": 1, "key2": 2}
    assert await state.get("fields") == {"key1": 1, "key2": 2}


@pytest.mark.parametrize(
    ("value", "operation", "argument", "found"),
    [
        ("abc", "increment", 1, "text"),
        (True, "increment", 1, "a bool"),
        (None, "increment", 1, "null"),
        ([1], "increment", 1, "a list"),
        ({"a": 1}, "append", 1, "a dict"),
        ("[]", "extend", [1], "text"),
        (5, "update_dict", {"a": 1}, "a number"),
        ([1], "update_dict", {"a": 1}, "a list"),
    ],
)
async def test_W5_a_value_of_another_type_is_refused_by_its_key_and_stays(
    state: WorkflowState, value: Any, operation: str, argument: Any, found: str
) -> None:
    await state.set("the key", value)
    with pytest.raises(WrongTypeError, match=f"'the key' holds {found}"):
        await getattr(state, operation)("the key", argument)
    assert await state.get("the key") == value


async def test_W6_actions_come_back_in_order_as_names(state: WorkflowState) -> None:
    assert await state.get_action_history() == []
    await state.record_action("a1")
    await state.record_action("a2")
    assert await state.get_action_history() == ["a1", "a2"]


async def test_actions_have_their_time_and_agent(memory: Memory, clock: Clock) -> None:
    writer = WorkflowState(memory, "plan-1", "acme", "ada", "writer")
    await writer.record_action("draft")
    (action,) = await writer.get_actions()
    assert (action.name, action.agent_id, action.at) == ("draft", "writer", clock.at)


async def test_W7_deleting_says_whether_there_was_something(state: WorkflowState) -> None:
    await state.set("key", 1)
    assert await state.delete("key") is True
    assert await state.get("key", "default") == "default"
    assert await state.delete("key") is False


async def test_W8_cleanup_takes_the_keys_of_its_plan_and_counts_them(state: WorkflowState, memory: Memory) -> None:
    other = WorkflowState(memory, "plan-2", "acme", "ada")
    for number in range(5):
        await state.set(f"key{number}", number)
    for number in range(3):
        await other.set(f"key{number}", number)
    await state.record_action("stays")
    assert [await state.cleanup(), await state.cleanup()] == [5, 0]
    assert await WorkflowState(memory, "unknown", "acme", "ada").cleanup() == 0
    assert len(await other.snapshot()) == 3
    assert await state.get_action_history() == ["stays"]


async def test_W9_tenants_and_users_have_plans_of_their_own(memory: Memory) -> None:
    whose = [("A", "1"), ("B", "1"), ("A", "2"), ("B", "2"), ("A/1", "x"), ("A", "1/x")]
    states = [WorkflowState(memory, "plan", tenant, user) for tenant, user in whose]
    for state, value in zip(states, whose, strict=True):
        await state.set("key", list(value))
        await state.record_action(f"{value}")
    assert await states[1].delete("key") is True
    assert await states[1].delete("key") is False
    assert await states[2].cleanup() == 1
    assert [await state.get("key") for state in states] == [["A", "1"], None, None, *map(list, whose[3:])]
    assert [await state.get_action_history() for state in states] == [[f"{value}"] for value in whose]


async def test_W10_twenty_increments_at_once(state: WorkflowState) -> None:
    found = await asyncio.gather(*(state.increment("count") for _ in range(20)))
    assert sorted(found) == list(range(1, 21))
    assert await state.get("count") == 20


async def test_W10_twenty_actions_at_once(state: WorkflowState) -> None:
    await asyncio.gather(*(state.record_action(f"action {number}") for number in range(20)))
    assert sorted(await state.get_action_history()) == sorted(f"action {number}" for number in range(20))


async def test_W11_an_outage_raises_and_loses_nothing(url: str) -> None:
    async with Database.open(url) as database:
        state = WorkflowState(Memory(Store(database)), "plan-404", "acme", "ada")
        for action in ("a", "b", "c"):
            await state.record_action(action)
        await state.set("key", 1)
    for call in (
        state.get("key", "default"),
        state.has("key"),
        state.delete("key"),
        state.set("key", 2),
        state.increment("key"),
        state.record_action("d"),
        state.get_action_history(),
        state.cleanup(),
    ):
        with pytest.raises(StorageError):
            await call
    async with Database.open(url) as database:
        state = WorkflowState(Memory(Store(database)), "plan-404", "acme", "ada")
        assert await state.get_action_history() == ["a", "b", "c"]
        assert await state.get("key") == 1


async def test_a_value_with_a_time_to_live_is_gone_after_it(state: WorkflowState, clock: Clock) -> None:
    await state.set("key", 1, ttl_seconds=2)
    await state.set("key", 2)
    clock.pass_by(2)
    assert (await state.get("key", "gone"), await state.snapshot(), await state.cleanup()) == ("gone", {}, 0)


@pytest.mark.parametrize(
    "names", [("", "acme", "ada"), ("plan", "", "ada"), ("plan", "ac\0me", "ada"), ("plan", "acme", "")]
)
async def test_a_plan_has_a_name_a_tenant_and_a_user(memory: Memory, names: tuple[str, str, str]) -> None:
    with pytest.raises(BadNameError):
        WorkflowState(memory, *names)


async def test_cleanup_blanks_the_history_and_tells_of_each_key(state: WorkflowState, store: Store) -> None:
    await state.set("a", "secret")
    await state.append("b", "secret")
    await state.append("b", "secret")
    await state.cleanup()
    past = await store.history(Scope("acme", WORKING, "plan-1", "ada"))
    assert [(each.key, each.change, each.version, each.by) for each in past] == [
        ("a", "created", 1, "unknown"),
        ("b", "created", 1, "unknown"),
        ("b", "appended", 2, "unknown"),
        ("a", "deleted", 1, "unknown"),
        ("b", "deleted", 2, "unknown"),
    ]
    assert {(each.value, each.redacted) for each in past} == {(None, True)}
