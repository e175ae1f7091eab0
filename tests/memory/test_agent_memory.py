"""State and memory of one agent, as the seed has them, and without its faults."""

import asyncio
from functools import partial
from typing import Any

import pytest

from memory import AgentMemory
from storage.memory.errors import BadNameError, BadValueError, ConflictError, TooLargeError, WrongTypeError
from tests.memory.conftest import Clock, Memory


@pytest.fixture
def agent(memory: Memory) -> AgentMemory:
    return AgentMemory(memory, "collector", "acme")


async def test_S1_a_memory_that_is_not_there_is_named_with_its_agent(agent: AgentMemory) -> None:
    with pytest.raises(KeyError, match=r"'collector' has no memory called 'raw_data_1'"):
        await agent.get_memory("raw_data_1")
    value = {"readings": [1, 2.5, None], "ok": True}
    await agent.set_memory("raw_data_1", value)
    assert await agent.get_memory("raw_data_1") == value
    await agent.set_memory("null", None)
    assert await agent.get_memory("null") is None


async def test_S2_the_state_of_a_new_agent_is_empty_and_its_fields_come_together(agent: AgentMemory) -> None:
    assert await agent.get_state() == {}
    assert await agent.update_state(a=1) == {"a": 1}
    await agent.update_state(b=2)
    assert await agent.get_state() == {"a": 1, "b": 2}
    assert (await agent.get_state_value("x", 7), await agent.get_state_value("a", 7)) == (7, 1)
    assert await agent.update_state(self=3) == {"a": 1, "b": 2, "self": 3}


async def test_S14_twenty_fields_at_once_are_all_there(agent: AgentMemory) -> None:
    await asyncio.gather(*(agent.update_state(**{f"field{number}": number}) for number in range(20)))
    assert await agent.get_state() == {f"field{number}": number for number in range(20)}


async def test_S14_a_memory_called_state_is_no_state(agent: AgentMemory) -> None:
    await agent.update_state(count=1)
    await agent.set_memory("state", "a memory")
    assert (await agent.get_state(), await agent.get_memory("state")) == ({"count": 1}, "a memory")
    await agent.delete_memory("state")
    assert await agent.get_state() == {"count": 1}


async def test_counters_grow_together_and_none_is_lost(agent: AgentMemory) -> None:
    await agent.update_state(status="running")
    await asyncio.gather(*(agent.increment_state(count=1, seconds=0.5) for _ in range(20)))
    assert await agent.get_state() == {"status": "running", "count": 20, "seconds": 10.0}


async def test_counters_that_are_none_change_nothing(agent: AgentMemory) -> None:
    await agent.update_state(count=1, status="running")
    with pytest.raises(WrongTypeError, match="status"):
        await agent.increment_state(count=1, status=1)
    with pytest.raises(BadValueError, match="count"):
        await agent.increment_state(count=True)
    assert await agent.get_state() == {"count": 1, "status": "running"}


def averaged(value: float, state: dict[str, Any]) -> dict[str, Any]:
    """The rolling average of the seed, which changes what it is given."""
    count = state.get("count", 0)
    state["average"] = (state.get("average", 0.0) * count + value) / (count + 1)
    state["count"] = count + 1
    return state


async def test_a_rolling_average_loses_no_update(agent: AgentMemory) -> None:
    await asyncio.gather(*(agent.change_state(partial(averaged, number)) for number in range(20)))
    state = await agent.get_state()
    assert state["count"] == 20
    assert state["average"] == pytest.approx(sum(range(20)) / 20)


@pytest.mark.parametrize(("result", "found"), [(None, "null"), ([1], "a list"), ("x", "text")])
async def test_a_function_that_forgets_to_return_the_state_does_not_lose_it(
    agent: AgentMemory, result: Any, found: str
) -> None:
    for state in ({}, {"count": 1}):
        await agent.update_state(**state)
        with pytest.raises(BadValueError, match=f"^the state of 'collector' must be a dict, not {found}$"):
            await agent.change_state(lambda _: result)
        assert await agent.get_state() == state


async def test_who_changes_the_state_holds_no_lock_meanwhile(agent: AgentMemory) -> None:
    async def slow(state: dict[str, Any]) -> dict[str, Any]:
        if "other" not in state:
            await agent.update_state(other=1)  # which would wait for ever
        return {**state, "mine": 1}

    assert await agent.change_state(slow) == {"other": 1, "mine": 1}


async def test_who_is_always_overtaken_is_told(agent: AgentMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memory.store.TRIES", 3)

    async def overtaken(state: dict[str, Any]) -> dict[str, Any]:
        await agent.increment_state(count=1)
        return {**state, "mine": 1}

    with pytest.raises(ConflictError, match="3 times"):
        await agent.change_state(overtaken)
    assert await agent.get_state() == {"count": 3}


async def test_a_state_that_was_deleted_and_made_anew_is_another_one(agent: AgentMemory, memory: Memory) -> None:
    calls: list[dict[str, Any]] = []

    async def meanwhile(state: dict[str, Any]) -> dict[str, Any]:
        calls.append(dict(state))
        if len(calls) == 1:
            await memory.store.cleanup(agent._state, by="other")
            await agent.update_state(b=1)
        return {**state, "mine": 1}

    await agent.update_state(a=1)
    assert await agent.change_state(meanwhile) == {"b": 1, "mine": 1}
    assert calls == [{"a": 1}, {"b": 1}]


async def test_a_state_has_16_kib_at_most(agent: AgentMemory) -> None:
    await agent.update_state(a="x" * 10_000)
    with pytest.raises(TooLargeError, match="16,384"):
        await agent.update_state(b="x" * 10_000)
    assert list(await agent.get_state()) == ["a"]
    await agent.set_memory("large", "x" * 100_000)


async def test_memories_are_listed_deleted_and_expire(agent: AgentMemory, clock: Clock) -> None:
    for key in ("raw_data_2", "raw_data_1", "alerts_1"):
        await agent.set_memory(key, key)
    await agent.set_memory("raw_data_3", 3, ttl_seconds=5)
    assert await agent.list_memory("raw_data_") == ["raw_data_1", "raw_data_2", "raw_data_3"]
    clock.pass_by(5)
    assert await agent.delete_memory("raw_data_1") is True
    assert await agent.delete_memory("raw_data_3") is False
    assert await agent.list_memory() == ["alerts_1", "raw_data_2"]


async def test_agents_tenants_and_users_are_apart(memory: Memory) -> None:
    whose = [("a", "acme", None), ("b", "acme", None), ("a", "other", None), ("a", "acme", "ada"), ("a", "acme", "eve")]
    agents = [AgentMemory(memory, *each) for each in whose]
    for number, agent in enumerate(agents):
        await agent.update_state(number=number)
        await agent.set_memory("number", number)
    assert [await agent.get_state() for agent in agents] == [{"number": number} for number in range(5)]
    assert [await agent.get_memory("number") for agent in agents] == list(range(5))


@pytest.mark.parametrize("names", [("", "acme"), ("a", ""), ("a", "acme", ""), (None, "acme")])
async def test_an_agent_has_a_name_and_a_user_is_one_or_none(memory: Memory, names: tuple[str, ...]) -> None:
    with pytest.raises(BadNameError):
        AgentMemory(memory, *names)
