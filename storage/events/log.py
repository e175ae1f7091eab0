"""ADK's tables and the ledger on one bare SQLite connection: what every turn does, in as few steps as can be.

One connection is kept warm on one thread, and all of what a turn needs to read is one visit to it. Events are written
with everything that follows from them in one durable commit: one alone, or the newest of a turn as a group, so that a
turn waits for the disk less often than it has events. The rules are those of ADK's `DatabaseSessionService`: the same
rows, the same check for a session that somebody else has changed.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Row, Select, create_engine
from sqlalchemy.pool import StaticPool

from storage.errors import MovedError
from storage.events import reads, writes
from storage.events.reads import StoredSession, SummaryCoverage, TurnContext, TurnResult
from storage.events.thread import StoppedError, Worker
from storage.events.writes import NewEvent, StaleError
from storage.leases import Lease
from storage.ledger.posting import stamp
from storage.ledger.statements import Values
from storage.ledger.summaries import Coverage
from storage.scope import SessionKey, TurnKey

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

CLOSE_PATIENCE = 5.0
"""Seconds that closing waits for what was given; what waits for others longer has not been shown to anybody."""
GROUP_SECONDS = 0.01
"""How long an event may wait for those that follow it; nobody sees that a line on the screen comes so much later."""


@dataclass(slots=True)
class _Group:
    """The events of a turn that the next commit will write."""

    key: TurnKey
    expected: datetime | None
    written: asyncio.Future[bool]
    events: list[NewEvent] = field(default_factory=list)


class EventLog:
    """One file, one connection, one thread. Use `await close()` at the end."""

    def __init__(self, address: str, busy_timeout: float) -> None:
        """Args: SQLite's own address of the file, and the seconds a writer waits for another one."""
        self._address = address
        self._busy_timeout = busy_timeout
        self.lease = Lease()
        self._worker = Worker("event-log")
        self._connection: sqlite3.Connection | None = None
        self._group: _Group | None = None
        self._writing: asyncio.Future[bool] | None = None
        self._failed: tuple[TurnKey, Exception] | None = None
        self._inodes: dict[Path, int] = {}

    async def adk_version(self) -> str | None:
        """As `reads.adk_version`."""
        return await self._visit(lambda: reads.adk_version(self._execute))

    async def opening(self, key: SessionKey, undone_from: str | None = None) -> TurnContext | None:
        """As `reads.opening`."""
        return await self._visit(lambda: reads.opening(self._execute, key, undone_from))

    async def session(self, key: SessionKey) -> StoredSession | None:
        """As `reads.session`."""
        return await self._visit(lambda: reads.session(self._execute, key))

    async def ending(self, key: TurnKey) -> tuple[TurnResult | None, SummaryCoverage | None]:
        """How a turn ended, and how far its session reaches then; None where nothing was written."""
        return await self._visit(lambda: (reads.ending(self._execute, key), reads.extent(self._execute, key.session)))

    async def window(self, key: SessionKey, after_turn: int, last_turn: int) -> list[tuple[int, dict[str, Any]]]:
        """As `reads.window`."""
        return await self._visit(lambda: reads.window(self._execute, key, after_turn, last_turn))

    async def first_time(self, key: SessionKey, after_turn: int) -> datetime | None:
        """As `reads.first_time`."""
        return await self._visit(lambda: reads.first_time(self._execute, key, after_turn))

    async def event(self, key: SessionKey, event_id: str) -> dict[str, Any] | None:
        """As `reads.event`."""
        return await self._visit(lambda: reads.event(self._execute, key, event_id))

    async def fetch(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """The rows of one SELECT."""
        return await self._visit(lambda: self._fetch(query))

    async def add_summary(self, key: SessionKey, event: dict[str, Any], covers: Coverage) -> bool:
        """As `writes.add_summary`, durably."""
        return await self._visit(
            lambda: self._transaction(lambda: writes.add_summary(self._execute, key, event, covers))
        )

    async def add_states(self, key: SessionKey) -> None:
        """As `writes.add_states`, durably."""
        at = datetime.now(UTC)
        await self._visit(lambda: self._transaction(lambda: writes.add_states(self._execute, key, at)))

    async def append(self, key: TurnKey, event: NewEvent, expected: datetime | None) -> None:
        """Writes one event as `writes.append` does, durably, with its errors."""
        await self._visit(
            lambda: self._transaction(lambda: writes.append(self._execute, key, [event], expected, self.lease))
        )

    async def complete_version(self, version: str) -> None:
        """As `writes.complete_version`, durably."""
        await self._visit(lambda: self._transaction(lambda: writes.complete_version(self._execute, version)))

    async def append_instead(self, key: TurnKey, undo: NewEvent, event: NewEvent, expected: datetime | None) -> None:
        """Writes two events as `writes.append_instead` does, durably and in one commit, with its errors."""
        await self._visit(
            lambda: self._transaction(
                lambda: writes.append_instead(self._execute, key, undo, event, expected, self.lease)
            )
        )

    def append_soon(self, key: TurnKey, event: NewEvent, expected: datetime | None) -> asyncio.Future[bool]:
        """Gives an event to be written with those of its turn that follow within `GROUP_SECONDS`.

        Whatever is asked of the log meanwhile is asked after it is written. When an event of a turn could not be
        written, none that follows it is.

        Returns:
            Done when the event is written durably, or has failed. It is written even if the session has another time
            than `expected`; the result is whether it had that.

        Raises:
            Exception: What an earlier event of the turn has failed with.
        """
        if self._failed and self._failed[0] == key:
            raise self._failed[1]
        if self._group and self._group.key != key:
            self._commit_group()
        if self._group is None:
            loop = asyncio.get_running_loop()
            self._group = _Group(key, expected, loop.create_future())
            loop.call_later(GROUP_SECONDS, self._commit_group, self._group)
        self._group.events.append(event)
        return self._group.written

    async def settled(self) -> None:
        """Returns when every event that was given is written, or has failed."""
        self._commit_group()
        if self._writing and not self._writing.done():
            await asyncio.wait([self._writing])

    def check_in_place(self) -> None:
        """Looks whether the file that was opened is still the one at its place, and so is its write-ahead log.

        SQLite goes on writing to a file that was deleted, and to the end of the program nobody notices.

        Raises:
            MovedError: It is not.
        """
        if any(_inode(file) != inode for file, inode in self._inodes.items()):
            raise MovedError

    async def close(self) -> None:
        """Closes the connection and ends the thread; what goes wrong then is logged, and hides nothing."""
        self._commit_group()
        try:
            await asyncio.wait_for(self._worker.do(self._close), CLOSE_PATIENCE)
        except StoppedError:
            return
        except (TimeoutError, OSError, sqlite3.Error):
            logger.exception("the event log could not be closed in order")
        self._worker.stop(CLOSE_PATIENCE)

    async def _visit(self, work: Callable[[], Result]) -> Result:
        self._commit_group()
        return await self._worker.do(lambda: self._in_place(work))

    def _in_place(self, work: Callable[[], Result]) -> Result:
        self.check_in_place()
        return work()

    def _commit_group(self, due: _Group | None = None) -> None:
        """Has the group written that waits, if there is one and, when one is due, if it is that."""
        group = self._group
        if group and (due is None or due is group):
            self._group, self._writing = None, group.written
            self._worker.give(lambda: self._write(group), group.written)

    def _write(self, group: _Group) -> bool:
        if self._failed and self._failed[0] == group.key:
            raise self._failed[1]
        try:
            return self._in_place(lambda: self._transaction(lambda: self._append(group)))
        except Exception as error:
            self._failed = group.key, error
            raise

    def _append(self, group: _Group) -> bool:
        try:
            writes.append(self._execute, group.key, group.events, group.expected, self.lease)
        except StaleError:
            writes.append(self._execute, group.key, group.events, None, self.lease)
            return False
        return True

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(
                self._address,
                uri=True,
                timeout=self._busy_timeout,
                isolation_level=None,
                check_same_thread=False,
            )
            try:
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("PRAGMA foreign_keys=ON")
                self._inodes = _inodes(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
            self._engine = create_engine(
                "sqlite://", creator=self._open, poolclass=StaticPool, pool_reset_on_return=None
            )
        return self._connection

    def _fetch(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """With SQLAlchemy on the same connection; it begins no transaction there, so nothing stays open."""
        self._open()
        with self._engine.connect() as conn:
            return conn.execute(query).all()

    def _close(self) -> None:
        if self._connection is not None:
            self._inodes = {}
            self._connection.close()
            self._connection = None

    def _execute(self, statement: str, values: Values) -> Sequence[Sequence[Any]]:
        stored = {k: stamp(v) if isinstance(v, datetime) else v for k, v in values.items()}
        return self._open().execute(statement, stored).fetchall()

    def _transaction(self, work: Callable[[], Result]) -> Result:
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = work()
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # SQLite itself rolls back on a full disk
                connection.execute("ROLLBACK")
            raise
        return result


def _inodes(connection: sqlite3.Connection) -> dict[Path, int]:
    """Which file a connection has open, and which write-ahead log, once it has read."""
    connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    ((_, _, name),) = connection.execute("PRAGMA main.database_list").fetchall()
    found = {each: _inode(each) for each in (Path(name), Path(f"{name}-wal"))}
    return {each: inode for each, inode in found.items() if inode}


def _inode(file: Path) -> int:
    """A file's number in its file system; 0 when it is not there."""
    try:
        return file.stat().st_ino
    except FileNotFoundError:
        return 0
