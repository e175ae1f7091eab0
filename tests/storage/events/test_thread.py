"""The thread of the event log: in order, and whatever happens to those who wait."""

import asyncio
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from storage.events.thread import StoppedError, Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("test")
    yield worker
    worker.stop()


async def test_it_does_what_it_is_given_in_order_and_elsewhere(worker: Worker) -> None:
    done: list[int] = []
    await asyncio.gather(*(worker.do(partial(done.append, number)) for number in range(50)))
    assert done == list(range(50))
    assert await worker.do(threading.get_ident) != threading.get_ident()


async def test_what_goes_wrong_is_raised_where_somebody_waits_and_the_next_is_done(worker: Worker) -> None:
    with pytest.raises(ZeroDivisionError):
        await worker.do(lambda: 1 // 0)
    assert await worker.do(lambda: "well") == "well"


async def test_work_is_done_when_nobody_waits_for_it_any_more(worker: Worker) -> None:
    begun, go_on, done = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(10)
        done.set()

    waiting = asyncio.create_task(worker.do(work))
    await asyncio.to_thread(begun.wait, 10)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go_on.set()
    assert await worker.do(done.is_set)


def test_a_loop_that_ended_meanwhile_does_not_end_the_thread(worker: Worker) -> None:
    go_on = threading.Event()

    async def leave() -> None:
        waiting = asyncio.create_task(worker.do(lambda: go_on.wait(10)))
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(leave())
    go_on.set()
    assert asyncio.run(worker.do(lambda: "here")) == "here"


async def test_stopping_waits_for_what_was_given() -> None:
    worker = Worker("test")
    done: list[str] = []
    waiting = asyncio.create_task(worker.do(lambda: done.append("last")))
    await asyncio.sleep(0)
    worker.stop()
    await waiting
    assert done == ["last"]


async def test_what_is_given_to_a_thread_that_has_ended_is_refused_at_once() -> None:
    worker = Worker("test")
    worker.stop()
    with pytest.raises(StoppedError):
        await worker.do(lambda: None)
    worker.stop()
