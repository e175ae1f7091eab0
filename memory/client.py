"""The raw client: every call says whose it is. The doors for agents (`WorkflowState` and the others) say it once.

Tenant and user are arguments because the caller is within this process, and trusted with them.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

from memory.erasure import Erasure
from memory.knowledge.calls import KnowledgeApi
from memory.knowledge.embedders import embedder
from memory.knowledge.meaning import Meaning
from memory.plan_records import PlanRecords
from memory.plan_state import PlanStates
from memory.session_records import SessionRecords
from memory.store import Store
from memory.sweeper import Sweeper
from settings import Settings, load
from storage.database import Database


class MemoryClient(KnowledgeApi, PlanStates, PlanRecords, SessionRecords, Erasure):
    """Memory in a database: `async with MemoryClient.open(url) as memory`, or `async with MemoryClient() as memory` for
    the database of the settings. `MemoryClient()` alone opens that when it is first used, and is closed by `close`, or
    with the program. A database that somebody else has opened stays open."""

    def __init__(self, database: Database | None = None, meaning: Meaning | None = None) -> None:
        """Args: a database that is open, and what finds by meaning in it; without, words alone are found."""
        super().__init__(database, meaning)
        self._opened = AsyncExitStack()
        self._owns = database is None
        self._closed = False

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """The memory in the database at `url`, which is made when there is none; all else is as the settings say.

        Raises:
            SettingsError: There is no such embedder as they name.
            StorageError: The database cannot be used.
        """
        client = cls()
        try:
            await client._open(load(), url)
            yield client
        finally:
            await client.close()

    @property
    def store(self) -> Store:
        """The entries in it.

        Raises:
            SettingsError: There is no such embedder as the settings name.
            StorageError: It was closed, or the database cannot be used.
        """
        if self._store is None and not self._closed:
            settings = load()
            self._use(settings, Database.at(settings.database_url, prepares=True))
            self._opened.push_async_callback(self.database.close)
        return super().store

    async def __aenter__(self) -> Self:
        if self._store is None:
            settings = load()
            await self._open(settings, settings.database_url)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the database, where it has opened it itself."""
        if self._owns:
            await self.settled()
            await self._opened.aclose()
            self._store, self._closed = None, True

    async def _open(self, settings: Settings, url: str) -> None:
        database = await self._opened.enter_async_context(Database.open(url))
        self._use(settings, database)
        await self._opened.enter_async_context(Sweeper.of(settings, database, self.meaning))

    def _use(self, settings: Settings, database: Database) -> None:
        self.meaning = Meaning(embedder(settings))
        self._store, self._closed = Store(database), False
