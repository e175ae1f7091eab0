"""Ledger entries to rows, in the transaction that writes their event: both are committed together or not at all.

The statements are those of `statements`, run by whatever is at hand in that transaction.
"""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, TextClause, and_, text
from sqlalchemy.sql.elements import ColumnElement

from storage.leases import Lease, take
from storage.ledger.entries import (
    CallEnded,
    DelegationStarted,
    Entry,
    ModelCalled,
    ToolCallStarted,
    TurnEnded,
    TurnStarted,
    TurnsUndone,
)
from storage.ledger.statements import IN_SESSION, IN_TURN, Execute, Values, session_values, turn_values
from storage.ledger.summaries import choose
from storage.names import one_clean_line
from storage.schema.tables import COMPLETED, FAILED, RUNNING
from storage.scope import SessionKey, TurnKey

TITLE_LENGTH = 60
"""Characters of the first message that make a session's title."""
_TITLE_SOURCE = 1000
"""Characters of it that are looked at."""
REPORTED = "delegated"
"""Status of a delegation that was only reported: its end is not known."""


def of_session(table: Table, key: SessionKey) -> ColumnElement[bool]:
    """The rows of one session."""
    return and_(table.c.app_name == key.app_name, table.c.user_id == key.user_id, table.c.session_id == key.session_id)


def of_turn(table: Table, key: TurnKey) -> ColumnElement[bool]:
    """The rows of one turn."""
    return and_(of_session(table, key.session), table.c.invocation_id == key.invocation_id)


def on(conn: Connection) -> Execute:
    """Statements on an SQLAlchemy connection."""
    stored = stamp if conn.dialect.name == "sqlite" else naive

    def execute(statement: str, values: Values) -> Sequence[Sequence[Any]]:
        result = conn.execute(
            _text(statement), {k: stored(v) if isinstance(v, datetime) else v for k, v in values.items()}
        )
        return result.all() if result.returns_rows else ()

    return execute


def stamp(at: datetime) -> str:
    """A time as SQLite stores it, in ADK's tables and in ours."""
    return naive(at).isoformat(" ", "microseconds")


def naive(at: datetime) -> datetime:
    """A time as PostgreSQL stores it there."""
    return at.astimezone(UTC).replace(tzinfo=None)


def as_utc(stored: datetime | str) -> datetime:
    """A time of the database: as a bare connection returns it, or as SQLAlchemy does."""
    return (datetime.fromisoformat(stored) if isinstance(stored, str) else stored).replace(tzinfo=UTC)


def post(
    execute: Execute, key: TurnKey, times: Sequence[datetime], found: Sequence[Entry], owner: Lease | str | None
) -> None:
    """Writes what events of a turn mean.

    Args:
        execute: Runs statements in the transaction that has just written the events.
        key: The turn the events belong to.
        times: When each of them happened, in order, at least one.
        found: `ledger.entries(event)` of all of them.
        owner: Who runs the turn, when it begins with these: a lease, or the name of a process that has none; None when
            nobody does.
    """
    _touch_session(execute, key.session, times, found)
    calls: list[ModelCalled] = []
    for entry in found:
        match entry:
            case TurnStarted():
                _start_turn(execute, key, entry, owner)
            case TurnEnded():
                end_turn(execute, key, entry)
            case TurnsUndone():
                _undo_turns(execute, key.session, entry)
            case DelegationStarted():
                _start_delegation(execute, key, entry)
            case ToolCallStarted():
                _start_tool_call(execute, key, entry)
            case CallEnded():
                _end_call(execute, key, entry)
            case ModelCalled():
                calls.append(entry)
    _count_events(execute, key, len(times), calls)


def begin_session(execute: Execute, key: SessionKey, at: datetime) -> None:
    """A session that was made and has no events yet; one that is known stays as it is."""
    execute(
        "INSERT INTO session_info (app_name, user_id, session_id, created_at, last_event_at)"
        " VALUES (:app_name, :user_id, :session_id, :at, :at) ON CONFLICT DO NOTHING",
        {**session_values(key), "at": at},
    )


def end_turn(execute: Execute, key: TurnKey, end: TurnEnded, *, statuses: Collection[str] = ()) -> bool:
    """Ends a turn, and what it left running; returns whether there was a turn to end.

    Args:
        execute: Runs statements in a transaction.
        key: The turn.
        end: How it ended.
        statuses: End it only when it is in one of these.
    """
    found = execute(f"SELECT started_at, status FROM turns WHERE {IN_TURN}", turn_values(key))
    if not found or (statuses and found[0][1] not in statuses):
        return False
    values = {**turn_values(key), **_ended(found[0][0], end)}
    execute(
        "UPDATE turns SET status = :status, error = :error, ended_at = :ended_at, seconds = :seconds,"
        " event_id = COALESCE(:event_id, event_id), agent_response = COALESCE(:response, agent_response)"
        f" WHERE {IN_TURN}",
        {**values, "event_id": end.event_id or None, "response": end.response},
    )
    if end.status != COMPLETED:
        for table in ("delegations", "tool_calls"):
            _end_children(execute, table, key, end)
    return True


def _end_children(execute: Execute, table: str, key: TurnKey, end: TurnEnded) -> None:
    running = execute(
        f"SELECT id, started_at FROM {table} WHERE {IN_TURN} AND status = :running",
        {**turn_values(key), "running": RUNNING},
    )
    for id_, started_at in running:
        execute(
            f"UPDATE {table} SET status = :status, error = :error, ended_at = :ended_at, seconds = :seconds"
            f" WHERE {IN_TURN} AND id = :id",
            {**turn_values(key), **_ended(started_at, end), "id": id_},
        )


def _touch_session(execute: Execute, key: SessionKey, times: Sequence[datetime], found: Sequence[Entry]) -> None:
    title = next((_title(entry.user_input) for entry in found if isinstance(entry, TurnStarted)), None)
    execute(
        "INSERT INTO session_info (app_name, user_id, session_id, title, created_at, last_event_at)"
        " VALUES (:app_name, :user_id, :session_id, :title, :first, :last)"
        " ON CONFLICT (app_name, user_id, session_id) DO UPDATE SET last_event_at = excluded.last_event_at,"
        " created_at = CASE WHEN session_info.title IS NULL AND excluded.created_at < session_info.created_at"
        " THEN excluded.created_at ELSE session_info.created_at END,"
        " title = COALESCE(session_info.title, excluded.title)",
        {**session_values(key), "title": title, "first": times[0], "last": times[-1]},
    )


def _title(message: str) -> str:
    line = one_clean_line(message.lstrip()[:_TITLE_SOURCE])
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"


def _start_turn(execute: Execute, key: TurnKey, entry: TurnStarted, owner: Lease | str | None) -> None:
    """A second message into the same invocation continues its turn."""
    if isinstance(owner, Lease):
        take(execute, owner)
    execute(
        "INSERT INTO turns (app_name, user_id, session_id, invocation_id, number, event_id, user_input, status,"
        " started_at, owner) SELECT :app_name, :user_id, :session_id, :invocation_id,"
        f" 1 + COALESCE((SELECT MAX(number) FROM turns WHERE {IN_SESSION} AND undone_at IS NULL), 0),"
        " :event_id, :user_input, :status, :at, :owner WHERE true"
        " ON CONFLICT (app_name, user_id, session_id, invocation_id) DO NOTHING",
        {
            **turn_values(key),
            "event_id": entry.event_id,
            "user_input": entry.user_input,
            "status": RUNNING,
            "at": entry.at,
            "owner": owner.owner if isinstance(owner, Lease) else owner,
        },
    )


def _undo_turns(execute: Execute, key: SessionKey, entry: TurnsUndone) -> None:
    """A summary that covers an undone turn is no longer true: an older one that is takes its place."""
    values = {**turn_values(TurnKey(key, entry.from_invocation_id)), "at": entry.at}
    execute(
        f"UPDATE turns SET undone_at = :at WHERE {IN_SESSION} AND undone_at IS NULL"
        f" AND number >= (SELECT number FROM turns WHERE {IN_TURN})",
        values,
    )
    covered = f"{IN_SESSION} AND summarized_through >= (SELECT number FROM turns WHERE {IN_TURN})"
    if execute(f"SELECT 1 FROM session_info WHERE {covered}", values):
        choose(execute, key)


def _count_events(execute: Execute, key: TurnKey, events: int, calls: list[ModelCalled]) -> None:
    execute(
        "UPDATE turns SET events = events + :events, model_calls = model_calls + :calls,"
        " prompt_tokens = prompt_tokens + :prompt, output_tokens = output_tokens + :output,"
        f" model = COALESCE(:model, model) WHERE {IN_TURN}",
        {
            **turn_values(key),
            "events": events,
            "calls": len(calls),
            "prompt": sum(call.prompt_tokens for call in calls),
            "output": sum(call.output_tokens for call in calls),
            "model": next((call.model for call in reversed(calls) if call.model), None),
        },
    )


def _start_delegation(execute: Execute, key: TurnKey, entry: DelegationStarted) -> None:
    """The same task for the same agent in one turn is one row, whether it was seen, reported, or both."""
    values = {**turn_values(key), "agent_name": entry.agent_name, "task": entry.task}
    same = f"{IN_TURN} AND agent_name = :agent_name AND task = :task"
    if entry.reported:
        if execute(f"SELECT 1 FROM delegations WHERE {same}", values):
            return
    else:
        execute(f"DELETE FROM delegations WHERE {same} AND reported", values)
    execute(
        "INSERT INTO delegations (app_name, user_id, session_id, id, invocation_id, from_agent, agent_name, task,"
        " status, reported, started_at) VALUES (:app_name, :user_id, :session_id, :id, :invocation_id,"
        " :from_agent, :agent_name, :task, :status, :reported, :at) ON CONFLICT DO NOTHING",
        {
            **values,
            "id": entry.id,
            "from_agent": entry.from_agent,
            "status": REPORTED if entry.reported else RUNNING,
            "reported": entry.reported,
            "at": entry.at,
        },
    )


def _start_tool_call(execute: Execute, key: TurnKey, entry: ToolCallStarted) -> None:
    execute(
        "INSERT INTO tool_calls (app_name, user_id, session_id, id, invocation_id, agent_name, tool_name, arguments,"
        " status, started_at) VALUES (:app_name, :user_id, :session_id, :id, :invocation_id, :agent_name, :tool_name,"
        " :arguments, :status, :at) ON CONFLICT DO NOTHING",
        {
            **turn_values(key),
            "id": entry.id,
            "agent_name": entry.agent_name,
            "tool_name": entry.tool_name,
            "arguments": json.dumps(entry.arguments),
            "status": RUNNING,
            "at": entry.at,
        },
    )


def _end_call(execute: Execute, key: TurnKey, entry: CallEnded) -> None:
    """A delegation ends with its agent's answer; the response that follows may make it a failure, and has its times."""
    table = "delegations" if entry.delegation else "tool_calls"
    values = {**turn_values(key), "id": entry.id}
    found = execute(f"SELECT started_at, status FROM {table} WHERE {IN_TURN} AND id = :id", values)
    measured = entry.started_at is not None
    if not found or (found[0][1] != RUNNING and entry.status != FAILED and not measured):
        return
    started_at = entry.started_at or as_utc(found[0][0])
    times = (
        "ended_at = :ended_at, seconds = :seconds"
        if measured
        else "ended_at = COALESCE(ended_at, :ended_at), seconds = COALESCE(seconds, :seconds)"
    )
    execute(
        f"UPDATE {table} SET status = :status, error = COALESCE(:error, error), started_at = :started_at, {times}"
        f" WHERE {IN_TURN} AND id = :id",
        {
            **values,
            "status": entry.status if entry.status == FAILED or found[0][1] == RUNNING else found[0][1],
            "error": entry.error,
            "started_at": started_at,
            "ended_at": entry.ended_at,
            "seconds": _seconds(started_at, entry.ended_at),
        },
    )


def _ended(started_at: Any, end: TurnEnded) -> dict[str, Any]:
    seconds = _seconds(as_utc(started_at), end.at)
    return {"status": end.status, "error": end.error, "ended_at": end.at, "seconds": seconds}


def _seconds(start: datetime, end: datetime) -> float:
    return round(max((end - start).total_seconds(), 0.0), 6)


@lru_cache(maxsize=64)
def _text(statement: str) -> TextClause:
    return text(statement)
