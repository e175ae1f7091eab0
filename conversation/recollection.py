"""ADK's memory service over the ledger: what was said earlier, in any session of the user, found by full text."""

from collections.abc import Mapping, Sequence

from google.adk.events import Event
from google.adk.memory import BaseMemoryService
from google.adk.memory.base_memory_service import SearchMemoryResponse
from google.adk.memory.memory_entry import MemoryEntry
from google.adk.sessions import Session
from google.genai import types

from storage.database import Database
from storage.queries import search
from storage.scope import User

_MOST = 10


class LedgerMemoryService(BaseMemoryService):
    """Nothing has to be added to it: every turn is in the ledger's index when it ends."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add_session_to_memory(self, session: Session) -> None:
        return

    async def add_events_to_memory(
        self,
        *,
        app_name: str,
        user_id: str,
        events: Sequence[Event],
        session_id: str | None = None,
        custom_metadata: Mapping[str, object] | None = None,
    ) -> None:
        return

    async def search_memory(self, *, app_name: str, user_id: str, query: str) -> SearchMemoryResponse:
        found = await search.search(self._database, User.stored(app_name, user_id), query, limit=_MOST)
        return SearchMemoryResponse(
            memories=[
                MemoryEntry(
                    id=match.turn.event_id,
                    author="user",
                    timestamp=match.turn.started_at.isoformat(),
                    content=types.Content(
                        role="user",
                        parts=[types.Part(text=f"{match.turn.user_input}\n{match.turn.agent_response or ''}")],
                    ),
                    custom_metadata={"session_id": match.turn.session_id, "turn": match.turn.number},
                )
                for match in found
            ]
        )
