"""Episodic, semantic and procedural memory, as calls: what was said, what is known, what agents can do.

Each call is of one tenant and user, whom its caller names and is trusted with, and what it writes is one transaction. A
search is by words, and by meaning too where there is an embedder; rows that it has not seen get their vectors beside
the searches.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from memory.knowledge.meaning import Meaning
from memory.opened import Opened, Statements
from storage.database import Database
from storage.errors import StorageError
from storage.knowledge import fulltext, interactions, knowledge, skills
from storage.knowledge.fulltext import Remembered, Within
from storage.knowledge.interactions import Interaction
from storage.knowledge.knowledge import Knowledge
from storage.knowledge.skills import Skill
from storage.ledger.statements import Execute
from storage.memory import arguments, scopes

logger = logging.getLogger(__name__)

Found = TypeVar("Found")

_MOST_FOUND = 50


class KnowledgeApi(Opened):
    """The calls. `MemoryClient` has them.

    Attributes:
        meaning: The embedder, if there is one.
    """

    def __init__(self, database: Database | None = None, meaning: Meaning | None = None) -> None:
        super().__init__(database)
        self.meaning = meaning or Meaning(None)
        self._refreshing: asyncio.Task[None] | None = None

    async def log_interaction(
        self,
        agent_id: str,
        role: str,
        content: str,
        metadata: Mapping[str, Any] | None = None,
        session_id: str | None = None,
        *,
        tenant_id: str,
        user_id: str,
    ) -> Interaction:
        """Keeps what was said between a user and an agent.

        Args:
            agent_id: Which agent took part.
            role: Who spoke: `user`, `assistant`, `system` or `tool`.
            content: What was said.
            metadata: What the agent says of it.
            session_id: Which session it was in; its last interaction is this one then.
            tenant_id: Whose it is.
            user_id: Which user of the tenant.

        Raises:
            MemoryRefusedError: The role is none, a name or the content is missing, or something is too large.
        """
        vector = await self.meaning.of(arguments.words("content", content))
        return await self._write(
            lambda execute, at: interactions.log(
                execute,
                tenant_id,
                user_id,
                agent_id,
                role,
                content,
                metadata=metadata,
                session_id=session_id,
                vector=vector,
                at=at,
            )
        )

    async def get_recent_history(
        self, agent_id: str, limit: int = 10, *, tenant_id: str, user_id: str
    ) -> list[Interaction]:
        """What was said last between a user and an agent, the newest first; 1 to 100."""
        return await self._read(lambda execute: interactions.recent(execute, tenant_id, user_id, agent_id, limit))

    async def search_interactions(
        self, agent_id: str, query: str, limit: int = 5, *, tenant_id: str, user_id: str
    ) -> list[Interaction]:
        """What was said between a user and an agent about something, the best match first; 1 to 50."""
        return await self._found(interactions.within(tenant_id, user_id, agent_id), query, limit, interactions.read)

    async def store_knowledge(
        self,
        content: str,
        external_id: str | None = None,
        is_public: bool = False,
        metadata: Mapping[str, Any] | None = None,
        tags: Sequence[str] | None = None,
        source: str | None = None,
        *,
        tenant_id: str,
        user_id: str,
    ) -> Knowledge:
        """Keeps what is known, in the place of what the user has stored under the same id, or with the same content.

        Args:
            content: What is known.
            external_id: What the user calls it.
            is_public: Whether all of the tenant may find it from now on, or the user alone.
            metadata: What the user says of it; None leaves what was said before.
            tags: Words it is filed under; None leaves those of before.
            source: Where it is from; None leaves what was said before.
            tenant_id: Whose it is.
            user_id: Which user of the tenant stores it.

        Raises:
            MemoryRefusedError: Something is missing or too large, or another user has made something public under that
                id.
        """
        vector = await self.meaning.of(arguments.words("content", content))
        return await self._write(
            lambda execute, at: knowledge.store(
                execute,
                tenant_id,
                user_id,
                content,
                external_id=external_id,
                is_public=is_public,
                metadata=metadata,
                tags=tags,
                source=source,
                vector=vector,
                at=at,
            )
        )

    async def search_knowledge(
        self, query: str, limit: int = 5, include_public: bool = True, *, tenant_id: str, user_id: str
    ) -> list[Knowledge]:
        """What is known about something, the best match first; 1 to 50.

        Args:
            query: What to look for.
            limit: How many to give.
            include_public: Whether to look through what is public in the tenant, too.
            tenant_id: Whose it is.
            user_id: Which user of the tenant asks.
        """
        within = knowledge.within(tenant_id, user_id, include_public=include_public)
        return await self._found(within, query, limit, knowledge.read)

    query_knowledge = search_knowledge
    """The same by the other name that programs know it by."""

    async def get_knowledge(self, external_id: str, *, tenant_id: str, user_id: str) -> Knowledge | None:
        """What is known under an id; None when it is not there."""
        return await self._read(lambda execute: knowledge.get(execute, tenant_id, user_id, external_id=external_id))

    async def list_knowledge(
        self, limit: int = 20, include_public: bool = True, *, tenant_id: str, user_id: str
    ) -> list[Knowledge]:
        """What is known, what was changed last first; 1 to 100."""
        return await self._read(
            lambda execute: knowledge.newest(execute, tenant_id, user_id, include_public=include_public, limit=limit)
        )

    async def delete_knowledge(
        self, external_id: str | None = None, id: int | None = None, *, tenant_id: str, user_id: str
    ) -> bool:
        """Deletes what the user has stored, and every word of it; False when it is not there."""
        return await self._delete(
            fulltext.KNOWLEDGE,
            lambda execute, at: knowledge.delete(execute, tenant_id, user_id, id=id, external_id=external_id, at=at),
        )

    async def store_skill(
        self,
        agent_id: str,
        name: str,
        context: str,
        content: str,
        metadata: Mapping[str, Any] | None = None,
        *,
        tenant_id: str,
        user_id: str,
    ) -> Skill:
        """Keeps what an agent can do, in the place of its skill of that name.

        Args:
            agent_id: Which agent; empty for all of them.
            name: What the skill is called.
            context: When it is of use.
            content: How it is done.
            metadata: What is said of it; None leaves what was said before.
            tenant_id: Whose it is.
            user_id: Which user's agents can do it; empty for all.

        Raises:
            MemoryRefusedError: Something is missing or too large.
        """
        vector = await self.meaning.of(f"{scopes.name('skill', name)} {arguments.words('context', context)}")
        return await self._write(
            lambda execute, at: skills.store(
                execute,
                tenant_id,
                user_id,
                agent_id,
                name,
                context,
                content,
                metadata=metadata,
                vector=vector,
                at=at,
            )
        )

    async def get_relevant_skills(
        self, agent_id: str, context: str, limit: int = 3, *, tenant_id: str, user_id: str
    ) -> list[Skill]:
        """What an agent can do that is of use in a context, the best match first; 1 to 50."""
        return await self._found(skills.within(tenant_id, user_id, agent_id), context, limit, skills.read)

    async def get_skill(self, agent_id: str, name: str, *, tenant_id: str, user_id: str) -> Skill | None:
        """An agent's skill; None when it has none of that name."""
        return await self._read(lambda execute: skills.get(execute, tenant_id, user_id, agent_id, name))

    async def list_skills(self, agent_id: str, limit: int = 20, *, tenant_id: str, user_id: str) -> list[Skill]:
        """What an agent can do, what was changed last first; 1 to 100."""
        return await self._read(lambda execute: skills.of_agent(execute, tenant_id, user_id, agent_id, limit))

    async def delete_skill(self, agent_id: str, name: str, *, tenant_id: str, user_id: str) -> bool:
        """Deletes an agent's skill, and every word of it; False when it has none of that name."""
        return await self._delete(
            fulltext.SKILLS,
            lambda execute, at: skills.delete(execute, tenant_id, user_id, agent_id, name, at),
        )

    async def settled(self) -> None:
        """Returns when no vectors are being made; to be called before the database is closed."""
        if self._refreshing:
            await asyncio.wait([self._refreshing])

    async def _found(
        self,
        within: Within,
        query: str,
        limit: int,
        read: Callable[[Execute, Within, Mapping[int, float]], list[Found]],
    ) -> list[Found]:
        limit = arguments.limit(limit, _MOST_FOUND)
        query = arguments.words("query", query)
        scores = await self.meaning.search(self.database, within, query, limit)
        self._refresh_soon()
        return await self._read(lambda execute: read(execute, within, scores))

    async def _delete(self, remembered: Remembered, delete: Statements[bool]) -> bool:
        dialect = self.database.engine.dialect.name

        def work(execute: Execute, at: datetime) -> bool:
            gone = delete(execute, at)
            if gone:
                fulltext.merge(execute, dialect, remembered.index)
            return gone

        return await self._write(work)

    def _refresh_soon(self) -> None:
        """One batch, beside whatever comes next."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh())

    async def _refresh(self) -> None:
        try:
            await self.meaning.refresh(self.database)
        except StorageError as error:  # it can only be read, or is closed: words are found all the same
            logger.debug("no vectors were kept: %s", error)
