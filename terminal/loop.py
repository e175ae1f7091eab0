"""The chat: reads a line, runs a command or a turn, shows what happens, until the person leaves.

The line is read, and the record told from, before the agents are loaded; the first message waits for them. Ctrl-C stops
a turn and never the program. Whatever goes wrong is one line on the screen, and the chat goes on.
"""

import asyncio
import logging
from functools import partial
from typing import Any

from rich.console import Console
from rich.text import Text

from conversation.pieces import PIECES
from record.wording import one_line
from settings import Settings
from storage.adk.catchup import bring_up_to_date
from storage.database import Database
from storage.queries import sessions
from terminal.chat import greeting
from terminal.chat.inputline import Abandoned, InputLine, open_history, wants_vi
from terminal.chat.loading import Loading
from terminal.chat.state import ChatState
from terminal.chat.talk import Agents, LoadAgents
from terminal.chat.turn import take_turn
from terminal.logfile import log_to
from terminal.options import kinds_of_team, settings_of, understood
from terminal.show.console import make_console, print_error
from terminal.slash import commands
from terminal.slash.command import is_command
from terminal.slash.completion import SlashCompleter

logger = logging.getLogger(__name__)

_LONGEST_ERROR = 200
_HINT = "The chat goes on. --debug writes the details to the log file."


async def start(
    given: dict[str, Any],
    line: InputLine,
    first: asyncio.Future[str],
    *,
    session: str | None,
    new: bool,
    debug: bool,
) -> int:
    """A chat as the command line asks for it; whatever ends it gives the terminal back first."""
    try:
        settings = settings_of(given)
        if debug:
            log_to(settings.log_file)
        return await chat(settings, line, _loading(settings), first=first, session=session, new=new)
    except Exception:
        await line.abandon(first)
        raise


async def chat(
    settings: Settings,
    line: InputLine,
    load: LoadAgents,
    *,
    first: asyncio.Future[str] | None = None,
    session: str | None = None,
    new: bool = False,
    console: Console | None = None,
) -> int:
    """Chats until the person leaves; needs a terminal on standard input and output, and a caller who ignores SIGINT.

    Args:
        settings: Whose record, in which database; where the input history is.
        line: The prompt.
        load: Gives the agents.
        first: The line that is being read already.
        session: What `storage.queries.sessions.find` understands; the last session when left out.
        new: Begin a new session.
        console: Where to print; standard output when left out.

    Returns:
        0: that a turn failed is no failure of a chat.

    Raises:
        StorageError: The database cannot be used, or there is no such session.
        ModelError: The model cannot be used.
    """
    first = first or asyncio.ensure_future(line.read())
    async with Database.open(settings.database_url, lease_seconds=settings.lease_seconds) as database:
        await bring_up_to_date(database, settings.user, kinds=partial(kinds_of_team, settings))
        key = await sessions.chosen(database, settings.user, session, new=new)
        chat = ChatState(database, key, settings, console or make_console(), line, load)
        chat.use_theme(settings.theme)
        try:
            await chat.refresh()
            chat.open()
            hello = await greeting.welcome(chat)
            async with line.above():
                for part in hello:
                    chat.console.print(part)
            line.attach(
                completer=SlashCompleter(chat, commands.COMMANDS),
                status=chat.status_line,
                history=open_history(settings.input_history),
                vi=wants_vi(settings.inputrc),
            )
            await _until_left(chat, first)
            greeting.goodbye(chat)
        finally:
            await chat.close()
    return 0


async def _until_left(chat: ChatState, first: asyncio.Future[str]) -> None:
    reading = first
    while chat.running:
        text = await _read(chat, reading)
        if text is None:
            return
        if text.strip():
            try:
                if is_command(text):
                    await _command(chat, text)
                else:
                    await _turn(chat, text.strip())
            except Exception as error:  # the boundary of a line: whatever it raised, the chat goes on
                logger.exception("a line of the chat failed")
                print_error(chat.console, *_told(error))
        if chat.running:
            draft, chat.draft = chat.draft, ""
            reading = asyncio.ensure_future(chat.line.read(draft))


def _told(error: Exception) -> tuple[str, str]:
    known = understood(error)
    return (str(known), known.hint) if known else (one_line(str(error) or type(error).__name__, _LONGEST_ERROR), _HINT)


async def _read(chat: ChatState, reading: asyncio.Future[str]) -> str | None:
    """The next line; empty when it was abandoned, None when the person leaves.

    Raises:
        StorageError, ModelError: There is nobody to talk to.
    """
    assert chat.opening is not None, "a chat opens its session"
    if not chat.opening.done():
        pending: tuple[asyncio.Future[Any], ...] = (reading, chat.opening)
        await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    if chat.opening.done() and not reading.done() and chat.opening.exception():
        await chat.line.abandon(reading)
        chat.opening.result()
    try:
        return await reading
    except Abandoned:
        chat.console.print(Text("Ctrl-D leaves.", style="hint"))
        return ""
    except EOFError:
        return None


async def _command(chat: ChatState, line: str) -> None:
    wrong = await commands.run(chat, line)
    if wrong:
        print_error(chat.console, *wrong)
    if chat.running and not chat.draft:
        chat.console.line()


async def _turn(chat: ChatState, text: str) -> None:
    if not await take_turn(chat, lambda talk: talk.send(text)):
        chat.draft = text


def _loading(settings: Settings) -> LoadAgents:
    async def load() -> Agents:
        loading = Loading((*PIECES, "terminal.chat.agents"))  # a person who leaves at once does not wait for all
        try:
            await loading.done()
        finally:
            loading.stop()
        from terminal.chat.agents import agents_of  # loaded by now

        return agents_of(settings)

    return load
