"""ADK's session service on one of our databases.

It is ADK's `DatabaseSessionService` in all it promises, on ADK's own tables. Two things differ: the tables are made
under the same lock as ours, and an event is written with its ledger rows in one visit to the event log.

For a turn of ours, a session can be read without its events, with a `Window`. Its model is told by `history` what was
said before, which is kept in memory from one turn to the next; and what its agents say and do is written in groups: the
turn goes on, and `written` tells when the newest event is durable. Its message is durable before anything follows.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from google.adk.errors import StaleSessionError
from google.adk.errors.already_exists_error import AlreadyExistsError
from google.adk.errors.session_not_found_error import SessionNotFoundError
from google.adk.events import Event, EventActions
from google.adk.sessions import DatabaseSessionService, Session, State
from google.adk.sessions.base_session_service import GetSessionConfig
from google.genai import types

from storage.adk import hook, private
from storage.adk.catchup import bring_up_to_date
from storage.adk.history import said, visible
from storage.adk.quick import answer_table_check
from storage.database import Database
from storage.errors import MissingError
from storage.events.reads import StoredSession, TurnContext
from storage.events.writes import NewEvent, StaleError
from storage.scope import SessionKey, TurnKey


class TurnOverError(RuntimeError):
    """An event came after its turn had been ended without it."""


class Window(GetSessionConfig):
    """Read a session without events; its history is its summary and its newest turns."""

    turns: int
    """At most about so many turns, when there is no summary to begin after."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a turn was opened with, and the turn from which on it will take turns back."""

    key: SessionKey
    session: StoredSession
    undone_from: str | None


@dataclass(slots=True)
class CachedHistory:
    """The session of the last turn, with that turn's events only, and what was said before it.

    It saves reading and checking all that again, which is a sixth of a turn with a model that costs nothing.

    Attributes:
        turns: What was said in each turn after `after_turn`, by its number.
        undone_from: The turn that the first event undoes, with all that follow it.
    """

    key: SessionKey
    session: Session
    summary_event_id: str | None
    summary: list[types.Content]
    turns: dict[int, list[types.Content]]
    after_turn: int
    undone_from: str | None = None
    whole: bool = True
    """Whether it has the events that the database has; not when another terminal had a turn meanwhile."""

    def stands(self, key: SessionKey, stored: StoredSession, after_turn: int) -> bool:
        """Whether it holds all that would be read now."""
        same = self.key == key and self.after_turn <= after_turn and self.whole
        return same and private.revision_of(self.session) == stored.updated_at

    def said(self) -> list[types.Content]:
        """What was said in the turn itself, but for what delegated agents did within: the manager does not see it."""
        return said(e.content for e in self.session.events if not e.branch and not e.isolation_scope)

    def note(self, written: asyncio.Future[bool]) -> None:
        """A session that somebody else has written to, or that could not be written, is not as it is kept here."""
        self.whole = self.whole and written.exception() is None and written.result()


class SessionService(DatabaseSessionService):
    """`DatabaseSessionService` for a `Database`.

    Attributes:
        written: Of the newest event of a session that was read with a `Window`: done when it is durable, or has failed.

    Before its first use it makes the tables that are missing, catches up on events that were written without the
    ledger, and settles turns that a dead process left running.
    """

    def __init__(self, database: Database) -> None:
        super().__init__(db_engine=database.engine)
        hook.install()
        self.database = database
        if database.log is None:
            raise ValueError("the database was not opened by Database.at")
        self.log = database.log
        self.written: asyncio.Future[bool] | None = None
        self._opened: _Opened | None = None
        self._prepared = False
        self._preparing = asyncio.Lock()
        self._held: CachedHistory | None = None
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
            return
        async with self._preparing:
            if self._prepared:
                return
            await self.database.prepare()
            if not await self._has_tables():
                async with self.database.exclusive():
                    await self.log.complete_version(private.latest_version())
                    await super().prepare_tables()
            await bring_up_to_date(self.database)
            self._prepared = True

    async def _has_tables(self) -> bool:
        """Whether ADK's tables are those of this version, in one look."""
        version = await self.log.adk_version()
        if version != private.latest_version():
            return False
        answer_table_check(self, version)
        return True

    async def get_session(
        self, *, app_name: str, user_id: str, session_id: str, config: GetSessionConfig | None = None
    ) -> Session | None:
        if not isinstance(config, Window):
            return await super().get_session(app_name=app_name, user_id=user_id, session_id=session_id, config=config)
        key = SessionKey(app_name, user_id, session_id)
        opened = await self._opened_or_stored(key)
        if opened is None:
            return None
        stored = opened.session
        after, summary_id = _first(stored, config.turns), stored.summary_event_id
        held = self._held
        if held and (opened.undone_from or not held.stands(key, stored, after)):
            held = None
        if held:
            turns = {number: told for number, told in held.turns.items() if number > after}
            if held.session.events:
                turns[stored.last_turn] = held.said()
        else:
            turns = _by_turn(await self.log.window(key, after, stored.last_turn))
        if held and held.summary_event_id == summary_id:
            summary = held.summary
        else:
            summary = await self._summary(key, summary_id) if summary_id else []
        session = _session(key, stored)
        self._held = CachedHistory(key, session, summary_id, summary, turns, after, opened.undone_from)
        return session

    def history(self, session: Session) -> list[types.Content]:
        """What was said before the turn that `session` was read for with a `Window`; nothing for other sessions."""
        held = self._held
        if held is None or held.session is not session:
            return []
        return [*held.summary, *(content for said in held.turns.values() for content in said)]

    async def open_turn(self, key: SessionKey, *, begun: bool = False, undone_from: str | None = None) -> TurnContext:
        """What a turn begins with; makes the session unless it is there. ADK's runner is then given what was read.

        Args:
            key: The session.
            begun: It was begun before.
            undone_from: The invocation of a turn that is undone, with all that follow it, in the commit that
                brings the new turn's message: until then, nothing is changed.

        Raises:
            MissingError: The session was `begun` before, and is not there any more.
        """
        await self.prepare_tables()
        opening = await self.log.opening(key, undone_from)
        if opening is None and begun:
            raise MissingError
        if opening is None:
            with suppress(AlreadyExistsError):  # another turn has made it meanwhile
                await self.create_session(app_name=key.app_name, user_id=key.user_id, session_id=key.session_id)
            opening = await self.log.opening(key)
            assert opening is not None, "it was made just now"
        if not opening.session.has_states:
            await self.log.add_states(key)
        self._opened = _Opened(key, opening.session, undone_from)
        return opening

    async def _opened_or_stored(self, key: SessionKey) -> _Opened | None:
        """A session without its events: as its turn was opened with, or as it is now."""
        opened, self._opened = self._opened, None
        if opened and opened.key == key:
            return opened
        await self.prepare_tables()
        stored = await self.log.session(key)
        return _Opened(key, stored, None) if stored else None

    async def append_event(self, session: Session, event: Event) -> Event:
        if event.invocation_id in self._over:
            raise TurnOverError("the turn is over: what comes later is not kept")
        if private.revision_of(session) is None:
            return await super().append_event(session, event)
        if event.partial:
            return event
        event = private.without_temporary(self, session, event)
        held = self._held
        async with private.appending(self, session):
            new = _new(event)
            key = TurnKey(SessionKey(session.app_name, session.user_id, session.id), event.invocation_id)
            try:
                if held and session is held.session:
                    await self._append_soon(key, held, new)
                else:
                    await self.log.append(key, new, private.revision_of(session))
            except StaleError as error:
                raise StaleSessionError(str(error)) from error
            except MissingError as error:
                raise SessionNotFoundError(str(error)) from error
            session.last_update_time = new.at.timestamp()
            private.set_revision(session, new.at)
            return private.committed(self, session, event)

    async def _append_soon(self, key: TurnKey, held: CachedHistory, event: NewEvent) -> None:
        """Two turns of one session may run at once, in two terminals: each goes on, but never takes the other back."""
        if held.undone_from:
            undo = _new(rewind(held.undone_from, before=event.at))
            await self.log.append_instead(key, undo, event, private.revision_of(held.session))
            held.undone_from = self.written = None
            return
        written = self.log.append_soon(key, event, private.revision_of(held.session))
        if written is not self.written:
            written.add_done_callback(held.note)
            self.written = written
        if event.data["author"] == "user":
            await self.log.settled()
            written.result()

    async def close(self) -> None:
        await self.database.close()

    async def _summary(self, key: SessionKey, event_id: str) -> list[types.Content]:
        data = await self.log.event(key, event_id)
        compaction = _event(data).actions.compaction if data else None
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


def _first(stored: StoredSession, turns: int) -> int:
    """The turn that the window begins after. Without a summary that reaches far enough it moves in steps, so that what
    is kept in memory stays of use."""
    if stored.last_turn - stored.summarized_through <= 2 * turns:
        return stored.summarized_through
    return (stored.last_turn - turns) // turns * turns


def _session(key: SessionKey, stored: StoredSession) -> Session:
    state = dict(stored.state)
    state.update({State.APP_PREFIX + name: value for name, value in stored.app_state.items()})
    state.update({State.USER_PREFIX + name: value for name, value in stored.user_state.items()})
    session = Session(
        app_name=key.app_name,
        user_id=key.user_id,
        id=key.session_id,
        state=state,
        last_update_time=stored.updated_at.timestamp(),
    )
    private.set_revision(session, stored.updated_at)
    return session


def _new(event: Event) -> NewEvent:
    data = event.model_dump(exclude_none=True, mode="json")
    states: dict[str, dict[str, Any]] = {"session": {}, State.USER_PREFIX: {}, State.APP_PREFIX: {}}
    for name, value in (data.get("actions", {}).get("state_delta") or {}).items():
        prefix = next((p for p in (State.USER_PREFIX, State.APP_PREFIX) if name.startswith(p)), "session")
        states[prefix][name.removeprefix(prefix) if prefix != "session" else name] = value
    return NewEvent(data, states["session"], states[State.USER_PREFIX], states[State.APP_PREFIX])


def _by_turn(events: Sequence[tuple[int, dict[str, Any]]]) -> dict[int, list[types.Content]]:
    """What `CachedHistory.said` tells of each turn, by its number."""
    turns: dict[int, list[types.Content]] = {}
    for number, event in events:
        contents = turns.setdefault(number, [])
        if event.get("content") and not event.get("branch") and not event.get("isolation_scope"):
            contents.append(types.Content.model_validate(event["content"]))
    return {number: said(contents) for number, contents in turns.items()}


def _event(data: dict[str, Any]) -> Event:
    return Event.model_validate(data)
