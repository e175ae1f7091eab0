"""One database: its engine, how it is opened, and the transactions on it.

SQLite runs in WAL mode with `synchronous=FULL`, foreign keys and a busy timeout; a writing transaction takes the write
lock when it begins, so that two processes queue instead of failing half-way. The schema is made once, under a lock.
"""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Row, Select, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage import schema
from storage.errors import StorageError
from storage.event_log import EventLog

BUSY_TIMEOUT = 30.0
"""Seconds a writer waits for another one."""
SCHEMA_TIMEOUT = 60.0
"""Seconds a start waits for another process that is making the schema."""


class Database:
    """An open database. Use `async with Database.open(url) as database`."""

    def __init__(self, engine: AsyncEngine, log: EventLog | None = None) -> None:
        self.engine = engine
        self.log = log
        self._reader = engine.execution_options(read_only=True)

    @classmethod
    def at(cls, url: str, *, create: bool = True) -> Self:
        """The database at `url`, neither prepared nor closed by itself.

        Raises:
            StorageError: As `open`.
        """
        engine = make_engine(url, create=create)
        return cls(engine, EventLog(Path(engine.url.database or ""), BUSY_TIMEOUT))

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, *, create: bool = True) -> AsyncIterator[Self]:
        """Opens the database at `url`, making or migrating our tables first.

        Args:
            url: An SQLAlchemy URL, or a file.
            create: Make the file when there is none.

        Raises:
            StorageError: The URL is not one we serve, or the file cannot be used.
        """
        database = cls.at(url, create=create)
        try:
            await database.prepare()
            yield database
        finally:
            await database.close()

    async def close(self) -> None:
        """Closes all connections."""
        if self.log:
            await self.log.close()
        await self.engine.dispose()

    async def prepare(self) -> None:
        """Brings our tables to the version of this program; one process at a time."""
        try:
            async with self.read() as conn:
                if await conn.run_sync(schema.is_current):
                    return
            async with self.exclusive(), self.write() as conn:
                await conn.run_sync(schema.upgrade)
        except DatabaseError as error:
            raise StorageError(
                f"cannot use the database {self.name}: {error.orig}",
                "Check the file and its permissions, or name another one with --db.",
            ) from error

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Held by at most one process on this machine: for making tables, ADK's included."""
        file = self.engine.url.database
        if self.engine.dialect.name != "sqlite" or not file:
            yield
            return
        from filelock import AsyncFileLock  # long to load, and most starts make no tables

        async with AsyncFileLock(f"{file}.lock", timeout=SCHEMA_TIMEOUT, mode=0o600):
            yield

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one consistent state, with every event that was given; it takes no write lock."""
        await self._settled()
        async with self._reader.connect() as conn:
            yield conn

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end, or rolls back on an error; after every event that was given."""
        await self._settled()
        async with self.engine.begin() as conn:
            yield conn

    async def fetch(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """The rows of one SELECT, in one visit to the event log where there is one."""
        if self.log:
            return await self.log.fetch(query)
        async with self.read() as conn:
            rows: Sequence[Row[Any]] = (await conn.execute(query)).all()
            return rows

    async def _settled(self) -> None:
        if self.log:
            await self.log.settled()

    @property
    def name(self) -> str:
        """What a person calls this database: the file, or the URL without its password."""
        url = self.engine.url
        return url.database or "" if self.engine.dialect.name == "sqlite" else url.render_as_string()


def make_engine(url: str, *, create: bool = True) -> AsyncEngine:
    """An engine with this program's rules on it; a SQLite file is created readable by its owner only.

    Raises:
        StorageError: The URL is not one we serve, its folder cannot be written, or there is no such file.
    """
    try:
        parsed = make_url(url if "://" in url else f"sqlite+aiosqlite:///{url}")
    except ArgumentError as error:
        raise StorageError(f"not a database URL: {url}", "Give a file, or sqlite+aiosqlite:///FILE.") from error
    if parsed.get_backend_name() != "sqlite":
        raise StorageError(f"{parsed.get_backend_name()} is not supported", "Use sqlite+aiosqlite:///FILE.")
    parsed = parsed.set(drivername="sqlite+aiosqlite")
    if not parsed.database or parsed.database == ":memory:":
        raise StorageError("the database has no file", "Give a file, or sqlite+aiosqlite:///FILE.")
    if not create and not Path(parsed.database).exists():
        raise StorageError(f"there is no database {parsed.database} yet", "The first message makes it.")
    _create_private(Path(parsed.database))
    engine = create_async_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT})
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _create_private(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StorageError(
            f"cannot open the database {file}: {error.strerror}", "Name a file you can write with --db."
        ) from error


def _set_pragmas(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # the driver begins no transaction of its own; `_begin` does
    cursor = dbapi_connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(conn: Connection) -> None:
    read_only = conn.get_execution_options().get("read_only")
    conn.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
