"""Removes what time has ended, beside everything else that a process does: expired entries, and old history and feed.

It looks first, without the write lock, and writes only where there is something to do, a batch at a time. Several
processes may each have one: what one has removed, another does not find.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self, TypeVar

from memory.visit import visit
from storage.database import Database
from storage.errors import StorageError
from storage.ledger.statements import Execute
from storage.memory import sweeping
from storage.memory.sweeping import LOGS, Log

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

SECONDS = 60.0
"""Time between two sweeps, unless the settings name another."""
MAX_EVENTS = 10_000
"""Changes of a tenant that are kept, unless the settings name another number."""
MAX_DAYS = 90.0
"""How long a change is kept, unless the settings name another time."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of history and feed is kept: what is beyond either goes.

    Attributes:
        max_events: Rows of a tenant.
        max_days: Age of a row.
    """

    max_events: int = MAX_EVENTS
    max_days: float = MAX_DAYS


class Sweeper:
    """Sweeps at once, and again every so often, within `async with`."""

    def __init__(
        self,
        database: Database,
        *,
        seconds: float = SECONDS,
        retention: Retention | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """Args: what is swept, how often, what is kept, and the clock."""
        self._database = database
        self._seconds = seconds
        self._retention = retention or Retention()
        self._now = now or database.now

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def sweep(self) -> int:
        """Removes all that is due now; returns how many rows and entries that were."""
        removed = 0
        if await self._look(lambda execute: sweeping.is_due(execute, self._now())):
            removed += await self._all(lambda execute: sweeping.expire(execute, self._now()), sweeping.BATCH)
        for log in LOGS:
            removed += await self._forget(log)
        return removed

    async def _forget(self, log: Log) -> int:
        removed = 0
        before = self._now() - timedelta(days=self._retention.max_days)
        if await self._look(lambda execute: sweeping.is_old(execute, log, before)):
            removed += await self._all(lambda execute: sweeping.forget_old(execute, log, before), sweeping.ROWS)
        for each in await self._look(lambda execute: sweeping.too_many(execute, log, self._retention.max_events)):
            removed += await self._forget_up_to(log, *each)
        return removed

    async def _forget_up_to(self, log: Log, tenant: str, newest: int) -> int:
        return await self._all(lambda execute: sweeping.forget_up_to(execute, log, tenant, newest), sweeping.ROWS)

    async def _look(self, work: Callable[[Execute], Result]) -> Result:
        return await visit(self._database, work)

    async def _all(self, some: Callable[[Execute], int], batch: int) -> int:
        """Does it until there is less than a batch."""
        removed = 0
        while (done := await visit(self._database, some, writes=True)) == batch:
            removed += done
        return removed + done

    async def _run(self) -> None:
        while True:
            try:
                await self.sweep()
            except StorageError:  # the next one finds what this one has left
                logger.warning("memory could not be swept; it is tried again", exc_info=True)
            await asyncio.sleep(self._seconds)
