"""Turns without a prompt: one message a line, for pipes and scripts.

As text, standard output has the replies and nothing else, errors go to standard error. As JSON, standard output has one
turn event a line and nothing else.
"""

import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from typing import IO, Any

from rich.console import Console

from conversation.conversation import Conversation
from conversation.events import AnswerCut, Reply, SessionDeleted, TurnError, TurnEvent, TurnFinished
from record import documents
from record.wording import DELETED, printable
from settings import Settings
from terminal.chat.talk import Talk
from terminal.interrupt import blocking, on_interrupt, silent_typing
from terminal.logfile import log_to
from terminal.options import run, settings_of
from terminal.say import say
from terminal.show.console import follows_links, make_console
from terminal.show.turnview import TurnView

_COMPLETED = "completed"
_MARK = "\ufeff"
"""A byte order mark: files that are joined have one within, and it says nothing there."""


def talk_in_lines(
    given: dict[str, Any], lines: Iterable[str], *, session: str | None, new: bool, as_json: bool, debug: bool
) -> int:
    """Opens a conversation as the command line asks for it, and `run_lines` in it; returns the exit code."""
    settings = settings_of(given)
    if debug:
        log_to(settings.log_file)

    async def talk() -> int:
        async with Conversation.open(settings, session=session, new=new) as conversation:
            console, links = make_console(), follows_links(settings.environment)
            for notice in conversation.notices:
                say(notice, err=True)
            return await run_lines(
                conversation, lines, as_json=as_json, out=sys.stdout, err=sys.stderr, console=console, links=links
            )

    return run(talk())


def retry_in_lines(settings: Settings, *, session: str, as_json: bool) -> int:
    """Sends the last message of a session again, and prints the turn; returns the exit code."""

    async def talk() -> int:
        async with Conversation.open(settings, session=session) as conversation:
            links = follows_links(settings.environment)
            talking = _Run(conversation, as_json, sys.stdout, sys.stderr, make_console(), links)
            await talking.turn(conversation.retry())
            return int(talking.failed)

    return run(talk())


async def run_lines(
    conversation: Talk,
    lines: AsyncIterator[str] | Iterable[str],
    *,
    as_json: bool,
    out: IO[str],
    err: IO[str],
    console: Console | None = None,
    links: bool = False,
) -> int:
    """One turn for each line that is not blank; an interrupt (SIGINT) stops the turn and ends the run.

    Args:
        conversation: Whom to ask.
        lines: The messages.
        as_json: Turn events as JSON Lines instead of replies.
        out: Where replies or events go.
        err: Where errors go, as text.
        console: A terminal on `out` on which turns are shown as in the chat; not used with `as_json`.
        links: Whether that terminal follows links that are hidden behind text.

    Returns:
        0, or 1 when a turn did not complete.
    """
    talking = _Run(conversation, as_json, out, err, console, links)
    try:
        async for line in _each(lines):
            if message := line.replace(_MARK, "").strip():
                await talking.turn(conversation.send(message))
            if talking.interrupted:
                break
    except KeyboardInterrupt:
        return 1
    return int(talking.failed)


class _Run:
    def __init__(
        self, talk: Talk, as_json: bool, out: IO[str], err: IO[str], console: Console | None, links: bool
    ) -> None:
        self.failed = False
        self.interrupted = False
        self._talk = talk
        self._as_json = as_json
        self._out = out
        self._err = err
        self._console = console if console and console.is_terminal and not as_json else None
        self._links = links
        self._replies = 0

    async def turn(self, events: AsyncGenerator[TurnEvent, None]) -> None:
        """Tells a turn; when it cannot be told any more, the turn is cancelled."""
        with on_interrupt(self._interrupt):
            finished = await (self._show(self._console, events) if self._console else self._tell(events))
        if finished is None or finished.status != _COMPLETED:
            self.failed = True

    async def _show(self, console: Console, events: AsyncGenerator[TurnEvent, None]) -> TurnFinished | None:
        with silent_typing():
            _, finished = await TurnView(console, links=self._links).show(events)
        return finished

    async def _tell(self, events: AsyncGenerator[TurnEvent, None]) -> TurnFinished | None:
        finished: TurnFinished | None = None
        async with aclosing(events):
            async for event in events:
                self._write(event)
                if isinstance(event, TurnFinished):
                    finished = event
        return finished

    def _interrupt(self) -> None:
        self.interrupted = True
        self._talk.cancel()

    def _write(self, event: TurnEvent) -> None:
        if self._as_json:
            say(documents.line(event.to_json()), file=self._out)
            return
        match event:
            case Reply(text=text):
                between = "\n" if self._replies else ""
                self._replies += 1
                say(f"{between}{printable(text).strip()}", file=self._out)
            case TurnError() | AnswerCut():
                say(f"{event.type}: {event.message}", file=self._err)
                if event.hint:
                    say(event.hint, file=self._err)
            case SessionDeleted():
                say(DELETED, file=self._err)
            case TurnFinished(status="cancelled"):
                say("stopped", file=self._err)
            case _:
                pass


async def _each(lines: AsyncIterator[str] | Iterable[str]) -> AsyncIterator[str]:
    if isinstance(lines, AsyncIterator):
        async for line in lines:
            yield line
        return
    left = iter(lines)
    while True:
        with blocking():
            following = next(left, None)
        if following is None:
            return
        yield following
