"""Who asks with another tenant, user, kind or name gets nothing of ours and changes nothing of it, whatever they call.

The methods are found by inspection: a new one is tried too, or fails here for want of arguments.
"""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from memory import AgentMemory, SharedState, WorkflowState
from memory.store import Store
from storage.memory.errors import MemoryRefusedError
from storage.memory.scopes import AGENT, SHARED, STATE, WORKING, Scope
from tests.memory.conftest import Memory

OURS = Scope("acme", WORKING, "plan", "ada")
OTHERS = [
    Scope("other", WORKING, "plan", "ada"),
    Scope("acme", WORKING, "plan", "eve"),
    Scope("acme", WORKING, "plan", ""),
    Scope("acme", WORKING, "plan-2", "ada"),
    Scope("acme", AGENT, "plan", "ada"),
    Scope("acme", STATE, "plan", "ada"),
    Scope("acme", SHARED, "plan", "ada"),
]
SECRET = "SECRET"
ARGUMENTS: dict[str, dict[str, Any]] = {
    "key": {"key": "key"},
    "keys": {"keys": ["key"]},
    "value": {"value": 1},
    "values": {"values": {"key": 1}},
    "deltas": {"deltas": {"n": 1}},
    "item": {"item": 1},
    "items": {"items": [1]},
    "fields": {"fields": {"a": 1}},
    "updates": {"updates": {"a": 1}},
    "function": {"function": lambda value: {"was": value}},
    "numbers": {"numbers": range(1, 20)},
    "action": {"action": "mine"},
    "by": {"by": "eve"},
}
"""What is given for a parameter that has no default."""


def methods(door: type) -> list[str]:
    return [name for name, _ in inspect.getmembers(door, inspect.iscoroutinefunction) if not name.startswith("_")]


def given(method: Callable[..., Any]) -> dict[str, Any]:
    needed = [
        name
        for name, each in inspect.signature(method).parameters.items()
        if each.default is each.empty and name != "scope" and each.kind != each.VAR_KEYWORD
    ]
    return {name: value for each in needed for name, value in ARGUMENTS[each].items()}


async def fill(store: Store, scope: Scope) -> None:
    await store.set(scope, "key", {"a": SECRET}, by="ada", metadata={"m": SECRET})
    await store.append(scope, "list", SECRET, by="ada")


async def content(store: Store, scope: Scope) -> tuple[Any, ...]:
    return await store.list(scope), await store.history(scope), await store.statistics(scope)


@pytest.mark.parametrize("name", methods(Store))
async def test_another_scope_is_another_room(store: Store, name: str) -> None:
    await fill(store, OURS)
    kept, method = await content(store, OURS), getattr(store, name)
    for other in OTHERS:
        assert SECRET not in repr(await method(other, **given(method))), other
        assert await content(store, OURS) == kept


@pytest.mark.parametrize(
    ("door", "names"),
    [
        (WorkflowState, ("plan", "other", "ada")),
        (WorkflowState, ("plan", "acme", "eve")),
        (WorkflowState, ("plan-2", "acme", "ada")),
        (AgentMemory, ("agent", "other", "ada")),
        (AgentMemory, ("agent", "acme", "eve")),
        (AgentMemory, ("agent", "acme")),
        (AgentMemory, ("agent-2", "acme", "ada")),
        (SharedState, ("other", "agent")),
    ],
)
async def test_a_door_of_somebody_else_leads_elsewhere(
    memory: Memory, store: Store, door: Callable[..., Any], names: tuple[str, ...]
) -> None:
    rooms = [OURS, *(Scope("acme", kind, "agent", "ada") for kind in (AGENT, STATE)), Scope("acme", SHARED)]
    for room in rooms:
        await fill(store, room)
    ours = WorkflowState(memory, "plan", "acme", "ada")
    await ours.record_action(SECRET)
    kept = [await content(store, room) for room in rooms]
    opened = door(memory, *names)
    for name in methods(type(opened)):
        method = getattr(opened, name)
        try:
            found = await method(**given(method))
        except (KeyError, MemoryRefusedError) as error:
            found = error
        assert SECRET not in repr(found), name
        assert [await content(store, room) for room in rooms] == kept, name
        assert await ours.get_action_history() == [SECRET], name
