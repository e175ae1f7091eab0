"""All that is kept of a user or a tenant, erased: what was remembered of them, and what they said in the chat."""

from memory.opened import Opened
from storage.errors import failure
from storage.queries import erasing


class Erasure(Opened):
    """Erasure, which nothing brings back."""

    async def erase_user(self, tenant_id: str, user_id: str) -> dict[str, int]:
        """Erases all that is kept of a user; returns how many rows that were, by table.

        Raises:
            MemoryRefusedError: A turn of theirs is running; nothing was erased.
        """
        return await self._erase(tenant_id, user_id)

    async def erase_tenant(self, tenant_id: str) -> dict[str, int]:
        """Erases all that is kept of all users of a tenant, and what they share; returns how many rows, by table.

        Raises:
            MemoryRefusedError: A turn of one of them is running; nothing was erased.
        """
        return await self._erase(tenant_id, None)

    async def _erase(self, tenant_id: str, user_id: str | None) -> dict[str, int]:
        try:
            return await self.database.write(lambda conn: erasing.erase(conn, tenant_id, user_id))
        except Exception as error:
            found = failure(error)
            if found is None or found is error:
                raise
            raise found from error
