"""What the demo shows, step by step: session, state, runner, events, a restart, stats.

The restart is real: the last answer comes from a second process that opens the database file anew.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from conversation.conversation import Conversation
from conversation.events import AnswerCut, DelegationFinished, Reply, ToolCalled, TurnError, TurnFinished
from conversation.examples import AFTERWARDS, EXCHANGES
from conversation.team import about_team
from record import documents
from settings import Settings
from storage.database import Database
from storage.queries import session_document, sessions
from storage.queries.forget import begin_anew
from storage.stats import figures
from terminal.show import tables
from terminal.show.console import make_console
from told import Told


class Demo:
    """Explains each step in a sentence, then does it."""

    def __init__(self, settings: Settings, again: Sequence[str], pause: float) -> None:
        """Args: whose record in which database, what starts it again, and seconds between two steps."""
        self.settings = settings
        self.again = again
        self.console = make_console()
        self.pause = pause
        self._step = 0

    async def step(self, title: str, why: str) -> None:
        if self._step:
            await asyncio.sleep(self.pause)
        self._step += 1
        self.console.print(f"\nStep {self._step}: {title}", style="heading")
        self.console.print(why, style="muted")

    async def run(self) -> None:
        await self.step("the database", "Everything is kept in one SQLite file; opening it makes the tables.")
        async with (
            Database.open(self.settings.database_url, lease_seconds=self.settings.lease_seconds) as database,
            self._fresh(database) as conversation,
        ):
            self.console.print(f"opened {Path(conversation.database.name).name}")
            await self.step("the session", "A session is one conversation; its id resumes it at any time.")
            self.console.print(f"session {conversation.key.session_id}")
            await self.step("the initial state", "Nothing is known yet; this is the documented shape of the state.")
            await self.show_state(conversation)
            await self.step("the runner", "ADK's runner gives each message to the manager, who delegates to the team.")
            names = ", ".join(name for name, _ in about_team(self.settings).agents)
            self.console.print(f"model {conversation.model}; team: {names}")
            for text in EXCHANGES:
                await self.step("an exchange", "The message is committed first, then each event before it is shown.")
                await self.exchange(conversation, text)
            await self.step("the final state", "What was said, who was asked, and what is now known of the user.")
            await self.show_state(conversation)
        await self.step("a restart", "This process has closed the database; another one opens it and answers from it.")
        await self.restart()
        await self.step("agent stats", "How the agents did, counted from the record.")
        async with Conversation.open(self.settings) as conversation:
            found = await figures.agent_stats(conversation.database, conversation.key.user)
            self.console.print(tables.agent_stats(found, self.console))

    @asynccontextmanager
    async def _fresh(self, database: Database) -> AsyncIterator[Conversation]:
        """A conversation of somebody who was never here."""
        await begin_anew(database, self.settings.user)
        async with Conversation.open(self.settings, database=database, new=True) as conversation:
            yield conversation

    async def exchange(self, conversation: Conversation, text: str) -> None:
        """One turn, told line by line."""
        self.console.print(f"you> {text}", style="user")
        async for event in conversation.send(text):
            match event:
                case DelegationFinished():
                    self.console.print(f"  {event.agent} {event.status} in {event.seconds:.2f} s", style="muted")
                case ToolCalled():
                    self.console.print(f"  {event.agent} called {event.tool}", style="muted")
                case Reply():
                    self.console.print(event.text)
                case TurnError() | AnswerCut():
                    self.console.print(f"{event.message}. {event.hint}", style="error")
                case TurnFinished():
                    self.console.print(f"  turn {event.status}, {event.model_calls} model calls", style="muted")
                case _:
                    pass

    async def show_state(self, conversation: Conversation) -> None:
        key = conversation.key
        info = await sessions.get(conversation.database, key) or sessions.unused(key)
        self.console.print(documents.dumps(await session_document.document(conversation.database, key, info)))

    async def restart(self) -> None:
        """The same program in another process, told only the file."""
        sys.stdout.flush()
        process = await asyncio.create_subprocess_exec(*self.again)
        if await process.wait() != 0:
            raise Told("the second process failed")

    async def carry_on(self) -> None:
        """What the second process does."""
        async with Conversation.open(self.settings) as conversation:
            info = await sessions.latest(conversation.database, conversation.key.user)
            assert info is not None, "the first process left a session"
            self.console.print(f"a new process resumes session {info.session_id} with {info.turns} turns")
            await self.exchange(conversation, AFTERWARDS)
