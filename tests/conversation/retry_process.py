"""A process that sends a message again and is killed before one of the commits of that.

python -m tests.conversation.retry_process URL COMMIT
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from conversation.conversation import Conversation
from settings import Settings
from storage.events.connection import WarmConnection
from storage.events.thread import Job, Outcome
from tests.scripted import Play, ScriptedModel


def die_at(commit: int) -> None:
    commits = 0
    made = WarmConnection._commit

    def dying(self: WarmConnection, jobs: Sequence[Job]) -> list[Outcome]:
        nonlocal commits
        commits += 1
        if commits == commit:
            os.kill(os.getpid(), signal.SIGKILL)
        return made(self, jobs)

    WarmConnection._commit = dying  # type: ignore[method-assign]


async def main(url: str, commit: int) -> None:
    settings = Settings(database_url=url, chat_user="ada")
    async with Conversation.open(settings, models=lambda _: ScriptedModel(script=Play())) as conversation:
        for text in ("first", "second"):
            async for _ in conversation.send(text):
                pass
        die_at(commit)
        async for _ in conversation.retry():
            pass


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
