"""A record of years, made up: sessions, turns, delegations and tool calls as the program would have written them.

It is the same each time for the same size. `fill` writes the ledger's rows and nothing else, which is quick;
`fill_with_events` writes ADK's events, and lets the program's own ledger derive the rows from them.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, create_engine, insert
from sqlalchemy.dialects import sqlite

from settings import APP_NAME
from storage.adk.service import SessionService
from storage.database import Database
from storage.ledger.entries import entries
from storage.ledger.posting import on, post, stamp
from storage.schema.tables import delegations, events, session_info, sessions, tool_calls, turns
from storage.scope import SessionKey, TurnKey, User

ADA = User(APP_NAME, "ada")
YEARS = 2
RARE_WORD = "harbour"
"""It is in one of a hundred turns."""
_BATCH = 200
"""Sessions written at a time."""
_AGENTS = ("funny_nerd", "stock_analyst", "news_analyst", "librarian")
_SHARES = (40, 30, 20, 10)
_SLOWNESS = {"funny_nerd": -0.4, "stock_analyst": 0.0, "news_analyst": 0.5, "librarian": -1.0}
_STATUSES = ("completed", "failed", "cancelled", "interrupted")
_ENDS = (950, 30, 12, 8)
_MODELS = ("offline", "gemini-2.5-flash", "gemini-2.5-pro")
_TICKERS = (
    "AAPL",
    "MSFT",
    "NVDA",
    "AMZN",
    "TSLA",
    "META",
    "NFLX",
    "AMD",
    "INTC",
    "ORCL",
    "IBM",
    "DIS",
    "KO",
    "V",
    "BA",
)
_TOPICS = ("python", "javascript", "java", "programming", "databases", "recursion", "math", "physics", "chemistry")
_HOURS = (1, 1, 0, 0, 0, 0, 1, 3, 8, 12, 12, 11, 7, 9, 12, 12, 11, 9, 7, 6, 7, 6, 4, 2)
_DAYS = (10, 10, 10, 10, 8, 3, 3)


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is: every turn has so many delegations, and every delegation a tool call."""

    sessions: int
    turns_each: int
    delegations_each: int

    @property
    def turns(self) -> int:
        return self.sessions * self.turns_each

    @property
    def delegations(self) -> int:
        return self.turns * self.delegations_each


@dataclass(frozen=True, slots=True)
class MadeCall:
    """A delegation with its tool call."""

    id: str
    tool_id: str
    agent: str
    task: str
    tool: str
    arguments: Mapping[str, Any]
    status: str
    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class MadeTurn:
    """A turn; it takes as long as its slowest delegation, and a moment."""

    id: str
    number: int
    said: str
    answer: str
    status: str
    model: str
    at: datetime
    seconds: float
    calls: tuple[MadeCall, ...]


async def prepare(file: Path) -> None:
    """Makes the tables, ADK's included."""
    async with Database.open(str(file)) as database:
        await SessionService(database).prepare_tables()


def fill(file: Path, size: Size, now: datetime) -> None:
    """Writes the ledger's rows of a made-up record that ends now; `prepare` was called before."""
    with _quick(file) as conn:
        made = _sessions(size, now)
        while batch := list(islice(made, _BATCH)):
            rows: dict[Table, list[dict[str, Any]]] = {
                table: [] for table in (sessions, session_info, turns, delegations, tool_calls)
            }
            for id_, said in batch:
                _session_rows(rows, id_, said)
            for table, found in rows.items():
                _insert(conn, table, found)


def fill_with_events(file: Path, size: Size, now: datetime) -> None:
    """Writes ADK's events of the same record, each with the ledger's rows that follow from it."""
    with _quick(file) as conn:
        for id_, said in _sessions(size, now):
            key = SessionKey.of(ADA, id_)
            _insert(conn, sessions, [_adk_session(id_, said)])
            for turn in said:
                for event in _events(turn):
                    at = datetime.fromtimestamp(event["timestamp"], now.tzinfo)
                    row = {"id": event["id"], "invocation_id": turn.id, "timestamp": stamp(at)}
                    _insert(conn, events, [{**_of(id_), **row, "event_data": json.dumps(event)}])
                    post(on(conn), TurnKey(key, turn.id), [at], entries(event), None)
            # ADK's own mark of the newest event, so that the program finds nothing to catch up on.
            last = {"update_time": said[-1].at + timedelta(seconds=said[-1].seconds)}
            conn.execute(sessions.update().where(sessions.c.id == id_).values(last))
            conn.execute(
                session_info.update().where(session_info.c.session_id == id_).values(last_event_at=last["update_time"])
            )


class _quick:
    """One connection and one transaction on a file, without waiting for the disk."""

    def __init__(self, file: Path) -> None:
        self._engine = create_engine(f"sqlite:///{file}")

    def __enter__(self) -> Connection:
        self._conn = self._engine.connect()
        self._conn.exec_driver_sql("PRAGMA synchronous = OFF")
        return self._conn

    def __exit__(self, *_error: object) -> None:
        self._conn.commit()
        self._conn.close()
        self._engine.dispose()


def _insert(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of plain values, as SQLite stores them."""
    names = list(rows[0])
    statement = str(insert(table).values(dict.fromkeys(names)).compile(dialect=sqlite.dialect(), column_keys=names))
    ordered = [column.name for column in table.columns if column.name in names]
    conn.exec_driver_sql(statement, [tuple(row[name] for name in ordered) for row in rows])


def _sessions(size: Size, now: datetime) -> Iterator[tuple[str, list[MadeTurn]]]:
    """Session ids with their turns, the oldest first."""
    chance = random.Random(1)
    words = _vocabulary(chance)
    first = now - timedelta(days=365 * YEARS)
    days = sorted(chance.choices(range(365 * YEARS), k=size.sessions))
    for day in days:
        begun = first + timedelta(days=day)
        if chance.random() > _DAYS[begun.weekday()] / max(_DAYS):
            begun += timedelta(days=2)
        hour = chance.choices(range(24), _HOURS)[0]
        at = min(begun, now - timedelta(days=1)).replace(hour=hour, minute=chance.randrange(60))
        made = []
        for number in range(1, size.turns_each + 1):
            turn = _turn(chance, words, number, at, size.delegations_each)
            made.append(turn)
            at += timedelta(seconds=turn.seconds + chance.expovariate(1 / 90))
        yield str(UUID(int=chance.getrandbits(128))), made


def _turn(chance: random.Random, words: Sequence[str], number: int, at: datetime, delegations_each: int) -> MadeTurn:
    status = chance.choices(_STATUSES, _ENDS)[0]
    said = " ".join(chance.choices(words, k=8))
    if chance.random() < 0.01:
        said += f" {RARE_WORD}"
    calls = tuple(_call(chance, words, at, status) for _ in range(delegations_each))
    seconds = round(max((call.seconds for call in calls), default=0.2) + 0.3, 6)
    answer = " ".join(chance.choices(words, k=25))
    model = chance.choices(_MODELS, (6, 3, 1))[0]
    return MadeTurn(_id(chance, "e"), number, said, answer, status, model, at, seconds, calls)


def _call(chance: random.Random, words: Sequence[str], at: datetime, of_turn: str) -> MadeCall:
    agent = chance.choices(_AGENTS, _SHARES)[0]
    status = of_turn if of_turn != "failed" or chance.random() < 0.5 else "completed"
    match agent:
        case "funny_nerd":
            tool, arguments = "get_nerd_joke", {"topic": chance.choice(_TOPICS)}
        case "stock_analyst":
            tool, arguments = "get_stock_price", {"ticker": chance.choice(_TICKERS)}
        case "news_analyst":
            tool, arguments = "search_news", {"query": " ".join(chance.choices(words[:40], k=2))}
        case _:
            tool, arguments = "search_record", {"query": chance.choice(words[:300])}
    seconds = round(min(chance.lognormvariate(_SLOWNESS[agent], 0.7), 60.0), 6)
    begun = at + timedelta(milliseconds=chance.randrange(20, 200))
    task = " ".join(chance.choices(words, k=6))
    return MadeCall(_id(chance, "adk"), _id(chance, "adk"), agent, task, tool, arguments, status, begun, seconds)


def _session_rows(rows: dict[Table, list[dict[str, Any]]], id_: str, said: Sequence[MadeTurn]) -> None:
    of = _of(id_)
    first, last = stamp(said[0].at), stamp(said[-1].at + timedelta(seconds=said[-1].seconds))
    rows[sessions].append(_adk_session(id_, said))
    rows[session_info].append({**of, "title": said[0].said[:60], "created_at": first, "last_event_at": last})
    for turn in said:
        ended = turn.at + timedelta(seconds=turn.seconds)
        rows[turns].append(
            {
                **of,
                "invocation_id": turn.id,
                "number": turn.number,
                "event_id": turn.id[2:],
                "user_input": turn.said,
                "agent_response": turn.answer if turn.status == "completed" else None,
                "status": turn.status,
                "model": turn.model,
                "model_calls": 2 + 2 * len(turn.calls),
                "prompt_tokens": 1_200 + 400 * len(turn.calls),
                "output_tokens": 90 + 50 * len(turn.calls),
                "started_at": stamp(turn.at),
                "ended_at": stamp(ended),
                "seconds": turn.seconds,
                "events": 3 + 4 * len(turn.calls),
            }
        )
        for call in turn.calls:
            called = {**of, "invocation_id": turn.id, "status": call.status, "started_at": stamp(call.at)}
            end = stamp(call.at + timedelta(seconds=call.seconds))
            rows[delegations].append(
                {
                    **called,
                    "id": call.id,
                    "from_agent": APP_NAME,
                    "agent_name": call.agent,
                    "task": call.task,
                    "reported": False,
                    "ended_at": end,
                    "seconds": call.seconds,
                }
            )
            rows[tool_calls].append(
                {
                    **called,
                    "id": call.tool_id,
                    "agent_name": call.agent,
                    "tool_name": call.tool,
                    "arguments": json.dumps(call.arguments),
                    "ended_at": end,
                    "seconds": round(call.seconds / 3, 6),
                }
            )


def _events(turn: MadeTurn) -> Iterator[dict[str, Any]]:
    """The events of a turn as ADK stores them; a turn that was not answered ends with an error."""
    begun, ids = turn.at.timestamp(), [call.id for call in turn.calls]
    usage = {"prompt_token_count": 600, "candidates_token_count": 50}
    model = {"model_version": turn.model, "usage_metadata": usage}
    made: list[dict[str, Any]] = [_event("user", begun, role="user", text=turn.said)]
    asked = [_part("call", call.id, call.agent, args={"request": call.task}) for call in turn.calls]
    given = {"custom_metadata": {"delegations": ids}}
    made.append({**_event(APP_NAME, begun + 0.01, parts=asked), **model, **given})
    for call in turn.calls:
        at, author = call.at.timestamp(), {"branch": f"{call.agent}@{call.id}", **model}
        made.append(
            {**_event(call.agent, at, parts=[_part("call", call.tool_id, call.tool, args=call.arguments)]), **author}
        )
        if call.status == "completed":
            answered = [_part("response", call.tool_id, call.tool, response={"status": "success"})]
            made.append({**_event(call.agent, at + call.seconds / 2, role="user", parts=answered), **author})
            made.append({**_event(call.agent, at + call.seconds, text=call.task), **author})
    if turn.status == "completed":
        answers = [_part("response", call.id, call.agent, response={"result": call.task}) for call in turn.calls]
        made.append({**_event(APP_NAME, begun + turn.seconds - 0.1, role="user", parts=answers), **given})
        made.append({**_event(APP_NAME, begun + turn.seconds, text=turn.answer), **model})
    else:
        made.append({**_event(APP_NAME, begun + turn.seconds), "error_code": "500", "error_message": turn.status})
    for place, event in enumerate(sorted(made, key=lambda event: event["timestamp"])):
        yield {**event, "id": f"{turn.id}-{place:02}", "invocation_id": turn.id}


def _event(author: str, at: float, *, role: str = "model", text: str = "", parts: Sequence[Any] = ()) -> dict[str, Any]:
    """The fields every event has, with a text or with other parts."""
    content = list(parts) or ([{"text": text}] if text else [])
    made: dict[str, Any] = {"author": author, "timestamp": at, "actions": {"state_delta": {}, "artifact_delta": {}}}
    return {**made, "content": {"role": role, "parts": content}} if content else made


def _part(kind: str, id_: str, name: str, **more: Any) -> dict[str, Any]:
    return {f"function_{kind}": {"id": id_, "name": name, **more}}


def _adk_session(id_: str, said: Sequence[MadeTurn]) -> dict[str, Any]:
    last = said[-1].at + timedelta(seconds=said[-1].seconds)
    mine = {"app_name": ADA.app_name, "user_id": ADA.adk_id, "id": id_, "state": "{}"}
    return {**mine, "create_time": stamp(said[0].at), "update_time": stamp(last)}


def _of(session_id: str) -> dict[str, Any]:
    return {"app_name": ADA.app_name, "user_id": ADA.adk_id, "session_id": session_id}


def _id(chance: random.Random, kind: str) -> str:
    return f"{kind}-{UUID(int=chance.getrandbits(128))}"


def _vocabulary(chance: random.Random) -> list[str]:
    syllables = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "ai")]
    return ["".join(chance.choices(syllables, k=chance.randrange(2, 4))) for _ in range(4_000)]
