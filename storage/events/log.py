"""ADK's tables and the ledger on one bare SQLite connection: what every turn does, in as few steps as can be.

One connection is kept warm on one thread, for all sessions of the process, and all of what a turn needs to read is one
visit to it. Events are written with everything that follows from them; what many turns have given meanwhile goes into
one durable commit, in which each fails by itself. The rules are those of ADK's `DatabaseSessionService`: the same rows,
the same check for a session that somebody else has changed.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select

from storage.errors import StorageError
from storage.events import reads, writes
from storage.events.connection import WarmConnection
from storage.events.heart import Heart
from storage.events.reads import StoredSession, SummaryCoverage, TurnContext, TurnResult
from storage.events.thread import Chain, Job, Worker
from storage.events.writes import NewEvent, StaleError
from storage.leases import BEATS, SECONDS, Lease
from storage.ledger.summaries import Coverage
from storage.scope import SessionKey, TurnKey

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

CLOSE_PATIENCE = 5.0
"""Seconds that closing waits for what was given; what waits for others longer has not been shown to anybody."""
GROUP_SECONDS = 0.01
"""How long an event may wait for those that follow it; nobody sees that a line on the screen comes so much later."""


class EventLog:
    """One file, one connection, one thread. Use `await close()` at the end."""

    def __init__(
        self, address: str, busy_timeout: float, *, lease_seconds: float = SECONDS, read_only: bool = False
    ) -> None:
        """Opens nothing yet.

        Args:
            address: SQLite's own address of the file.
            busy_timeout: Seconds a writer waits for others.
            lease_seconds: What is silent for so long is dead; the same for all on one database.
            read_only: Whether the file can only be read.
        """
        self.lease = Lease()
        self._connection = WarmConnection(address, busy_timeout, read_only=read_only)
        self.execute = self._connection.execute
        self.heart = Heart(self._connection, self.lease, lease_seconds / BEATS)
        self._worker = Worker("event-log", self._connection.run, self._close, self.heart.rest)
        self._waiting: dict[Job, None] = {}
        self._unsettled: set[asyncio.Future[Any]] = set()

    async def adk_version(self) -> str | None:
        """As `reads.adk_version`."""
        return await self.do(lambda: reads.adk_version(self.execute))

    async def opening(self, key: TurnKey, undone_from: str | None = None) -> TurnContext | None:
        """As `reads.opening`, for a turn that is to be the only one of its session.

        Raises:
            SessionBusyError: Another one runs.
        """

        def opening() -> TurnContext | None:
            writes.refuse_second(self.execute, key)
            return reads.opening(self.execute, key.session, undone_from)

        return await self.do(opening)

    async def first_opening(self, key: SessionKey) -> TurnContext:
        """As `reads.first_opening`, now."""
        return await self.do(lambda: reads.first_opening(self.execute, key, datetime.now(UTC)))

    async def session(self, key: SessionKey) -> StoredSession | None:
        """As `reads.session`."""
        return await self.do(lambda: reads.session(self.execute, key))

    async def ending(self, key: TurnKey) -> tuple[TurnResult | None, SummaryCoverage | None]:
        """How a turn ended, and how far its session reaches then; None where nothing was written."""
        return await self.do(lambda: (reads.ending(self.execute, key), reads.extent(self.execute, key.session)))

    async def window(self, key: SessionKey, after_turn: int, last_turn: int) -> list[tuple[int, dict[str, Any]]]:
        """As `reads.window`."""
        return await self.do(lambda: reads.window(self.execute, key, after_turn, last_turn))

    async def first_time(self, key: SessionKey, after_turn: int) -> datetime | None:
        """As `reads.first_time`."""
        return await self.do(lambda: reads.first_time(self.execute, key, after_turn))

    async def event(self, key: SessionKey, event_id: str) -> dict[str, Any] | None:
        """As `reads.event`."""
        return await self.do(lambda: reads.event(self.execute, key, event_id))

    async def fetch(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """The rows of one SELECT."""
        return await self.do(lambda: self._connection.with_sqlalchemy(lambda conn: conn.execute(query).all()))

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """What `work` returns, once what it has written is durable; it may be done more than once, until it is kept."""
        return await self.do(lambda: self._connection.with_sqlalchemy(work), writes=True)

    async def add_summary(self, key: SessionKey, event: dict[str, Any], covers: Coverage) -> bool:
        """As `writes.add_summary`, durably."""
        return await self.do(lambda: writes.add_summary(self.execute, key, event, covers), writes=True)

    async def append(self, key: TurnKey, event: NewEvent, expected: datetime | None) -> None:
        """Writes one event as `writes.append` does, durably, with its errors."""

        def append() -> None:
            self.heart.begin()
            writes.append(self.execute, key, [event], expected, self.lease)

        await self.do(append, writes=True)

    def turn(self, key: TurnKey) -> "TurnLog":
        """The events of one turn, to be written."""
        return TurnLog(self, key)

    async def settled(self) -> None:
        """Returns when every event that was given is written, or has failed."""
        self.hurry()
        if self._unsettled:
            await asyncio.wait(list(self._unsettled))

    def check_in_place(self) -> None:
        """As `WarmConnection.check_in_place`."""
        self._connection.check_in_place()

    async def close(self) -> None:
        """Closes the connection and ends the thread; what goes wrong then is logged, and hides nothing."""
        self.hurry()
        await asyncio.to_thread(self._worker.stop, CLOSE_PATIENCE)

    async def do(self, work: Callable[[], Result], *, writes: bool = False, chain: Chain | None = None) -> Result:
        """Has something done after all that was given; when the wait is cancelled, it is done all the same."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.hurry(Job(work, future, writes, chain))
        return await future

    def wait(self, work: Callable[[], Result], chain: Chain) -> tuple[Job, asyncio.Future[Result]]:
        """Has something written with whatever is given within `GROUP_SECONDS`, or is asked meanwhile."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        job = Job(work, future, True, chain)
        if not self._waiting:
            loop.call_later(GROUP_SECONDS, self._due, job)
        self._waiting[job] = None
        self._unsettled.add(future)
        future.add_done_callback(self._unsettled.discard)
        return job, future

    def is_waiting(self, job: Job) -> bool:
        """Whether a job waits for more."""
        return job in self._waiting

    def hurry(self, *jobs: Job) -> None:
        """Has some jobs done, after those that wait."""
        waiting, self._waiting = self._waiting, {}
        self._worker.give([*waiting, *jobs])

    def _close(self) -> None:
        for end in (self.heart.end, self._connection.close):
            try:
                end()
            except (OSError, sqlite3.Error, StorageError):
                logger.exception("the event log could not be closed in order")

    def _due(self, first: Job) -> None:
        if first in self._waiting:
            self.hurry()


class TurnLog(Chain):
    """The events of one turn. Its message is written at once; what follows in groups: the turn goes on, and waits for
    the disk less often than it has events. When one could not be written, none that follows it is.

    Attributes:
        newest: Of the newest event that was given: done when it is durable, or has failed. The result is whether the
            session had the time that was expected; it is written even if somebody else has changed it.
    """

    def __init__(self, log: EventLog, key: TurnKey) -> None:
        super().__init__()
        self.newest: asyncio.Future[bool] | None = None
        self._log = log
        self._key = key
        self._group: list[NewEvent] = []
        self._job: Job | None = None

    async def begin(
        self,
        event: NewEvent,
        expected: datetime | None,
        undo: NewEvent | None = None,
        made_at: datetime | None = None,
    ) -> None:
        """As `writes.begin`, durably, with its errors."""
        log = self._log

        def begin() -> None:
            log.heart.begin()
            writes.begin(log.execute, self._key, event, expected, log.lease, undo, made_at)

        await log.do(begin, writes=True, chain=self)

    def append(self, event: NewEvent, expected: datetime | None) -> None:
        """Gives an event to be written with those of its turn that follow soon.

        Args:
            event: The event.
            expected: The session's time as it was last read or written.

        Raises:
            Exception: What an earlier event of the turn has failed with.
        """
        if self.error:
            raise self.error
        if self._job and self._log.is_waiting(self._job):
            self._group.append(event)
            return
        group = self._group = [event]
        self._job, self.newest = self._log.wait(lambda: self._write(group, expected), self)

    async def settled(self) -> None:
        """Returns when every event that was given is written, or has failed."""
        if self.newest and not self.newest.done():
            self._log.hurry()
            await asyncio.wait([self.newest])

    def _write(self, group: Sequence[NewEvent], expected: datetime | None) -> bool:
        try:
            writes.append(self._log.execute, self._key, group, expected, self._log.lease)
        except StaleError:
            writes.append(self._log.execute, self._key, group, None, self._log.lease)
            return False
        return True
