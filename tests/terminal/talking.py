"""A conversation that is told what happens in it, for tests of what is shown."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import TypeAlias

from rich.console import Console

from conversation.events import Reply, SessionOpened, TextDelta, TurnEvent, TurnFinished
from settings import APP_NAME
from storage.database import Database
from storage.scope import SessionKey
from terminal.console import LOOKS, make_console

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
    """A `Talk` in which `happens` says what a message leads to; with `interrupt`, a turn waits to be cancelled."""

    database: Database
    happens: Happens = echo
    model: str = "scripted"
    key: SessionKey = field(default=SessionKey(APP_NAME, "ada", "session-1"))
    interrupt: Callable[[], None] | None = None
    sent: list[str] = field(default_factory=list)
    _cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    def switch(self, session_id: str | None = None) -> None:
        self.key = SessionKey(APP_NAME, "ada", session_id or "session-new")

    def cancel(self) -> None:
        self._cancelled.set()

    async def send(self, text: str) -> AsyncIterator[TurnEvent]:
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


async def stream(events: Sequence[TurnEvent]) -> AsyncIterator[TurnEvent]:
    for event in events:
        yield event


def screen(width: int = 60, *, terminal: bool = False) -> tuple[Console, StringIO]:
    """A console of that width that writes to a string, as to a file or as to a colour terminal."""
    out = StringIO()
    if not terminal:
        return make_console(out, width=width), out
    looks = LOOKS["dark"].styles
    return Console(file=out, width=width, height=24, force_terminal=True, color_system="standard", theme=looks), out
