"""A thread for work that blocks: what it is given is done in order, and what has gathered meanwhile in one go.

A `ThreadPoolExecutor` of one thread does one thing after the other, at half as much again: a turn waits for it a dozen
times, and many turns at once would each wait for the disk.
"""

import asyncio
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeAlias

from storage.errors import StorageError

logger = logging.getLogger(__name__)

_PAUSE = 1.0
"""Seconds to the next rest after one that failed."""
_MOST = 64
"""Jobs done in one go, so that other processes need not wait long for what many turns write."""

Outcome: TypeAlias = tuple[Any, BaseException | None]
"""What a job returned, or what it raised."""


class StoppedError(StorageError):
    """The thread has ended: nothing that it is given is done any more."""

    def __init__(self) -> None:
        super().__init__("the database was closed", "Start the program again.")


class Chain:
    """Jobs of which none is done when one before it has failed; `error` is what that failed with."""

    def __init__(self) -> None:
        self.error: BaseException | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Work for the thread, and who waits for it.

    Attributes:
        work: What is to be done; done once more when what was done with it in one go could not be kept.
        future: Gets what it returns or raises; None where it is not given to a thread.
        writes: Whether it must be in a transaction.
        chain: What it is part of.
    """

    work: Callable[[], Any]
    future: asyncio.Future[Any] | None
    writes: bool = False
    chain: Chain | None = None


Run: TypeAlias = Callable[[Sequence[Job]], Sequence[Outcome]]
"""Does some jobs in order, and tells how each went."""
End: TypeAlias = Callable[[], object]
"""What is done last."""
Rest: TypeAlias = Callable[[], float | None]
"""What is done between jobs; returns the seconds after which it wants to be called again, None for not before a job."""


class Worker:
    """One thread. It ends with `stop`, or with the program."""

    def __init__(self, name: str, run: Run, end: End = lambda: None, rest: Rest = lambda: None) -> None:
        self._given: SimpleQueue[Sequence[Job] | None] = SimpleQueue()
        self._run = run
        self._end = end
        self._rest = rest
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def give(self, jobs: Sequence[Job]) -> None:
        """Has some jobs done, in order and at best in one go; after `stop`, each gets a `StoppedError`."""
        if self._stopped:
            for job in jobs:
                if job.future:
                    job.future.set_exception(StoppedError())
        elif jobs:
            self._given.put(jobs)

    def stop(self, patience: float | None = None) -> None:
        """Ends the thread when it has done what it was given; waits for that, at most `patience` seconds."""
        self._stopped = True
        self._given.put(None)
        self._thread.join(patience)

    def _work(self) -> None:
        ended = False
        while not ended:
            jobs, ended = self._next()
            for first in range(0, len(jobs), _MOST):
                _tell(jobs[first : first + _MOST], self._run)
        self._end()

    def _next(self) -> tuple[list[Job], bool]:
        """All that has gathered, and whether it is the last."""
        jobs: list[Job] = []
        try:
            given = self._given.get(timeout=self._rested())
            while given is not None:
                jobs += given
                given = self._given.get_nowait()
        except Empty:
            return jobs, False
        return jobs, True

    def _rested(self) -> float | None:
        try:
            return self._rest()
        except Exception:  # who waits for the thread would wait for ever
            logger.exception("what is done between jobs failed")
            return _PAUSE


def break_chains(jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
    """Lets no chain go on after one of its jobs that has failed."""
    for job, (_, error) in zip(jobs, outcomes, strict=True):
        if error and job.chain and job.chain.error is None:
            job.chain.error = error


def _tell(jobs: Sequence[Job], run: Run) -> None:
    try:
        outcomes = run(jobs)
    except BaseException as error:  # whatever it is, those who wait must have it
        outcomes = [(None, error)] * len(jobs)
    break_chains(jobs, outcomes)
    told: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Outcome]]] = defaultdict(list)
    for job, outcome in zip(jobs, outcomes, strict=True):
        if job.future:
            told[job.future.get_loop()].append((job.future, outcome))
    for loop, settled in told.items():
        with suppress(RuntimeError):  # the loop is closed: there is nobody to tell
            loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: Sequence[tuple[asyncio.Future[Any], Outcome]]) -> None:
    for future, (result, error) in settled:
        if not future.done():  # nobody has given up waiting
            future.set_exception(error) if error else future.set_result(result)
