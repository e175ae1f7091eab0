"""One bare SQLite connection, kept warm: where it is open, and how what many have given is written in one commit.

Whoever writes waits for its turn in short, even steps: SQLite's own wait grows to a tenth of a second, so that among
several processes those that have waited longest look least often.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import StaticPool

from storage.errors import MovedError
from storage.events.thread import Chain, Job, Outcome, break_chains
from storage.ledger.posting import stamp
from storage.ledger.statements import Values

Result = TypeVar("Result")

PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON")
"""How a file is written; what is deleted is overwritten, so that no page has it any more."""
LOOK = 0.001
"""Seconds between two looks whether the database can be written."""


class _Driven(sqlite3.Connection):
    """A connection whose transactions are begun and ended here, whatever SQLAlchemy thinks of it."""

    def commit(self) -> None: ...

    def rollback(self) -> None: ...


class WarmConnection:
    """One file, one connection, for one thread; opened when it is first used."""

    def __init__(self, address: str, busy_timeout: float, *, read_only: bool = False) -> None:
        """Args: SQLite's own address of the file, the seconds a writer waits for others, whether it is only read."""
        self._address = address
        self._busy_timeout = busy_timeout
        self._read_only = read_only
        self._connection: sqlite3.Connection | None = None
        self._inodes: dict[Path, int] = {}

    def execute(self, statement: str, values: Values) -> Sequence[Sequence[Any]]:
        """Runs a statement with named parameters, and returns its rows."""
        stored = {k: stamp(v) if isinstance(v, datetime) else v for k, v in values.items()}
        return self._open().execute(statement, stored).fetchall()

    def with_sqlalchemy(self, work: Callable[[Connection], Result]) -> Result:
        """The same connection as SQLAlchemy's, in the transaction that is open, if one is."""
        self._open()
        with self._engine.connect() as conn:
            return work(conn)

    def run(self, jobs: Sequence[Job]) -> list[Outcome]:
        """Does some jobs in order: those that write in one commit, in which each fails by itself."""
        try:
            self.check_in_place()
        except MovedError as error:
            return [(None, error)] * len(jobs)
        return self._commit(jobs) if any(job.writes for job in jobs) else [_done(job) for job in jobs]

    def write(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, once what it has written is durable.

        Raises:
            sqlite3.Error, OSError: It cannot be written; or what `work` raises.
        """
        result: Result
        ((result, error),) = self.run([Job(work, None, writes=True)])
        if error:
            raise error
        return result

    def check_in_place(self) -> None:
        """Looks whether the file that was opened is still the one at its place, and so is its write-ahead log.

        SQLite goes on writing to a file that was deleted, and to the end of the program nobody notices.

        Raises:
            MovedError: It is not.
        """
        if any(_inode(file) != inode for file, inode in self._inodes.items()):
            raise MovedError

    def close(self) -> None:
        """Closes it; it is opened again when it is used again."""
        if self._connection is not None:
            self._inodes = {}
            self._connection.close()
            self._connection = None

    def _commit(self, jobs: Sequence[Job]) -> list[Outcome]:
        """One commit; where it cannot be made, one for each job, of which some can."""
        outcomes = self._in_one(jobs) or [outcome for job in jobs for outcome in self._commit([job])]
        break_chains(jobs, outcomes)
        return outcomes

    def _in_one(self, jobs: Sequence[Job]) -> list[Outcome]:
        """How each job went; empty when of several jobs none could be kept."""
        try:
            self._begin()
        except (sqlite3.Error, OSError) as error:
            return [(None, error) if job.writes else _done(job) for job in jobs]
        broken: dict[Chain, BaseException] = {}
        try:
            outcomes = [self._apart(job, broken) if len(jobs) > 1 else (_work(job, broken), None) for job in jobs]
            self._open().execute("COMMIT")
        except BaseException as error:
            if self._open().in_transaction:  # SQLite itself rolls back on a full disk
                self._open().execute("ROLLBACK")
            return [] if len(jobs) > 1 else [(None, error)]
        return outcomes

    def _begin(self) -> None:
        """Raises `sqlite3.OperationalError` when others write for all of the time that a writer waits."""
        connection = self._open()
        until = time.monotonic() + self._busy_timeout
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    connection.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                        raise
                time.sleep(LOOK)
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(1000 * self._busy_timeout)}")

    def _apart(self, job: Job, broken: dict[Chain, BaseException]) -> Outcome:
        """A job that leaves nothing behind when it fails; what the others of the commit have written stays."""
        connection = self._open()
        connection.execute("SAVEPOINT job")
        try:
            result = _work(job, broken)
        except Exception as error:
            connection.execute("ROLLBACK TO job")  # which fails where SQLite itself has rolled all of it back
            connection.execute("RELEASE job")
            return None, error
        connection.execute("RELEASE job")
        return result, None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = sqlite3.connect(
                self._address,
                uri=True,
                timeout=self._busy_timeout,
                isolation_level=None,
                check_same_thread=False,
                factory=_Driven,
            )
            try:
                for pragma in () if self._read_only else PRAGMAS:
                    connection.execute(f"PRAGMA {pragma}").fetchall()
                self._inodes = _inodes(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
            self._engine = create_engine(
                "sqlite://", creator=self._open, poolclass=StaticPool, pool_reset_on_return=None
            )
        return self._connection


def _work(job: Job, broken: dict[Chain, BaseException]) -> Any:
    """What a job returns; of a chain that is broken, it raises what that broke with."""
    if job.chain and (error := job.chain.error or broken.get(job.chain)):
        raise error
    try:
        return job.work()
    except Exception as error:
        if job.chain:
            broken[job.chain] = error
        raise


def _done(job: Job) -> Outcome:
    try:
        return job.work(), None
    except Exception as error:
        return None, error


def _inodes(connection: sqlite3.Connection) -> dict[Path, int]:
    """Which file a connection has open, and which write-ahead log, once it has read."""
    connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
    connection.text_factory = os.fsdecode  # the name of a file need not be text
    ((_, _, name),) = connection.execute("PRAGMA main.database_list").fetchall()
    connection.text_factory = str
    found = {each: _inode(each) for each in (Path(name), Path(f"{name}-wal"))}
    return {each: inode for each, inode in found.items() if inode}


def _inode(file: Path) -> int:
    """A file's number in its file system; 0 when it is not there."""
    try:
        return file.stat().st_ino
    except FileNotFoundError:
        return 0
