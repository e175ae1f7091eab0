"""ADK's own session service on our engine, with its tables made under the same lock as ours.

Only preparing differs from ADK's class; the ledger is kept by the hook in `adk_events.py`.
"""

import asyncio

from google.adk.sessions import DatabaseSessionService

import storage.adk_events  # noqa: F401  (registers the hook)
from storage.catchup import bring_up_to_date
from storage.database import Database


class SessionService(DatabaseSessionService):
    """`DatabaseSessionService` for one of our databases.

    Before its first use it makes the tables that are missing, catches up on events that were written without the
    ledger, and settles turns that a dead process left running.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(db_engine=database.engine)
        self.database = database
        self._prepared = False
        self._preparing = asyncio.Lock()

    async def prepare_tables(self) -> None:
        if self._prepared:
            return
        async with self._preparing:
            if self._prepared:
                return
            await self.database.prepare()
            async with self.database.exclusive():
                await super().prepare_tables()
            await bring_up_to_date(self.database)
            self._prepared = True

    async def close(self) -> None:
        await self.database.engine.dispose()
