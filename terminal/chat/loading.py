"""Modules that take long to import: how to import them sooner, and in a thread while a person reads and types."""

import asyncio
import gc
import importlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

_NEW_OBJECTS = 5_000
"""How many more objects there are when garbage is looked for; Python's own figure is 700."""


@contextmanager
def for_good() -> Iterator[None]:
    """For imports: what they make stays, so it is not searched for garbage, now or later.

    From then on garbage is looked for less often: a turn of ADK makes thousands of objects, nearly none of them in
    cycles. Of a start that imports ADK this saves a tenth, of a turn a thirtieth.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS)
        gc.enable()


class Loading:
    """Imports modules, one after the other, in a thread; it can be stopped between two of them."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._stopped = threading.Event()
        self._done = asyncio.ensure_future(asyncio.to_thread(self._import, modules))

    def stop(self) -> None:
        """The modules that are left are not needed any more."""
        self._stopped.set()

    async def done(self) -> None:
        """Returns when the modules are there, or it was stopped. Cancelling the wait stops nothing."""
        await asyncio.shield(self._done)

    def _import(self, modules: Sequence[str]) -> None:
        with for_good():
            for module in modules:
                if self._stopped.is_set():
                    return
                importlib.import_module(module)
