# mypy: disable-error-code="import-not-found"
"""Redis: `INCR`, on a server with `appendfsync always`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from redis import Redis

from benchmarks.memory.child import KEY, PATIENCE, main


class OnServer:
    """A `child.Number`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def increment(self) -> None:
        self._client.incr(KEY)

    async def value(self) -> int:
        return int(self._client.get(KEY) or 0)


@asynccontextmanager
async def opened(where: str) -> AsyncIterator[OnServer]:
    """A connection to a server."""
    with Redis.from_url(where, socket_timeout=PATIENCE) as client:
        kept = {**client.config_get("appendonly"), **client.config_get("appendfsync")}
        assert kept == {"appendonly": "yes", "appendfsync": "always"}, f"it is not durable: {kept}"
        yield OnServer(client)


if __name__ == "__main__":
    main(opened)
