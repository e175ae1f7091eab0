"""What storage tests share: events as ADK stores them, and the ledger as plain rows."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from google.adk.events import Event
from google.adk.sessions import BaseSessionService, Session
from google.adk.sessions.schemas.v1 import Base
from google.genai import types
from sqlalchemy import Connection, create_engine
from sqlalchemy import event as sqlalchemy_event

from settings import APP_NAME
from storage.adk import hook
from storage.adk.private import stored_event, stored_session
from storage.schema import version
from storage.scope import SessionKey, User

ADA = User(APP_NAME, "ada")
EVE = User(APP_NAME, "eve")
START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()
LEDGER = ("turns", "delegations", "tool_calls", "session_info")
"""The tables that are derived from events."""


def call_part(id_: str, name: str, **args: Any) -> types.Part:
    return types.Part(function_call=types.FunctionCall(id=id_, name=name, args=args))


def response_part(id_: str, name: str, **response: Any) -> types.Part:
    return types.Part(function_response=types.FunctionResponse(id=id_, name=name, response=response))


@dataclass
class Turn:
    """Makes the events of one turn, a second apart, as the runner does."""

    invocation_id: str = "turn-1"
    at: float = START
    made: list[Event] = field(default_factory=list)

    def _add(self, **values: Any) -> Event:
        number = len(self.made)
        event = Event(
            id=f"{self.invocation_id}-{number}", invocation_id=self.invocation_id, timestamp=self.at + number, **values
        )
        self.made.append(event)
        return event

    def user(self, text: str) -> Event:
        return self._add(author="user", content=types.Content(role="user", parts=[types.Part(text=text)]))

    def model(self, *parts: types.Part | str, author: str = "manager", of: str | None = None, **values: Any) -> Event:
        """What a model said; `of` is the id of the delegation that its agent works on."""
        content = types.Content(role="model", parts=[types.Part(text=p) if isinstance(p, str) else p for p in parts])
        usage = types.GenerateContentResponseUsageMetadata(prompt_token_count=10, candidates_token_count=3)
        branch = f"{author}@{of}" if of else None
        return self._add(
            author=author, content=content, usage_metadata=usage, model_version="scripted", branch=branch, **values
        )

    def tools(self, *parts: types.Part, author: str = "manager", of: str | None = None, **values: Any) -> Event:
        """What tools, or agents, answered."""
        branch = f"{author}@{of}" if of else None
        return self._add(author=author, content=types.Content(role="user", parts=list(parts)), branch=branch, **values)

    def bare(self, author: str = "manager", of: str | None = None, **values: Any) -> Event:
        """An event without content, such as an error."""
        return self._add(author=author, branch=f"{author}@{of}" if of else None, **values)


def delegating(*ids: str) -> dict[str, Any]:
    """What the plugin writes on an event with calls, or answers, that are delegations."""
    return {"custom_metadata": {"delegations": list(ids)}}


def exchange(text: str = "hello", reply: str = "hi", invocation_id: str = "turn-1", at: float = START) -> list[Event]:
    """The shortest turn."""
    turn = Turn(invocation_id, at)
    turn.user(text)
    turn.model(reply)
    return turn.made


def delegated_turn(invocation_id: str = "turn-1", at: float = START) -> list[Event]:
    """A turn with two agents at once, one of which calls a tool, and a tool of the manager."""
    turn, joke, stock = Turn(invocation_id, at), f"{invocation_id}-joke", f"{invocation_id}-stock"
    both = delegating(joke, stock)
    turn.user("a joke and a price")
    turn.model(
        call_part(joke, "funny_nerd", request="a joke"),
        call_part(stock, "stock_analyst", request="a price"),
        call_part(f"{invocation_id}-add", "add_to_stock_watchlist", ticker="AAPL"),
        **both,
    )
    tool = f"{invocation_id}-tool"
    turn.model(call_part(tool, "get_stock_price", ticker="AAPL"), author="stock_analyst", of=stock)
    turn.tools(response_part(tool, "get_stock_price", status="success"), author="stock_analyst", of=stock)
    turn.model("ha", author="funny_nerd", of=joke)
    turn.model("250", author="stock_analyst", of=stock)
    turn.tools(
        response_part(joke, "funny_nerd", result="ha"),
        response_part(stock, "stock_analyst", result="250"),
        response_part(f"{invocation_id}-add", "add_to_stock_watchlist", status="success"),
        **both,
    )
    turn.model("ha, and 250")
    return turn.made


async def store(
    service: BaseSessionService, events: list[Event], session_id: str = "session-1", user: User = ADA
) -> Session:
    """Appends events to a session, which is made when it does not exist, through ADK's own interface."""
    app_name, user_id = user.app_name, user.adk_id
    session = await service.get_session(
        app_name=app_name, user_id=user_id, session_id=session_id
    ) or await service.create_session(app_name=app_name, user_id=user_id, session_id=session_id)
    for event in events:
        await service.append_event(session, event)
    return session


def key(session_id: str = "session-1", user: User = ADA) -> SessionKey:
    return SessionKey.of(user, session_id)


def file_of(url: str) -> Path:
    return Path(url.partition(":///")[2])


def rows(file: Path, query: str, *values: Any) -> list[dict[str, Any]]:
    """Reads with Python's own sqlite3, as a person with another tool would."""
    connection = sqlite3.connect(file)
    try:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]
    finally:
        connection.close()


def execute(file: Path, *statements: str) -> None:
    connection = sqlite3.connect(file)
    try:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    finally:
        connection.close()


def alembic(connection: Connection) -> Config:
    """Our migrations, on that connection."""
    config = Config()
    config.set_main_option("script_location", str(version.MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def older(file: Path, revision: str, ours: Sequence[str] = LEDGER) -> Path:
    """A database as the version with that migration made it, with the rows of ADK's tables and of some of ours."""
    old = file.with_name(f"at-{revision}.db")
    engine = create_engine(f"sqlite:///{old}")
    with engine.begin() as conn:
        Base.metadata.create_all(conn)
        command.upgrade(alembic(conn), revision)
    engine.dispose()
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("ATTACH ? AS new", (str(file),))
        for table in ("adk_internal_metadata", "app_states", "user_states", "sessions", "events", *ours):
            columns = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
        connection.commit()
    return old


def ledger(file: Path, *, without: tuple[str, ...] = ("id", "owner")) -> dict[str, list[dict[str, Any]]]:
    """All rows derived from events; `id` is left out of `turns`, where it only counts rows."""
    order = {"turns": "number", "delegations": "id", "tool_calls": "id", "session_info": "session_id"}
    found: dict[str, list[dict[str, Any]]] = {}
    for table in LEDGER:
        left_out = without if table == "turns" else ()
        found[table] = [
            {name: value for name, value in row.items() if name not in left_out}
            for row in rows(file, f"SELECT * FROM {table} ORDER BY session_id, {order[table]}")
        ]
    return found


@contextmanager
def held(file: Path, *statements: str) -> Iterator[None]:
    """Another program that writes, and does not come to an end; some statements are in its transaction."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        for statement in ("BEGIN IMMEDIATE", *statements):
            other.execute(statement)
        yield
        other.execute("COMMIT")


@contextmanager
def without_hook() -> Iterator[None]:
    """Writes as a program that has never heard of the ledger."""
    hook.install()
    sqlalchemy_event.remove(stored_event(), "after_insert", hook._keep_ledger)
    sqlalchemy_event.remove(stored_session(), "after_insert", hook._keep_session)
    try:
        yield
    finally:
        hook.install()
