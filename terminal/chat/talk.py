"""What the terminal needs of a conversation, and of what opens one.

`conversation.Conversation` is a `Talk`, `Host.conversation` an `OpenTalk`, and `terminal.chat.agents.agents_of` gives
`Agents`. The terminal does not import them where it need not: commands that only read the record start without ADK, and
a chat greets before ADK is there.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from conversation.events import TurnEvent
from storage.database import Database
from storage.scope import SessionKey

if TYPE_CHECKING:
    from conversation.conversation import Undone
    from conversation.team import PreferenceKind


class Talk(Protocol):
    """A session that can be talked to, as `conversation.Conversation` describes it."""

    key: SessionKey

    @property
    def notices(self) -> tuple[str, ...]: ...

    @property
    def model(self) -> str: ...

    def switch(self, session_id: str | None = None, *, begun: bool = False) -> None: ...

    def cancel(self) -> None: ...

    def send(self, text: str) -> AsyncGenerator[TurnEvent, None]: ...

    def retry(self) -> AsyncGenerator[TurnEvent, None]: ...

    async def undo(self, count: int = 1) -> Undone: ...


class OpenTalk(Protocol):
    """Gives a session to talk in, whether anything has been said in it or not; with `model`, that one answers."""

    async def __call__(self, key: SessionKey, model: str | None = None) -> Talk: ...


OpenHost: TypeAlias = Callable[[Database], AbstractAsyncContextManager[OpenTalk]]
"""Opens what all sessions have in common, once, on a database that is open and stays so."""


@dataclass(frozen=True)
class Agents:
    """The team, once ADK is there.

    Attributes:
        open: Opens what gives sessions to talk in.
        team: The agents: name and description of each.
        kinds: What is remembered of a user.
    """

    open: OpenHost
    team: Sequence[tuple[str, str]] = ()
    kinds: Sequence[PreferenceKind] = ()


LoadAgents: TypeAlias = Callable[[], Awaitable[Agents]]
