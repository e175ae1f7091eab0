"""Turns without a prompt: one message a line, for pipes and scripts.

As text, standard output has the replies and nothing else, errors go to standard error. As JSON, standard output has one
turn event a line and nothing else.
"""

import json
import signal
from collections.abc import AsyncIterator, Iterable
from typing import IO

from rich.console import Console

from conversation.events import Reply, TurnError, TurnEvent, TurnFinished
from terminal.interrupt import on_interrupt, silent_typing
from terminal.talk import Talk
from terminal.turnview import TurnView
from terminal.wording import printable

_COMPLETED = "completed"


async def run_lines(
    conversation: Talk,
    lines: AsyncIterator[str] | Iterable[str],
    *,
    as_json: bool,
    out: IO[str],
    err: IO[str],
    console: Console | None = None,
) -> int:
    """One turn for each line that is not blank; an interrupt (SIGINT) stops the turn and ends the run.

    Args:
        conversation: Whom to ask.
        lines: The messages.
        as_json: Turn events as JSON Lines instead of replies.
        out: Where replies or events go.
        err: Where errors go, as text.
        console: A terminal on `out` on which turns are shown as in the chat; not used with `as_json`.

    Returns:
        0, or 1 when a turn did not complete.
    """
    run = _Run(conversation, as_json, out, err, console)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # between turns, reading may block the loop
    try:
        async for line in _each(lines):
            if line.strip():
                await run.turn(line.strip())
            if run.interrupted:
                break
    except KeyboardInterrupt:
        return 1
    finally:
        signal.signal(signal.SIGINT, before)
    return int(run.failed)


class _Run:
    def __init__(self, talk: Talk, as_json: bool, out: IO[str], err: IO[str], console: Console | None) -> None:
        self.failed = False
        self.interrupted = False
        self._talk = talk
        self._as_json = as_json
        self._out = out
        self._err = err
        self._console = console if console and console.is_terminal and not as_json else None
        self._replies = 0

    async def turn(self, text: str) -> None:
        finished: TurnFinished | None = None
        with on_interrupt(self._interrupt):
            events = self._talk.send(text)
            if self._console:
                with silent_typing():
                    _, finished = await TurnView(self._console).show(events)
            else:
                async for event in events:
                    self._write(event)
                    if isinstance(event, TurnFinished):
                        finished = event
        if finished is None or finished.status != _COMPLETED:
            self.failed = True

    def _interrupt(self) -> None:
        self.interrupted = True
        self._talk.cancel()

    def _write(self, event: TurnEvent) -> None:
        if self._as_json:
            print(json.dumps(event.to_json(), ensure_ascii=False), file=self._out, flush=True)
            return
        match event:
            case Reply(text=text):
                between = "\n" if self._replies else ""
                self._replies += 1
                print(f"{between}{printable(text).strip()}", file=self._out, flush=True)
            case TurnError():
                print(f"error: {printable(event.message)}", file=self._err)
                if event.hint:
                    print(printable(event.hint), file=self._err, flush=True)
            case TurnFinished(status="cancelled"):
                print("stopped", file=self._err, flush=True)
            case _:
                pass


async def _each(lines: AsyncIterator[str] | Iterable[str]) -> AsyncIterator[str]:
    if isinstance(lines, AsyncIterator):
        async for line in lines:
            yield line
    else:
        for line in lines:
            yield line
