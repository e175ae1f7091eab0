"""Ledger entries to SQL, on the connection of the transaction that writes their event.

`post` runs inside that transaction, so an event and its rows are committed together or not at all. All statements are
plain Core, alike on SQLite and PostgreSQL.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, case, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql.elements import ColumnElement

from storage.ledger import (
    CallEnded,
    DelegationStarted,
    Entry,
    ModelCalled,
    ToolCallStarted,
    TurnEnded,
    TurnStarted,
    TurnsUndone,
)
from storage.process import this_process
from storage.scope import SessionKey, TurnKey
from storage.tables import COMPLETED, FAILED, RUNNING, delegations, session_info, tool_calls, turns

TITLE_LENGTH = 60
"""Characters of the first message that make a session's title."""
REPORTED = "delegated"
"""Status of a delegation that was only reported: its end is not known."""


def post(conn: Connection, key: TurnKey, at: datetime, found: Iterable[Entry]) -> None:
    """Writes what one event means.

    Args:
        conn: The connection that has just inserted the event.
        key: The turn the event belongs to.
        at: The event's own time.
        found: `ledger.entries(event)`.
    """
    found = list(found)
    _touch_session(conn, key.session, at, _title(found))
    for entry in found:
        match entry:
            case TurnStarted():
                _start_turn(conn, key, entry)
            case TurnsUndone():
                _undo_turns(conn, key.session, entry)
            case TurnEnded():
                end_turn(conn, key, entry)
            case DelegationStarted():
                _start_delegation(conn, key, entry)
            case ToolCallStarted():
                _start_tool_call(conn, key, entry)
            case CallEnded():
                _end_call(conn, key.session, entry)
    _count_event(conn, key, [entry for entry in found if isinstance(entry, ModelCalled)])


def of_session(table: Table, key: SessionKey) -> ColumnElement[bool]:
    """The rows of one session."""
    return and_(table.c.app_name == key.app_name, table.c.user_id == key.user_id, table.c.session_id == key.session_id)


def of_turn(table: Table, key: TurnKey) -> ColumnElement[bool]:
    """The rows of one turn."""
    return and_(of_session(table, key.session), table.c.invocation_id == key.invocation_id)


def end_turn(conn: Connection, key: TurnKey, end: TurnEnded, *, statuses: Collection[str] = ()) -> bool:
    """Ends a turn, and what it left running; returns whether there was a turn to end.

    Args:
        conn: A connection in a transaction.
        key: The turn.
        end: How it ended.
        statuses: End it only when it is in one of these.
    """
    condition = of_turn(turns, key)
    if statuses:
        condition = and_(condition, turns.c.status.in_(statuses))
    started_at = conn.execute(select(turns.c.started_at).where(condition)).scalar()
    if started_at is None:
        return False
    values: dict[str, Any] = {
        "status": end.status,
        "error": end.error,
        "ended_at": end.at,
        "seconds": _seconds(started_at, end.at),
    }
    if end.event_id:
        values["event_id"] = end.event_id
    if end.response is not None:
        values["agent_response"] = end.response
    conn.execute(update(turns).where(condition).values(values))
    if end.status != COMPLETED:
        _end_children(conn, key, end)
    return True


def _end_children(conn: Connection, key: TurnKey, end: TurnEnded) -> None:
    for table in (delegations, tool_calls):
        running = and_(of_turn(table, key), table.c.status == RUNNING)
        for id_, started_at in conn.execute(select(table.c.id, table.c.started_at).where(running)).all():
            conn.execute(
                update(table)
                .where(of_session(table, key.session), table.c.id == id_)
                .values(status=end.status, error=end.error, ended_at=end.at, seconds=_seconds(started_at, end.at))
            )


def _title(found: list[Entry]) -> str | None:
    for entry in found:
        if isinstance(entry, TurnStarted):
            line = " ".join(entry.user_input.split())
            return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"
    return None


def _touch_session(conn: Connection, key: SessionKey, at: datetime, title: str | None) -> None:
    make = postgresql_insert if conn.dialect.name == "postgresql" else sqlite_insert
    row = make(session_info).values(**_columns(key), title=title, created_at=at, last_event_at=at)
    conn.execute(
        row.on_conflict_do_update(
            index_elements=list(_columns(key)),
            set_={"last_event_at": at, "title": func.coalesce(session_info.c.title, row.excluded.title)},
        )
    )


def _start_turn(conn: Connection, key: TurnKey, entry: TurnStarted) -> None:
    if conn.execute(select(exists().where(of_turn(turns, key)))).scalar():
        return  # a second message into the same invocation continues its turn
    highest = select(func.coalesce(func.max(turns.c.number), 0)).where(
        of_session(turns, key.session), turns.c.undone_at.is_(None)
    )
    conn.execute(
        insert(turns).values(
            **_columns(key.session),
            invocation_id=key.invocation_id,
            number=(conn.execute(highest).scalar() or 0) + 1,
            event_id=entry.event_id,
            user_input=entry.user_input,
            status=RUNNING,
            started_at=entry.at,
            owner=this_process(),
        )
    )


def _undo_turns(conn: Connection, key: SessionKey, entry: TurnsUndone) -> None:
    first = conn.execute(select(turns.c.number).where(of_turn(turns, TurnKey(key, entry.from_invocation_id)))).scalar()
    conn.execute(
        update(turns)
        .where(of_session(turns, key), turns.c.undone_at.is_(None), turns.c.number >= first)
        .values(undone_at=entry.at)
    )


def _count_event(conn: Connection, key: TurnKey, model_calls: list[ModelCalled]) -> None:
    models = [call.model for call in model_calls if call.model]
    conn.execute(
        update(turns)
        .where(of_turn(turns, key))
        .values(
            events=turns.c.events + 1,
            model_calls=turns.c.model_calls + len(model_calls),
            prompt_tokens=turns.c.prompt_tokens + sum(call.prompt_tokens for call in model_calls),
            output_tokens=turns.c.output_tokens + sum(call.output_tokens for call in model_calls),
            model=models[-1] if models else turns.c.model,
        )
    )


def _start_delegation(conn: Connection, key: TurnKey, entry: DelegationStarted) -> None:
    same_task = and_(
        of_turn(delegations, key), delegations.c.agent_name == entry.agent_name, delegations.c.task == entry.task
    )
    if entry.reported:
        if conn.execute(select(exists().where(same_task))).scalar():
            return
    else:
        conn.execute(delegations.delete().where(same_task, delegations.c.reported.is_(True)))
    conn.execute(
        insert(delegations).values(
            **_columns(key.session),
            id=entry.id,
            invocation_id=key.invocation_id,
            from_agent=entry.from_agent,
            agent_name=entry.agent_name,
            task=entry.task,
            status=REPORTED if entry.reported else RUNNING,
            reported=entry.reported,
            started_at=entry.at,
        )
    )


def _start_tool_call(conn: Connection, key: TurnKey, entry: ToolCallStarted) -> None:
    conn.execute(
        insert(tool_calls).values(
            **_columns(key.session),
            id=entry.id,
            invocation_id=key.invocation_id,
            agent_name=entry.agent_name,
            tool_name=entry.tool_name,
            arguments=dict(entry.arguments),
            status=RUNNING,
            started_at=entry.at,
        )
    )


def _end_call(conn: Connection, key: SessionKey, entry: CallEnded) -> None:
    """A delegation ends with its agent's answer; the response that follows may only turn it into a failure."""
    table = delegations if entry.delegation else tool_calls
    row = and_(of_session(table, key), table.c.id == entry.id)
    if entry.status != FAILED:
        row = and_(row, table.c.status == RUNNING)
    started_at = entry.started_at or conn.execute(select(table.c.started_at).where(row)).scalar()
    if started_at is None:
        return
    conn.execute(
        update(table)
        .where(row)
        .values(
            status=entry.status,
            error=entry.error,
            started_at=started_at,
            ended_at=case((table.c.ended_at.is_(None), entry.ended_at), else_=table.c.ended_at),
            seconds=case((table.c.seconds.is_(None), _seconds(started_at, entry.ended_at)), else_=table.c.seconds),
        )
    )


def _columns(key: SessionKey) -> dict[str, str]:
    return {"app_name": key.app_name, "user_id": key.user_id, "session_id": key.session_id}


def _seconds(start: datetime, end: datetime) -> float:
    return round(max((end - start).total_seconds(), 0.0), 6)
