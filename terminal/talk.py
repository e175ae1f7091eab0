"""What the terminal needs of a conversation, and of the script that opens one.

`conversation.Conversation` is a `Talk`. The terminal does not import it: commands that only read the record start
without ADK.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeAlias

from conversation.events import TurnEvent
from storage.database import Database
from storage.scope import SessionKey


class Talk(Protocol):
    """A session that can be talked to, as `conversation.Conversation` describes it."""

    database: Database
    key: SessionKey

    @property
    def model(self) -> str: ...

    def switch(self, session_id: str | None = None) -> None: ...

    def cancel(self) -> None: ...

    def send(self, text: str) -> AsyncIterator[TurnEvent]: ...


class OpenTalk(Protocol):
    """Opens the session the command line asks for; with `model`, answered by that one instead of the settings'."""

    def __call__(self, model: str | None = None) -> AbstractAsyncContextManager[Talk]: ...


Team: TypeAlias = Sequence[tuple[str, str]]
"""The agents: name and description of each."""
