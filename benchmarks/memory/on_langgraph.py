# mypy: disable-error-code="import-not-found"
"""LangGraph's `SqliteStore`: it has no increment, so a value is got, and put with 1 more.

Its connection is made here: with a write-ahead log, which it does not ask for, and more patience than five seconds.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

from langgraph.store.sqlite import SqliteStore

from benchmarks.memory.child import KEY, PATIENCE, main

_SPACE = ("benchmark",)


class InSqliteStore:
    """A `child.Number`."""

    def __init__(self, store: Any) -> None:
        self._store = store

    async def increment(self) -> None:
        self._store.put(_SPACE, KEY, {"value": await self.value() + 1})

    async def value(self) -> int:
        item = self._store.get(_SPACE, KEY)
        return int(item.value["value"]) if item else 0


@asynccontextmanager
async def opened(where: str) -> AsyncIterator[InSqliteStore]:
    """The store of a file."""
    with closing(sqlite3.connect(where, timeout=PATIENCE, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        store = SqliteStore(connection)
        store.setup()
        yield InSqliteStore(store)


if __name__ == "__main__":
    main(opened)
