"""What a running chat is about at the moment: the session, who answers in it, how it is shown, and the status line.

Slash commands read and change it; the loop in `chat.py` acts on it. The record can be read from the first moment on;
the agents come later, and `talk` waits for them.
"""

import asyncio
import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import uuid4

from rich.console import Console
from rich.text import Text

from record.wording import one_line, plural
from settings import Settings
from storage.database import Database
from storage.errors import failure
from storage.queries import sessions, turns
from storage.queries.sessions import SessionInfo
from storage.scope import SessionKey, User
from terminal.chat.inputline import InputLine
from terminal.chat.talk import Agents, LoadAgents, OpenTalk, Talk
from terminal.show.console import LOOKS
from terminal.show.tables import NEW, title_of

logger = logging.getLogger(__name__)

_SHORTEST_TITLE = 16
"""Columns of the status line that the title has at least."""


@dataclass
class ChatState:
    """The state of one chat.

    Attributes:
        database: The record.
        key: The session the next message goes to.
        settings: As the chat was started.
        load: Gives the agents; called once, by `open`.
        draft: What the next prompt begins with.
        info: The session as the record has it; None while nothing has been said in it.
        tokens: What the session has cost so far.
        last_reply: The last answer, for /copy.
        model: The name of the model that answers.
        agents: The team; None until it is loaded.
    """

    database: Database
    key: SessionKey
    settings: Settings
    console: Console
    line: InputLine
    load: LoadAgents
    verbose: bool = False
    theme: str = "dark"
    running: bool = True
    draft: str = ""
    info: SessionInfo | None = None
    tokens: int = 0
    last_reply: str = ""
    model: str = ""
    agents: Agents | None = None
    opening: asyncio.Future[Talk] | None = None
    _opened: AsyncExitStack = field(default_factory=AsyncExitStack)
    _open_talk: OpenTalk | None = None

    @property
    def user(self) -> User:
        return self.key.user

    def open(self) -> None:
        """Begins to load the agents and to open the session."""
        self.model = self.settings.model_name
        self.opening = asyncio.create_task(self._open())

    async def _open(self) -> Talk:
        self.agents = await self.load()
        self._open_talk = await self._opened.enter_async_context(self.agents.open(self.database))
        talk = await self._open_talk(self.key)
        self.model = talk.model
        if talk.notices:
            async with self.line.above():
                for notice in talk.notices:
                    self.console.print(Text(notice, style="hint"))
        self.line.redraw()
        return talk

    async def talk(self) -> Talk:
        """The conversation, once it is open; it goes on where `key` says.

        Raises:
            StorageError: The database cannot be used.
            ModelError: The model cannot be used.
        """
        assert self.opening is not None, "`open` comes first"
        talk = await asyncio.shield(self.opening)
        talk.switch(self.key.session_id, begun=self.info is not None)
        return talk

    async def team(self) -> Agents:
        """The agents, once they are loaded."""
        await self.talk()
        assert self.agents is not None, "the agents open the conversation"
        return self.agents

    async def refresh(self) -> None:
        """Reads the status of the current session from the record."""
        self.info = await sessions.get(self.database, self.key)
        self.tokens = await turns.tokens_of_session(self.database, self.key) if self.info else 0
        self.last_reply = await turns.last_answer(self.database, self.key) if self.info else ""

    async def follow(self, talk: Talk) -> None:
        """Goes where the conversation has gone on: into a new session, when the one it was in was deleted elsewhere.

        What cannot be read for the status line is left as it was: of a database that fails, the turn has told.
        """
        self.key = talk.key
        try:
            await self.refresh()
        except Exception as error:
            if failure(error) is None:
                raise
            logger.exception("the status line cannot be read")

    async def enter(self, session_id: str | None = None) -> None:
        """Goes on in another session, or in a new one."""
        self.key = SessionKey(self.key.app_name, self.key.user_id, session_id or str(uuid4()))
        await self.refresh()

    async def use_model(self, model: str) -> None:
        """Goes on in the same session with another model.

        Raises:
            ModelError: The model cannot be used; the old one stays.
        """
        await self.talk()
        assert self._open_talk is not None, "the conversation was opened by it"
        talk = await self._open_talk(self.key, model)
        self.opening = asyncio.get_running_loop().create_future()
        self.opening.set_result(talk)
        self.model = talk.model

    async def close(self) -> None:
        """Closes the conversation, or stops opening it."""
        if self.opening is not None:
            self.opening.cancel()
            await asyncio.wait([self.opening])
            if not self.opening.cancelled():
                self.opening.exception()  # it was told when it happened
        await self._opened.aclose()

    def use_theme(self, name: str) -> None:
        """Changes the colours; `name` is one of `console.LOOKS`."""
        self.console.push_theme(LOOKS[name].styles)
        self.theme = name

    def status_line(self, width: int) -> str:
        """Title, turns, model and tokens of the session, on one line of less than `width` columns.

        Where there is little chat, the last of these are left out.
        """
        title = title_of(self.info) if self.info else NEW
        facts = [self.model, plural(self.info.turns if self.info else 0, "turn"), plural(self.tokens, "token")]
        while sum(len(fact) + 3 for fact in facts) > width - _SHORTEST_TITLE and len(facts) > 1:
            facts.pop()
        told = "".join(f" · {fact}" for fact in facts)
        return one_line(f"{one_line(title, max(width - len(told) - 1, 1))}{told}", width - 1)
