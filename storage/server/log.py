"""What one process asks of a server and writes to it, in the order that it was given: on two warm connections.

One writes (`server_writing`). The other one reads, and so waits for nobody who writes: a statement sees one state by
itself, and is one round trip. When a job asks a second one, a transaction begins in which all see the same, and the
first is asked again in it: should it say something else, the job is done anew. Each has a thread of its own.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select

from storage.events.thread import Job, Outcome, Worker
from storage.ledger.statements import Execute, Values
from storage.server.connection import ServerConnection
from storage.server.opening import Clock
from storage.server.writing import Writing, tried

Result = TypeVar("Result")


class ServerLog:
    """One database, two connections. Use `await close()` at the end."""

    def __init__(self, told: Mapping[str, Any], busy_timeout: float, clock: Clock) -> None:
        """Opens nothing yet.

        Args:
            told: What the driver is told of the server.
            busy_timeout: Seconds that a writer waits for others, and that a statement may take.
            clock: What is told the server's time.
        """
        milliseconds = int(1000 * busy_timeout)
        self._reading = _Reading(told, milliseconds)
        self._writing = Writing(told, milliseconds, clock)

    async def do(self, work: Callable[[Execute], Result], *, writes: bool) -> Result:
        """What `work` returns, of one state, or once it is kept; when the wait is cancelled, it is done all the same.

        Raises:
            UnknownOutcomeError: Whether it was kept is not known.
        """
        side = self._writing if writes else self._reading
        return await _done(side.worker, lambda: work(side.execute))

    async def write(self, work: Callable[[Connection], Result]) -> Result:
        """As `do`, on a connection of SQLAlchemy's."""
        return await _done(self._writing.worker, lambda: self._writing.connection.with_sqlalchemy(work))

    async def fetch(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """The rows of one SELECT."""
        connection = self._reading.connection
        return await _done(
            self._reading.worker, lambda: connection.with_sqlalchemy(lambda conn: conn.execute(query).all())
        )

    async def close(self) -> None:
        """Returns when all that was given is done; nothing is opened any more."""
        await asyncio.gather(*(asyncio.to_thread(side.worker.stop) for side in (self._writing, self._reading)))


async def _done(worker: Worker, work: Callable[[], Result]) -> Result:
    future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    worker.give([Job(work, future)])
    return await future


class _MovedError(BaseException):
    """Between the first statement of a job and the second, another state has come."""


class _Reading:
    """The connection that reads, for its thread."""

    def __init__(self, told: Mapping[str, Any], milliseconds: int) -> None:
        self.connection = ServerConnection(
            told,
            "SET default_transaction_read_only = on; SET default_transaction_isolation = 'repeatable read';"
            f" SET statement_timeout = {milliseconds}; SET idle_in_transaction_session_timeout = {milliseconds // 2}",
        )
        self._first: tuple[str, Values, Sequence[Sequence[Any]]] | None = None
        self._in_one = False
        self.worker = Worker("server-reads", lambda jobs: [self._run(job) for job in jobs], self.connection.close)

    def execute(self, statement: str, values: Values) -> Sequence[Sequence[Any]]:
        """Runs a statement with named parameters, and returns its rows."""
        if self._first and not self._in_one:
            self._begin(*self._first)
        rows = self.connection.execute(statement, values)
        self._first = self._first or (statement, dict(values), rows)
        return rows

    def _begin(self, statement: str, values: Values, rows: Sequence[Sequence[Any]]) -> None:
        self._in_one = True
        self.connection.begin()
        if self.connection.execute(statement, values) != rows:
            raise _MovedError

    def _run(self, job: Job) -> Outcome:
        (outcome,) = tried(self.connection, lambda: [(self._read(job), None)], 1)
        return outcome

    def _read(self, job: Job) -> Any:
        self._first, self._in_one = None, False
        try:
            result = job.work()
        except _MovedError:
            result = job.work()
        if self._in_one:
            self.connection.send("COMMIT")
            self.connection.leave()
        return result
