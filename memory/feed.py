"""The feed of changes as it goes on: read from a place, in order, for as long as somebody asks.

Who reads keeps the number of the last change that they have dealt with, and begins after it when they come back:
nothing is left out and nothing comes twice. A reader asks for the newest number now and then, which costs one look at
an index, and reads only when there is a newer one; so it hears of other processes as of its own. What retention has
removed meanwhile is not told.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Self

from memory.visit import visit
from storage.database import Database
from storage.ledger.statements import Execute
from storage.memory import feed
from storage.memory.feed import Change

POLL = 0.05
"""Seconds between two looks."""
AT_ONCE = 100
"""Changes that are read at once."""


def follow(
    database: Database,
    tenant: str,
    user_id: str,
    *,
    after: int | None = None,
    topics: Sequence[str] = (),
    poll: float = POLL,
) -> "Follower":
    """What a user is told, and what all of the tenant are; `async for` waits for what is still to come.

    Args:
        database: Where the feed is.
        tenant: The user's.
        user_id: The user; empty for what is all of the tenant's only.
        after: The number of the last change that is known; 0 for all there is. Without it only what comes from now on,
            where now is the beginning of `async with`, or of the first step without it.
        topics: Of these only; all without.
        poll: Seconds between two looks.
    """
    return Follower(database, tenant, user_id, after, tuple(topics), poll)


class Follower:
    """An iterator over changes that does not end. A step that is cancelled has taken nothing."""

    def __init__(
        self, database: Database, tenant: str, user_id: str, after: int | None, topics: Sequence[str], poll: float
    ) -> None:
        self._database = database
        self._whose = (tenant, user_id)
        self._topics = topics
        self._poll = poll
        self._read_up_to = after
        self._waiting: deque[Change] = deque()

    async def __aenter__(self) -> Self:
        await self._begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is left open."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Change:
        await self._begin()
        while not self._waiting:
            await self._look()
            if not self._waiting:
                await asyncio.sleep(self._poll)
        return self._waiting.popleft()

    async def _begin(self) -> int:
        if self._read_up_to is None:
            self._read_up_to = await visit(self._database, feed.newest)
        return self._read_up_to

    async def _look(self) -> None:
        """Reads what follows; what is not for this reader is read past."""
        after = await self._begin()

        def read(execute: Execute) -> tuple[list[Change], int]:
            up_to = feed.newest(execute)
            if up_to <= after:
                return [], after
            found = feed.after(execute, *self._whose, after, self._topics, AT_ONCE, up_to)
            return found, found[-1].id if len(found) == AT_ONCE else up_to

        found, self._read_up_to = await visit(self._database, read)
        self._waiting += found
