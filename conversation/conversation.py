"""One conversation: a session of one user, and turns in it that are told event by event.

It needs no closing: what it has in common with others is its host's (`host.py`). The user's message is committed before
the model is called, and each event before it is told; meanwhile the turn goes on. Every turn ends, and says how: what a
model does cannot keep it running, not even by ignoring that it is cancelled. A turn that fails or is cancelled leaves
the session usable.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from google.adk.errors import StaleSessionError
from google.adk.sessions.base_session_service import GetSessionConfig

from conversation import failures
from conversation.apps import OpenApp
from conversation.events import SessionDeleted, SessionOpened, TurnEvent, TurnFinished
from conversation.turn import Tasks, TurnRun
from models.factory import ModelFactory
from settings import Settings
from storage.adk.service import SessionService, rewind
from storage.database import Database
from storage.errors import MissingError
from storage.queries import turns
from storage.queries.turns import Turn
from storage.schema.tables import CANCELLED, COMPLETED, RUNNING
from storage.scope import SessionKey
from storage.strict import MESSAGE_LENGTH, encodable
from told import Told

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What a turn changed for good: the tool that did, its arguments, and a sentence that tells it."""

    tool: str
    args: dict[str, Any]
    told: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What was undone: the messages, oldest first, and what stays of them in the preferences."""

    messages: tuple[str, ...]
    changes: tuple[Change, ...]


class Conversation:
    """A session that can be talked to; `Host.conversation` gives it.

    Attributes:
        key: The session.
        app: What answers in it.
    """

    def __init__(
        self,
        service: SessionService,
        app: OpenApp,
        key: SessionKey,
        turn_timeout: float,
        runs: Tasks,
        summaries: Tasks,
        *,
        begun: bool = False,
    ) -> None:
        self.database = service.database
        self.key = key
        self.app = app
        self.turn_timeout = turn_timeout
        self._service = service
        self._runs = runs
        self._summaries = summaries
        self._compacting: asyncio.Task[None] | None = None
        self._running: set[TurnRun] = set()
        self._waiting: set[asyncio.Future[TurnRun]] = set()
        self._begun = begun
        """Whether the session is known to be in the record."""

    @staticmethod
    @asynccontextmanager
    async def open(
        settings: Settings,
        *,
        database: Database | None = None,
        session: str | SessionKey | None = None,
        new: bool = False,
        models: ModelFactory | None = None,
    ) -> AsyncIterator["Conversation"]:
        """A host with one conversation of the settings' user: arguments and errors are those of `Host.open` and
        `Host.conversation`."""
        from conversation.host import Host  # which imports this module

        async with Host.open(settings, models=models, database=database) as host:
            yield await host.conversation(settings.user, session, new=new)

    @property
    def model(self) -> str:
        """The name of the model that answers."""
        return self.app.model

    @property
    def notices(self) -> tuple[str, ...]:
        """A line on each installed package that was left out."""
        return self.app.notices

    def switch(self, session_id: str | None = None, *, begun: bool = False) -> None:
        """Goes on in another session of the same user, or in a new one; not during a turn.

        Args:
            session_id: Which one; a new one when left out.
            begun: It is known to be in the record: when it is not there any more, that is told.
        """
        self._begun = begun or (self._begun and session_id == self.key.session_id)
        self.key = SessionKey(self.key.app_name, self.key.user_id, encodable(session_id or str(uuid4())))

    def cancel(self) -> None:
        """Stops the turn that is running or waits to run, if there is one; it ends as `cancelled`."""
        for waiting in self._waiting:
            waiting.cancel()
        for turn in self._running:
            turn.cancel()

    async def send(self, text: str, *, undone_from: str | None = None) -> AsyncGenerator[TurnEvent, None]:
        """One turn: yields what happens, from `SessionOpened` to `TurnFinished`. It raises for nothing that a model or
        the database does; where the session cannot even be opened, it begins with `TurnError`.

        A session has one turn at a time: this one waits for another, of whatever door. A session that was deleted
        elsewhere is told as `SessionDeleted`, and the turn is the first of a new one. Leaving the iteration early
        cancels the turn.

        Args:
            text: The message.
            undone_from: The invocation of the session's last turn, when it is undone in the commit that brings the
                message.
        """
        before = self.key
        async with AsyncExitStack() as stack:
            try:
                if len(text) > MESSAGE_LENGTH:
                    raise Told(f"the message is longer than {MESSAGE_LENGTH:,} characters", "Shorten it.")
                turn = await self._unless_cancelled(self._opened(stack, undone_from))
            except Exception as error:  # the boundary of a turn that has not begun
                logger.exception("a turn of session %s cannot begin", before.session_id)
                for last in failures.unopened(error, self.model):
                    yield last
                return
            if turn is None:
                yield TurnFinished("", CANCELLED, self.model, 0, 0, 0, 0.0)
                return
            yield SessionOpened(self.key.session_id, turn.resumes)
            if self.key != before:
                yield SessionDeleted(before.session_id)
            try:
                async with aclosing(turn.events(text)) as events:
                    async for event in events:
                        yield event
            finally:
                self._begun = self._begun or turn.begun
                if turn.extent and (self._compacting is None or self._compacting.done()):
                    summary = self.app.context.compact(self.key, turn.extent)
                    self._compacting = self._summaries.keep(asyncio.create_task(summary))

    async def _unless_cancelled(self, opening: Coroutine[Any, Any, TurnRun]) -> TurnRun | None:
        """The turn, once it is open; None when it was given up meanwhile."""
        waiting = asyncio.ensure_future(opening)
        self._waiting.add(waiting)
        try:
            return await waiting
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) and task.cancelling():
                raise
            return None
        finally:
            self._waiting.discard(waiting)

    async def _opened(self, stack: AsyncExitStack, undone_from: str | None) -> TurnRun:
        """A turn that is open; from that moment it can be cancelled."""
        open_turn = self._service.open_turn
        try:
            opened = await stack.enter_async_context(open_turn(self.key, begun=self._begun, undone_from=undone_from))
        except MissingError:
            self.switch()
            opened = await stack.enter_async_context(open_turn(self.key))
        self._begun = opened.opening.session.has_states
        turn = TurnRun(self._service, self.app, opened, self._runs, self.turn_timeout)
        self._running.add(turn)
        stack.callback(self._running.discard, turn)
        return turn

    async def undo(self, count: int = 1) -> Undone:
        """Undoes the last turns: they leave the conversation and what the model sees. It waits for a turn that runs.

        What they changed in the preferences stays, and is told.

        Raises:
            MissingError: The session was deleted elsewhere.
            SessionBusyError: Another turn of the session goes on and on.
        """
        taken = await self._last(1) and await self._taken_back(max(count, 1))
        if not taken:
            return Undone((), ())
        calls = await turns.tool_calls_of(self.database, self.key, [turn.invocation_id for turn in taken])
        changing = self.app.changing
        changes = [
            Change(call.tool_name, call.arguments, changing[call.tool_name].told(call.arguments))
            for call in calls
            if call.tool_name in changing and call.status == COMPLETED
        ]
        return Undone(tuple(turn.user_input for turn in reversed(taken)), tuple(changes))

    async def _taken_back(self, count: int) -> list[Turn]:
        """The last turns, undone: with nothing that was said after they were read, and none that runs."""
        while True:
            async with self._service.open_turn(self.key, begun=True):
                session = await self._service.get_session(
                    app_name=self.key.app_name,
                    user_id=self.key.user_id,
                    session_id=self.key.session_id,
                    config=GetSessionConfig(num_recent_events=1),
                )
                taken = await self._last(count)
                if session is None or not taken:
                    return []
                with suppress(StaleSessionError):
                    if taken[0].status != RUNNING:
                        await self._service.append_event(session, rewind(taken[-1].invocation_id))
                        return taken

    async def retry(self) -> AsyncGenerator[TurnEvent, None]:
        """Sends the last message again, in place of its turn; yields nothing when there is none.

        Raises:
            MissingError: The session was deleted elsewhere.
        """
        for turn in await self._last(1):
            async with aclosing(self.send(turn.user_input, undone_from=turn.invocation_id)) as events:
                async for event in events:
                    yield event

    async def _last(self, count: int) -> list[Turn]:
        """The newest turns, newest first."""
        found = await turns.history(self.database, self.key, limit=count)
        if not found and self._begun and await self._service.log.session(self.key) is None:
            raise MissingError
        return found

    async def settled(self) -> None:
        """Waits for the summary that is being made, if one is."""
        if self._compacting is not None:
            await asyncio.wait([self._compacting])
