"""The program with a scripted model, for tests in a pseudo-terminal: what is "slow" is never answered."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from google.adk.models import LlmRequest

from conversation.conversation import Conversation
from settings import Settings
from storage.database import Database
from storage.scope import SessionKey
from terminal.chat import chat
from terminal.inputline import InputLine
from terminal.interrupt import on_interrupt
from terminal.logfile import log_to
from terminal.talk import Agents, Talk
from tests.scripted import ScriptedModel, said_last


async def answer(request: LlmRequest) -> str:
    said = said_last(request)
    if said == "slow":
        await asyncio.Event().wait()
    return f"You said {said}."


async def run(settings: Settings) -> int:
    @asynccontextmanager
    async def open_talk(key: SessionKey, database: Database, model: str | None = None) -> AsyncIterator[Talk]:
        models = ScriptedModel(script=answer)
        async with Conversation.open(
            settings, database=database, key=key, models=lambda _skills: models
        ) as conversation:
            yield conversation

    async def load() -> Agents:
        return Agents(open_talk)

    with on_interrupt(lambda: None):
        return await chat(settings, InputLine(), load)


if __name__ == "__main__":
    log_to(None)
    sys.exit(asyncio.run(run(Settings(chat_user="ada"))))
