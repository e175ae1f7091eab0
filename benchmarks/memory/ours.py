"""This program: `Store.increment`, on SQLite or PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.memory.child import KEY, main
from memory.store import Store
from storage.database import Database
from storage.memory.scopes import SHARED, Scope

_BY = "counter"
_SCOPE = Scope("benchmark", SHARED)


class InStore:
    """A `child.Number`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def increment(self) -> None:
        await self._store.increment(_SCOPE, KEY, by=_BY)

    async def value(self) -> int:
        entry = await self._store.get(_SCOPE, KEY)
        return int(entry.value) if entry else 0


@asynccontextmanager
async def opened(where: str) -> AsyncIterator[InStore]:
    """The store of a database."""
    async with Database.open(where) as database:
        yield InStore(Store(database))


if __name__ == "__main__":
    main(opened)
