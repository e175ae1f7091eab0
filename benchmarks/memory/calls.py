"""What a call of the store costs over the one statement that it cannot do without, in one process, on many entries.

The store, and the bare statement called and awaited, are measured turn about, in short runs of the same keys: a busy
machine is unkind to all alike. The bare statements have a copy of the file, so that none makes the other read its pages
anew; on a server, where there is no such thing, they have the same database.
"""

import asyncio
import gc
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

from benchmarks.many.figures import percentile
from benchmarks.memory import bare
from benchmarks.memory.bare import Bare, Statement
from benchmarks.turns.child import copy_of
from memory.store import Store
from storage.database import Database
from storage.memory import entries
from storage.memory.scopes import SHARED, Scope

SQLITE, POSTGRES = "SQLite", "PostgreSQL"
TARGET = 3.0
"""Times the bare statement that a get and a set may take."""
OURS, CALLED, AWAITED = "ours", "called", "awaited"
_SCOPE = Scope("benchmark", SHARED)
_BY = "agent"
_GROUP = 100
"""Entries with the same prefix, which are listed together."""
_AT_ONCE = 1000

Call: TypeAlias = Callable[[int], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Cost:
    """What one operation takes on one database, in microseconds, a sample a call.

    Attributes:
        promised: Whether it is to be under `TARGET` times the bare statement.
    """

    database: str
    operation: str
    promised: bool
    took: Mapping[str, list[float]] = field(default_factory=lambda: {OURS: [], CALLED: [], AWAITED: []})

    def middle(self, how: str) -> float:
        """Half of the calls take less."""
        return median(self.took[how])

    def p95(self, how: str) -> float:
        """All but a twentieth take less."""
        return percentile(self.took[how], 0.95) or 0.0

    def times(self, how: str) -> float:
        """The store's median over that of a bare statement."""
        return self.middle(OURS) / self.middle(how)


@dataclass(frozen=True, slots=True)
class Found:
    """What one database takes, and how it lists: the plan of the store's own statement."""

    costs: Sequence[Cost]
    plan: Sequence[str]


async def fill(file: Path, count: int) -> None:
    """Writes a new file of so many entries, by the store itself."""
    async with Database.open(str(file)) as database:
        store = Store(database)
        for first in range(0, count, _AT_ONCE):
            numbers = range(first, min(first + _AT_ONCE, count))
            await store.set_many(_SCOPE, {key(number): value(number) for number in numbers}, by=_BY)


async def on_sqlite(file: Path, count: int, rounds: int, calls: int) -> Found:
    """Measures on a file that was filled."""
    copy = file.with_name(f"{file.stem}-bare.db")
    copy_of(file, copy)
    async with Database.open(str(file)) as database:
        return await _measured(SQLITE, Store(database), bare.sqlite(copy), count, rounds, calls)


async def on_postgres(url: str, file: Path, count: int, rounds: int, calls: int) -> Found:
    """Measures on an empty database, which gets what a file was filled with."""
    async with Database.open(url) as database:
        await asyncio.to_thread(bare.copy_to_postgres, file, url, ("memory_entries", "memory_history", "changes"))
        return await _measured(POSTGRES, Store(database), bare.postgres(url), count, rounds, calls)


def key(number: int) -> str:
    """The key of an entry."""
    return f"{prefix(number)}{number % _GROUP:02}"


def prefix(number: int) -> str:
    """What the keys of its group begin with."""
    return f"plan-{number // _GROUP:05}/result-"


def value(number: int) -> dict[str, Any]:
    """What an entry holds: about a hundred bytes."""
    return {"number": number, "text": "An intermediate result of a plan, as agents leave it for each other."}


async def _measured(
    name: str, store: Store, opened: AbstractAsyncContextManager[Bare], count: int, rounds: int, calls: int
) -> Found:
    chance = random.Random(1)
    costs = (Cost(name, "get", True), Cost(name, "set", True), Cost(name, f"list of {_GROUP}", False))
    async with opened as statements:
        of = list(zip(costs, _operations(store, statements), strict=True))
        for number in range(rounds + 1):
            for cost, ways in of:
                numbers = [chance.randrange(count) for _ in range(calls)]
                for how, call in ways.items():
                    took = await _timed(call, numbers)
                    cost.took[how].extend(took if number else ())  # the first round warms up
    return Found(costs, await _plan(store.database))


def _operations(store: Store, statements: Bare) -> tuple[dict[str, Call], ...]:
    text = json.dumps(value(0))

    def get(number: int) -> Statement:
        return bare.getting(_SCOPE, key(number))

    def set(number: int) -> Statement:
        return bare.setting(_SCOPE, key(number), text, _BY)

    def list(number: int) -> Statement:
        return bare.listing(_SCOPE, prefix(number), _GROUP)

    return (
        {OURS: lambda number: store.get(_SCOPE, key(number)), **_ways(statements, get)},
        {OURS: lambda number: store.set(_SCOPE, key(number), value(number), by=_BY), **_ways(statements, set)},
        {OURS: lambda number: store.list(_SCOPE, prefix(number), _GROUP), **_ways(statements, list)},
    )


def _ways(statements: Bare, statement: Callable[[int], Statement]) -> dict[str, Call]:
    async def called(number: int) -> Any:
        return statements.called(*statement(number))

    async def awaited(number: int) -> Any:
        return await statements.awaited(*statement(number))

    return {CALLED: called, AWAITED: awaited}


async def _timed(call: Call, numbers: Sequence[int]) -> list[float]:
    gc.collect()
    took = []
    for number in numbers:
        began = time.perf_counter()
        await call(number)
        took.append(1e6 * (time.perf_counter() - began))
    return took


async def _plan(database: Database) -> list[str]:
    """How the database runs the statement by which the store lists."""
    asked: list[Statement] = []

    def ask(statement: str, values: Mapping[str, Any]) -> list[Any]:
        asked.append((statement, values))
        return []

    entries.page(ask, _SCOPE, Store(database).now(), prefix(0), None, _GROUP + 1)
    ((statement, values),) = asked
    explain = "EXPLAIN QUERY PLAN" if database.engine.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF)"
    return [str(row[-1]).strip() for row in await database.do(lambda do: do(f"{explain} {statement}", values))]
