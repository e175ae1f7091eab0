"""A conversation that is told what happens in it, for tests of what is shown."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import Any, TypeAlias

from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console

from conversation.conversation import Undone
from conversation.events import Reply, SessionOpened, TextDelta, TurnEvent, TurnFinished
from models.errors import ModelError
from settings import APP_NAME, Settings
from state_tools import own_kinds
from state_tools.kinds import JOKE_PREFERENCES, STOCK_WATCHLIST, Suggestion
from storage.database import Database
from storage.scope import SessionKey
from terminal.chat.inputline import InputLine
from terminal.chat.talk import Agents, LoadAgents, OpenHost, OpenTalk, Talk
from terminal.interrupt import on_interrupt
from terminal.loop import chat
from terminal.show.console import HarmlessConsole, make_console

CTRL_C, CTRL_D, ALT_ENTER, ENTER = "\x03", "\x04", "\x1b\r", "\r"
KINDS = (
    *own_kinds(["funny_nerd", "librarian"]),
    replace(JOKE_PREFERENCES, suggestions=(Suggestion("python"), Suggestion("math"))),
    replace(STOCK_WATCHLIST, suggestions=(Suggestion("NVDA", "NVIDIA"), Suggestion("AAPL", "Apple"))),
)
TEAM = (("funny_nerd", "Tells jokes."), ("librarian", "Knows the record."))
Happens: TypeAlias = Callable[[str], Sequence[TurnEvent]]


def finished(status: str = "completed") -> TurnFinished:
    return TurnFinished("turn-1", status, "scripted", 1, 10, 3, 0.25)


def answered(text: str, *agents: str) -> list[TurnEvent]:
    """A turn that is answered with `text`."""
    who = agents or ("manager",)
    return [SessionOpened("session-1", False), TextDelta(who[0], text), Reply(text, who), finished()]


def echo(text: str) -> list[TurnEvent]:
    return answered(f"You said {text}.")


@dataclass
class ToldTalk:
    """A `Talk` in which `happens` says what a message leads to; with `interrupt`, a turn waits to be cancelled.

    Nothing of it reaches the record.
    """

    happens: Happens = echo
    model: str = "scripted"
    key: SessionKey = field(default=SessionKey(APP_NAME, "ada", "session-1"))
    interrupt: Callable[[], None] | None = None
    notices: tuple[str, ...] = ()
    sent: list[str] = field(default_factory=list)
    undone: Undone = field(default_factory=lambda: Undone((), ()))
    _cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    def switch(self, session_id: str | None = None, *, begun: bool = False) -> None:
        self.key = SessionKey(APP_NAME, "ada", session_id or "session-new")

    def cancel(self) -> None:
        self._cancelled.set()

    async def send(self, text: str) -> AsyncGenerator[TurnEvent, None]:
        self.sent.append(text)
        if self.interrupt:
            interrupt, self.interrupt = self.interrupt, None
            yield SessionOpened("session-1", False)
            interrupt()
            await self._cancelled.wait()
            yield finished("cancelled")
            return
        for event in self.happens(text):
            yield event

    async def retry(self) -> AsyncGenerator[TurnEvent, None]:
        async for event in self.send("again"):
            yield event

    async def undo(self, count: int = 1) -> Undone:
        return self.undone


async def stream(events: Sequence[TurnEvent]) -> AsyncGenerator[TurnEvent, None]:
    for event in events:
        yield event


def screen(width: int = 60, *, terminal: bool = False) -> tuple[Console, StringIO]:
    """A console of that width that writes to a string, as to a file or as to a colour terminal."""
    out = StringIO()
    if not terminal:
        return make_console(out, width=width), out
    return HarmlessConsole(out, width=width, height=24, force_terminal=True, color_system="standard"), out


def opener(talk: Talk) -> OpenHost:
    async def open_talk(key: SessionKey, model: str | None = None) -> Talk:
        if model == "bad":
            raise ModelError("there is no model 'bad'", "Use another.")
        if model and isinstance(talk, ToldTalk):
            talk.model = model
        talk.switch(key.session_id)
        return talk

    @asynccontextmanager
    async def open_host(database: Database) -> AsyncIterator[OpenTalk]:
        yield open_talk

    return open_host


async def typed(
    keys: str,
    talk: Talk,
    settings: Settings,
    *,
    leave: bool = True,
    width: int = 100,
    load: LoadAgents | None = None,
    **kwargs: Any,
) -> str:
    """What a chat prints when `keys` are typed into it."""
    console, out = screen(width)

    async def agents() -> Agents:
        return Agents(opener(talk), TEAM, kinds=KINDS)

    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()), on_interrupt(lambda: None):
        pipe.send_text(keys + (CTRL_D if leave else ""))
        code = await chat(settings, InputLine(), load or agents, console=console, **kwargs)
    assert code == 0
    return out.getvalue()
