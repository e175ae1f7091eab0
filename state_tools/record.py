"""The caller's durable record, as a tool reaches it: the database that holds the session, scoped to its user."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from google.adk.agents.readonly_context import ReadonlyContext
from google.adk.sessions import BaseSessionService, DatabaseSessionService, State
from google.adk.tools import ToolContext

from memory.knowledge.meaning import Meaning
from state_tools.kinds import PreferenceKind
from state_tools.profile import SNAPSHOT, snapshot
from state_tools.recollection import LedgerMemoryService, resembling
from storage.adk.service import SessionService
from storage.database import Database
from storage.knowledge import browsing, knowledge
from storage.queries import preferences, search, shown, turns
from storage.queries.shown import Pick
from storage.queries.turns import Delegation, Turn
from storage.scope import SessionKey, TurnKey, User
from storage.stats import figures
from storage.stats.figures import AgentStats


class NoRecordError(RuntimeError):
    """The session is not in a database of ours."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is kept of one user, seen from one turn. What it changes, the state of the session is told."""

    database: Database
    turn: TurnKey
    state: State
    meaning: Meaning

    @classmethod
    def of(cls, context: ToolContext) -> Self:
        """The record behind a tool call.

        Raises:
            NoRecordError: ADK was started with a session service that is not a database.
        """
        invocation = context.get_invocation_context()
        database = database_of(invocation.session_service)
        if database is None:
            raise NoRecordError("this session is not kept in a database: start ADK with --session_service_uri")
        memory = invocation.memory_service
        meaning = memory.meaning if isinstance(memory, LedgerMemoryService) else Meaning(None)
        return cls(database, turn_key(context), context.state, meaning)

    @property
    def user(self) -> User:
        return self.turn.session.user

    async def preferences(self) -> dict[str, list[str]]:
        """Kind -> values, the oldest first; kinds without a value are absent."""
        return await preferences.of_user(self.database, self.user)

    async def add_preference(self, kind: PreferenceKind, value: str) -> bool:
        """Adds a value as `kind.kept` writes it (replaces it, where a kind has only one); False when it was there."""
        added = await preferences.add(self.database, self.user, kind.name, value, self.turn, single=kind.single)
        await self._tell()
        return added

    async def remove_preference(self, kind: PreferenceKind, value: str) -> bool:
        """Removes a value; False when it was not there."""
        removed = await preferences.remove(self.database, self.user, kind.name, value)
        await self._tell()
        return removed

    async def _tell(self) -> None:
        self.state[SNAPSHOT] = snapshot(await self.preferences())

    async def pick_unseen(self, collection: str, candidates: Sequence[str]) -> Pick:
        """Takes the first candidate this user has not been shown; starts over when all were."""
        return await shown.pick(self.database, self.user, collection, candidates)

    async def last_seen(self, prefix: str) -> tuple[str, str] | None:
        """Collection and item shown last, among collections that begin with `prefix`."""
        return await shown.last(self.database, self.user, prefix)

    async def recent_turns(self, limit: int, *, session_only: bool = False) -> list[Turn]:
        """Earlier turns, newest first, without the one that is asking."""
        if session_only:
            found = await turns.history(self.database, self.turn.session, limit=limit + 1)
        else:
            found = await turns.of_user(self.database, self.user, limit=limit + 1)
        return self._earlier(found)[:limit]

    async def search_turns(self, words: Sequence[str], limit: int) -> list[Turn]:
        """Earlier turns in which all the words occur, the best match first."""
        found = await search.search(self.database, self.user, " ".join(words), limit=limit + 1)
        return self._earlier([match.turn for match in found])[:limit]

    async def resembling_turns(self, words: Sequence[str], query: str, limit: int) -> list[Turn]:
        """Earlier turns that have some of the words, or mean what the query does, the best match first."""
        found = await resembling(self.database, self.user, words, query, limit + 1, self.meaning)
        return self._earlier(found)[:limit]

    async def recent_delegations(self, limit: int) -> list[Delegation]:
        """Delegations, newest first."""
        return await turns.recent_delegations(self.database, self.user, limit=limit)

    async def count_facts(self) -> int:
        """How many facts the user has asked to be remembered."""
        within = knowledge.within(self.user.tenant, self.user.user_id, include_public=False)
        return (await self.database.do(lambda execute: browsing.count(execute, within))).count

    async def agent_stats(self) -> list[AgentStats]:
        """How each agent did for this user."""
        return await figures.agent_stats(self.database, self.user)

    def _earlier(self, found: list[Turn]) -> list[Turn]:
        return [turn for turn in found if turn.invocation_id != self.turn.invocation_id]


def database_of(service: BaseSessionService) -> Database | None:
    """The database behind a session service, if there is one."""
    if isinstance(service, SessionService):
        return service.database
    return Database(service.db_engine) if isinstance(service, DatabaseSessionService) else None


def turn_key(context: ReadonlyContext) -> TurnKey:
    """The turn that a context belongs to."""
    session = context.session
    return TurnKey(SessionKey(session.app_name, session.user_id, session.id), context.invocation_id)
