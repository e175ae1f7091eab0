"""Whether the ledger of a document is the one of its events.

It is made anew from them, by the same functions that keep it, in a database in memory, and compared. Only what no
event tells may differ: how, when and why something ended that no event has ended, and which model answered.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import Connection, Table, create_engine, select
from sqlalchemy.exc import SQLAlchemyError

from storage.ledger.entries import (
    DELEGATIONS,
    DelegationStarted,
    Entry,
    ToolCallStarted,
    TurnStarted,
    TurnsUndone,
    delegation_id,
    entries,
)
from storage.ledger.posting import REPORTED, on, post
from storage.queries.archive_document import Archive, Span, refused
from storage.schema.tables import (
    CANCELLED,
    COMPLETED,
    FAILED,
    INTERRUPTED,
    RUNNING,
    delegations,
    metadata,
    session_info,
    tool_calls,
    turns,
)
from storage.scope import SessionKey, TurnKey

_KEY = SessionKey("app", "user", "session")
_SAME_TIME = timedelta(milliseconds=1)
_SAME = {
    "turns": (
        "event_id",
        "user_input",
        "agent_response",
        "model_calls",
        "prompt_tokens",
        "output_tokens",
        "events",
        "started_at",
    ),
    "delegations": ("from_agent", "agent_name", "task", "reported", "started_at"),
    "tool_calls": ("agent_name", "tool_name", "arguments", "started_at"),
}
"""What events tell of each row."""
_TABLES: dict[str, Table] = {"turns": turns, "delegations": delegations, "tool_calls": tool_calls}
_ENDED = {COMPLETED, FAILED, CANCELLED}
_UNTOLD = {FAILED, CANCELLED, INTERRUPTED}
"""How something can end that no event has ended."""

Row: TypeAlias = Mapping[str, Any]


def check_ledger(archive: Archive) -> None:
    """Raises StorageError, which names the place, where a document says what its events do not say."""
    for name in _TABLES:
        for number, span in enumerate(getattr(archive, name)):
            _check_span(f"{name}.{number}", span, calls=name != "turns")
    with _scratch() as conn:
        undone = _replay(conn, archive)
        _check_turns(archive, undone)
        for name, table in _TABLES.items():
            _compare(name, getattr(archive, name), _rows(conn, table))
    _check_session(archive)


def _check_span(where: str, span: Span, *, calls: bool) -> None:
    """How it ended and when, and the seconds between, tell the same."""
    reported = bool(getattr(span, "reported", False))
    if (span.status == REPORTED) != reported:
        raise refused(f"{where}.status", "does not go with how it is known")
    if (span.ended_at is None) != (span.seconds is None):
        raise refused(f"{where}.seconds", "does not go with its end")
    if span.status in _ENDED and span.ended_at is None:
        raise refused(f"{where}.ended_at", f"is missing of what has {span.status}")
    if span.status in (RUNNING, REPORTED) and span.ended_at is not None:
        raise refused(f"{where}.ended_at", f"is there of what is {span.status}")
    if span.ended_at is not None and span.seconds is not None:
        took = max(span.ended_at - span.started_at, timedelta())
        if abs(timedelta(seconds=span.seconds) - took) > _SAME_TIME:
            raise refused(f"{where}.seconds", "is not from its start to its end")


@contextmanager
def _scratch() -> Iterator[Connection]:
    """A ledger without rows."""
    engine = create_engine("sqlite://")
    try:
        metadata.create_all(engine, tables=[*_TABLES.values(), session_info])
        with engine.connect() as conn:
            yield conn
    finally:
        engine.dispose()


def _replay(conn: Connection, archive: Archive) -> dict[str, datetime]:
    """Writes what the events mean, turn by turn; returns which turns were undone, with all after them, and when."""
    named: dict[str, set[str]] = {}
    for row in archive.delegations:
        named.setdefault(row.invocation_id, set()).add(row.id)
    undone: dict[str, datetime] = {}
    by_turn: dict[str, list[Any]] = {}
    for event in archive.events:
        by_turn.setdefault(event.invocation_id, []).append(event)
    for invocation_id, stored in by_turn.items():
        try:
            stored.sort(key=lambda event: (event.timestamp, event.id))
            found = _entries([event.event_data for event in stored], named.get(invocation_id, set()))
            undone |= {entry.from_invocation_id: entry.at for entry in found if isinstance(entry, TurnsUndone)}
            told = [entry for entry in found if not isinstance(entry, TurnsUndone)]
            post(on(conn), TurnKey(_KEY, invocation_id), [event.timestamp for event in stored], told, None)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError, SQLAlchemyError) as error:
            raise refused("events", f"of the turn {invocation_id} say nothing that can be counted") from error
    return undone


def _entries(stored: Sequence[Row], named: set[str]) -> list[Entry]:
    """What the events of a turn mean: first what began, so that a clock set back within the turn changes nothing.

    Calls that an agent answered are delegations where the document says so: not every program names them.
    """
    metadata_ids = chain.from_iterable((event.get("custom_metadata") or {}).get(DELEGATIONS, ()) for event in stored)
    answered = {id_ for event in stored if (id_ := delegation_id(event))}
    known = {*metadata_ids, *(answered & named)}
    return sorted((entry for event in stored for entry in entries(event, known)), key=_order)


def _order(entry: Entry) -> int:
    return 0 if isinstance(entry, TurnStarted) else 1 if isinstance(entry, (DelegationStarted, ToolCallStarted)) else 2


def _rows(conn: Connection, table: Table) -> dict[tuple[str, ...], Row]:
    found = [dict(row._mapping) for row in conn.execute(select(table))]
    return {_key(row): row for row in found}


def _key(row: Row) -> tuple[str, ...]:
    return (row["invocation_id"], row["id"]) if isinstance(row["id"], str) else (row["invocation_id"],)


def _compare(name: str, given: Sequence[Span], told: Mapping[tuple[str, ...], Row]) -> None:
    seen: set[tuple[str, ...]] = set()
    for number, span in enumerate(given):
        row, where = {"id": None, **span.model_dump()}, f"{name}.{number}"
        if _key(row) in seen or _key(row) not in told:
            raise refused(where, "is there twice" if _key(row) in seen else "is in none of the events")
        seen.add(_key(row))
        expected = told[_key(row)]
        for field in _SAME[name]:
            if row[field] != expected[field]:
                raise refused(f"{where}.{field}", "is not what the events say")
        if not _may_end(row, expected, calls=name != "turns"):
            raise refused(f"{where}.status", "is not what the events say")
    if len(seen) < len(told):
        raise refused(name, "some that the events tell of are missing")


def _may_end(row: Row, told: Row, *, calls: bool) -> bool:
    """Whether something can have ended so. A turn that stops ends what runs in it, whatever that still answers."""
    if row["status"] == told["status"]:
        return bool(told["status"] != COMPLETED or row["ended_at"] == told["ended_at"])
    return row["status"] in _UNTOLD and (told["status"] == RUNNING or (calls and told["status"] == COMPLETED))


def _check_turns(archive: Archive, undone: Mapping[str, datetime]) -> None:
    """Turns in the conversation count from 1; those undone had one of their numbers, and an event says when."""
    live = sorted(turn.number for turn in archive.turns if turn.undone_at is None)
    if live != list(range(1, len(live) + 1)):
        raise refused("turns", "their numbers do not count from 1 to the last")
    for number, turn in enumerate(archive.turns):
        if turn.number > len(archive.turns):
            raise refused(f"turns.{number}.number", "is beyond the last turn")
        taken_back = turn.undone_at in undone.values() if turn.undone_at else turn.invocation_id not in undone
        if not taken_back:
            raise refused(f"turns.{number}.undone_at", "is not what the events say")


def _check_session(archive: Archive) -> None:
    """What the session refers to is in the document."""
    session = archive.session
    live = sum(turn.undone_at is None for turn in archive.turns)
    if (session.forked_from is None) != (session.forked_at_turn is None):
        raise refused("session.forked_at_turn", "does not go with forked_from")
    if (session.forked_at_turn or 0) > len(archive.turns):
        raise refused("session.forked_at_turn", "is beyond the last turn")
    if (session.summary_event_id is None) != (session.summarized_through is None):
        raise refused("session.summarized_through", "does not go with summary_event_id")
    if (session.summarized_through or 0) > live:
        raise refused("session.summarized_through", "is beyond the last turn")
    summaries = {event.id for event in archive.events if (event.event_data.get("actions") or {}).get("compaction")}
    if session.summary_event_id is not None and session.summary_event_id not in summaries:
        raise refused("session.summary_event_id", "is no summary among the events")
