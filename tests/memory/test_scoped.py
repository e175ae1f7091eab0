"""Another tenant's or user's ids and keys give nothing: tried on every public function, as they are found."""

import inspect
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

import memory
from memory import AgentMemory, MemoryClient, SharedState, WorkflowState
from memory.store import Store
from settings import APP_NAME
from storage import knowledge as knowledge_statements
from storage import memory as memory_statements
from storage import plans as plan_statements
from storage.database import Database
from storage.errors import StorageError
from storage.knowledge.fulltext import Within
from storage.memory import changing, keys, sweeping
from storage.memory.errors import ConflictError
from storage.memory.keys import Condition
from storage.memory.scopes import KINDS, WORKING, Scope
from storage.memory.writing import Terms
from storage.plans import records
from tests.storage.memory.support import AT, Rows, remember, rows_of

MINE = ("acme", "ada")
SHARED = ("acme", "")
OTHERS = [("acme", "eve"), ("other", "ada"), ("local", "acme/ada")]
NOBODY = ("nobody", "no")
ID = "known"
"""What everything of mine is called, as others may know."""
SECRET = "zebrafisch"
"""What it says, which they may not."""
BEGINNING = SECRET[:5]
"""By which it is found, and which they may guess."""
GIVEN: dict[str, Any] = {
    "action": "did",
    "after_id": 0,
    "agent_id": ID,
    "app_name": APP_NAME,
    "at": AT + timedelta(hours=1),
    "by": ID,
    "change": "updated",
    "content": "said",
    "context": BEGINNING,
    "deltas": {"n": 1},
    "external_id": ID,
    "facts": {},
    "fields": {"a": 1},
    "function": lambda value: {"a": 1},
    "id": 1,
    "item": 1,
    "items": [1],
    "key": ID,
    "keys": [ID],
    "kind": "updated",
    "kinds": [WORKING],
    "limit": 9,
    "log": sweeping.LOGS[0],
    "name": ID,
    "named": {},
    "newest": 1_000_000,
    "numbers": range(100),
    "operation": changing.setting('{"a":1}', deep=False),
    "parent_plan_id": "part",
    "plan_id": ID,
    "query": BEGINNING,
    "role": "user",
    "scores": dict.fromkeys(range(100), 1.0),
    "session_id": ID,
    "since": None,
    "status": "paused",
    "terms": Terms(ID),
    "topic": "plans",
    "updates": {"a": 1},
    "value": "1",
    "values": {ID: 1},
    "version": 9,
    "where": "",
}
"""Parameter -> what it is given, wherever it is one; a new name of one has to be added."""
_OF_AN_ENTRY = "remove"
"""Removes the one that was read within the same scope: it is tried by those that call it."""
_OF_NOBODY = ("settled", "close")
"""Say nothing."""
_GIVEN_BY_THE_DATABASE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|datetime\.datetime\([^)]*\)|\b(history|'history'|id|'id')[=:] ?\d+"
)


def statements() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions of `storage/memory` and `storage/plans` that run statements for somebody."""
    for package in (memory_statements, knowledge_statements, plan_statements):
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, function in inspect.getmembers(import_module(info.name), inspect.isfunction):
                names = set(inspect.signature(function).parameters)
                is_ours = function.__module__ == info.name and not name.startswith("_") and name != _OF_AN_ENTRY
                if is_ours and "execute" in names and {"tenant", "scope"} & names:
                    yield f"{info.name}.{name}", function


def methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public calls of the store and of all doors."""
    for door in (Store, *(getattr(memory, name) for name in memory.__all__)):
        for name, method in inspect.getmembers(door, inspect.iscoroutinefunction):
            if not name.startswith("_") and name not in _OF_NOBODY:
                yield f"{door.__name__}.{name}", method


def known(database: Database, whose: tuple[str, str]) -> dict[str, Any]:
    tenant, user_id = whose
    scope = Scope(tenant, WORKING, ID, user_id)
    owner = {"tenant": tenant, "tenant_id": tenant, "user_id": user_id, "owner": user_id, "scope": scope}
    return {
        **GIVEN,
        **owner,
        "database": database,
        "dialect": database.engine.dialect.name,
        "memory": MemoryClient(database),
    }


def arguments(function: Callable[..., Any], values: dict[str, Any], *, all_: bool = False) -> dict[str, Any]:
    """What a function is called with: all that it needs, and with `all_` what may be left out.

    What has a number as well as a name is named by its number, and with `all_` by its name.
    """
    given: dict[str, Any] = {}
    values = {**values, **_of_types(function, values)}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in ("self", "execute"):
            continue
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            given |= values[name]
        elif parameter.default is inspect.Parameter.empty or (name in values and all_ == (name != "id")):
            assert name in values, f"{function.__qualname__} needs {name}"
            given[name] = values[name]
    return given


def _of_types(function: Callable[..., Any], values: dict[str, Any]) -> dict[str, Any]:
    """What is given for parameters whose names are those of others: where to look, and for which keys."""
    made: dict[Any, Callable[[], Any]] = {
        Within: lambda: _made_by(sys.modules[function.__module__].within, values),
        Condition: lambda: keys.matching(ID),
    }
    parameters = inspect.signature(function).parameters.values()
    return {each.name: made[each.annotation]() for each in parameters if each.annotation in made}


def _made_by(function: Callable[..., Any], values: dict[str, Any]) -> Any:
    return function(**arguments(function, values))


def owner_of(name: str) -> type | None:
    """The door that a method belongs to."""
    first = name.partition(".")[0]
    return Store if first == "Store" else getattr(memory, first) if first in memory.__all__ else None


async def call(name: str, database: Database, whose: tuple[str, str], all_: bool, **others: Any) -> Any:
    function, door, values = FOUND[name], owner_of(name), {**known(database, whose), **others}
    given = arguments(function, values, all_=all_)
    try:
        if door:
            opened = door(**{"user_id": values["user_id"]} if door is AgentMemory else {}, **_made(door, values))
            return await getattr(opened, function.__name__)(**given)
        return await database.do(lambda execute: function(execute=execute, **given), writes=True)
    except (StorageError, KeyError) as error:
        return error


def _made(door: type, values: dict[str, Any]) -> dict[str, Any]:
    return {"database": values["database"]} if door is MemoryClient else arguments(door, values)


FOUND = dict(sorted((*statements(), *methods())))
ROOM, AGENTS = Scope(MINE[0], WORKING, ID, MINE[1]), "mine"
"""A scope of mine that has something, and an agent of mine."""
ELSEWHERE: dict[str, list[dict[str, Any]]] = {
    "Store": [
        {"scope": room}
        for room in (
            replace(ROOM, id="plan-2"),
            replace(ROOM, user_id=""),
            *(replace(ROOM, kind=kind) for kind in KINDS if kind != WORKING),
        )
    ],
    "WorkflowState": [{"plan_id": "plan-2"}],
    "AgentMemory": [{"agent_id": "agent-2"}, {"agent_id": AGENTS, "user_id": None}],
}
"""Door -> where else of mine it can lead."""
each_function = pytest.mark.parametrize("name", FOUND)


@pytest.fixture
async def kept(database: Database) -> None:
    """A row of mine in every table, something in each kind of scope, and a plan below a plan."""
    await remember(database, *MINE, called=ID, says=SECRET)
    mine = AgentMemory(MemoryClient(database), ID, *MINE)
    await mine.set_memory(ID, {"says": SECRET})
    await mine.update_state(**{ID: SECRET})
    await SharedState(MemoryClient(database), MINE[0], ID).set(ID, {"says": SECRET})
    part: dict[str, Any] = {"plan_id": "part", "parent_plan_id": ID, "goal_event": SECRET}
    await database.do(lambda execute: records.create(execute, *MINE, AT, **part), writes=True)


def mine(rows: Rows) -> Rows:
    return {name: [row for row in held if row[0] in (MINE, SHARED)] for name, held in rows.items()}


def told(outcome: object, whose: tuple[str, str]) -> str:
    """An outcome, without whose it is, and without the numbers and times that no two have alike."""
    text = repr(outcome)
    for each in whose:
        text = text.replace(repr(each), "?")
    return _GIVEN_BY_THE_DATABASE.sub("#", text)


def takes_user(name: str) -> bool:
    names = set(inspect.signature(FOUND[name]).parameters) | set(inspect.signature(owner_of(name) or call).parameters)
    return bool({"user_id", "scope"} & names)


def test_functions_are_found() -> None:
    assert {
        "storage.plans.records.get",
        "storage.plans.actions.record",
        "storage.knowledge.interactions.recent",
        "storage.knowledge.knowledge.delete",
        "storage.knowledge.skills.read",
        "storage.memory.entries.get",
        "Store.set",
        "WorkflowState.get",
        "SharedState.get",
        "AgentMemory.get_state",
        "MemoryClient.erase_user",
        "MemoryClient.search_knowledge",
    } < set(FOUND)


@pytest.mark.usefixtures("kept")
@each_function
@pytest.mark.parametrize("all_", [False, True], ids=["needed", "all"])
async def test_others_see_nothing_of_mine_and_change_nothing(database: Database, name: str, all_: bool) -> None:
    before = mine(await rows_of(database))
    assert SECRET in repr(before)
    nothing = told(await call(name, database, NOBODY, all_), NOBODY)
    for whose in OTHERS if takes_user(name) else OTHERS[1:]:
        outcome = await call(name, database, whose, all_)
        assert SECRET not in repr(outcome), whose
        assert whose[0] == MINE[0] or told(outcome, whose) == nothing, whose
        assert mine(await rows_of(database)) == before, whose


@pytest.mark.usefixtures("kept")
@each_function
async def test_i_see_or_change_what_is_mine(database: Database, name: str) -> None:
    """Else the test above would say nothing."""
    before = mine(await rows_of(database))
    outcomes = [await call(name, database, MINE, all_) for all_ in (False, True)]
    seen = any(SECRET in repr(outcome) or isinstance(outcome, ConflictError) for outcome in outcomes)
    nothing = told(await call(name, database, NOBODY, False), NOBODY)
    assert seen or mine(await rows_of(database)) != before or told(outcomes[0], MINE) != nothing


@pytest.fixture
async def filled(database: Database) -> None:
    client = MemoryClient(database)
    plan, agent = WorkflowState(client, ID, *MINE), AgentMemory(client, AGENTS, *MINE)
    for key in (ID, SECRET):
        await plan.set(key, {"says": SECRET})
        await agent.set_memory(key, {"says": SECRET})
    await plan.record_action(SECRET)
    await agent.update_state(**{ID: SECRET})


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", [name for name in FOUND if name.partition(".")[0] in ELSEWHERE])
async def test_another_scope_of_mine_is_another_room(database: Database, name: str) -> None:
    before = with_secret(await rows_of(database))
    assert {table for table, _ in before} == {"memory_entries", "memory_history", "plan_actions"}
    for other in ELSEWHERE[name.partition(".")[0]]:
        assert SECRET not in repr(await call(name, database, MINE, True, **other)), other
        assert with_secret(await rows_of(database)) == before, other


def with_secret(rows: Rows) -> set[tuple[str, str]]:
    return {(name, row) for name, held in rows.items() for _, row in held if SECRET in row and name != "changes"}
