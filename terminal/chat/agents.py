"""The team and the conversations with it: what imports ADK, and is therefore imported last."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conversation.conversation import Conversation
from settings import DATA, Settings
from storage.database import Database
from storage.scope import SessionKey
from storage.shipped import read_json
from sub_agents import team
from sub_agents.funny_nerd.jokes import JokeBook
from terminal.chat.talk import Agents, Talk


def agents_of(settings: Settings) -> Agents:
    """The team that the settings describe."""

    @asynccontextmanager
    async def open_talk(key: SessionKey, database: Database, model: str | None = None) -> AsyncIterator[Talk]:
        chosen = settings.model_copy(update={"model": model}) if model else settings
        async with Conversation.open(chosen, database=database, key=key) as conversation:
            yield conversation

    tickers = read_json(
        DATA / "stocks.json", lambda sample: [(stock["ticker"], stock["name"]) for stock in sample["stocks"]]
    )
    return Agents(
        open=open_talk,
        team=[(member.name, member.description) for member in team(settings)],
        topics=JokeBook.load(DATA / "jokes.json").topics,
        tickers=tickers,
    )
