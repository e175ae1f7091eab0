"""Modules that take long to import, imported in a thread while a person reads and types."""

import asyncio
import importlib
import threading
from collections.abc import Sequence


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
        for module in modules:
            if self._stopped.is_set():
                return
            importlib.import_module(module)
