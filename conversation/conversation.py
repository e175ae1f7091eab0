"""One conversation: a session of one user, a runner on it, and turns that are told event by event.

The user's message is committed before the model is called, and each event before it is told; meanwhile the turn goes
on. Every turn ends, and says how: what a model does cannot keep it running, not even by ignoring that it is cancelled.
A turn that fails or is cancelled leaves the session usable.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeAlias
from uuid import uuid4

from google.adk.agents import LlmAgent
from google.adk.agents.run_config import RunConfig, StreamingMode
from google.adk.events import Event
from google.adk.runners import Runner
from google.adk.sessions import State
from google.adk.sessions.base_session_service import GetSessionConfig
from google.adk.workflow import Workflow  # noqa: F401  (ADK would load it in the first turn, when somebody waits)
from google.genai import types

from conversation import failures
from conversation.context import Context
from conversation.events import AnswerCut, SessionDeleted, SessionOpened, TurnError, TurnEvent, TurnFinished
from conversation.failures import Kept
from conversation.recollection import LedgerMemoryService
from conversation.summary import ModelSummarizer, Summarizer, extract
from conversation.tracing import Uncollected, send_spans
from conversation.translation import Translation
from llm.errors import NO_ANSWER, ModelError, in_words
from llm.models import ModelFactory, budget, model_factory
from manager.team import build_app
from settings import APP_NAME, OFFLINE, Settings
from state_tools import CHANGING_TOOLS
from state_tools.profile import SNAPSHOT, snapshot
from storage import sessions, turns
from storage.adk import SessionService, rewind
from storage.database import Database
from storage.errors import MissingError
from storage.event_reads import Ending, Extent, Opening
from storage.scope import SessionKey, TurnKey, User
from storage.strict import encodable
from storage.tables import CANCELLED, COMPLETED, FAILED, RUNNING
from storage.turns import Turn

logger = logging.getLogger(__name__)

_RETRY = "Send the message again."
_TIDY_PATIENCE = 10.0
"""Seconds the program's end waits for a summary."""
_CANCEL_GRACE = 5.0
"""Seconds a turn has to end: half of them to seal itself, half after it is stopped hard. Then it is left to itself."""

_Told: TypeAlias = asyncio.Queue[tuple[TurnEvent, asyncio.Future[bool] | None] | None]
"""What happens in a turn, each with what says that it is durable; None at the end."""


@dataclass(frozen=True, slots=True)
class Change:
    """A preference that a turn changed: the tool that did, and its arguments."""

    tool: str
    args: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back: the messages, oldest first, and what stays of them in the preferences."""

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
        begun: bool = False,
    ) -> None:
        self.database = service.database
        self.key = key
        self.turn_timeout = turn_timeout
        self._service = service
        self._runner = runner
        self._context = context
        self._run_config = run_config
        self._tidying: asyncio.Task[None] | None = None
        self._abort: asyncio.Event | None = None
        self._turns: set[asyncio.Task[None]] = set()
        """What runs, or was left because it would not stop."""
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
            session: What `storage.sessions.find` understands.
            new: Begin a new session.
            models: Gives the agents their models instead of the settings; for tests.

        Raises:
            StorageError: The database cannot be used, or no session is called so.
            ModelError: No model is called so.
        """
        telemetry = None if send_spans() else Uncollected()
        app = build_app(models or model_factory(settings))
        async with AsyncExitStack() as stack:
            if database is None:
                database = await stack.enter_async_context(Database.open(settings.database_url))
            service = SessionService(database)
            await service.prepare_tables()
            runner = Runner(app=app, session_service=service, memory_service=LedgerMemoryService(database))
            stack.push_async_callback(runner.close)
            context = Context(service, budget(settings), _summarizer(runner))
            key = key or await sessions.chosen(database, User(APP_NAME, settings.chat_user), session, new=new)
            begun = await sessions.get(database, key) is not None
            run_config = RunConfig(
                streaming_mode=StreamingMode.SSE,
                get_session_config=context.window,
                telemetry=telemetry,
                max_llm_calls=settings.turn_model_calls,
            )
            conversation = cls(service, runner, context, key, settings.turn_timeout, run_config, begun=begun)
            stack.push_async_callback(conversation.settled)
            yield conversation

    @property
    def model(self) -> str:
        """The name of the model that answers."""
        agent = self._runner.agent
        return agent.canonical_model.model if isinstance(agent, LlmAgent) else ""

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
        if self._abort:
            self._abort.set()

    async def send(self, text: str, *, undone_from: str | None = None) -> AsyncGenerator[TurnEvent, None]:
        """One turn: yields what happens, from `SessionOpened` to `TurnFinished`. It raises for nothing that a model or
        the database does; where the session cannot even be opened, it begins with `TurnError`.


        A session that was deleted elsewhere is told as `SessionDeleted`, and the turn is the first of a new one.
        Leaving the iteration early cancels the turn.

        Args:
            text: The message.
            undone_from: The invocation of a turn that is taken back, with all that follow it, in the commit that brings
                the message.
        """
        before = self.key
        try:
            opening = await self._opened_turn(undone_from)
        except Exception as error:  # the boundary of a turn that has not begun
            logger.exception("a turn of session %s cannot begin", before.session_id)
            for last in failures.unopened(error, self.model):
                yield last
            return
        yield SessionOpened(self.key.session_id, opening.session.last_turn > 0)
        if self.key != before:
            yield SessionDeleted(before.session_id)
        told: _Told = asyncio.Queue()
        abort = self._abort = asyncio.Event()
        turn = self._keep(asyncio.create_task(self._run(text, opening, told, abort)))
        try:
            while (happened := await told.get()) is not None:
                event, written = happened
                if written is None or await _is_durable(written):
                    yield event
            await turn
        finally:
            abort.set()
            self._abort = None
            await asyncio.wait([turn])

    async def _opened_turn(self, undone_from: str | None) -> Opening:
        try:
            opening = await self._service.open_turn(self.key, begun=self._begun, undone_from=undone_from)
        except MissingError:
            self.switch()
            opening = await self._service.open_turn(self.key)
        self._begun = True
        return opening

    async def undo(self, count: int = 1) -> Undone:
        """Takes the last turns back: they leave the conversation and what the model sees. Not during a turn.

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
        changed = [call for call in calls if call.tool_name in CHANGING_TOOLS and call.status == COMPLETED]
        return Undone(
            tuple(turn.user_input for turn in reversed(taken)),
            tuple(Change(call.tool_name, call.arguments) for call in changed),
        )

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

    async def _run(self, text: str, opening: Opening, told: _Told, abort: asyncio.Event) -> None:
        """Runs a turn to its end, and tells the end in any case. It waits for the runner no longer than it may."""
        key = TurnKey(self.key, f"e-{uuid4()}")
        translation = Translation()
        error: BaseException | None = None
        runner = self._keep(asyncio.create_task(self._follow(key, text, opening, told, abort, translation)))
        try:
            error = await self._watch(runner, abort)
        except asyncio.CancelledError:
            abort.set()
            await self._stop(runner)
        finally:
            if not runner.done():
                self._service.refuse(key.invocation_id)
                runner.add_done_callback(lambda _: self._service.refuse(key.invocation_id, False))
            for turn_event in await self._outcome(key, translation, error, cancelled=abort.is_set()):
                told.put_nowait((turn_event, None))
            told.put_nowait(None)

    async def _follow(
        self, key: TurnKey, text: str, opening: Opening, told: _Told, abort: asyncio.Event, translation: Translation
    ) -> None:
        async with aclosing(self._events(key, text, opening, abort)) as events:
            async for event in events:
                for turn_event in translation.of(event):
                    told.put_nowait((turn_event, self._service.written))

    async def _watch(self, runner: asyncio.Task[None], abort: asyncio.Event) -> BaseException | None:
        """Waits for what runs a turn; stops it when it is cancelled or takes too long. Returns what it failed with."""
        aborted = asyncio.create_task(abort.wait())
        try:
            await asyncio.wait([runner, aborted], timeout=self.turn_timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            aborted.cancel()
        if not runner.done() and not abort.is_set():
            await self._stop(runner)
            hint = f"{_RETRY} TURN_TIMEOUT sets the seconds a turn may take."
            late = ModelError(f"the turn took too long (more than {self.turn_timeout:g} s)", hint)
            late.__cause__ = TimeoutError()
            return late
        if not runner.done():
            await asyncio.wait([runner], timeout=_CANCEL_GRACE / 2)
            await self._stop(runner)
        return None if abort.is_set() or runner.cancelled() else runner.exception()

    async def _stop(self, runner: asyncio.Task[None]) -> None:
        """Stops what runs a turn, if it lets itself be stopped."""
        if not runner.done():
            runner.cancel()
            await asyncio.wait([runner], timeout=_CANCEL_GRACE / 2)

    def _keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        """Holds on to a task until it is done, and takes note of what it failed with."""
        self._turns.add(task)
        task.add_done_callback(self._drop)
        return task

    def _drop(self, task: asyncio.Task[None]) -> None:
        self._turns.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("a turn failed", exc_info=error)

    async def settled(self) -> None:
        """Waits for the summary that is being made, so that it is not lost when the program ends.

        What was left running is stopped once more; nobody waits long for it.
        """
        if self._tidying is not None:
            await asyncio.wait([self._tidying], timeout=_TIDY_PATIENCE)
        if left := list(self._turns):
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=_CANCEL_GRACE / 2)

    def _events(self, key: TurnKey, text: str, opening: Opening, abort: asyncio.Event) -> AsyncGenerator[Event, None]:
        return self._runner.run_async(
            user_id=key.session.user_id,
            session_id=key.session.session_id,
            invocation_id=key.invocation_id,
            new_message=types.Content(role="user", parts=[types.Part(text=encodable(text))]),
            state_delta=_changed_snapshot(opening),
            run_config=self._run_config,
            yield_user_message=True,
            abort_signal=abort,
        )

    async def _outcome(
        self, key: TurnKey, translation: Translation, error: BaseException | None, *, cancelled: bool
    ) -> list[TurnEvent]:
        """The last events of a turn, read back from the ledger; then the context is tidied, beside what comes next."""
        kept = Kept.MESSAGE
        try:
            await self._service.log.settled()
            error = error or self._lost()
            ending, extent = await self._ended(key, error, cancelled=cancelled)
            if ending is None and translation.begun:
                error = MissingError()
            if extent and (self._tidying is None or self._tidying.done()):
                self._tidying = asyncio.create_task(self._context.tidy(key.session, extent))
        except Exception as lost:  # the database itself fails: that must be told too, and the turn must end
            logger.exception("turn %s cannot be ended in the database", key.invocation_id)
            kept, error, ending = (Kept.UNENDED if error else Kept.SHOWN), error or lost, None
        if error and not translation.begun:
            kept = failures.before_any_event(error)
        if ending is None and cancelled and error is None:
            return [TurnFinished(key.invocation_id, CANCELLED, self.model, 0, 0, 0, 0.0)]
        if ending is None:
            turn_id = "" if kept is Kept.NOTHING else key.invocation_id
            failed = TurnFinished(turn_id, FAILED, self.model, 0, 0, 0, 0.0)
            shown = translation.ending() if kept is Kept.SHOWN else ()
            return [*shown, TurnError(*failures.told(error or in_words(NO_ANSWER), kept)), failed]
        return [*_told_last(translation, ending, error, kept), _finished(key, ending, self.model)]

    async def _ended(
        self, key: TurnKey, error: BaseException | None, *, cancelled: bool
    ) -> tuple[Ending | None, Extent | None]:
        """Ends a turn that no event has ended, and reads how it ended: it no longer runs."""
        if cancelled:
            await turns.end_if_running(self.database, key, CANCELLED)
        elif error:
            await turns.fail(self.database, key, failures.explained(error)[0])
        ending, extent = await self._service.log.ending(key)
        if ending and ending.status == RUNNING:
            await turns.fail(self.database, key, str(in_words(NO_ANSWER)))
            ending, extent = await self._service.log.ending(key)
        return ending, extent

    def _lost(self) -> BaseException | None:
        """Why the newest event could not be written."""
        written = self._service.written
        return written.exception() if written and written.done() else None


def _told_last(translation: Translation, ending: Ending, error: BaseException | None, kept: Kept) -> list[TurnEvent]:
    """The answer, and why it is not whole; or why there is none, and what to do."""
    known = ending.error or ""
    if ending.status == COMPLETED:
        return [*translation.ending(), *([AnswerCut(known, _hint(translation.stopped))] if known else [])]
    if ending.status == CANCELLED:
        return []
    message, hint = failures.told(error, kept) if error else (known, _hint(translation.stopped))
    return [TurnError(message or str(in_words(NO_ANSWER)), hint)]


def _hint(code: str) -> str:
    return in_words(code or NO_ANSWER).hint


def _finished(key: TurnKey, ending: Ending, model: str) -> TurnFinished:
    return TurnFinished(
        key.invocation_id,
        ending.status,
        ending.model or model,
        ending.model_calls,
        ending.prompt_tokens,
        ending.output_tokens,
        ending.seconds or 0.0,
    )


async def _is_durable(written: asyncio.Future[bool]) -> bool:
    if not written.done():
        await asyncio.wait([written])
    return written.exception() is None


def _changed_snapshot(opening: Opening) -> dict[str, Any] | None:
    """The preferences for ADK's state, when they are others than it holds."""
    now = snapshot(opening.preferences)
    return None if opening.session.user_state.get(SNAPSHOT.removeprefix(State.USER_PREFIX)) == now else {SNAPSHOT: now}


def _summarizer(runner: Runner) -> Summarizer:
    """The offline model cannot write; for it the summary is extracted."""
    model = runner.agent.canonical_model if isinstance(runner.agent, LlmAgent) else None
    return extract if model is None or model.model == OFFLINE else ModelSummarizer(model)
