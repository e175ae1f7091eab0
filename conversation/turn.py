"""One turn, from its message to its end: what runs it, who waits for it, and how its end is told.

Every turn ends, and says how. ADK's runner works in a task of its own, which is waited for no longer than the turn may
take; one that will not stop is left to itself, and nothing that it does later is written into the session or told.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from google.adk.events import Event
from google.adk.sessions import State
from google.genai import types

from conversation import failures
from conversation.apps import OpenApp
from conversation.events import AnswerCut, TurnError, TurnEvent, TurnFinished
from conversation.failures import Kept
from conversation.translation import Translation
from models.errors import NO_ANSWER, ModelError, in_words
from state_tools.profile import SNAPSHOT, snapshot
from storage.adk.quick import without_a2a
from storage.adk.service import SessionMovedError, SessionService
from storage.adk.turn import OpenTurn
from storage.errors import MissingError
from storage.events.reads import SummaryCoverage, TurnContext, TurnResult
from storage.queries import turns
from storage.schema.tables import CANCELLED, COMPLETED, FAILED, RUNNING

logger = logging.getLogger(__name__)

_RETRY = "Send the message again."
_CANCEL_GRACE = 5.0
"""Seconds a turn has to end: half of them to seal itself, half after it is stopped hard. Then it is left to itself."""


class Tasks:
    """What runs, or was left because it would not stop: held until it is done, and what it failed with is logged."""

    def __init__(self) -> None:
        self._held: set[asyncio.Task[None]] = set()

    def keep(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        """Holds on to a task until it is done."""
        self._held.add(task)
        task.add_done_callback(self._drop)
        return task

    async def finished(self, patience: float) -> None:
        """Waits until all is done, at most so many seconds."""
        if left := list(self._held):
            await asyncio.wait(left, timeout=patience)

    async def stop(self) -> None:
        """Stops what is left once more; waits for no longer than a turn has to end."""
        if left := list(self._held):
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=_CANCEL_GRACE)

    def _drop(self, task: asyncio.Task[None]) -> None:
        self._held.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("what ran beside the turns failed", exc_info=error)


class TurnRun:
    """A turn that is run once, for so many seconds at most.

    Attributes:
        extent: How far its session reaches when it has ended; None before, and where nothing was written.
    """

    def __init__(self, service: SessionService, app: OpenApp, opened: OpenTurn, tasks: Tasks, timeout: float) -> None:
        self.extent: SummaryCoverage | None = None
        self._service = service
        self._app = app
        self._opened = opened
        self._key = opened.key
        self._tasks = tasks
        self._timeout = timeout
        self._translation = Translation()
        self._abort = asyncio.Event()
        self._told: asyncio.Queue[tuple[TurnEvent, asyncio.Future[bool] | None] | None] = asyncio.Queue()

    @property
    def begun(self) -> bool:
        """Whether its message is in the record, and so is the session."""
        return self._opened.begun

    @property
    def resumes(self) -> bool:
        """Whether its session had turns before."""
        return self._opened.opening.session.last_turn > 0

    def cancel(self) -> None:
        """Stops it; it ends as `cancelled`."""
        self._abort.set()

    async def events(self, text: str) -> AsyncGenerator[TurnEvent, None]:
        """Runs it and tells what happens, each when it is durable, to `TurnFinished`; leaving early cancels it."""
        turn = self._tasks.keep(asyncio.create_task(self._run(text)))
        try:
            while (happened := await self._told.get()) is not None:
                event, written = happened
                if written is None or await _is_durable(written):
                    yield event
            await turn
        finally:
            self._abort.set()
            await asyncio.wait([turn])

    async def _run(self, text: str) -> None:
        """Runs it to its end, and tells the end in any case. It waits for the runner no longer than it may."""
        error: BaseException | None = None
        runner = self._tasks.keep(asyncio.create_task(self._follow(text)))
        try:
            error = await self._watch(runner)
        except asyncio.CancelledError:
            self._abort.set()
            await _stop(runner)
        finally:
            if not runner.done():
                self._service.refuse(self._key.invocation_id)
                runner.add_done_callback(lambda _: self._service.refuse(self._key.invocation_id, False))
            for turn_event in await self._end(error):
                self._told.put_nowait((turn_event, None))
            self._told.put_nowait(None)

    async def _follow(self, text: str) -> None:
        """Runs it; anew when its session was changed by somebody else before its message was written."""
        with without_a2a():
            while True:
                try:
                    async with aclosing(self._adk_events(text)) as events:
                        async for event in events:
                            for turn_event in self._translation.of(event):
                                self._told.put_nowait((turn_event, self._opened.log.newest))
                    return
                except SessionMovedError:
                    await self._service.read_again(self._opened)

    def _adk_events(self, text: str) -> AsyncGenerator[Event, None]:
        return self._app.runner.run_async(
            user_id=self._key.session.user_id,
            session_id=self._key.session.session_id,
            invocation_id=self._key.invocation_id,
            new_message=types.Content(role="user", parts=[types.Part(text=text)]),
            state_delta=_changed_snapshot(self._opened.opening),
            run_config=self._app.run_config,
            yield_user_message=True,
            abort_signal=self._abort,
        )

    async def _watch(self, runner: asyncio.Task[None]) -> BaseException | None:
        """Waits for the runner; stops it when it is cancelled or takes too long. Returns what it failed with."""
        aborted = asyncio.create_task(self._abort.wait())
        try:
            await asyncio.wait([runner, aborted], timeout=self._timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            aborted.cancel()
        if not runner.done() and not self._abort.is_set():
            await _stop(runner)
            hint = f"{_RETRY} TURN_TIMEOUT sets the seconds a turn may take."
            late = ModelError(f"the turn took too long (more than {self._timeout:g} s)", hint)
            late.__cause__ = TimeoutError()
            return late
        if not runner.done():
            await asyncio.wait([runner], timeout=_CANCEL_GRACE / 2)
            await _stop(runner)
        return None if self._abort.is_set() or runner.cancelled() else runner.exception()

    async def _end(self, error: BaseException | None) -> list[TurnEvent]:
        """The last events; also when the program ends before the database has taken the turn's end."""
        try:
            return await self._outcome(error)
        except asyncio.CancelledError:
            self._service.log.heart.leave(self._key)
            return [self._unwritten(CANCELLED)]

    async def _outcome(self, error: BaseException | None) -> list[TurnEvent]:
        """The last events, read back from the ledger."""
        kept, translation = Kept.MESSAGE, self._translation
        try:
            await self._opened.log.settled()
            error = error or self._opened.log.error
            ending, self.extent = await self._ended(error)
            if ending is None and translation.begun:
                error = MissingError()
        except Exception as lost:  # the database itself fails: that must be told too, and the turn must end
            logger.exception("turn %s cannot be ended in the database", self._key.invocation_id)
            self._service.log.heart.leave(self._key)
            kept, error, ending = (Kept.UNENDED if error else Kept.SHOWN), error or lost, None
        if error and not translation.begun:
            kept = failures.before_any_event(error)
        if ending:
            return [*_told_last(translation, ending, error, kept), self._finished(ending)]
        if self._abort.is_set() and error is None:
            return [self._unwritten(CANCELLED)]
        shown = translation.ending() if kept is Kept.SHOWN else ()
        told = TurnError(*failures.told(error or in_words(NO_ANSWER), kept))
        return [*shown, told, self._unwritten(FAILED, is_kept=kept is not Kept.NOTHING)]

    async def _ended(self, error: BaseException | None) -> tuple[TurnResult | None, SummaryCoverage | None]:
        """Ends the turn where no event has ended it, and reads how it ended: it no longer runs."""
        database, log, key = self._service.database, self._service.log, self._key
        if self._abort.is_set():
            await turns.end_if_running(database, key, CANCELLED)
        elif error:
            await turns.fail(database, key, failures.explained(error)[0])
        ending, extent = await log.ending(key)
        if ending and ending.status == RUNNING:
            await turns.fail(database, key, str(in_words(NO_ANSWER)))
            ending, extent = await log.ending(key)
        return ending, extent

    def _finished(self, ending: TurnResult) -> TurnFinished:
        return TurnFinished(
            self._key.invocation_id,
            ending.status,
            ending.model or self._app.model,
            ending.model_calls,
            ending.prompt_tokens,
            ending.output_tokens,
            ending.seconds or 0.0,
        )

    def _unwritten(self, status: str, *, is_kept: bool = True) -> TurnFinished:
        """The end of a turn that the ledger does not tell; one that left nothing has no id."""
        return TurnFinished(self._key.invocation_id if is_kept else "", status, self._app.model, 0, 0, 0, 0.0)


async def _stop(runner: asyncio.Task[None]) -> None:
    """Stops what runs a turn, if it lets itself be stopped."""
    if not runner.done():
        runner.cancel()
        await asyncio.wait([runner], timeout=_CANCEL_GRACE / 2)


def _told_last(
    translation: Translation, ending: TurnResult, error: BaseException | None, kept: Kept
) -> list[TurnEvent]:
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


async def _is_durable(written: asyncio.Future[bool]) -> bool:
    if not written.done():
        await asyncio.wait([written])
    return written.exception() is None


def _changed_snapshot(opening: TurnContext) -> dict[str, Any] | None:
    """The preferences for ADK's state, when they are others than it holds."""
    now = snapshot(opening.preferences)
    return None if opening.session.user_state.get(SNAPSHOT.removeprefix(State.USER_PREFIX)) == now else {SNAPSHOT: now}
