"""A conversation on the terminal: opened, and given to the chat, to `-p`, or to piped lines."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from conversation.conversation import Conversation
from llm.offline import NOTICE
from settings import Settings
from sub_agents import TEAM
from terminal.chat import chat
from terminal.console import make_console
from terminal.lines import run_lines
from terminal.talk import Talk


async def talk(settings: Settings, *, prompt: str | None, session: str | None, new: bool, as_json: bool) -> int:
    """Runs what the command line asks for; returns the exit code.

    Raises:
        StorageError: The database cannot be used, or no session is called so.
        ModelError: No model is called so.
    """

    @asynccontextmanager
    async def open_talk(model: str | None = None) -> AsyncIterator[Talk]:
        chosen = settings.model_copy(update={"model": model}) if model else settings
        async with Conversation.open(chosen, session=session, new=new) as conversation:
            yield conversation

    if prompt is None and not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        team = [(member.name, member.description) for member in TEAM]
        return await chat(open_talk, settings=settings, team=team, offline_notice=NOTICE)
    lines = sys.stdin if prompt is None else [prompt]
    async with open_talk() as conversation:
        console = make_console()
        return await run_lines(conversation, lines, as_json=as_json, out=sys.stdout, err=sys.stderr, console=console)
