"""What a run without a command does: a chat, one message, or piped lines.

The prompt of a chat is there before anything that takes long is imported.
"""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from terminal.chat.loading import Loading, for_good
from terminal.chat.material import material
from terminal.interrupt import on_interrupt, run
from terminal.say import say
from terminal.streams import lines

_TYPED = "Each line is a message; Ctrl-D ends."


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run without a command is asked for.

    Attributes:
        prompt: The one message.
        stdin: Whether standard input is material for the message; when left out, as `material` finds.
        session: What the session is called that goes on; the last one when left out.
        new: Begin a new session.
        as_json: Print turn events as JSON Lines.
        debug: Write what the libraries log to the log file.
    """

    prompt: str | None = None
    stdin: bool | None = None
    session: str | None = None
    new: bool = False
    as_json: bool = False
    debug: bool = False


def main(given: dict[str, Any], asked: Asked) -> int:
    """Runs what the command line asks for, with the settings that it names; returns the exit code."""
    if asked.prompt is None and not asked.as_json and sys.stdin.isatty() and sys.stdout.isatty():
        return run(_chat(given, asked))
    with for_good():
        from terminal.chat.lines import talk_in_lines  # loads what a chat has to load later

    return talk_in_lines(
        given, _messages(asked), session=asked.session, new=asked.new, as_json=asked.as_json, debug=asked.debug
    )


async def _chat(given: dict[str, Any], asked: Asked) -> int:
    from terminal.chat.inputline import InputLine  # only a chat needs prompt_toolkit

    line = InputLine()
    with on_interrupt(lambda: None):  # a turn is stopped by it, and the prompt clears its line
        first = asyncio.ensure_future(line.read())
        await asyncio.wait([first, asyncio.ensure_future(line.shown.wait())], return_when=asyncio.FIRST_COMPLETED)
        loading = Loading(["terminal.loop"])
        await asyncio.wait([first, asyncio.ensure_future(loading.done())], return_when=asyncio.FIRST_COMPLETED)
        if first.done() and isinstance(first.exception(), EOFError):  # left before anything was there
            return 0
        await loading.done()
        from terminal.loop import start  # loaded by now

        return await start(given, line, first, session=asked.session, new=asked.new, debug=asked.debug)


def _messages(asked: Asked) -> Iterator[str]:
    """The messages, read when they are wanted: what cannot begin is told before anything is waited for."""
    if asked.prompt is None:
        if sys.stdin.isatty():
            say(_TYPED, err=True)
        yield from lines(sys.stdin)
    else:
        beside = material(asked.stdin)
        yield f"{asked.prompt}\n\n{beside}" if beside.strip() else asked.prompt
