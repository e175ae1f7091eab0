"""The program with a scripted model, for tests in a pseudo-terminal: what is "slow" is never answered, nor is
what is "deaf", whose model does not stop when it is cancelled."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from google.adk.models import LlmRequest

from conversation.conversation import Conversation
from conversation.host import Host
from settings import Settings
from storage.database import Database
from terminal import interrupt
from terminal.chat.inputline import InputLine
from terminal.chat.lines import run_lines
from terminal.chat.talk import Agents, OpenTalk
from terminal.interrupt import on_interrupt
from terminal.logfile import log_to
from terminal.loop import chat
from terminal.process import process
from terminal.show.console import make_console
from tests.scripted import ScriptedModel, said_last


async def answer(request: LlmRequest) -> str:
    said = said_last(request)
    if said == "slow":
        await asyncio.Event().wait()
    while said == "deaf":
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
    return f"You said {said}."


async def run(settings: Settings) -> int:
    @asynccontextmanager
    async def open_host(database: Database) -> AsyncIterator[OpenTalk]:
        models = ScriptedModel(script=answer)
        async with Host.open(settings, database=database, models=lambda _skills: models) as host:
            yield lambda key, model=None: host.conversation(key.user, key)

    async def load() -> Agents:
        return Agents(open_host)

    with on_interrupt(lambda: None):
        return await chat(settings, InputLine(), load)


async def answer_once(settings: Settings, message: str) -> int:
    models = ScriptedModel(script=answer)
    async with Conversation.open(settings, new=True, models=lambda _skills: models) as conversation:
        lines = [message]
        return await run_lines(
            conversation, lines, as_json=False, out=sys.stdout, err=sys.stderr, console=make_console()
        )


async def crash() -> int:
    reading = asyncio.ensure_future(InputLine().read())
    await asyncio.wait([reading], timeout=0.5)
    raise RuntimeError("the loop is broken")


def main(settings: Settings, arguments: list[str]) -> int:
    """A chat; with `-p` and a message one answer; with `--crash` a program that fails at its prompt."""
    match arguments:
        case ["-p", message]:
            return interrupt.run(answer_once(settings, message))
        case ["--crash"]:
            return interrupt.run(crash())
        case _:
            return interrupt.run(run(settings))


if __name__ == "__main__":
    log_to(None)
    with process():
        sys.exit(main(Settings(chat_user="ada"), sys.argv[1:]))
