"""A person's SQL reads and does nothing else: what writes, never ends, or is no query is refused with one line."""

import asyncio
import hashlib
import sqlite3
import time
from pathlib import Path

import pytest

from settings import Settings
from storage import sql_access
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.sql_access import SqlError
from tests.storage.support import delegated_turn, exchange, file_of, held, store

FOREVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
WRITING = [
    "DELETE FROM turns",
    "delete from turns",
    "  -- innocent\n DELETE FROM turns",
    "/* SELECT */ DELETE FROM turns",
    "; DELETE FROM turns",
    "INSERT INTO preferences VALUES ('a', 'b', 'c', 'd', 'e', NULL, NULL)",
    "UPDATE turns SET user_input = ''",
    "REPLACE INTO turns SELECT * FROM turns",
    "WITH t AS (SELECT 1) DELETE FROM turns",
    "EXPLAIN DELETE FROM turns",
    "DROP TABLE turns",
    "CREATE TABLE mine (a)",
    "CREATE TEMP TABLE mine (a)",
    "ALTER TABLE turns ADD COLUMN mine",
    "VACUUM",
    "VACUUM INTO 'copy.db'",
    "REINDEX",
    "ANALYZE",
    "BEGIN IMMEDIATE",
    "ATTACH 'other.db' AS other",
    "DETACH main",
    "PRAGMA user_version = 7",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA query_only = OFF",
    "PRAGMA table_info(turns)",
    "SELECT * FROM pragma_table_info('turns')",
    "SELECT load_extension('mine')",
    "INSERT INTO turn_search(turn_search) VALUES ('rebuild')",
    "SELECT 1; DELETE FROM turns",
]


@pytest.fixture
async def url(service: SessionService, settings: Settings) -> str:
    """A database with two turns, as it stands while the program is open."""
    await store(service, delegated_turn())
    await store(service, exchange("hello", "hi", "turn-2", 1_800_000_000.0))
    return settings.database_url


def contents(url: str) -> str:
    connection = sqlite3.connect(file_of(url))
    try:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()
    finally:
        connection.close()


@pytest.mark.parametrize("statement", WRITING)
async def test_what_is_no_reading_is_refused_with_one_line_and_changes_nothing(url: str, statement: str) -> None:
    before = contents(url)
    with pytest.raises(SqlError) as refused:
        await sql_access.query(url, statement)
    assert len(str(refused.value).splitlines()) == 1
    assert contents(url) == before
    assert not list(file_of(url).parent.glob("other.db")) + list(Path().glob("copy.db"))


@pytest.mark.parametrize("statement", ["", "   ", "-- nothing", ";", "hello", "SELECT", "SELECT * FROM nowhere", "\0"])
async def test_what_is_no_query_is_told_in_one_line(url: str, statement: str) -> None:
    with pytest.raises(SqlError) as told:
        await sql_access.query(url, statement)
    assert len(str(told.value).splitlines()) == 1


async def test_a_query_that_never_ends_is_stopped(url: str) -> None:
    begun = time.monotonic()
    with pytest.raises(SqlError, match=r"longer than 0\.2 s and was stopped"):
        await sql_access.query(url, FOREVER, seconds=0.2)
    assert time.monotonic() - begun < 5


async def test_a_single_step_that_never_ends_is_left_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql_access, "_GRACE", 0.1)
    many, more = ("replace(hex(zeroblob(5000)), '0', 'a')", "replace(hex(zeroblob(150000)), '0', 'a')")
    endless = f"SELECT {more} LIKE '%' || {many} || 'b'"
    with pytest.raises(SqlError, match="was stopped"):
        await sql_access.query(url, endless, seconds=0.1)


async def test_cancelling_stops_a_query(url: str) -> None:
    asked = asyncio.create_task(sql_access.query(url, FOREVER, seconds=60))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


@pytest.mark.parametrize("made", ["zeroblob(100000000)", "printf('%.*c', 100000000, 'x')", "hex(randomblob(50000000))"])
async def test_a_value_cannot_fill_the_memory(url: str, made: str) -> None:
    try:
        answer = await sql_access.query(url, f"SELECT length({made})")
    except SqlError as error:
        assert "too big" in str(error)
    else:
        assert answer.rows == [(None,)]


async def test_no_more_rows_are_read_than_were_asked_for(url: str) -> None:
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5) SELECT i FROM n"
    whole = await sql_access.query(url, numbers, rows=5)
    part = await sql_access.query(url, numbers, rows=4)
    assert (whole.rows, whole.more) == ([(1,), (2,), (3,), (4,), (5,)], False)
    assert (part.rows, part.more) == ([(1,), (2,), (3,), (4,)], True)


async def test_views_full_text_search_json_and_plans_can_be_asked(url: str) -> None:
    agents = await sql_access.query(url, "SELECT agent_name FROM agent_stats ORDER BY 1;")
    assert agents.rows == [("funny_nerd",), ("stock_analyst",)]
    found = await sql_access.query(url, "SELECT count(*) FROM turn_search WHERE turn_search MATCH 'joke'")
    assert found.rows == [(1,)]
    ticker = "SELECT json_extract(arguments, '$.ticker') AS ticker FROM tool_calls"
    assert (await sql_access.query(url, ticker)).columns == ("ticker",)
    plan = await sql_access.query(url, "EXPLAIN QUERY PLAN SELECT * FROM turns")
    assert plan.rows[0][3] == "SCAN turns"


async def test_columns_of_one_name_are_told_apart(url: str) -> None:
    answer = await sql_access.query(url, "SELECT 1 AS a, 2 AS a, 3 AS a_2, 4 AS a")
    assert answer.columns == ("a", "a_2", "a_2_2", "a_3")


async def test_it_reads_while_the_program_writes(url: str, database: Database) -> None:
    assert database.file
    with held(database.file):
        assert (await sql_access.query(url, "SELECT count(*) FROM turns")).rows == [(2,)]


async def test_a_closed_database_is_read_and_stays_as_it_is(settings: Settings) -> None:
    async with Database.open(settings.database_url) as opened:
        await store(SessionService(opened), exchange())
    file = file_of(settings.database_url)
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    assert (await sql_access.query(str(file), "SELECT user_input FROM turns")).rows == [("hello",)]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


async def test_a_file_of_an_odd_name_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "a?mode=rwc&b#c%20.db"
    sqlite3.connect(file).close()
    assert (await sql_access.query(str(file), "SELECT 1")).rows == [(1,)]


@pytest.mark.parametrize("url", ["nowhere.db", "postgresql://host/db", "sqlite://", "://"])
async def test_what_is_no_database_is_told(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StorageError):
        await sql_access.query(url, "SELECT 1")
    assert not list(tmp_path.iterdir())


async def test_what_is_no_sqlite_file_is_told(tmp_path: Path) -> None:
    file = tmp_path / "letter.db"
    file.write_text("Dear Ada, " * 1000)
    with pytest.raises(SqlError, match="not a database"):
        await sql_access.query(str(file), "SELECT 1")
