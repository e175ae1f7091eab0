"""What was said earlier, in any session of the user: found by full text, and by its meaning when no turn has the words.

By meaning the newest turns are looked through, and those with some of the words: their vectors are made when they are
asked for, and nothing is kept of them but in memory.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from google.adk.events import Event
from google.adk.memory import BaseMemoryService
from google.adk.memory.base_memory_service import SearchMemoryResponse
from google.adk.memory.memory_entry import MemoryEntry
from google.adk.sessions import Session
from google.genai import types

from memory.knowledge.meaning import Meaning, fused
from storage.database import Database
from storage.queries import search, turns
from storage.queries.turns import Turn
from storage.scope import User

_MOST = 10
_NEWEST = 100
"""Turns whose meaning is looked at."""
_ANSWER = 500
"""Characters of an answer that say what it is about."""


async def resembling(
    database: Database, user: User, words: Sequence[str], query: str, limit: int, meaning: Meaning
) -> list[Turn]:
    """A user's turns that have some of the words, and those that mean what the query does, the best match first.

    Args:
        database: Where the record is.
        user: Whose turns.
        words: What to look for, word by word.
        query: What to look for, as it was said.
        limit: How many turns to give.
        meaning: What texts mean; without an embedder words alone are found.
    """
    with_words = await _with_some_of(database, user, words, limit)
    newest = await turns.of_user(database, user, limit=_NEWEST) if meaning.is_known else []
    every = list({(turn.session_id, turn.invocation_id): turn for turn in [*with_words, *newest]}.values())
    near = await meaning.order(query, [_about(turn) for turn in every])
    # numbers that fall, for the larger one comes first of two that are as good
    best = fused([range(0, -len(with_words), -1), [-place for place in near]])
    return [every[-place] for place in best][:limit]


async def _with_some_of(database: Database, user: User, words: Sequence[str], limit: int) -> list[Turn]:
    """The turns with the most of the words, equal ones the newest first."""
    hits: Counter[tuple[str, str]] = Counter()
    found: dict[tuple[str, str], Turn] = {}
    for word in words if len(words) > 1 else ():
        for match in await search.search(database, user, word, limit=limit):
            key = match.turn.session_id, match.turn.invocation_id
            hits[key] += 1
            found[key] = match.turn
    return sorted(found.values(), key=lambda turn: (hits[turn.session_id, turn.invocation_id], turn.started_at))[::-1]


def _about(turn: Turn) -> str:
    return f"{turn.user_input}\n{(turn.agent_response or '')[:_ANSWER]}"


class LedgerMemoryService(BaseMemoryService):
    """Nothing has to be added to it: every turn is in the ledger's index when it ends.

    Attributes:
        meaning: What texts mean.
    """

    def __init__(self, database: Database, meaning: Meaning) -> None:
        self.meaning = meaning
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
        user = User.stored(app_name, user_id)
        found = [match.turn for match in await search.search(self._database, user, query, limit=_MOST)]
        if not found and self.meaning.is_known:
            found = await resembling(self._database, user, query.split(), query, _MOST, self.meaning)
        return SearchMemoryResponse(
            memories=[
                MemoryEntry(
                    id=turn.event_id,
                    author="user",
                    timestamp=turn.started_at.isoformat(),
                    content=types.Content(
                        role="user", parts=[types.Part(text=f"{turn.user_input}\n{turn.agent_response or ''}")]
                    ),
                    custom_metadata={"session_id": turn.session_id, "turn": turn.number},
                )
                for turn in found
            ]
        )
