"""The chat: reads a line, runs a command or a turn, shows what happens, until the person leaves.

Ctrl-C stops a turn and never the program. Whatever goes wrong is one line on the screen, and the chat goes on.
"""

import logging
from contextlib import AsyncExitStack
from pathlib import Path

from prompt_toolkit import PromptSession
from rich.console import Console
from rich.text import Text

from settings import OFFLINE, Settings
from terminal import commands, greeting
from terminal.console import LOOKS, make_console, print_error
from terminal.inputline import input_line
from terminal.interrupt import on_interrupt, silent_typing
from terminal.room import Room
from terminal.slash import is_command
from terminal.talk import OpenTalk, Team
from terminal.turnview import TurnView
from terminal.wording import one_line

logger = logging.getLogger(__name__)

_LONGEST_ERROR = 200
_HINT = "Nothing is lost: try again. --debug writes the details to the log file."


async def chat(
    open_conversation: OpenTalk,
    *,
    settings: Settings,
    team: Team,
    offline_notice: str = "",
    console: Console | None = None,
    inputrc: Path | None = None,
) -> int:
    """Chats until the person leaves; needs a terminal on standard input and output.

    Args:
        open_conversation: Opens the session to begin with, and others when the model is switched.
        settings: Where the input history is.
        team: The agents.
        offline_notice: The first line when the built-in model answers.
        console: Where to print; standard output when left out.
        inputrc: Readline's settings; `~/.inputrc` when left out.

    Returns:
        0: that a turn failed is no failure of a chat.

    Raises:
        StorageError: The database cannot be used, or there is no such session.
        ModelError: The model cannot be used.
    """
    console = console or make_console()
    opened = AsyncExitStack()
    with console.status("Opening..."):
        talk = await opened.enter_async_context(open_conversation())
    room = Room(talk, open_conversation, console, team, offline_notice, opened)
    try:
        await room.refresh()
        if talk.model == OFFLINE and offline_notice:
            console.print(Text(offline_notice, style="hint"))
            console.line()
        await greeting.welcome(room)
        prompt = input_line(room, history=settings.input_history, inputrc=inputrc or Path.home() / ".inputrc")
        with on_interrupt(lambda: None):
            await _until_left(room, prompt)
        greeting.goodbye(room)
    finally:
        await room.close()
    return 0


async def _until_left(room: Room, prompt: PromptSession[str]) -> None:
    while room.running:
        line = await _read(room, prompt)
        if line is None:
            return
        if not line.strip():
            continue
        try:
            if is_command(line):
                await _command(room, line)
            else:
                await _turn(room, line.strip())
        except Exception as error:  # the boundary of a line: whatever it raised, the chat goes on
            logger.exception("a line of the chat failed")
            print_error(room.console, one_line(str(error) or type(error).__name__, _LONGEST_ERROR), _HINT)


async def _read(room: Room, prompt: PromptSession[str]) -> str | None:
    """The next line; empty when it was abandoned, None when the person leaves."""
    draft, room.draft = room.draft, ""
    try:
        return await prompt.prompt_async(default=draft)
    except KeyboardInterrupt:
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
    view = TurnView(room.console, room.verbose, LOOKS[room.theme].code)
    with on_interrupt(room.talk.cancel), silent_typing():
        await view.show(room.talk.send(text))
    await room.refresh()
