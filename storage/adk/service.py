"""ADK's session service on one of our databases, for any number of sessions at once.

It is ADK's `DatabaseSessionService` in all it promises, on ADK's own tables. Two things differ: the tables are made in
one commit, and an event is written with its ledger rows in one visit to the event log.

A turn of ours is opened first (`open_turn`). Then its session can be read without its events, with a `Window`; its
model is told by `history` what was said before, which is kept in memory from one turn to the next; and what its agents
say and do is written in groups: the turn goes on meanwhile. Its message is durable before anything follows.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary

from cachetools import LRUCache
from google.adk.errors import StaleSessionError
from google.adk.errors.session_not_found_error import SessionNotFoundError
from google.adk.events import Event, EventActions
from google.adk.sessions import DatabaseSessionService, Session, State
from google.adk.sessions.base_session_service import GetSessionConfig
from google.genai import types
from sqlalchemy.exc import SQLAlchemyError

from storage.adk import hook, private, tables
from storage.adk.catchup import bring_up_to_date, catch_up
from storage.adk.history import visible
from storage.adk.made import Kinds, documented
from storage.adk.turn import CachedHistory, OpenTurn, by_turn, first_of_window, session_of
from storage.database import Database
from storage.errors import BusyError, MissingError, OnlyInFilesError, SessionBusyError, failure
from storage.events.heart import UNWRITTEN
from storage.events.reads import StoredSession, TurnContext
from storage.events.writes import NewEvent, StaleError
from storage.leases import SECONDS, Watch
from storage.queries import turns
from storage.schema.tables import INTERRUPTED
from storage.scope import SessionKey, TurnKey, User

logger = logging.getLogger(__name__)

TURN_WAIT = 30.0
"""Seconds a turn waits for another one of its session, unless the settings say otherwise."""
_KEPT = 256
"""Sessions of which it is kept in memory what was said."""
_LOOK = 0.1
"""Seconds between two looks whether a session is free, at most."""


class TurnOverError(RuntimeError):
    """An event came after its turn had been ended without it."""


class SessionMovedError(RuntimeError):
    """The session was changed between a turn's opening and its message: nothing of the turn is written."""


class Window(GetSessionConfig):
    """Read a session without events; its history is its summary and its newest turns."""

    turns: int
    """At most about so many turns, when there is no summary to begin after."""


class SessionService(DatabaseSessionService):
    """`DatabaseSessionService` for a `Database`.

    Before its first use it makes the tables that are missing, catches up on events that were written without the
    ledger, and settles turns that a dead process left running.
    """

    def __init__(
        self,
        database: Database,
        *,
        lease_seconds: float = SECONDS,
        turn_wait: float = TURN_WAIT,
        everybody: bool = True,
        kinds: Kinds = documented,
    ) -> None:
        """For ADK's runner it needs the database only.

        Args:
            database: Opened by `Database.at` or `Database.open`.
            lease_seconds: The time of a lease, as the database was opened with.
            turn_wait: Seconds a turn waits for another one of its session.
            everybody: Bring the record of all users up to date before the first use; its owner does that otherwise.
            kinds: The kinds of preferences that are taken of the state that a session is made with.

        Raises:
            OnlyInFilesError: The database is a server's.
        """
        if database.on_server:
            raise OnlyInFilesError
        super().__init__(db_engine=database.engine)
        hook.install()
        private.tell_kinds(self, kinds)
        self.database = database
        if database.log is None:
            raise ValueError("the database was not opened by Database.at")
        self.log = database.log
        self._watch = Watch(lease_seconds)
        self._turn_wait = turn_wait
        self._everybody = everybody
        self._kinds = kinds
        self._prepared = False
        self._preparing = asyncio.Lock()
        self._open: dict[SessionKey, OpenTurn] = {}
        self._one_turn: WeakValueDictionary[SessionKey, asyncio.Lock] = WeakValueDictionary()
        self._kept: LRUCache[SessionKey, CachedHistory] = LRUCache(_KEPT)
        self._over: set[str] = set()

    def refuse(self, invocation_id: str, refused: bool = True) -> None:
        """Takes no more events of a turn that is over, though what ran it does not stop; or takes them again."""
        (self._over.add if refused else self._over.discard)(invocation_id)

    def is_over(self, invocation_id: str) -> bool:
        """Whether events of a turn are refused."""
        return invocation_id in self._over

    async def prepare_tables(self) -> None:
        """ADK calls it before whatever it asks: then it finds every event that was given, as all others do."""
        if self._prepared:
            await self.log.settled()
        else:
            await self._prepare()

    async def _prepare(self) -> None:
        async with self._preparing:
            if self._prepared:
                return
            await self.database.prepare()
            version = private.latest_version()
            if await self.log.adk_version() != version:
                await self.database.write(tables.make)
            private.accept_tables(self, version)
            if self._everybody:
                await bring_up_to_date(self.database, kinds=self._kinds)
            self._prepared = True

    @asynccontextmanager
    async def open_turn(
        self, key: SessionKey, *, begun: bool = False, undone_from: str | None = None
    ) -> AsyncIterator[OpenTurn]:
        """A turn of a session; one that is not there is made with the message. ADK's runner is given what was read.

        A session has one turn at a time: it waits for another one, whoever runs that.

        Args:
            key: The session.
            begun: It was begun before.
            undone_from: The invocation of the session's last turn, when it is undone in the commit that brings the
                new turn's message: until then, nothing is changed, and not at all when another turn came after it.

        Raises:
            MissingError: The session was `begun` before, and is not there any more.
            SessionBusyError: Another turn of the session goes on and on.
        """
        await self._prepare()
        turn, lock = OpenTurn(key, undone_from), self._one_turn.setdefault(key, asyncio.Lock())
        async with AsyncExitStack() as stack:
            await self._locked(stack, lock, turn)
            await self.read_again(turn, begun=begun)
            self._open[key] = turn
            try:
                yield turn
            finally:
                del self._open[key]
                if turn.history:
                    self._kept[key] = turn.history

    async def _locked(self, stack: AsyncExitStack, lock: asyncio.Lock, turn: OpenTurn) -> None:
        try:
            async with asyncio.timeout(self._turn_wait):
                await stack.enter_async_context(lock)
        except TimeoutError as error:
            running = self._open.get(turn.key.session)
            if running is None:  # the one ahead waits itself, for the turn of another program
                await self.log.opening(turn.key)
                running = turn
            raise SessionBusyError(running.key.invocation_id, None, running.opened_at, "this program") from error

    async def read_again(self, turn: OpenTurn, *, begun: bool = True) -> None:
        """Has a turn begin with its session as it is now, once no other one of it runs.

        Raises:
            MissingError: The session was `begun` before, and is not there any more.
            SessionBusyError: Another turn of the session goes on and on.
        """
        key = turn.key.session
        opening = await self._free(turn.key, turn.undone_from)
        if opening and not opening.session.is_known:
            await catch_up(self.database, key.user, self._kinds)
            opening = await self._free(turn.key, turn.undone_from)
        if opening is None and begun:
            raise MissingError
        turn.begin(opening or await self.log.first_opening(key), self.log)

    async def update_session(self, key: SessionKey, state_delta: Mapping[str, Any]) -> Event:
        """Changes the state of a session by one event, which is no turn; returns it when it is durable.

        It waits for a turn of the session that is running, whoever runs it.

        Raises:
            SessionNotFoundError: The session is not there.
            SessionBusyError: A turn of the session goes on and on.
        """
        await self._prepare()
        while True:
            invocation_id = f"e-{uuid4()}"
            opening = await self._free(TurnKey(key, invocation_id))
            if opening is None:
                raise SessionNotFoundError(f"Session {key.session_id} not found.")
            delta = EventActions(state_delta=dict(state_delta))
            event = Event(invocation_id=invocation_id, author="user", actions=delta)
            try:
                return await self.append_event(session_of(key, opening.session), event)
            except StaleSessionError:
                await asyncio.sleep(0)  # somebody was quicker: it is read again

    async def _free(self, turn: TurnKey, undone_from: str | None = None) -> TurnContext | None:
        """What a turn begins with, once no other one of its session runs: turns of the dead are ended, and those that
        are over here, though it could not be written."""
        until = time.monotonic() + self._turn_wait
        while True:
            try:
                return await self.log.opening(turn, undone_from)
            except SessionBusyError as busy:
                other = TurnKey(turn.session, busy.invocation_id)
                if self.log.heart.is_left(other):
                    await turns.end_if_running(self.database, other, INTERRUPTED, UNWRITTEN)
                elif not await self.look(turn.session.user):
                    if time.monotonic() >= until:
                        raise
                    await asyncio.sleep(min(_LOOK, self._watch.interval))

    async def watch_over(self, user: User) -> None:
        """Looks at those who run turns of a user elsewhere as long as there are any; a database that is in use by
        others for too long is looked at again."""
        while True:
            try:
                if not await turns.are_run_elsewhere(self.database, user, self.log.lease):
                    return
                await self.look(user)
            except (sqlite3.Error, SQLAlchemyError) as error:
                if not isinstance(failure(error), BusyError):
                    raise
                logger.warning("nobody could look at who runs turns; it is tried again", exc_info=True)
            await asyncio.sleep(self._watch.interval)

    async def look(self, user: User) -> int:
        """Looks once at those who run turns of a user elsewhere, and ends those of the dead; returns how many."""
        return await turns.settle_dead(self.database, self._watch, user, self.log.lease)

    async def get_session(
        self, *, app_name: str, user_id: str, session_id: str, config: GetSessionConfig | None = None
    ) -> Session | None:
        if not isinstance(config, Window):
            return await super().get_session(app_name=app_name, user_id=user_id, session_id=session_id, config=config)
        key = SessionKey(app_name, user_id, session_id)
        if turn := self._open.get(key):
            turn.history = await self._history(key, turn.opening.session, config.turns, keep=not turn.undone_from)
            return turn.history.session
        await self._prepare()
        stored = await self.log.session(key)
        if stored is None:
            return None
        if not stored.is_known:
            await catch_up(self.database, key.user, self._kinds)
        self._kept[key] = await self._history(key, stored, config.turns)
        return self._kept[key].session

    def history(self, session: Session) -> list[types.Content]:
        """What was said before the turn that `session` was read for with a `Window`; nothing for other sessions."""
        key = _key(session)
        turn = self._open.get(key)
        held = turn.history if turn else self._kept.get(key)
        return held.told() if held and held.session is session else []

    async def append_event(self, session: Session, event: Event) -> Event:
        if event.invocation_id in self._over:
            raise TurnOverError("the turn is over: what comes later is not kept")
        if private.revision_of(session) is None:
            return await super().append_event(session, event)
        if event.partial:
            return event
        event = private.without_temporary(self, session, event)
        async with private.appending(self, session):
            new = _new(event)
            turn = self._open.get(_key(session))
            try:
                if turn and turn.history and session is turn.history.session:
                    await self._append_to(turn, turn.history, new)
                else:
                    key = TurnKey(_key(session), event.invocation_id)
                    await self.log.append(key, new, private.revision_of(session))
            except StaleError as error:
                raise StaleSessionError(str(error)) from error
            except MissingError as error:
                raise SessionNotFoundError(str(error)) from error
            session.last_update_time = new.at.timestamp()
            private.set_revision(session, new.at)
            return private.committed(self, session, event)

    async def _append_to(self, turn: OpenTurn, history: CachedHistory, event: NewEvent) -> None:
        """Whoever else writes to the session while a turn runs, it goes on, but never takes the other back."""
        revision = private.revision_of(history.session)
        if not turn.begun:
            undo = _new(rewind(turn.undone_from, before=event.at)) if turn.undone_from else None
            try:
                await turn.log.begin(event, revision, undo, None if turn.opening.session.has_states else revision)
            except (StaleError, SessionBusyError) as error:
                raise SessionMovedError(str(error)) from error
            turn.begun = True
            return
        before = turn.log.newest
        turn.log.append(event, revision)
        if turn.log.newest and turn.log.newest is not before:
            turn.log.newest.add_done_callback(history.note)

    async def close(self) -> None:
        await self.database.close()

    async def _history(self, key: SessionKey, stored: StoredSession, most: int, *, keep: bool = True) -> CachedHistory:
        """What was said before a turn: what is kept of it, and else read."""
        after, summary_id = first_of_window(stored, most), stored.summary_event_id
        held = self._kept.pop(key, None)
        if held and not (keep and held.stands(stored, after)):
            held = None
        if held:
            told = {number: said for number, said in held.turns.items() if number > after}
            if held.session.events:
                told[stored.last_turn] = held.said()
        else:
            told = by_turn(await self.log.window(key, after, stored.last_turn))
        if held and held.summary_event_id == summary_id:
            summary = held.summary
        else:
            summary = await self._summary(key, summary_id) if summary_id else []
        return CachedHistory(session_of(key, stored), summary_id, summary, told, after)

    async def _summary(self, key: SessionKey, event_id: str) -> list[types.Content]:
        data = await self.log.event(key, event_id)
        compaction = Event.model_validate(data).actions.compaction if data else None
        told = compaction and compaction.compacted_content and visible(compaction.compacted_content)
        return [told] if told else []


def rewind(invocation_id: str, *, before: datetime | None = None) -> Event:
    """The event that undoes a turn and all that follow it.

    Args:
        invocation_id: The turn's.
        before: The time of what takes its place: ADK reads events by their time, and must not undo that as well.
    """
    event = Event(
        invocation_id=f"e-{uuid4()}",
        author="user",
        actions=EventActions(rewind_before_invocation_id=invocation_id),
    )
    if before:
        event.timestamp = (before - timedelta(microseconds=1)).timestamp()
    return event


def _key(session: Session) -> SessionKey:
    return SessionKey(session.app_name, session.user_id, session.id)


def _new(event: Event) -> NewEvent:
    data = event.model_dump(exclude_none=True, mode="json")
    states: dict[str, dict[str, Any]] = {"session": {}, State.USER_PREFIX: {}, State.APP_PREFIX: {}}
    for name, value in (data.get("actions", {}).get("state_delta") or {}).items():
        prefix = next((p for p in (State.USER_PREFIX, State.APP_PREFIX) if name.startswith(p)), "session")
        states[prefix][name.removeprefix(prefix) if prefix != "session" else name] = value
    return NewEvent(data, states["session"], states[State.USER_PREFIX], states[State.APP_PREFIX])
