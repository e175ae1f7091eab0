"""The team and the conversations with it: what imports ADK, and is therefore imported last."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conversation.host import Host
from conversation.team import about_team
from settings import Settings
from storage.database import Database
from storage.scope import SessionKey
from terminal.chat.talk import Agents, OpenTalk, Talk


def agents_of(settings: Settings) -> Agents:
    """The team that the settings describe."""

    @asynccontextmanager
    async def open_host(database: Database) -> AsyncIterator[OpenTalk]:
        async with Host.open(settings, database=database) as host:

            async def open_talk(key: SessionKey, model: str | None = None) -> Talk:
                return await host.conversation(key.user, key, model=model)

            yield open_talk

    facts = about_team(settings)
    return Agents(open_host, facts.agents, facts.kinds)
