"""A process of the program in the middle of a turn: it tells when its agents' models are at work, and waits for ever.

python -m tests.conversation.slow_process URL
"""

import asyncio
import sys

from google.adk.models import LlmRequest

from conversation.conversation import Conversation
from settings import Settings
from tests.scripted import Play, Saying, ScriptedModel, call


async def for_ever(_: LlmRequest) -> Saying:
    print("at work", flush=True)
    await asyncio.Event().wait()
    return "never"


async def main(url: str) -> None:
    play = Play(
        manager={"two things": [call("funny_nerd", request="slow"), call("stock_analyst", request="quick")]},
        members={"slow": for_ever, "quick": "250"},
    )
    settings = Settings(database_url=url, chat_user="ada")
    async with Conversation.open(settings, models=lambda _: ScriptedModel(script=play)) as conversation:
        async for _ in conversation.send("hello"):
            pass
        async for event in conversation.send("two things"):
            if event.to_json()["type"] == "delegation_finished":
                print("one is done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
