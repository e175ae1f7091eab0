"""The chat: reads a line, runs a command or a turn, shows what happens, until the person leaves.

The line is read, and the record told from, before the agents are loaded; the first message waits for them. Ctrl-C stops
a turn and never the program. Whatever goes wrong is one line on the screen, and the chat goes on.
"""

import asyncio
import logging
from typing import Any

from rich.console import Console
from rich.text import Text

from record.wording import one_line
from settings import APP_NAME, Settings
from storage.adk.catchup import bring_up_to_date
from storage.database import Database
from storage.queries import sessions
from storage.scope import User
from terminal.chat import greeting
from terminal.chat.completion import SlashCompleter
from terminal.chat.inputline import Abandoned, InputLine, open_history, wants_vi
from terminal.chat.loading import Loading
from terminal.chat.room import Room
from terminal.chat.talk import Agents, LoadAgents
from terminal.chat.turn import take_turn
from terminal.logfile import log_to
from terminal.options import settings_of, understood
from terminal.show.console import make_console, print_error
from terminal.slash import commands
from terminal.slash.command import is_command

logger = logging.getLogger(__name__)

_LONGEST_ERROR = 200
_HINT = "The chat goes on. --debug writes the details to the log file."
_AGENTS = ("google.genai.types", "google.adk.events", "google.adk.runners", "manager.team", "terminal.chat.agents")
"""What is imported for the agents, in pieces: a person who leaves at once does not wait for all of it."""


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
    async with Database.open(settings.database_url) as database:
        await bring_up_to_date(database)
        key = await sessions.chosen(database, User(APP_NAME, settings.chat_user), session, new=new)
        room = Room(database, key, settings, console or make_console(), line, load)
        room.use_theme(settings.theme)
        try:
            await room.refresh()
            room.open()
            hello = await greeting.welcome(room)
            async with line.above():
                for part in hello:
                    room.console.print(part)
            line.attach(
                completer=SlashCompleter(room, commands.COMMANDS),
                status=room.status_line,
                history=open_history(settings.input_history),
                vi=wants_vi(settings.inputrc),
            )
            await _until_left(room, first)
            greeting.goodbye(room)
        finally:
            await room.close()
    return 0


async def _until_left(room: Room, first: asyncio.Future[str]) -> None:
    reading = first
    while room.running:
        text = await _read(room, reading)
        if text is None:
            return
        if text.strip():
            try:
                if is_command(text):
                    await _command(room, text)
                else:
                    await _turn(room, text.strip())
            except Exception as error:  # the boundary of a line: whatever it raised, the chat goes on
                logger.exception("a line of the chat failed")
                print_error(room.console, *_told(error))
        if room.running:
            draft, room.draft = room.draft, ""
            reading = asyncio.ensure_future(room.line.read(draft))


def _told(error: Exception) -> tuple[str, str]:
    known = understood(error)
    return (str(known), known.hint) if known else (one_line(str(error) or type(error).__name__, _LONGEST_ERROR), _HINT)


async def _read(room: Room, reading: asyncio.Future[str]) -> str | None:
    """The next line; empty when it was abandoned, None when the person leaves.

    Raises:
        StorageError, ModelError: There is nobody to talk to.
    """
    assert room.opening is not None, "a chat opens its session"
    if not room.opening.done():
        pending: tuple[asyncio.Future[Any], ...] = (reading, room.opening)
        await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    if room.opening.done() and not reading.done() and room.opening.exception():
        await room.line.abandon(reading)
        room.opening.result()
    try:
        return await reading
    except Abandoned:
        room.console.print(Text("Ctrl-D leaves.", style="hint"))
        return ""
    except EOFError:
        return None


async def _command(room: Room, line: str) -> None:
    wrong = await commands.run(room, line)
    if wrong:
        print_error(room.console, *wrong)
    if room.running and not room.draft:
        room.console.line()


async def _turn(room: Room, text: str) -> None:
    if not await take_turn(room, lambda talk: talk.send(text)):
        room.draft = text


def _loading(settings: Settings) -> LoadAgents:
    async def load() -> Agents:
        loading = Loading(_AGENTS)
        try:
            await loading.done()
        finally:
            loading.stop()
        from terminal.chat.agents import agents_of  # loaded by now

        return agents_of(settings)

    return load
