"""A turn while it runs: what it began with, what was said before it, and what of it is being written.

All that belongs to one turn is in its own object, so any number of them run on one service. What was said before it is
kept from one turn of a session to the next.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from google.adk.sessions import Session, State
from google.genai import types

from storage.adk import private
from storage.adk.history import said
from storage.events.log import EventLog, TurnLog
from storage.events.reads import StoredSession, TurnContext
from storage.scope import SessionKey, TurnKey


@dataclass(slots=True)
class CachedHistory:
    """The session of the last turn, with that turn's events only, and what was said before it.

    It saves reading and checking all that again, which is a sixth of a turn with a model that costs nothing.

    Attributes:
        turns: What was said in each turn after `after_turn`, by its number.
    """

    session: Session
    summary_event_id: str | None
    summary: list[types.Content]
    turns: dict[int, list[types.Content]]
    after_turn: int
    whole: bool = True
    """Whether it has the events that the database has; not when somebody else has written meanwhile."""

    def stands(self, stored: StoredSession, after_turn: int) -> bool:
        """Whether it holds all that would be read now."""
        return self.after_turn <= after_turn and self.whole and private.revision_of(self.session) == stored.updated_at

    def said(self) -> list[types.Content]:
        """What was said in the turn itself, but for what delegated agents did within: the manager does not see it."""
        return said(e.content for e in self.session.events if not e.branch and not e.isolation_scope)

    def told(self) -> list[types.Content]:
        """What was said before the turn."""
        return [*self.summary, *(content for said in self.turns.values() for content in said)]

    def note(self, written: asyncio.Future[bool]) -> None:
        """A session that somebody else has written to, or that could not be written, is not as it is kept here."""
        self.whole = not written.cancelled() and written.exception() is None and written.result() and self.whole


class OpenTurn:
    """A turn of a session from when it is opened to its end.

    Attributes:
        key: The turn.
        opened_at: When it was asked for.
        undone_from: The invocation of the session's last turn, when its first event undoes that.
        opening: What it begins with.
        log: Where its events go.
        history: What was said before it, once ADK's runner has read the session.
        begun: Whether its message is in the record.
    """

    opening: TurnContext
    log: TurnLog

    def __init__(self, session: SessionKey, undone_from: str | None) -> None:
        self.key = TurnKey(session, f"e-{uuid4()}")
        self.opened_at = datetime.now(UTC)
        self.undone_from = undone_from
        self.history: CachedHistory | None = None
        self.begun = False

    def begin(self, opening: TurnContext, log: EventLog) -> None:
        """Has it begin with what was read; once more, when its session has changed before its message was written."""
        self.opening, self.log, self.history = opening, log.turn(self.key), None


def session_of(key: SessionKey, stored: StoredSession) -> Session:
    """A session as ADK's runner has it, without events."""
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


def first_of_window(stored: StoredSession, turns: int) -> int:
    """The turn that the window begins after. Without a summary that reaches far enough it moves in steps, so that what
    is kept in memory stays of use."""
    if stored.last_turn - stored.summarized_through <= 2 * turns:
        return stored.summarized_through
    return (stored.last_turn - turns) // turns * turns


def by_turn(events: Sequence[tuple[int, dict[str, Any]]]) -> dict[int, list[types.Content]]:
    """What `CachedHistory.said` tells of each turn, by its number."""
    turns: dict[int, list[types.Content]] = {}
    for number, event in events:
        contents = turns.setdefault(number, [])
        if event.get("content") and not event.get("branch") and not event.get("isolation_scope"):
            contents.append(types.Content.model_validate(event["content"]))
    return {number: said(contents) for number, contents in turns.items()}
