"""One turn's whole story as a tree: what the ledger knows of its calls, and the model calls that only its events tell.

A model call is as long as it is since what came before it in the same agent: ADK's events have one time each, when
they ended.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.errors import StorageError
from storage.ledger.entries import DelegationStarted, ModelCalled, ToolCallStarted, delegation_id, entries
from storage.ledger.posting import of_session, of_turn
from storage.ledger.statements import written
from storage.queries.turns import Turn, selected, turn_of
from storage.schema.tables import COMPLETED, FAILED, delegations, events, tool_calls, turns
from storage.scope import SessionKey, TurnKey

TURN, DELEGATION, TOOL, MODEL = "turn", "delegation", "tool", "model"


@dataclass(slots=True)
class Span:
    """Something that took time, with what happened in it, in order.

    Attributes:
        kind: `turn`, `delegation`, `tool` or `model`.
        name: The session's agent, the agent asked, the tool, or the model.
        agent: Who did it.
        detail: The message, the task, the arguments, or what the model said or called.
        seconds: From start to end; None while it runs.
    """

    kind: str
    name: str
    agent: str
    detail: str
    status: str
    started_at: datetime
    seconds: float | None
    error: str | None = None
    prompt_tokens: int = 0
    output_tokens: int = 0
    children: list["Span"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trace:
    """A turn of a session.

    Attributes:
        number: 1 for the first turn of the session.
        root: The turn; its children are what the manager did.
        answer: What was answered.
    """

    session_id: str
    invocation_id: str
    number: int
    root: Span
    model_calls: int
    answer: str | None


async def trace(database: Database, key: SessionKey, number: int | None = None) -> Trace:
    """The story of a turn, of the last one when no number is given.

    Raises:
        StorageError: The session has no such turn.
    """
    async with database.read() as conn:
        live = select(turns).where(of_session(turns, key), turns.c.undone_at.is_(None)).order_by(turns.c.number.desc())
        chosen = live if number is None else live.where(turns.c.number == number)
        turn = (await conn.execute(chosen.limit(1))).first()
        if turn is None:
            raise _no_turn(number)
        return await _trace(conn, TurnKey(key, turn.invocation_id), turn)


async def numbered(database: Database, key: SessionKey, number: int) -> Turn:
    """A turn of a session by its number.

    Raises:
        StorageError: The session has no such turn.
    """
    mine = selected(key.user).where(turns.c.session_id == key.session_id, turns.c.number == number)
    async with database.read() as conn:
        row = (await conn.execute(mine.limit(1))).first()
    if row is None:
        raise _no_turn(number)
    return turn_of(row)


def _no_turn(number: int | None) -> StorageError:
    what = "this session has no turns" if number is None else f"this session has no turn {number}"
    return StorageError(what, "`history` lists its turns.")


async def _trace(conn: AsyncConnection, key: TurnKey, turn: Any) -> Trace:
    root = Span(TURN, "turn", "", turn.user_input, turn.status, turn.started_at, turn.seconds, turn.error)
    root.prompt_tokens, root.output_tokens = turn.prompt_tokens, turn.output_tokens
    calls = {
        row.id: Span(
            DELEGATION, row.agent_name, row.from_agent, row.task, row.status, row.started_at, row.seconds, row.error
        )
        for row in (await conn.execute(select(delegations).where(of_turn(delegations, key)))).all()
    }
    for row in (await conn.execute(select(tool_calls).where(of_turn(tool_calls, key)))).all():
        told = Span(
            TOOL,
            row.tool_name,
            row.agent_name,
            _call(row.arguments),
            row.status,
            row.started_at,
            row.seconds,
            row.error,
        )
        calls[f"tool {row.id}"] = told
    stored = select(events.c.event_data).where(of_turn(events, key)).order_by(written(events))
    _place(root, calls, [row.event_data for row in (await conn.execute(stored)).all()])
    return Trace(key.session.session_id, key.invocation_id, turn.number, root, turn.model_calls, turn.agent_response)


def _place(root: Span, calls: Mapping[str, Span], stored: Sequence[Mapping[str, Any]]) -> None:
    """Puts every call and every model call below what it was made in."""
    placed: set[str] = set()
    since: dict[str | None, datetime] = {id_: span.started_at for id_, span in calls.items()}
    for event in stored:
        within = delegation_id(event)
        parent = calls.get(within or "", root)
        found = entries(event, calls.keys())
        names = Counter(
            entry.agent_name if isinstance(entry, DelegationStarted) else entry.tool_name
            for entry in found
            if isinstance(entry, (DelegationStarted, ToolCallStarted))
        )
        ended = None
        for entry in found:
            match entry:
                case ModelCalled():
                    ended = datetime.fromtimestamp(event["timestamp"], root.started_at.tzinfo)
                    begun = min(since.get(within, root.started_at), ended)
                    parent.children.append(_model(event, entry, begun, ended, names))
                case DelegationStarted() | ToolCallStarted():
                    name = entry.id if isinstance(entry, DelegationStarted) else f"tool {entry.id}"
                    if name in calls and name not in placed:
                        placed.add(name)
                        parent.children.append(calls[name])
        since[within] = datetime.fromtimestamp(event["timestamp"], root.started_at.tzinfo)
    root.children += [span for name, span in calls.items() if name not in placed]


def _model(event: Mapping[str, Any], call: ModelCalled, begun: datetime, ended: datetime, names: Counter[str]) -> Span:
    parts = (event.get("content") or {}).get("parts") or []
    text = "".join(part["text"] for part in parts if part.get("text") and not part.get("thought"))
    error = event.get("error_message") or event.get("error_code")
    detail = ", ".join(name if count == 1 else f"{count} x {name}" for name, count in names.items()) or text
    seconds = (ended - begun).total_seconds()
    return Span(
        MODEL,
        call.model or "model",
        str(event.get("author", "")),
        detail,
        FAILED if error else COMPLETED,
        begun,
        seconds,
        error,
        call.prompt_tokens,
        call.output_tokens,
    )


def _call(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())
