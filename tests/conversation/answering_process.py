"""A process of the program in a turn that ends when it is told a line.

python -m tests.conversation.answering_process URL LEASE_SECONDS SESSION

It prints "at work" in the middle of the turn, and at the end its status and what was told of an error, as JSON.
"""

import asyncio
import json
import sys

from google.adk.models import LlmRequest

from conversation.conversation import Conversation
from settings import APP_NAME, Settings
from storage.scope import SessionKey
from tests.conversation.support import of_type, status, told
from tests.scripted import Play, Saying, ScriptedModel


async def when_told(_: LlmRequest) -> Saying:
    print("at work", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    return "the late answer"


async def main(url: str, lease: float, session: str) -> None:
    settings = Settings(database_url=url, chat_user="ada", lease_seconds=lease)
    play, key = Play(manager={"slow": when_told}), SessionKey(APP_NAME, "ada", session)
    async with Conversation.open(settings, session=key, models=lambda _: ScriptedModel(script=play)) as conversation:
        events = await told(conversation, "slow")
        print(json.dumps([status(events), *(error["message"] for error in of_type(events, "error"))]), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3]))
