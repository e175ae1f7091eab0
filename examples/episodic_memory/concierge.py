"""A concierge that remembers what was said to it, in any session: it answers with what it finds in its own memory.

    python -m examples.episodic_memory.concierge

`view_history` lists what was said last, `search_memory` finds what was said about something: by its words here, so that
the same is printed everywhere; `MemoryClient.open(url)` finds by meaning too where there is an embedder.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from memory import MemoryClient
from storage.database import Database

AGENT = "concierge"
SAID = ("I would like a quiet room.", "Is there a vegetarian breakfast?", "Wake me at seven, please.")


class Concierge:
    """One agent, for one user of a tenant."""

    def __init__(self, memory: MemoryClient, tenant_id: str, user_id: str, session_id: str) -> None:
        self._memory = memory
        self._tenant, self._user, self._session = tenant_id, user_id, session_id

    async def hear(self, text: str) -> str:
        """Answers, and keeps both what was said and the answer."""
        earlier = await self.search_memory(text)
        answer = f"As you said: {earlier[0]}" if earlier else "I have noted it."
        for role, content in (("user", text), ("assistant", answer)):
            await self._memory.log_interaction(
                AGENT, role, content, session_id=self._session, tenant_id=self._tenant, user_id=self._user
            )
        return answer

    async def view_history(self, limit: int = 10) -> list[str]:
        """What was said last, the oldest of it first."""
        recent = await self._memory.get_recent_history(AGENT, limit, tenant_id=self._tenant, user_id=self._user)
        return [f"{each.role}: {each.content}" for each in reversed(recent)]

    async def search_memory(self, query: str, limit: int = 3) -> Sequence[str]:
        """What the user has said about something, the best match first."""
        found = await self._memory.search_interactions(AGENT, query, limit, tenant_id=self._tenant, user_id=self._user)
        return [each.content for each in found if each.role == "user"]


async def main() -> None:
    """Two sessions on a database that is gone afterwards: the second one knows of the first."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'demo.db'}"
        async with Database.open(url) as database:
            first = Concierge(MemoryClient(database), "grand-hotel", "ada", "monday")
            for text in SAID:
                print(f"ada: {text}\n     {await first.hear(text)}")
        async with Database.open(url) as database:
            second = Concierge(MemoryClient(database), "grand-hotel", "ada", "friday")
            print(f"ada: About my breakfast?\n     {await second.hear('About my breakfast?')}")
            print("\n".join(["view_history:", *(f"  {line}" for line in await second.view_history(4))]))
            print(f"search_memory room: {await second.search_memory('room')}")


if __name__ == "__main__":
    asyncio.run(main())
