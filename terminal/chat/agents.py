"""The team and the conversations with it: what imports ADK, and is therefore imported last."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conversation.conversation import Conversation
from conversation.team import about_team
from settings import Settings
from storage.database import Database
from storage.scope import SessionKey
from terminal.chat.talk import Agents, Talk


def agents_of(settings: Settings) -> Agents:
    """The team that the settings describe."""

    @asynccontextmanager
    async def open_talk(key: SessionKey, database: Database, model: str | None = None) -> AsyncIterator[Talk]:
        chosen = settings.model_copy(update={"model": model}) if model else settings
        async with Conversation.open(chosen, database=database, key=key) as conversation:
            yield conversation

    facts = about_team(settings)
    return Agents(open_talk, facts.agents, facts.kinds)
