# mypy: disable-error-code="import-not-found"
"""diskcache: `Cache.incr`, with `synchronous=FULL`, which is not its default."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from diskcache import Cache

from benchmarks.memory.child import KEY, PATIENCE, main

_FULL = 2


class InCache:
    """A `child.Number`."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    async def increment(self) -> None:
        self._cache.incr(KEY)

    async def value(self) -> int:
        return int(self._cache.get(KEY, 0))


@asynccontextmanager
async def opened(where: str) -> AsyncIterator[InCache]:
    """The cache of a folder."""
    with Cache(where, timeout=PATIENCE, sqlite_synchronous=_FULL) as cache:
        assert cache._sql("PRAGMA synchronous").fetchall() == [(_FULL,)], "it is not durable"
        yield InCache(cache)


if __name__ == "__main__":
    main(opened)
