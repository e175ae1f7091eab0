"""The same migrations on a server: they make what the tables declare, and take in what ADK has made before."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from google.adk.sessions import DatabaseSessionService
from google.adk.sessions.schemas.v1 import Base
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.ext.asyncio import AsyncConnection

from settings import APP_NAME
from storage.database import Database
from storage.errors import StorageError
from storage.knowledge import fulltext
from storage.knowledge.fulltext import Remembered, Within
from storage.ledger.statements import Execute, Values
from storage.schema import version
from storage.schema.declared import metadata
from storage.schema.tables import tool_calls
from storage.schema.views import VIEWS
from tests.postgres import Server
from tests.storage.support import exchange

SEARCHES = [each.index for each in fulltext.ALL]
"""Indexes that migrations alone make, as those of files."""
_SHAPE = {
    "columns": (
        "SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default,"
        " collation_name, generation_expression FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name = ANY(:tables) ORDER BY 1, 2"
    ),
    "keys": (
        "SELECT conrelid::regclass::text, contype, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid::regclass::text = ANY(:tables) ORDER BY 1, 2, 3"
    ),
    "indexes": (
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(:tables)"
        " AND indexname <> ALL(:searches) ORDER BY 1"
    ),
}


def shape(conn: Connection) -> dict[str, list[tuple[Any, ...]]]:
    named = {"tables": list(metadata.tables), "searches": SEARCHES}
    return {name: [tuple(row) for row in conn.execute(text(query), named)] for name, query in _SHAPE.items()}


async def rows(conn: AsyncConnection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await conn.execute(text(query))]


async def test_migrations_make_exactly_the_tables_that_the_program_uses(postgres_url: str) -> None:
    def ours(thing: Any, name: str | None, type_: str, reflected: bool, compared: Any) -> bool:
        table = name if type_ == "table" else thing.table.name
        return table in metadata.tables and name not in SEARCHES

    def difference(conn: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True, "include_object": ours}
        found = compare_metadata(MigrationContext.configure(conn, opts=options), metadata)
        return [each for each in found if not _is_comment(each)]

    async with Database.open(postgres_url) as database, database.read() as conn:
        assert await conn.run_sync(difference) == []


def _is_comment(difference: Any) -> bool:
    """Of a table, or of a column: a server could keep them, and a file cannot."""
    return difference[0] == "add_table_comment" or (
        isinstance(difference, list) and all(change[0] == "modify_comment" for change in difference)
    )


async def test_migrations_make_the_same_columns_keys_and_indexes_as_the_tables_declare(
    postgres_url: str, blank_postgres: str
) -> None:
    declared = create_engine(blank_postgres.replace("postgresql:", "postgresql+psycopg:"))
    with declared.begin() as conn:
        Base.metadata.create_all(conn)
        metadata.create_all(conn)
        expected = shape(conn)
    declared.dispose()
    async with Database.open(postgres_url) as database, database.read() as made:
        found = await made.run_sync(shape)
    assert found == expected
    assert len(found["indexes"]) > 40 and sum("FOREIGN KEY" in key[2] for key in found["keys"]) == 4


@pytest.mark.parametrize("remembered", fulltext.ALL, ids=SEARCHES)
async def test_a_search_of_memory_goes_by_its_index(postgres_url: str, remembered: Remembered) -> None:
    """The plan, as if the table were too large to be read from end to end."""
    plan: list[str] = []

    def work(execute: Execute) -> None:
        def explain(statement: str, values: Values) -> Sequence[Sequence[Any]]:
            plan.extend(row[0] for row in execute(f"EXPLAIN {statement}", values))
            return ()

        execute("SET LOCAL enable_seqscan = off", {})
        fulltext.ranked(explain, "postgresql", Within(remembered, "true", {}), "eggs patience")

    async with Database.open(postgres_url) as database:
        await database.do(work, writes=True)
    assert f"Index Scan on {remembered.index}" in " ".join(plan)


async def test_the_views_are_there_and_answer(postgres_url: str) -> None:
    session = "INSERT INTO sessions VALUES ('manager', 'a%2Fb/ada', 'one', '{}', now(), now())"
    turn = (
        "INSERT INTO turns (app_name, user_id, session_id, invocation_id, number, event_id, user_input, status,"
        " started_at) VALUES ('manager', 'a%2Fb/ada', 'one', 't', 1, 'e', 'hello', 'completed', now())"
    )
    task = (
        "INSERT INTO delegations (app_name, user_id, session_id, invocation_id, id, from_agent, agent_name, task,"
        " status, reported, started_at, seconds) SELECT 'manager', 'a%2Fb/ada', 'one', 't', x::text, 'manager',"
        " CASE WHEN x < 3 THEN 'nerd' ELSE 'analyst' END, '', 'completed', false, now() + x * interval '1s', x"
        " FROM generate_series(1, 3) AS x"
    )
    taste = "INSERT INTO preferences VALUES ('manager', 'ada', 'stock_watchlist', 'AAPL', now())"
    async with Database.open(postgres_url) as database:
        await database.do(lambda execute: [execute(each, {}) for each in (session, turn, task, taste)], writes=True)
        async with database.read() as conn:
            said = await rows(conn, "SELECT tenant, turn, agents, user_input FROM conversation_history")
            assert said == [("a/b", 1, "nerd, analyst", "hello")]
            stats = await rows(conn, "SELECT tenant, agent_name, delegations, median_seconds FROM agent_stats")
            assert stats == [("a/b", "nerd", 2, 1.5), ("a/b", "analyst", 1, 3.0)]
            assert await rows(conn, "SELECT tenant, ticker FROM stock_watchlist") == [("local", "AAPL")]
            assert {name: len(await rows(conn, f"SELECT * FROM {name}")) for name in VIEWS} == {
                "conversation_history": 1,
                "agent_delegations": 3,
                "agent_stats": 2,
                "stock_watchlist": 1,
            }
        await database.do(lambda execute: execute("DELETE FROM sessions", {}), writes=True)
        assert await database.fetch(tool_calls.select()) == []
        async with database.read() as conn:
            assert await rows(conn, "SELECT * FROM agent_delegations") == []


async def test_json_is_kept_as_the_text_that_was_written(postgres_url: str) -> None:
    values = {"app_name": "manager", "user_id": "ada", "session_id": "one", "invocation_id": "t", "id": "c"}
    values |= {"agent_name": "nerd", "tool_name": "tell", "status": "completed"}
    async with Database.open(postgres_url) as database:

        def write(conn: Connection) -> None:
            conn.execute(text("INSERT INTO sessions VALUES ('manager', 'ada', 'one', '{}', now(), now())"))
            conn.execute(tool_calls.insert(), {**values, "arguments": {"n": 1.0}, "started_at": datetime.now(UTC)})

        await database.write(write)
        query = "SELECT arguments FROM tool_calls"
        assert await database.do(lambda execute: execute(query, {})[0][0]) == '{"n": 1.0}'
        assert (await database.fetch(tool_calls.select()))[0].arguments == {"n": 1.0}


async def test_what_adk_has_kept_there_before_stays_and_users_with_a_slash_are_renamed(
    blank_postgres: str, postgres_server: Server
) -> None:
    url = blank_postgres.replace("postgresql:", "postgresql+psycopg:")
    async with DatabaseSessionService(url) as adks:
        for user in ("ada", "a/b", "local/a%2Fb"):
            session = await adks.create_session(app_name=APP_NAME, user_id=user, session_id="one")
            for event in exchange():
                await adks.append_event(session, event)
    async with Database.open(blank_postgres) as database, database.read() as conn:
        kept = [("ada",), ("local/a%2Fb",), ("local/local%2Fa%252Fb",)]
        for table in ("sessions", "user_states", "events"):
            users = await rows(conn, f"SELECT DISTINCT user_id FROM {table} ORDER BY user_id")
            assert users == kept, table
        deferrable = "SELECT condeferrable, condeferred FROM pg_constraint WHERE contype = 'f'"
        assert set(await rows(conn, deferrable)) == {(False, False)}
    async with DatabaseSessionService(url) as adks:
        found = await adks.get_session(app_name=APP_NAME, user_id="local/a%2Fb", session_id="one")
        assert found and len(found.events) == 2


async def test_a_migration_that_fails_changes_nothing(
    blank_postgres: str, postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(conn: Connection) -> None:
        raise RuntimeError("no views today")

    monkeypatch.setattr(version, "create_views", broken)
    with pytest.raises(RuntimeError, match="no views today"):
        async with Database.open(blank_postgres):
            pass
    with postgres_server.connect(blank_postgres.rpartition("/")[2]) as conn:
        assert conn.execute("SELECT * FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchall() == []


@pytest.mark.parametrize(("oldest", "opens"), [("0006", True), ("9999", False)])
async def test_a_newer_version_is_opened_where_it_may_be_and_never_changed(
    oldest: str, opens: bool, postgres_url: str, postgres_server: Server
) -> None:
    with postgres_server.connect(postgres_url.rpartition("/")[2]) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")
        conn.execute("UPDATE schema_info SET compatible_from = %s", [oldest])
        if opens:
            async with Database.open(postgres_url) as database:
                assert await database.fetch(tool_calls.select()) == []
        else:
            with pytest.raises(StorageError, match="newer version"):
                async with Database.open(postgres_url):
                    pass
        assert conn.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
