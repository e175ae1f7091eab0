"""One conversation: a session of one user, a runner on it, and turns that are told event by event.

The user's message is committed before the model is called, and each event before it is told; meanwhile the turn goes
on. Every turn ends, and says how: what a model does cannot keep it running, not even by ignoring that it is cancelled.
A turn that fails or is cancelled leaves the session usable.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from uuid import uuid4

from google.adk.agents import LlmAgent
from google.adk.agents.run_config import RunConfig, StreamingMode
from google.adk.runners import Runner
from google.adk.sessions.base_session_service import GetSessionConfig

from conversation import failures
from conversation.context import Context
from conversation.events import SessionDeleted, SessionOpened, TurnEvent
from conversation.recollection import LedgerMemoryService
from conversation.summary import ModelSummarizer, Summarizer, extract
from conversation.tracing import send_spans
from conversation.turn import Setting, Tasks, TurnRun
from manager.team import build_app
from models.factory import ModelFactory, budget, model_factory
from settings import OFFLINE, Settings
from state_tools import StateTool
from storage.adk.quick import load_for_turns, uncollected
from storage.adk.service import SessionService, rewind
from storage.database import Database
from storage.errors import MissingError
from storage.events.reads import TurnContext
from storage.queries import sessions, turns
from storage.queries.turns import Turn
from storage.schema.tables import COMPLETED
from storage.scope import SessionKey, TurnKey
from storage.strict import MESSAGE_LENGTH, encodable
from sub_agents import state_tools, team
from told import Told

load_for_turns()

logger = logging.getLogger(__name__)

_COMPACT_PATIENCE = 10.0
"""Seconds the program's end waits for a summary."""


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
    """A session that can be talked to. Use `async with Conversation.open(...) as conversation`."""

    def __init__(
        self,
        service: SessionService,
        runner: Runner,
        context: Context,
        key: SessionKey,
        turn_timeout: float,
        run_config: RunConfig,
        *,
        changing: Mapping[str, StateTool],
        notices: Sequence[str] = (),
        begun: bool = False,
    ) -> None:
        self.database = service.database
        self.key = key
        self._service = service
        self._runner = runner
        self._context = context
        self.notices = tuple(notices)
        """A line on each installed package that was left out."""
        self._changing = changing
        self.turn_timeout = turn_timeout
        self._setting = Setting(service, runner, run_config)
        self._compacting: asyncio.Task[None] | None = None
        self._turn: TurnRun | None = None
        self._tasks = Tasks()
        self._begun = begun
        """Whether the session is known to be in the record."""

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        *,
        database: Database | None = None,
        key: SessionKey | None = None,
        session: str | None = None,
        new: bool = False,
        models: ModelFactory | None = None,
    ) -> AsyncIterator[Self]:
        """Opens the user's latest session, the one called `session`, or a new one.

        Nothing is written until the first message.

        Args:
            settings: Whose record, in which database, answered by which model.
            database: The database, when the caller has it open; it stays open.
            key: The session, when the caller has chosen it, whether anything was said in it or not.
            session: What `storage.queries.sessions.find` understands.
            new: Begin a new session.
            models: Gives the agents their models instead of the settings; for tests.

        Raises:
            StorageError: The database cannot be used, or no session is called so.
            ModelError: No model is called so.
        """
        telemetry = None if send_spans(settings.environment.collector) else uncollected()
        notices: list[str] = []
        members = team(settings, notices.append)
        app = build_app(settings, models or model_factory(settings), members, notices.append)
        changing = {tool.name: tool for tool in state_tools(members) if tool.changes}
        async with AsyncExitStack() as stack:
            if database is None:
                database = await stack.enter_async_context(Database.open(settings.database_url))
            service = SessionService(database)
            await service.prepare_tables()
            runner = Runner(app=app, session_service=service, memory_service=LedgerMemoryService(database))
            stack.push_async_callback(runner.close)
            context = Context(service, budget(settings), _summarizer(runner))
            key = key or await sessions.chosen(database, settings.user, session, new=new)
            begun = await sessions.get(database, key) is not None
            run_config = RunConfig(
                streaming_mode=StreamingMode.SSE,
                get_session_config=context.window,
                telemetry=telemetry,
                max_llm_calls=settings.turn_model_calls,
            )
            conversation = cls(
                service,
                runner,
                context,
                key,
                settings.turn_timeout,
                run_config,
                changing=changing,
                notices=notices,
                begun=begun,
            )
            stack.push_async_callback(conversation.settled)
            yield conversation

    @property
    def model(self) -> str:
        """The name of the model that answers."""
        return self._setting.model

    def switch(self, session_id: str | None = None, *, begun: bool = False) -> None:
        """Goes on in another session of the same user, or in a new one; not during a turn.

        Args:
            session_id: Which one; a new one when left out.
            begun: It is known to be in the record: when it is not there any more, that is told.
        """
        self._begun = begun or (self._begun and session_id == self.key.session_id)
        self.key = SessionKey(self.key.app_name, self.key.user_id, encodable(session_id or str(uuid4())))

    def cancel(self) -> None:
        """Stops the turn that is running, if there is one; it ends as `cancelled`."""
        if self._turn:
            self._turn.cancel()

    async def send(self, text: str, *, undone_from: str | None = None) -> AsyncGenerator[TurnEvent, None]:
        """One turn: yields what happens, from `SessionOpened` to `TurnFinished`. It raises for nothing that a model or
        the database does; where the session cannot even be opened, it begins with `TurnError`.

        A session that was deleted elsewhere is told as `SessionDeleted`, and the turn is the first of a new one.
        Leaving the iteration early cancels the turn.

        Args:
            text: The message.
            undone_from: The invocation of a turn that is undone, with all that follow it, in the commit that brings
                the message.
        """
        before = self.key
        try:
            if len(text) > MESSAGE_LENGTH:
                raise Told(f"the message is longer than {MESSAGE_LENGTH:,} characters", "Shorten it.")
            opening = await self._opened_turn(undone_from)
        except Exception as error:  # the boundary of a turn that has not begun
            logger.exception("a turn of session %s cannot begin", before.session_id)
            for last in failures.unopened(error, self.model):
                yield last
            return
        yield SessionOpened(self.key.session_id, opening.session.last_turn > 0)
        if self.key != before:
            yield SessionDeleted(before.session_id)
        turn = self._turn = TurnRun(self._setting, TurnKey(self.key, f"e-{uuid4()}"), self._tasks, self.turn_timeout)
        try:
            async with aclosing(turn.events(text, opening)) as events:
                async for event in events:
                    yield event
        finally:
            self._turn = None
            if turn.extent and (self._compacting is None or self._compacting.done()):
                summary = self._context.compact(self.key, turn.extent)
                self._compacting = self._tasks.keep(asyncio.create_task(summary))

    async def _opened_turn(self, undone_from: str | None) -> TurnContext:
        try:
            opening = await self._service.open_turn(self.key, begun=self._begun, undone_from=undone_from)
        except MissingError:
            self.switch()
            opening = await self._service.open_turn(self.key)
        self._begun = True
        return opening

    async def undo(self, count: int = 1) -> Undone:
        """Undoes the last turns: they leave the conversation and what the model sees. Not during a turn.

        What they changed in the preferences stays, and is told.

        Raises:
            MissingError: The session was deleted elsewhere.
        """
        taken = await self._last(max(count, 1))
        if not taken:
            return Undone((), ())
        session = await self._service.get_session(
            app_name=self.key.app_name,
            user_id=self.key.user_id,
            session_id=self.key.session_id,
            config=GetSessionConfig(num_recent_events=1),
        )
        assert session is not None, "a session with turns exists"
        await self._service.append_event(session, rewind(taken[-1].invocation_id))
        calls = await turns.tool_calls_of(self.database, self.key, [turn.invocation_id for turn in taken])
        changes = [
            Change(call.tool_name, call.arguments, self._changing[call.tool_name].told(call.arguments))
            for call in calls
            if call.tool_name in self._changing and call.status == COMPLETED
        ]
        return Undone(tuple(turn.user_input for turn in reversed(taken)), tuple(changes))

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
        """Waits for the summary that is being made, so that it is not lost when the program ends.

        What was left running is stopped once more; nobody waits long for it.
        """
        if self._compacting is not None:
            await asyncio.wait([self._compacting], timeout=_COMPACT_PATIENCE)
        await self._tasks.stop()


def _summarizer(runner: Runner) -> Summarizer:
    """The offline model cannot write; for it the summary is extracted."""
    model = runner.agent.canonical_model if isinstance(runner.agent, LlmAgent) else None
    return extract if model is None or model.model == OFFLINE else ModelSummarizer(model)
