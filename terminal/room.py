"""What a running chat is about at the moment: the conversation, how it is shown, and what the status line says.

Slash commands read and change it; the loop in `chat.py` acts on it.
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from rich.console import Console

from storage import sessions, turns
from storage.errors import StorageError
from terminal.console import LOOKS
from terminal.talk import OpenTalk, Talk, Team

_COUNTED = 1_000
"""Turns of a session whose tokens are summed when it is opened."""


@dataclass
class SessionStatus:
    """What the status line tells of the session."""

    title: str = ""
    turns: int = 0
    tokens: int = 0


@dataclass
class Room:
    """The state of one chat.

    Attributes:
        talk: The conversation; replaced when the model is switched.
        open_talk: Opens another one.
        offline_notice: What a chat with the built-in model begins with.
        opened: What closes the conversation.
        draft: What the next prompt begins with.
        last_reply: The last answer, for /copy.
    """

    talk: Talk
    open_talk: OpenTalk
    console: Console
    team: Team
    offline_notice: str
    opened: AsyncExitStack
    verbose: bool = False
    theme: str = "dark"
    running: bool = True
    draft: str = ""
    last_reply: str = ""
    status: SessionStatus = field(default_factory=SessionStatus)

    async def refresh(self) -> None:
        """Reads the status of the current session from the record."""
        database, key = self.talk.database, self.talk.key
        try:
            info = await sessions.find(database, key.user, key.session_id)
        except StorageError:  # nothing has been said in it
            self.status = SessionStatus()
            return
        held = await turns.history(database, key, limit=_COUNTED)
        tokens = sum(turn.prompt_tokens + turn.output_tokens for turn in held)
        self.status = SessionStatus(info.title, info.turns, tokens)
        self.last_reply = next((turn.agent_response for turn in held if turn.agent_response), "")

    async def enter(self, session_id: str | None = None) -> None:
        """Goes on in another session, or in a new one."""
        self.talk.switch(session_id)
        self.last_reply = ""
        await self.refresh()

    async def use_model(self, model: str) -> None:
        """Goes on in the same session with another model.

        Raises:
            ModelError: The model cannot be used; the old one stays.
        """
        opened = AsyncExitStack()
        talk = await opened.enter_async_context(self.open_talk(model))
        talk.switch(self.talk.key.session_id)
        before, self.opened, self.talk = self.opened, opened, talk
        await before.aclose()

    async def close(self) -> None:
        """Closes the conversation."""
        await self.opened.aclose()

    def use_theme(self, name: str) -> None:
        """Changes the colours; `name` is one of `console.LOOKS`."""
        self.console.push_theme(LOOKS[name].styles)
        self.theme = name
