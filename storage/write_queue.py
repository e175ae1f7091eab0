"""What one process writes to a server: one transaction at a time, and in it all that waits meanwhile.

A transaction takes the database's one write lock before anything else, so that all who write queue, as they do on a
file: what it reads stays as it is until it commits, and numbers that rise do so in the order of the commits. The lock
goes with the transaction, and with the connection. Of several jobs in one transaction each is behind a savepoint, so
that one that fails takes nothing with it.

What was lost before its commit is done anew. Of a commit that was not answered nobody knows, and it is told so.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.errors import UnknownOutcomeError
from storage.server import CLOCK, Clock

Result = TypeVar("Result")
_Outcome: TypeAlias = tuple[Any, BaseException | None]
_Job: TypeAlias = tuple[Callable[[Connection], Any], asyncio.Future[Any]]

LOCK = 0x706D612D77726974
"""The write lock's number: the same for every version of the program, for ever."""
_BEGIN = text(
    "SELECT set_config('lock_timeout', :wait, true), set_config('idle_in_transaction_session_timeout', :idle, true),"
    f" pg_advisory_xact_lock(:lock), {CLOCK}"
)
"""In one step: how long it waits, after how long a program that stands still is sent away, the lock, and the time."""
_TRIES = 3
_MOST = 64
"""Jobs of one transaction, so that other processes need not wait long."""
_PASSING = ("40001", "40P01")
_NOT_KEPT = ("23", "40")
_UNKNOWN = "40003"


class WriteQueue:
    """For one database and one event loop."""

    def __init__(self, engine: AsyncEngine, busy_timeout: float, clock: Clock) -> None:
        """Args: of the server, the seconds that a writer waits for others, and what is told the server's time."""
        self._clock = clock
        self._engine = engine.execution_options(isolation_level="READ COMMITTED")
        milliseconds = int(1000 * busy_timeout)
        self._begin = {"wait": str(milliseconds), "idle": str(milliseconds // 2), "lock": LOCK}
        self._waiting: list[_Job] = []
        self._working: asyncio.Task[None] | None = None

    async def do(self, work: Callable[[Connection], Result]) -> Result:
        """What `work` returns, once it is kept; when the wait is cancelled, it is done all the same.

        Raises:
            UnknownOutcomeError: Whether it was kept is not known.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        return await future

    async def close(self) -> None:
        """Returns when all that was given is done."""
        if self._working:
            await asyncio.wait([self._working])

    async def _work(self) -> None:
        while self._waiting:
            jobs, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            try:
                outcomes = await self._outcomes([work for work, _ in jobs])
            except BaseException:
                for _, future in (*jobs, *self._waiting):
                    future.cancel()
                raise
            for (_, future), (result, error) in zip(jobs, outcomes, strict=True):
                if not future.done():  # nobody has given up waiting
                    future.set_exception(error) if error else future.set_result(result)

    async def _outcomes(self, works: Sequence[Callable[[Connection], Any]]) -> Sequence[_Outcome]:
        for left in reversed(range(_TRIES)):
            try:
                return await self._in_one(works)
            except Exception as error:
                if not left or not _may_pass(error):
                    return [(None, error)] * len(works)
        raise AssertionError("the last try returns")

    async def _in_one(self, works: Sequence[Callable[[Connection], Any]]) -> Sequence[_Outcome]:
        async with self._engine.connect() as conn:
            self._clock.tell((await conn.execute(_BEGIN, self._begin)).one()[-1])
            outcomes = await conn.run_sync(_all, works)
            await _commit(conn)
            return outcomes


def _all(conn: Connection, works: Sequence[Callable[[Connection], Any]]) -> Sequence[_Outcome]:
    return [_apart(conn, work) for work in works] if len(works) > 1 else [(works[0](conn), None)]


def _apart(conn: Connection, work: Callable[[Connection], Any]) -> _Outcome:
    """A job that leaves nothing behind when it fails; what ends the whole transaction is raised."""
    try:
        with conn.begin_nested():
            return work(conn), None
    except Exception as error:
        if _may_pass(error):
            raise
        return None, error


async def _commit(conn: AsyncConnection) -> None:
    try:
        await conn.commit()
    except DBAPIError as error:
        state = _state(error)
        if state.startswith(_NOT_KEPT) and state != _UNKNOWN:
            raise
        raise UnknownOutcomeError from error


def _may_pass(error: BaseException) -> bool:
    """Whether nothing was kept for a reason that may be gone at once."""
    return isinstance(error, DBAPIError) and (error.connection_invalidated or _state(error) in _PASSING)


def _state(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlstate", None) or ""
