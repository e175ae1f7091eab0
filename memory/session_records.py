"""The raw client's sessions, as records."""

from collections.abc import Mapping
from typing import Any

from memory.opened import Opened
from settings import APP_NAME
from storage.memory import sessions
from storage.memory.errors import NotThereError
from storage.memory.sessions import Session


class SessionRecords(Opened):
    """Sessions of a user: those that agents make, and to read those of the chat."""

    async def create_session(
        self,
        session_id: str,
        tenant_id: str,
        user_id: str,
        name: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Session:
        """Makes a session.

        Raises:
            ConflictError: There is one of that id.
        """
        return await self._write(
            lambda execute, at: sessions.create(
                execute, tenant_id, user_id, session_id, at, app_name=APP_NAME, title=name, metadata=metadata
            )
        )

    async def get_session(self, session_id: str, tenant_id: str, user_id: str) -> Session:
        """One session.

        Raises:
            NotThereError: There is none.
        """
        found = await self._read(
            lambda execute: sessions.get(execute, tenant_id, user_id, session_id, app_name=APP_NAME)
        )
        if found is None:
            raise NotThereError(f"there is no session {session_id!r}")
        return found

    async def list_sessions(self, tenant_id: str, user_id: str, limit: int = 20, *, offset: int = 0) -> list[Session]:
        """A page of 1 to 100 sessions, the one last used first."""
        return await self._read(
            lambda execute: sessions.listing(execute, tenant_id, user_id, app_name=APP_NAME, limit=limit, offset=offset)
        )

    async def delete_session(self, session_id: str, tenant_id: str, user_id: str) -> bool:
        """Deletes a session that agents have made; its plans stay. Returns False where there is none, as for those of
        the chat, which are deleted with what was said in them by `pma sessions delete`."""
        return await self._write(lambda execute, at: sessions.delete(execute, tenant_id, user_id, session_id, at))
