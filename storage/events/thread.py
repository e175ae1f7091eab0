"""A thread for work that blocks: what it is given is done in order, one thing after the other.

A `ThreadPoolExecutor` of one thread does the same at half as much again: a turn waits for it a dozen times.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

Result = TypeVar("Result")
_Settle = Callable[[Any, BaseException | None], None]


class StoppedError(Exception):
    """The thread has ended: nothing that it is given is done any more."""


class Worker:
    """One thread. It ends with `stop`, or with the program."""

    def __init__(self, name: str) -> None:
        self._given: SimpleQueue[tuple[Callable[[], Any], _Settle] | None] = SimpleQueue()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def do(self, work: Callable[[], Result]) -> Result:
        """What `work` returns or raises; when the wait is cancelled, the work is done all the same."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.give(work, future)
        return await future

    def give(self, work: Callable[[], Result], future: asyncio.Future[Result]) -> None:
        """The same without a wait: what `work` returns or raises is set on `future`; after `stop`, `StoppedError`."""
        if self._stopped:
            future.set_exception(StoppedError())
            return
        loop = future.get_loop()

        def settle(result: Result, error: BaseException | None) -> None:
            if not future.done():  # nobody has given up waiting
                future.set_exception(error) if error else future.set_result(result)

        def tell(result: Any, error: BaseException | None) -> None:
            with suppress(RuntimeError):  # the loop is closed: there is nobody to tell
                loop.call_soon_threadsafe(settle, result, error)

        self._given.put((work, tell))

    def stop(self, patience: float | None = None) -> None:
        """Ends the thread when it has done what it was given; waits for that, at most `patience` seconds."""
        self._stopped = True
        self._given.put(None)
        self._thread.join(patience)

    def _work(self) -> None:
        while (given := self._given.get()) is not None:
            work, tell = given
            try:
                tell(work(), None)
            except BaseException as error:  # whatever it is, the one who waits must have it
                tell(None, error)
