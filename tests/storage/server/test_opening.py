"""A database of PostgreSQL: how it is opened, what is refused, and what is told, in one line and without a password."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self
from urllib.parse import quote

import pytest
from sqlalchemy import text

from storage.adk.service import SessionService
from storage.database import Database
from storage.dialects import is_server, masked
from storage.errors import BusyError, OnlyInFilesError, StorageError, failure
from storage.ledger.posting import on
from storage.ledger.statements import Execute
from storage.schema.tables import turns
from tests.postgres import PASSWORD, USER, Server

SHOWN = "s3cret"


async def refused(url: str) -> StorageError:
    with pytest.raises(StorageError) as raised:
        async with Database.open(url):
            pass
    said = f"{raised.value} {raised.value.hint}"
    assert "\n" not in said and raised.value.hint
    assert SHOWN not in said and quote(PASSWORD, safe="") not in said
    return raised.value


@pytest.mark.parametrize("url", ["postgres://h/x", "postgresql://h/x", "POSTGRESQL+psycopg://u:p@h:1/x?a=b"])
def test_a_url_of_postgres_is_one(url: str) -> None:
    assert is_server(url)


@pytest.mark.parametrize("name", ["postgres", "postgresql.db", "./postgres://x", "sqlite:///x", "file:postgres"])
def test_other_names_are_files(name: str) -> None:
    assert not is_server(name)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:s3cret@h/x",
        "postgresql://ada:s3cret/@:%@h/x",
        "postgresql://ada@h/x?password=s3cret&sslmode=require",
        "postgresql://h/x?sslpassword=s3cret",
    ],
)
def test_a_password_is_not_shown(url: str) -> None:
    assert SHOWN not in masked(url) and "h/x" in masked(url)


@pytest.mark.parametrize("url", ["postgresql://ada:s3cret@h:port/x", "postgresql+asyncpg://ada:s3cret@h/x"])
async def test_a_url_that_is_not_understood_is_told_with_one_that_would_be(url: str) -> None:
    assert "postgresql://USER:PASSWORD@HOST/DATABASE" in (await refused(url)).hint


async def test_without_its_driver_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    error = await refused("postgresql://ada:s3cret@h/x")
    assert "psycopg" in str(error) and "install" in error.hint and error.hint.endswith("'psycopg[binary]'")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://ada:s3cret@127.0.0.1:1/x", "Connection refused"),
        ("postgresql://ada:s3cret@localhost.invalid/x", "localhost.invalid"),
        ("postgresql://ada:s3cret@127.0.0.1:1/x?nonsense=1", "nonsense"),
    ],
)
async def test_a_server_that_is_not_there_is_told(url: str, said: str) -> None:
    error = await refused(url)
    assert said in str(error) and "there is no connection to PostgreSQL" in str(error)


async def test_who_is_not_let_in_is_told_why(postgres_server: Server) -> None:
    wrong = await refused(postgres_server.url("postgres", password="s3cret"))
    assert f'password authentication failed for user "{USER}"' in str(wrong)
    assert 'database "nowhere" does not exist' in str(await refused(postgres_server.url("nowhere")))


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
async def test_it_is_opened_and_made_by_any_of_its_names(scheme: str, blank_postgres: str) -> None:
    async with Database.open(f"{scheme}://{blank_postgres.partition('://')[2]}", create=False) as database:
        assert database.log is None and database.file is None and not database.read_only
        assert SHOWN not in database.name and USER in database.name
        assert await database.fetch(turns.select()) == []


async def test_who_opens_it_at_once_makes_it_once(blank_postgres: str) -> None:
    async def opened() -> None:
        async with Database.open(blank_postgres) as database:
            assert await database.fetch(turns.select()) == []

    await asyncio.gather(*(opened() for _ in range(4)))


async def test_there_is_no_record_on_it_yet() -> None:
    database = Database.at("postgresql://ada:s3cret@127.0.0.1:1/x")
    with pytest.raises(OnlyInFilesError, match="in SQLite in this version; memory works on PostgreSQL"):
        SessionService(database)
    await database.close()


THEIRS = [
    ("CREATE TABLE alembic_version (version_num text)", "tables alembic_version"),
    ("CREATE TABLE plans (id int)", "tables plans"),
    ("CREATE VIEW agent_stats AS SELECT 1 AS x", "tables agent_stats"),
    ("CREATE TABLE sessions (id int)", "tables sessions"),
    (
        "CREATE TABLE adk_internal_metadata (key text, value text);"
        "INSERT INTO adk_internal_metadata VALUES ('schema_version', '99')",
        "a newer version of ADK",
    ),
]


@pytest.mark.parametrize(("made", "said"), THEIRS)
async def test_another_programs_database_is_refused_and_left_as_it_is(
    made: str, said: str, blank_postgres: str, postgres_server: Server
) -> None:
    name = blank_postgres.rpartition("/")[2]
    with postgres_server.connect(name) as conn:
        conn.execute(made)
        before = conn.execute("SELECT relname FROM pg_class ORDER BY 1").fetchall()
        error = await refused(blank_postgres)
        assert said in str(error) and name in str(error) and "search_path" in error.hint
        assert conn.execute("SELECT relname FROM pg_class ORDER BY 1").fetchall() == before


async def test_beside_tables_with_other_names_there_is_room(blank_postgres: str, postgres_server: Server) -> None:
    with postgres_server.connect(blank_postgres.rpartition("/")[2]) as conn:
        conn.execute("CREATE TABLE orders (id int); CREATE SCHEMA ours; CREATE TABLE plans (id int)")
    async with Database.open(f"{blank_postgres}?options=-csearch_path%3Dours") as database:
        assert await database.fetch(turns.select()) == []


async def test_a_server_that_keeps_no_unicode_is_refused(postgres_server: Server) -> None:
    with postgres_server.connect() as conn:
        conn.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'")
    assert "keeps texts as LATIN1" in str(await refused(postgres_server.url("latin")))


async def test_who_may_not_make_tables_is_told(blank_postgres: str, postgres_server: Server) -> None:
    name = blank_postgres.rpartition("/")[2]
    with postgres_server.connect(name) as conn:
        conn.execute("CREATE ROLE guest LOGIN PASSWORD 's3cret'")
        try:
            error = await refused(postgres_server.url(name, user="guest", password="s3cret"))
        finally:
            conn.execute("DROP ROLE guest")
    assert "may not do that" in str(error) and "GRANT" in error.hint


@pytest.mark.parametrize(
    ("statement", "values", "said"),
    [
        ("SELECT * FROM nowhere", {}, "not those that this program made"),
        ("SELECT CAST(:x AS integer)", {"x": 2**70}, "a number is too big"),
        ("SELECT :x", {"x": "\ud800"}, "halves of characters"),
        ("SELECT :x", {"x": "a\0b"}, "a text cannot be kept"),
        ("INSERT INTO leases (owner) VALUES (NULL)", {}, "refused what was to be written"),
        ("INSERT INTO schema_info VALUES (:x)", {"x": "x" * 33}, "too long"),
        ("DO $$ BEGIN RAISE EXCEPTION 'not on Sundays'; END $$", {}, "not on Sundays"),
        ("SELECT pg_terminate_backend(pg_backend_pid())", {}, "the connection to the database was lost"),
    ],
)
async def test_what_the_server_says_is_a_sentence(
    statement: str, values: dict[str, object], said: str, postgres_url: str
) -> None:
    async with Database.open(postgres_url) as database:
        with pytest.raises(Exception, match=r".") as raised:
            await database.do(lambda execute: execute(statement, values), writes=True)
        found = failure_of(raised.value)
        assert said in str(found) and found.hint


async def test_a_parameter_may_stand_in_several_places(memory_database: Database) -> None:
    """As a name, as a text of any length, and where nothing says what it is."""
    statement = (
        "INSERT INTO schema_info (compatible_from) SELECT :name WHERE NOT EXISTS"
        " (SELECT 1 FROM memory_entries WHERE value = :name OR :name IS NULL) RETURNING compatible_from, :name"
    )
    found = await memory_database.do(lambda execute: execute(statement, {"name": "0000"}), writes=True)
    assert [tuple(row) for row in found] == [("0000", "0000")]


async def test_the_time_goes_on_and_is_utc(memory_database: Database) -> None:
    found = [memory_database.now() for _ in range(2)]
    assert found[0] < found[1] and found[1].tzinfo is UTC
    assert abs(found[1] - datetime.now(UTC)) < timedelta(minutes=1)


async def test_the_server_s_time_holds_whatever_this_machine_says(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Behind(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) - timedelta(hours=1)

    true = datetime.now(UTC)
    monkeypatch.setattr("storage.server.opening.datetime", Behind)
    async with Database.open(postgres_url) as database:
        assert abs(database.now() - true) < timedelta(minutes=1)
        await database.do(lambda execute: None, writes=True)
        assert abs(database.now() - true) < timedelta(minutes=1)


async def test_what_was_closed_is_not_opened_by_itself(memory_database: Database) -> None:
    await memory_database.close()
    with pytest.raises(StorageError, match=r"^the database was closed$"):
        await memory_database.do(now)
    with pytest.raises(StorageError, match=r"^the database was closed$"):
        await memory_database.write(lambda conn: now(on(conn)))


def now(execute: Execute) -> object:
    return execute("SELECT CURRENT_TIMESTAMP", {})


async def test_reading_changes_nothing_and_sees_one_state(postgres_url: str) -> None:
    async with Database.open(postgres_url) as database, Database.open(postgres_url) as other:
        with pytest.raises(Exception, match=r".") as raised:
            await database.do(lambda execute: execute("DELETE FROM leases", {}))
        assert "read only" in str(failure_of(raised.value))
        async with database.read() as conn:
            count = text("SELECT COUNT(*) FROM schema_info")
            before = (await conn.execute(count)).scalar()
            await other.do(lambda execute: execute("DELETE FROM schema_info", {}), writes=True)
            assert (await conn.execute(count)).scalar() == before == 1
        assert await database.do(lambda execute: execute("SELECT COUNT(*) FROM schema_info", {})[0][0]) == 0


def failure_of(error: BaseException) -> StorageError:
    found = failure(error)
    assert found is not None and not isinstance(found, BusyError)
    return found
