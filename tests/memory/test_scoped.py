"""Another tenant's or user's ids and keys give nothing: tried on every public function, as they are found."""

import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

import memory
from memory import AgentMemory, MemoryClient, SharedState
from memory.store import Store
from settings import APP_NAME
from storage import memory as memory_statements
from storage import plans as plan_statements
from storage.database import Database
from storage.errors import StorageError
from storage.memory import changing, sweeping
from storage.memory.errors import ConflictError
from storage.memory.scopes import WORKING, Scope
from storage.memory.writing import Terms
from storage.plans import records
from tests.storage.memory.support import AT, Rows, remember, rows_of

MINE = ("acme", "ada")
SHARED = ("acme", "")
OTHERS = [("acme", "eve"), ("other", "ada"), ("local", "acme/ada")]
NOBODY = ("nobody", "no")
ID = "known"
"""What everything of mine is called, as others may know."""
WORD = "fisch"
"""What it is about, which they may search for."""
SECRET = "zebrafisch"
"""What it says, which they may not know."""
GIVEN: dict[str, Any] = {
    "action": "did",
    "after_id": 0,
    "agent_id": ID,
    "app_name": APP_NAME,
    "at": AT + timedelta(hours=1),
    "by": ID,
    "change": "updated",
    "content": "said",
    "context": WORD,
    "deltas": {"n": 1},
    "external_id": ID,
    "facts": {},
    "fields": {"a": 1},
    "function": lambda value: {"a": 1},
    "item": 1,
    "items": [1],
    "key": ID,
    "keys": [ID],
    "kind": "updated",
    "limit": 9,
    "log": sweeping.LOGS[0],
    "name": ID,
    "newest": 1_000_000,
    "numbers": range(100),
    "operation": changing.setting('{"a":1}', deep=False),
    "parent_plan_id": "part",
    "plan_id": ID,
    "query": WORD,
    "role": "user",
    "session_id": ID,
    "since": None,
    "status": "paused",
    "terms": Terms(ID),
    "topic": "plans",
    "updates": {"a": 1},
    "value": "1",
    "values": {ID: 1},
    "version": 9,
}
"""Parameter -> what it is given, wherever it is one; a new name of one has to be added."""
OTHERWISE: dict[str, dict[str, Any]] = {"storage.memory.history.last": {"keys": ("", {})}}
"""Function -> what it is given in another form."""
_WITHIN = ("remove", "read")
"""Go on with what was found within the same scope: they are tried by those that call them."""
_GIVEN_BY_THE_DATABASE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|datetime\.datetime\([^)]*\)|\b(history|'history'|id|'id')[=:] ?\d+"
)


def statements() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions of `storage/memory` and `storage/plans` that run statements for somebody."""
    for package in (memory_statements, plan_statements):
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, function in inspect.getmembers(import_module(info.name), inspect.isfunction):
                names = set(inspect.signature(function).parameters)
                is_ours = function.__module__ == info.name and not name.startswith("_") and name not in _WITHIN
                if is_ours and "execute" in names and {"tenant", "scope"} & names:
                    yield f"{info.name}.{name}", function


def methods() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public calls of the store and of all doors."""
    for door in (Store, *(getattr(memory, name) for name in memory.__all__)):
        for name, method in inspect.getmembers(door, inspect.iscoroutinefunction):
            names = {*inspect.signature(method).parameters, *inspect.signature(door).parameters}
            if not name.startswith("_") and {"tenant_id", "scope"} & names:
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
    """What a function is called with: all that it needs, and with `all_` what may be left out."""
    given: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name in ("self", "execute"):
            continue
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            given |= values[name]
        elif parameter.default is inspect.Parameter.empty or (all_ and name in values):
            assert name in values, f"{function.__qualname__} needs {name}"
            given[name] = values[name]
    return given


def owner_of(name: str) -> type | None:
    """The door that a method belongs to."""
    first = name.partition(".")[0]
    return Store if first == "Store" else getattr(memory, first) if first in memory.__all__ else None


async def call(name: str, database: Database, whose: tuple[str, str], all_: bool) -> Any:
    function, door, values = FOUND[name], owner_of(name), known(database, whose) | OTHERWISE.get(name, {})
    given = arguments(function, values, all_=all_)
    try:
        if door:
            opened = door(**{"user_id": whose[1]} if door is AgentMemory else {}, **_made(door, values))
            return await getattr(opened, function.__name__)(**given)
        return await database.do(lambda execute: function(execute=execute, **given), writes=True)
    except (StorageError, KeyError) as error:
        return error


def _made(door: type, values: dict[str, Any]) -> dict[str, Any]:
    return {"database": values["database"]} if door is MemoryClient else arguments(door, values)


FOUND = dict(sorted((*statements(), *methods())))
each_function = pytest.mark.parametrize("name", FOUND)


@pytest.fixture
async def kept(database: Database) -> None:
    """A row of mine in every table, something in each kind of scope, and a plan below a plan."""
    await remember(database, *MINE, called=ID, says=f"{WORD} {SECRET}")
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
    return bool({"user_id", "owner", "scope"} & names)


def test_functions_are_found() -> None:
    assert {
        "storage.plans.records.get",
        "storage.memory.actions.record",
        "storage.memory.entries.get",
        "Store.set",
        "WorkflowState.get",
        "SharedState.get",
        "AgentMemory.get_state",
        "MemoryClient.erase_user",
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
