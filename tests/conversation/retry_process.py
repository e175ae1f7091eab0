"""A process that sends a message again and is killed before one of the commits of that.

python -m tests.conversation.retry_process URL COMMIT
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from conversation.conversation import Conversation
from settings import Settings
from storage.events.log import EventLog
from tests.scripted import Play, ScriptedModel


def die_at(commit: int) -> None:
    commits = 0
    transaction = EventLog._transaction

    def dying(log: EventLog, work: Callable[[], Any]) -> Any:
        nonlocal commits
        commits += 1
        if commits == commit:
            os.kill(os.getpid(), signal.SIGKILL)
        return transaction(log, work)

    EventLog._transaction = dying  # type: ignore[method-assign, assignment]


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
