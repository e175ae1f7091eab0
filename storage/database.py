"""One database, a file or a server's: its engine, how it is opened, and the transactions on it.

SQLite runs in WAL mode with `synchronous=FULL`, foreign keys and a busy timeout; a writing transaction takes the write
lock when it begins, so that two processes queue instead of failing half-way. What the process writes goes through its
event log: a transaction is a function, so that nobody holds the lock while others are awaited. The schema is made in
one commit. What the file is, is asked before anything is written to it. One that cannot be written is read.

PostgreSQL is opened in `server`, and its `ServerLog` does the same: one writes at a time. The log of events is for
files; a server has none yet.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Row, Select, event
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import await_

from storage import files
from storage.dialects import POSTGRES, is_server
from storage.errors import StorageError, failure
from storage.events.connection import LOOK, PRAGMAS
from storage.events.log import EventLog
from storage.events.thread import StoppedError
from storage.kind import refuse_foreign
from storage.leases import SECONDS
from storage.ledger.posting import on
from storage.ledger.statements import Execute
from storage.schema import version
from storage.server import opening
from storage.server.log import ServerLog

BUSY_TIMEOUT = 30.0
"""Seconds a writer waits for another one."""

Result = TypeVar("Result")


class Database:
    """An open database. Use `async with Database.open(url) as database`.

    Attributes:
        file: Where it is; None for a server, and for an engine that is not ours.
        log: The log of its events, where it has one.
        read_only: Whether it can only be read.
        on_server: Whether it is PostgreSQL's.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        log: EventLog | None = None,
        *,
        file: Path | None = None,
        read_only: bool = False,
        prepares: bool = False,
    ) -> None:
        self.engine = engine
        self.log = log
        self.file = file or _file_of(engine)
        self.read_only = read_only
        self.on_server = engine.dialect.name == POSTGRES
        self._clock = opening.Clock() if self.on_server else None
        self._server = ServerLog(opening.told(engine.url), BUSY_TIMEOUT, self._clock) if self._clock else None
        self._reader = engine.execution_options(**opening.READING if self.on_server else {"read_only": True})
        self._recognised = False
        self._prepares = prepares
        self._preparing = asyncio.Lock()

    @classmethod
    def at(cls, url: str, *, create: bool = True, lease_seconds: float = SECONDS, prepares: bool = False) -> Self:
        """The database at `url`, not closed by itself, and not prepared: with `prepares` it does that when it is first
        asked or written to. Other arguments are those of `open`.

        Raises:
            StorageError: As `open`.
        """
        if is_server(url):
            return cls(opening.engine(url, BUSY_TIMEOUT), prepares=prepares)
        file = files.locate(url) if create else files.existing(url)
        if create:
            files.make(file)
        read_only = not files.is_writable(file)
        if read_only and create:
            raise _only_read(str(file))
        address = files.for_reading(file) if read_only else files.for_writing(file)
        log = EventLog(address, BUSY_TIMEOUT, lease_seconds=lease_seconds, read_only=read_only)
        return cls(_engine(address, read_only=read_only), log, file=file, read_only=read_only, prepares=prepares)

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, create: bool = True, lease_seconds: float = SECONDS) -> AsyncIterator[Self]:
        """Opens the database at `url`, making or migrating our tables first.

        Args:
            url: An SQLAlchemy URL, of a file or of PostgreSQL, or the name of a file.
            create: Make the file when there is none, and insist on writing to it. Without, a file that cannot be
                written is opened for reading; what would write to it raises StorageError. A server's database is there.
            lease_seconds: When turns are run on it: after so long, one who is silent is dead.

        Raises:
            StorageError: The URL is not one we serve, the database cannot be used, or it is another program's.
        """
        database = cls.at(url, create=create, lease_seconds=lease_seconds)
        try:
            await database.prepare()
            yield database
        finally:
            await database.close()

    async def close(self) -> None:
        """Closes all connections; none is opened any more."""
        if self.log:
            await self.log.close()
        if self._server:
            await self._server.close()
        await self.engine.dispose()
        event.listen(self.engine.sync_engine, "do_connect", _refuse)

    async def prepare(self) -> None:
        """Brings our tables to the version of this program; one process at a time."""
        try:
            await self._recognise()
            async with self.read() as conn:
                if await conn.run_sync(version.is_current):
                    return
            if self.read_only:
                raise StorageError(
                    f"{self.name} was not written by this version of the program, and cannot be brought up to date: "
                    "it can only be read",
                    "Copy it to a folder that you can write, and name the copy with --db.",
                )
            await self._upgrade()
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            found = failure(error)
            if found is None:
                raise
            raise StorageError(f"cannot use the database {self.name}: {found}", found.hint) from error

    async def _upgrade(self) -> None:
        if self._server:
            await asyncio.to_thread(opening.load_adk)
        await self._write(opening.upgrade if self._server else version.upgrade)

    async def _prepare_first(self) -> None:
        async with self._preparing:
            if self._prepares:
                await self.prepare()
                self._prepares = False

    async def _recognise(self) -> None:
        """Refuses another program's database; once, before the first connection that may write."""
        if self._recognised:
            return
        if self._clock:
            async with self.read() as conn:
                await conn.run_sync(opening.refuse_foreign, self.name)
                self._clock.tell(await conn.run_sync(opening.time_of))
        elif self.file:
            await self._recognise_file(self.file)
        self._recognised = True

    async def _recognise_file(self, file: Path) -> None:
        try:
            await asyncio.to_thread(refuse_foreign, file, files.for_reading(file), BUSY_TIMEOUT)
        except sqlite3.OperationalError as error:
            # what a killed process left half done, only a writer can bring in order
            if self.read_only or error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise
            await asyncio.to_thread(refuse_foreign, file, files.for_writing(file), BUSY_TIMEOUT)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one consistent state, with every event that was given; it takes no write lock."""
        await self._settled()
        async with self._reader.connect() as conn:
            yield conn

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """A transaction, after every event that was given: commits when `work` returns, and rolls back when it raises.

        What `work` does to the connection may be done more than once, until it is kept.

        Raises:
            StorageError: The database can only be read.
        """
        if self.read_only:
            raise _only_read(self.name)
        if self._prepares:
            await self._prepare_first()
        return await self._write(work)

    async def _write(self, work: Callable[[Connection], Result]) -> Result:
        if self.log:
            return await self.log.write(work)
        if self._server:
            return await self._server.write(work)
        async with self.engine.begin() as conn:
            return await conn.run_sync(work)

    async def do(self, work: Callable[[Execute], Result], *, writes: bool = False) -> Result:
        """As `write` with bare statements, and quicker; without `writes` for one or more that only read.

        Raises:
            StorageError: It writes, and the database can only be read.
        """
        if writes and self.read_only:
            raise _only_read(self.name)
        if self._prepares:
            await self._prepare_first()
        log = self.log
        if log:
            return await log.do(lambda: work(log.execute), writes=writes)
        if self._server:
            return await self._server.do(work, writes=writes)
        async with self.engine.begin() if writes else self._reader.connect() as conn:
            return await conn.run_sync(lambda sync: work(on(sync)))

    async def fetch(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """The rows of one SELECT, in one visit to the log where there is one."""
        if log := self.log or self._server:
            return await log.fetch(query)
        async with self.read() as conn:
            rows: Sequence[Row[Any]] = (await conn.execute(query)).all()
            return rows

    def now(self) -> datetime:
        """The time by the clock that all who write here go by: the server's, or of a file this machine's."""
        return self._clock.now() if self._clock else datetime.now(UTC)

    async def _settled(self) -> None:
        if self.log:
            await self.log.settled()
            self.log.check_in_place()

    @property
    def name(self) -> str:
        """What a person calls this database: the file, or the URL without its password."""
        return str(self.file) if self.file else self.engine.url.render_as_string()


def _file_of(engine: AsyncEngine) -> Path | None:
    """The file of an engine that somebody else has made."""
    name = engine.url.database
    plain = engine.dialect.name == "sqlite" and name and not name.startswith(("file:", ":memory:"))
    return Path(name).absolute() if plain and name else None


def _only_read(name: str) -> StorageError:
    return StorageError(
        f"{name} can only be read: the file, its folder or its disk is write-protected",
        "Nothing was changed. Copy it to a folder that you can write, and name the copy with --db.",
    )


def _refuse(*_: object) -> None:
    raise StoppedError


def _engine(address: str, *, read_only: bool) -> AsyncEngine:
    file, _, how = address.partition("?")
    options = dict(option.split("=") for option in how.split("&"))
    url = URL.create("sqlite+aiosqlite", database=file, query={**options, "uri": "true"})
    engine = create_async_engine(url, connect_args={"timeout": BUSY_TIMEOUT})
    event.listen(engine.sync_engine, "connect", _set_none if read_only else _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _set_none(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None


def _set_pragmas(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # the driver begins no transaction of its own; `_begin` does
    cursor = dbapi_connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(conn: Connection) -> None:
    if conn.get_execution_options().get("read_only"):
        conn.exec_driver_sql("BEGIN")
        return
    conn.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        _begin_to_write(conn, time.monotonic() + BUSY_TIMEOUT)
    finally:
        conn.exec_driver_sql(f"PRAGMA busy_timeout = {int(1000 * BUSY_TIMEOUT)}")


def _begin_to_write(conn: Connection, until: float) -> None:
    """Looks in short, even steps, as the log's own connection does; else those who do so are always quicker."""
    while True:
        try:
            conn.exec_driver_sql("BEGIN IMMEDIATE")
            return
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        await_(asyncio.sleep(LOOK))
