"""What a run without a command does: a chat, one message, or piped lines.

The prompt of a chat is there before anything that takes long is imported.
"""

import asyncio
import os
import stat
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from typing import Any

from terminal.interrupt import on_interrupt
from terminal.loading import Loading, for_good


def main(
    given: dict[str, Any], *, prompt: str | None, session: str | None, new: bool, as_json: bool, debug: bool
) -> int:
    """Runs what the command line asks for; returns the exit code.

    Args:
        given: Settings that the command line names.
        prompt: The one message; what is piped in is its material.
        session: What the session is called that goes on; the last one when left out.
        new: Begin a new session.
        as_json: Print turn events as JSON Lines.
        debug: Write what the libraries log to the log file.
    """
    if prompt is None and not as_json and sys.stdin.isatty() and sys.stdout.isatty():
        return asyncio.run(_chat(given, session=session, new=new, debug=debug))
    with for_good():
        from terminal.lines import talk_in_lines  # loads what a chat has to load later

    return talk_in_lines(given, _messages(prompt), session=session, new=new, as_json=as_json, debug=debug)


async def _chat(given: dict[str, Any], *, session: str | None, new: bool, debug: bool) -> int:
    from terminal.inputline import InputLine  # only a chat needs prompt_toolkit

    line = InputLine()
    with on_interrupt(lambda: None):  # a turn is stopped by it, and the prompt clears its line
        first = asyncio.ensure_future(line.read())
        await asyncio.wait([first, asyncio.ensure_future(line.shown.wait())], return_when=asyncio.FIRST_COMPLETED)
        loading = Loading(["terminal.chat"])
        await asyncio.wait([first, asyncio.ensure_future(loading.done())], return_when=asyncio.FIRST_COMPLETED)
        if first.done() and isinstance(first.exception(), EOFError):  # left before anything was there
            return 0
        await loading.done()
        from terminal.chat import start  # loaded by now

        return await start(given, line, first, session=session, new=new, debug=debug)


def _messages(prompt: str | None) -> Iterable[str]:
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if prompt is None:
        return sys.stdin
    material = sys.stdin.read().strip("\n") if _is_piped() else ""
    return [f"{prompt}\n\n{material}" if material.strip() else prompt]


def _is_piped() -> bool:
    """Whether somebody gives input: a pipe, a file or a socket, not a terminal and not nothing."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):  # not a file of the system, as in tests
        return True
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)
