"""What every part of the raw client stands on: a database that is open, and the store over it."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias, TypeVar

from memory.store import Store
from memory.visit import visit
from storage.database import Database
from storage.errors import StorageError
from storage.ledger.statements import Execute

Result = TypeVar("Result")
Statements: TypeAlias = Callable[[Execute, datetime], Result]
"""What is done in one visit, at a time."""


class Opened:
    """A database that is open, if it is."""

    def __init__(self, database: Database | None = None) -> None:
        self._store = Store(database) if database else None

    @property
    def store(self) -> Store:
        """The entries in it.

        Raises:
            StorageError: It is not open.
        """
        if self._store is None:
            raise StorageError("the memory is not open", "Use it within `async with MemoryClient() as memory`.")
        return self._store

    @property
    def database(self) -> Database:
        """The database.

        Raises:
            StorageError: It is not open.
        """
        return self.store.database

    async def _read(self, work: Callable[[Execute], Result]) -> Result:
        return await visit(self.database, work)

    async def _write(self, work: Statements[Result]) -> Result:
        now = self.store.now
        return await visit(self.database, lambda execute: work(execute, now()), writes=True)
