"""The thread of the event log: in order, and whatever happens to those who wait."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

import pytest

from storage.events.thread import Job, Outcome, StoppedError, Worker

Result = TypeVar("Result")


def each_alone(jobs: Sequence[Job]) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for job in jobs:
        try:
            outcomes.append((job.work(), None))
        except Exception as error:
            outcomes.append((None, error))
    return outcomes


async def do(worker: Worker, work: Callable[[], Result]) -> Result:
    future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
    worker.give([Job(work, future)])
    return await future


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("test", each_alone)
    yield worker
    worker.stop()


async def test_it_does_what_it_is_given_in_order_and_elsewhere(worker: Worker) -> None:
    done: list[int] = []
    await asyncio.gather(*(do(worker, partial(done.append, number)) for number in range(50)))
    assert done == list(range(50))
    assert await do(worker, threading.get_ident) != threading.get_ident()


async def test_what_goes_wrong_is_raised_where_somebody_waits_and_the_next_is_done(worker: Worker) -> None:
    with pytest.raises(ZeroDivisionError):
        await do(worker, lambda: 1 // 0)
    assert await do(worker, lambda: "well") == "well"


async def test_work_is_done_when_nobody_waits_for_it_any_more(worker: Worker) -> None:
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(10)
        done.set()

    waiting = asyncio.create_task(do(worker, work))
    await asyncio.to_thread(begun.wait, 10)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    assert await do(worker, done.is_set)


def test_a_loop_that_ended_meanwhile_does_not_end_the_thread(worker: Worker) -> None:
    go_on = threading.Event()

    async def leave() -> None:
        waiting = asyncio.create_task(do(worker, lambda: go_on.wait(10)))
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(leave())
    go_on.set()
    assert asyncio.run(do(worker, lambda: "here")) == "here"


async def test_stopping_waits_for_what_was_given() -> None:
    worker = Worker("test", each_alone)
    done: list[str] = []
    waiting = asyncio.create_task(do(worker, lambda: done.append("last")))
    await asyncio.sleep(0)
    worker.stop()
    await waiting
    assert done == ["last"]


async def test_what_is_given_to_a_thread_that_has_ended_is_refused_at_once() -> None:
    worker = Worker("test", each_alone)
    worker.stop()
    with pytest.raises(StoppedError):
        await do(worker, lambda: None)
    worker.stop()


async def test_what_has_gathered_is_done_in_one_go_and_not_too_much_of_it() -> None:
    went: list[int] = []
    first, go_on = threading.Event(), threading.Event()

    def counted(jobs: Sequence[Job]) -> list[Outcome]:
        went.append(len(jobs))
        return each_alone(jobs)

    def begin() -> None:
        first.set()
        go_on.wait(10)

    worker = Worker("test", counted)
    begun = asyncio.ensure_future(do(worker, begin))
    await asyncio.to_thread(first.wait, 10)
    rest = [asyncio.ensure_future(do(worker, partial(int, number))) for number in range(100)]
    await asyncio.sleep(0)
    go_on.set()
    await begun
    assert await asyncio.gather(*rest) == list(range(100))
    worker.stop()
    assert went == [1, 64, 36]


async def test_what_fails_altogether_is_told_to_all_who_wait() -> None:
    def fails(_: Sequence[Job]) -> list[Outcome]:
        raise MemoryError

    worker = Worker("test", fails)
    with pytest.raises(MemoryError):
        await do(worker, lambda: None)
    worker.stop()


async def test_what_fails_between_jobs_does_not_end_the_thread() -> None:
    worker = Worker("test", each_alone, rest=lambda: 1 / 0)
    async with asyncio.timeout(10):
        assert await do(worker, lambda: "done") == "done"
        assert await do(worker, lambda: "again") == "again"
    worker.stop()
