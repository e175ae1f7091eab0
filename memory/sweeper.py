"""Removes what time has ended, beside everything else that a process does: expired entries, old history and feed, and
what plans needed that have ended long ago. It makes the vectors that are missing, too.

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

from memory.knowledge.meaning import BATCH, Meaning
from memory.visit import visit
from settings import Settings
from storage.database import Database
from storage.errors import StorageError
from storage.ledger.statements import Execute
from storage.memory import sweeping
from storage.memory.sweeping import LOGS, Log
from storage.plans import ended

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

SECONDS = 60.0
"""Time between two sweeps, unless the settings name another."""
MAX_EVENTS = 10_000
"""Changes of a tenant that are kept, unless the settings name another number."""
MAX_DAYS = 90.0
"""How long a change is kept, unless the settings name another time."""
PLAN_DAYS = 30.0
"""How long what a plan needed is kept when it has ended, unless the settings name another time."""
_MARGIN = timedelta(hours=1)
"""By how much the clocks of those who end plans may differ."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How much is kept of history and feed, of which goes what is beyond either, and of plans that have ended.

    Attributes:
        max_events: Rows of a tenant.
        max_days: Age of a row.
        plan_days: Since a plan ended; its working memory goes then.
    """

    max_events: int = MAX_EVENTS
    max_days: float = MAX_DAYS
    plan_days: float = PLAN_DAYS


class Sweeper:
    """Sweeps at once, and again every so often, within `async with`; in between no task waits."""

    def __init__(
        self,
        database: Database,
        *,
        seconds: float = SECONDS,
        retention: Retention | None = None,
        meaning: Meaning | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        """Args: what is swept, how often, what is kept, what makes vectors where there are none, and the clock."""
        self._database = database
        self._seconds = seconds
        self._retention = retention or Retention()
        self._meaning = meaning or Meaning(None)
        self._plans_after: datetime | None = None
        self._now = now or database.now
        self._next: asyncio.TimerHandle | None = None

    @classmethod
    def of(cls, settings: Settings, database: Database, meaning: Meaning) -> Self:
        """As the settings want it."""
        retention = Retention(settings.history_max_events, settings.history_max_days, settings.plan_memory_days)
        return cls(database, seconds=settings.sweep_seconds, retention=retention, meaning=meaning)

    async def __aenter__(self) -> Self:
        self._begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        if self._next:
            self._next.cancel()

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def sweep(self) -> int:
        """Removes all that is due now; returns how many rows and entries that were."""
        removed = 0
        if await self._look(lambda execute: sweeping.is_due(execute, self._now())):
            removed += await self._all(lambda execute: sweeping.expire(execute, self._now()), sweeping.BATCH)
        for log in LOGS:
            removed += await self._forget(log)
        return removed + await self._clean_up_plans()

    async def _clean_up_plans(self) -> int:
        """What a plan needed goes so long after its end; after the first look, only newer ones are looked at."""
        before = self._now() - timedelta(days=self._retention.plan_days)
        after = self._plans_after
        removed = 0

        def some(execute: Execute) -> int:
            return ended.clean_up(execute, ended.with_memory(execute, after, before), self._now())

        while await self._look(lambda execute: ended.with_memory(execute, after, before)):
            removed += await visit(self._database, some, writes=True)
        self._plans_after = before - _MARGIN
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
        try:
            await self.sweep()
            while await self._meaning.refresh(self._database) == BATCH:
                await asyncio.sleep(0)
        except StorageError:  # the next one finds what this one has left
            logger.warning("memory could not be swept; it is tried again", exc_info=True)
        self._next = asyncio.get_running_loop().call_later(self._seconds, self._begin)
