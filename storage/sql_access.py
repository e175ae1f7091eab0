"""A person's own SQL on the database: it reads, and can do nothing else.

Four things see to that, each by itself: the file is opened read-only, the connection is told `query_only`, an
authorizer lets pass nothing but reading, and only one SELECT is taken. A query that runs too long is stopped, and no
more rows are read than were asked for. It is opened beside what the program has open, and never brings a database up to
date.
"""

import asyncio
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage import files
from storage.errors import StorageError, failure

TIME_LIMIT = 5.0
"""Seconds a query may take."""
ROW_LIMIT = 1_000
_STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock: well under a millisecond."""
_LONGEST_VALUE = 16 * 1024 * 1024
"""Bytes of one value; a query cannot make more of it in memory."""
_BUSY_TIMEOUT = 5.0
_GRACE = 1.0
"""Seconds a query has, when its time is over, to come to its next step."""

_UNREADABLE = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR}
_READING = {"SELECT", "WITH", "VALUES", "EXPLAIN"}
_SPACE = re.compile(r"(\s|;|--[^\n]*(\n|$)|/\*.*?(\*/|$))*", re.DOTALL)
_DENIED_FUNCTIONS = {"load_extension", "fts3_tokenizer", "writefile", "readfile", "edit"}
_OF_THE_FILE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_NOTADB,
}
"""What is wrong with the database, and not with the query."""
_NEEDED_PRAGMA = "data_version"
"""SQLite's full-text search asks for it itself; it changes nothing."""


class SqlError(StorageError):
    """A query was refused, is wrong, or took too long; `str()` is one line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave.

    Attributes:
        columns: Their names; those given twice are told apart by a number.
        rows: Values as SQLite has them: None, int, float, str or bytes.
        more: Whether there were more rows than were asked for.
        seconds: How long it took.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    more: bool
    seconds: float


async def query(url: str, statement: str, *, rows: int = ROW_LIMIT, seconds: float = TIME_LIMIT) -> Answer:
    """Runs one SELECT on the database at `url`; cancelling stops it.

    Args:
        url: An SQLAlchemy URL of a SQLite file, or a file, which must exist.
        statement: One statement that reads.
        rows: How many rows to give at most.
        seconds: How long it may take.

    Raises:
        SqlError: It was refused, is wrong, or took too long; nothing was changed.
        StorageError: There is no such database.
    """
    file = files.existing(url)
    _check(statement)
    run = _Run(file, statement, rows, seconds)
    try:
        async with asyncio.timeout(seconds + _GRACE):
            return await _in_thread(run)
    except TimeoutError:
        raise SqlError(run.too_long) from None
    finally:
        run.stop()


async def _in_thread(work: Callable[[], Answer]) -> Answer:
    """Waits for work in a thread that does not keep the program from ending.

    SQLite looks at the clock between two steps of a query; a single step that takes for ever is left behind.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Answer] = loop.create_future()

    def tell(found: Answer | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error:
            answer.set_exception(error)
        elif found:
            answer.set_result(found)

    def run() -> None:
        found, raised = None, None
        try:
            found = work()
        except BaseException as error:
            raised = error
        with suppress(RuntimeError):  # nobody waits any more
            loop.call_soon_threadsafe(tell, found, raised)

    threading.Thread(target=run, name="sql", daemon=True).start()
    return await answer


class _Run:
    """One query on a connection of its own."""

    def __init__(self, file: Path, statement: str, rows: int, seconds: float) -> None:
        self._file = file
        self._statement = statement
        self._rows = rows
        self._seconds = seconds
        self._stopped = False

    @property
    def too_long(self) -> str:
        return f"the query took longer than {self._seconds:g} s and was stopped; nothing was changed"

    def stop(self) -> None:
        self._stopped = True

    def __call__(self) -> Answer:
        begun = time.monotonic()

        def is_over() -> bool:
            return self._stopped or time.monotonic() - begun > self._seconds

        address = files.for_reading(self._file)
        try:
            with closing(_connect(address)) as connection:
                connection.set_progress_handler(is_over, _STEPS)
                cursor = connection.execute(self._statement)
                found = cursor.fetchmany(self._rows + 1)
                names = [str(column[0]) for column in cursor.description or ()]
        except sqlite3.Error as error:
            raise SqlError(*self._told(error, timed_out=is_over())) from error
        return Answer(_distinct(names), found[: self._rows], len(found) > self._rows, time.monotonic() - begun)

    def _told(self, error: sqlite3.Error, *, timed_out: bool) -> tuple[str, ...]:
        found = failure(error)
        if found and getattr(error, "sqlite_errorcode", 0) & 0xFF in _OF_THE_FILE:
            return str(found), found.hint
        said = " ".join(str(error).split())
        if timed_out and "interrupted" in said:
            return (self.too_long,)
        if "not authorized" in said or "prohibited" in said:
            return (f"only reading is allowed here ({said}); nothing was changed",)
        if "one statement" in said:
            return ("only one statement at a time",)
        if "no such table" in said or "no such column" in said:
            return (said, "`sql --schema` lists tables, views and their columns.")
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _UNREADABLE:
            return (f"cannot read the database {self._file}: {said}", "Is it a database, and may you read it?")
        return (said,)


def _check(statement: str) -> None:
    """Refuses by name what is no query, before SQLite does so in its own words."""
    begun = _SPACE.sub("", statement, count=1)
    word = (re.match(r"[A-Za-z]+", begun) or [begun[:10]])[0].upper()
    if not word:
        raise SqlError("there is no query", 'For example: sql "SELECT * FROM agent_stats"')
    if word not in _READING:
        raise SqlError(f"only SELECT is allowed here, not {word}; nothing was changed")


def _connect(address: str) -> sqlite3.Connection:
    connection = sqlite3.connect(address, uri=True, timeout=_BUSY_TIMEOUT, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    _connect_virtual_tables(connection)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(_authorize)
    return connection


def _connect_virtual_tables(connection: sqlite3.Connection) -> None:
    """SQLite connects a full-text index at its first use, by statements that the authorizer would refuse."""
    made = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%'"
    for (name,) in connection.execute(made).fetchall():
        quoted = name.replace('"', '""')
        connection.execute(f'SELECT 1 FROM "{quoted}" LIMIT 0')


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _inner: str | None) -> int:
    if action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and second not in _DENIED_FUNCTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first == _NEEDED_PRAGMA and second is None:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _distinct(names: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for name in names:
        number = 2
        unique = name
        while unique in found:
            unique = f"{name}_{number}"
            number += 1
        found.append(unique)
    return tuple(found)
