"""The raw client: every call says whose it is. The doors for agents (`WorkflowState` and the others) say it once.

Tenant and user are arguments because the caller is within this process, and trusted with them.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

from memory.erasure import Erasure
from memory.knowledge_api import KnowledgeApi
from memory.plan_records import PlanRecords
from memory.plan_state import PlanStates
from memory.session_records import SessionRecords
from memory.store import Store
from settings import load
from storage.database import Database


class MemoryClient(KnowledgeApi, PlanStates, PlanRecords, SessionRecords, Erasure):
    """Memory in a database: `async with MemoryClient.open(url) as memory`, or `async with MemoryClient() as memory` for
    the database of the settings. With a database that somebody else has opened, it can be used at once."""

    def __init__(self, database: Database | None = None) -> None:
        super().__init__(database)
        self._opened = AsyncExitStack()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """The memory in the database at `url`, which is made when there is none."""
        async with Database.open(url) as database:
            yield cls(database)

    async def __aenter__(self) -> Self:
        if self._store is None:
            self._store = Store(await self._opened.enter_async_context(Database.open(load().database_url)))
            self._opened.callback(self._forget)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._opened.aclose()

    def _forget(self) -> None:
        self._store = None
