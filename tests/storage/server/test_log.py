"""What is written to a server: one at a time, each whole or not at all, and never twice."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

import psycopg
import pytest
from sqlalchemy import Connection, text

from storage import database as databases
from storage.database import Database
from storage.errors import BusyError, StorageError, UnknownOutcomeError, failure
from storage.ledger.statements import Execute
from storage.server.connection import ServerConnection
from storage.server.writing import LOCK
from tests.postgres import Server

ADD = (
    "INSERT INTO changes (tenant, user_id, topic, key, kind, at)"
    " VALUES ('t', '', 'x', :key, 'y', CURRENT_TIMESTAMP) RETURNING id"
)


def adding(key: str) -> Callable[[Execute], int]:
    return lambda execute: int(execute(ADD, {"key": key})[0][0])


async def keys(database: Database) -> list[str]:
    return await database.do(lambda execute: [row[0] for row in execute("SELECT key FROM changes ORDER BY id", {})])


PATIENCE = 20.0
"""Seconds after which what never comes is a failure."""
Other: TypeAlias = psycopg.Connection[tuple[Any, ...]]
"""Somebody else's connection."""


@pytest.fixture
def server(postgres_server: Server, postgres_url: str) -> Iterator[Other]:
    """Somebody else on the database."""
    with postgres_server.connect(postgres_url.rpartition("/")[2]) as conn:
        yield conn


@contextmanager
def holding(conn: Other) -> Iterator[None]:
    """Somebody else writes, and does not let go."""
    with conn.transaction():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield


async def waited_for(conn: Other) -> None:
    """Returns when somebody waits for a lock."""
    waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = %s)"
    async with asyncio.timeout(PATIENCE):
        while not conn.execute(waits, [conn.info.dbname]).fetchone():
            await asyncio.sleep(0)


async def test_what_one_has_read_stays_as_it_is_until_it_has_written(memory_database: Database) -> None:
    await memory_database.do(adding("0"), writes=True)

    def increment(execute: Execute) -> int:
        number = int(execute("SELECT key FROM changes", {})[0][0]) + 1
        execute("UPDATE changes SET key = :key", {"key": str(number)})
        return number

    found = await asyncio.gather(*(memory_database.do(increment, writes=True) for _ in range(30)))
    assert sorted(found) == list(range(1, 31)) and await keys(memory_database) == ["30"]


async def test_of_many_at_once_one_that_fails_takes_nothing_with_it(memory_database: Database) -> None:
    def failing(execute: Execute) -> None:
        execute(ADD, {"key": "gone"})
        execute("INSERT INTO schema_info VALUES (NULL)", {})

    def refusing(execute: Execute) -> None:
        execute(ADD, {"key": "gone too"})
        raise ValueError("not this one")

    works = [adding("a"), failing, adding("b"), refusing, adding("c")]
    found = await asyncio.gather(*(memory_database.do(work, writes=True) for work in works), return_exceptions=True)
    assert [isinstance(each, BaseException) for each in found] == [False, True, False, True, False]
    assert isinstance(found[1], BaseException) and "refused what was to be written" in str(failure(found[1]))
    assert isinstance(found[3], ValueError)
    assert await keys(memory_database) == ["a", "b", "c"]


async def test_one_alone_that_fails_leaves_nothing(memory_database: Database) -> None:
    def refusing(conn: Connection) -> None:
        conn.execute(text(ADD), {"key": "gone"})
        raise ValueError("not this one")

    with pytest.raises(ValueError, match="not this one"):
        await memory_database.write(refusing)
    assert await keys(memory_database) == []


async def test_who_gives_up_waiting_has_it_done_all_the_same(memory_database: Database) -> None:
    waiting = asyncio.create_task(memory_database.do(adding("a"), writes=True))
    await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(PATIENCE):
        await memory_database.do(adding("b"), writes=True)
    assert await keys(memory_database) == ["a", "b"]


async def test_what_was_given_is_done_before_the_database_is_closed(memory_url: str) -> None:
    async with Database.open(memory_url) as database:
        waiting = asyncio.create_task(database.do(adding("a"), writes=True))
        await asyncio.sleep(0)
    assert await waiting == 1
    async with Database.open(memory_url) as database:
        assert await keys(database) == ["a"]


async def test_numbers_rise_in_the_order_of_the_commits(postgres_url: str, server: Other) -> None:
    """Whoever reads the newest never meets an older one later; who has waited sees what was written meanwhile."""

    def second(execute: Execute) -> tuple[list[str], int]:
        return [row[0] for row in execute("SELECT key FROM changes", {})], adding("second")(execute)

    async with Database.open(postgres_url) as database:
        with holding(server):
            server.execute(ADD.replace(":key", "'first'"))
            waiting = asyncio.create_task(database.do(second, writes=True))
            await waited_for(server)
            assert await keys(database) == []
        assert await waiting == (["first"], 2)
        assert await keys(database) == ["first", "second"]


async def test_who_waits_too_long_is_told_that_others_write(
    postgres_url: str, server: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "BUSY_TIMEOUT", 0.1)
    async with Database.open(postgres_url) as database:
        with holding(server):
            waiting = (database.do(adding(key), writes=True) for key in "abc")
            async with asyncio.timeout(PATIENCE):
                found = await asyncio.gather(*waiting, return_exceptions=True)
            assert [type(failure(each)) for each in found if isinstance(each, Exception)] == [BusyError] * 3
            assert await keys(database) == []
        assert await database.do(adding("d"), writes=True)


async def test_who_stands_still_with_the_lock_is_sent_away(
    postgres_url: str, server: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "BUSY_TIMEOUT", 0.2)
    async with Database.open(postgres_url) as database:
        runs: list[int] = []

        def standing(execute: Execute) -> int:
            ((me,),) = execute("SELECT pg_backend_pid()", {})
            runs.append(me)
            there = "SELECT 1 FROM pg_stat_activity WHERE pid = %s"
            until = time.monotonic() + PATIENCE
            while len(runs) == 1 and server.execute(there, [me]).fetchone() and time.monotonic() < until:
                pass
            return adding("a")(execute)

        await database.do(standing, writes=True)
        assert len(runs) == 2 and await keys(database) == ["a"]


async def test_what_was_lost_before_its_commit_is_done_again_and_kept_once(postgres_url: str, server: Other) -> None:
    async with Database.open(postgres_url) as database:
        runs: list[int] = []

        def lost_once(execute: Execute) -> int:
            ((me,),) = execute("SELECT pg_backend_pid()", {})
            runs.append(me)
            number = int(execute(ADD, {"key": "a"})[0][0])
            if len(runs) == 1:
                server.execute("SELECT pg_terminate_backend(%s, 1000)", [me])
            execute("SELECT 1", {})
            return number

        await database.do(lost_once, writes=True)
        assert len(runs) == 2 and await keys(database) == ["a"]


async def test_a_connection_that_was_lost_meanwhile_is_made_anew(postgres_url: str, server: Other) -> None:
    async with Database.open(postgres_url) as database:
        await database.do(adding("a"), writes=True)
        server.execute(
            "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert await keys(database) == ["a"]
        await database.do(adding("b"), writes=True)
        assert await keys(database) == ["a", "b"]


@pytest.mark.parametrize("kept", [True, False])
async def test_a_commit_that_was_not_answered_is_not_done_again(
    kept: bool,
    postgres_url: str,
    server: Other,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = ServerConnection.send

    def unanswered(connection: ServerConnection, form: str, *more: Any, **how: Any) -> psycopg.Cursor[Any]:
        if form != "COMMIT":
            return real(connection, form, *more, **how)
        if kept:
            real(connection, form)
            connection.leave()
            raise psycopg.OperationalError("server closed the connection unexpectedly")
        me = real(connection, "SELECT pg_backend_pid()")
        connection.sync()
        server.execute("SELECT pg_terminate_backend(%s, 1000)", me.fetchone())
        return real(connection, form)

    async with Database.open(postgres_url) as database:
        with monkeypatch.context() as patched:
            patched.setattr(ServerConnection, "send", unanswered)
            found = await asyncio.gather(
                *(database.do(adding(key), writes=True) for key in "abc"), return_exceptions=True
            )
        assert [type(each) for each in found] == [UnknownOutcomeError] * 3
        assert "not known whether" in str(found[0]) and isinstance(found[0], StorageError)
        assert await keys(database) == (["a", "b", "c"] if kept else [])


async def test_what_the_server_stops_because_two_wait_for_each_other_is_done_again(
    postgres_url: str, server: Other, postgres_server: Server
) -> None:
    """Somebody who does not take the lock can be in the way."""
    async with Database.open(postgres_url) as database:
        for key in ("a", "b"):
            await database.do(adding(key), writes=True)
        update = "UPDATE changes SET kind = kind || '!' WHERE key = "
        server.execute("SET deadlock_timeout = '10s'")
        server.execute("BEGIN")
        server.execute(f"{update}'b'")
        runs: list[Future[object]] = []

        def crossing(execute: Execute) -> None:
            execute(f"{update}'a' RETURNING key", {})
            runs.append(elsewhere.submit(server.execute, f"{update}'a'"))
            execute(f"{update}'b'", {})

        def again(execute: Execute) -> None:
            execute(f"{update}'a'", {}) if runs else crossing(execute)
            execute(f"{update}'b'", {})

        with ThreadPoolExecutor() as elsewhere:
            task = asyncio.create_task(database.do(again, writes=True))
            async with asyncio.timeout(PATIENCE):
                while not runs:
                    await asyncio.sleep(0)
                await asyncio.wrap_future(runs[0])
            server.execute("COMMIT")
            await task
        kinds = "SELECT kind FROM changes ORDER BY key"
        assert await database.do(lambda execute: [row[0] for row in execute(kinds, {})]) == ["y!!", "y!!"]


async def test_a_job_that_asks_twice_sees_one_state(postgres_url: str) -> None:
    async with Database.open(postgres_url) as database, Database.open(postgres_url) as other:
        runs: list[int] = []
        loop = asyncio.get_running_loop()

        def counted(execute: Execute) -> tuple[int, int, int]:
            def count() -> int:
                return int(execute("SELECT COUNT(*) FROM changes", {})[0][0])

            def written() -> None:
                asyncio.run_coroutine_threadsafe(other.do(adding("x"), writes=True), loop).result(PATIENCE)

            runs.append(len(runs))
            first = count()
            written()
            second = count()
            written()
            return first, second, count()

        assert await database.do(counted) == (1, 1, 1) and len(runs) == 2
        assert await keys(database) == ["x"] * 3


async def test_an_error_in_the_middle_of_a_group_is_that_of_its_job_alone(memory_database: Database) -> None:
    """Statements that have nothing to say are not waited for, and still fail where they stand."""
    add = ADD.partition(" RETURNING")[0]

    def failing(execute: Execute) -> None:
        execute(add, {"key": "gone"})
        execute("INSERT INTO schema_info VALUES (NULL)", {})
        execute(add, {"key": "gone too"})

    def well(key: str) -> Callable[[Execute], object]:
        return lambda execute: execute(add, {"key": key})

    works = [well("a"), failing, well("b"), failing, well("c")]
    found = await asyncio.gather(*(memory_database.do(work, writes=True) for work in works), return_exceptions=True)
    assert [str(failure(each)) if isinstance(each, BaseException) else None for each in found] == [
        None,
        "the database refused what was to be written",
    ] * 2 + [None]
    with pytest.raises(Exception, match=r"."):
        await memory_database.do(failing, writes=True)
    assert await keys(memory_database) == ["a", "b", "c"]


async def test_tables_that_have_changed_are_read_again(postgres_url: str, server: Other) -> None:
    """The server refuses a plan that it kept when the columns have become others."""
    async with Database.open(postgres_url) as database:
        for _ in range(20):
            await database.do(lambda execute: execute("SELECT * FROM schema_info", {}))
        server.execute("ALTER TABLE schema_info ADD COLUMN more int")
        assert len((await database.do(lambda execute: execute("SELECT * FROM schema_info", {})))[0]) == 2


DEFERRED = (
    "CREATE TABLE once (id int UNIQUE DEFERRABLE INITIALLY DEFERRED, key text)",
    "INSERT INTO once VALUES (1, 'first')",
)


async def test_what_only_the_commit_refuses_fails_alone(postgres_url: str, server: Other) -> None:
    for statement in DEFERRED:
        server.execute(statement)
    async with Database.open(postgres_url) as database:

        def refused(execute: Execute) -> None:
            execute("INSERT INTO once VALUES (1, 'second')", {})

        for others in ((), ("a", "b")):
            works = [*map(adding, others), refused]
            found = await asyncio.gather(*(database.do(each, writes=True) for each in works), return_exceptions=True)
            assert "refused what was to be written" in str(failure_of(found[-1]))
            assert not any(isinstance(each, BaseException) for each in found[:-1])
        assert await keys(database) == ["a", "b"]
        assert server.execute("SELECT key FROM once").fetchall() == [("first",)]


async def test_a_group_that_is_lost_between_two_statements_is_done_again(postgres_url: str, server: Other) -> None:
    async with Database.open(postgres_url) as database:
        runs: list[int] = []

        def lost_once(execute: Execute) -> None:
            execute(ADD.partition(" RETURNING")[0], {"key": "lost"})
            ((me,),) = execute("SELECT pg_backend_pid()", {})
            runs.append(me)
            if len(runs) == 1:
                server.execute("SELECT pg_terminate_backend(%s, 1000)", [me])
            execute(ADD.partition(" RETURNING")[0], {"key": "again"})

        await asyncio.gather(
            *(database.do(each, writes=True) for each in (adding("a"), lost_once, adding("b"))),
        )
        assert len(runs) == 2 and runs[0] != runs[1]
        assert await keys(database) == ["a", "lost", "again", "b"]


async def test_who_is_lost_while_reading_reads_again(postgres_url: str, server: Other) -> None:
    async with Database.open(postgres_url) as database:
        runs: list[int] = []

        def lost_once(execute: Execute) -> int:
            ((me,),) = execute("SELECT pg_backend_pid()", {})
            runs.append(me)
            if len(runs) == 1:
                server.execute("SELECT pg_terminate_backend(%s, 1000)", [me])
            return int(execute("SELECT 7", {})[0][0])

        assert await database.do(lost_once) == 7 and len(runs) == 2


async def test_who_gives_up_while_the_lock_is_waited_for_has_it_done_all_the_same(
    postgres_url: str, server: Other
) -> None:
    async with Database.open(postgres_url) as database:
        with holding(server):
            waiting = [asyncio.create_task(database.do(adding(key), writes=True)) for key in "ab"]
            await waited_for(server)
            waiting[0].cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting[0]
        assert await waiting[1] == 2
        assert await keys(database) == ["a", "b"]


async def test_a_job_that_hides_an_error_of_the_database_is_not_said_to_be_kept(postgres_url: str) -> None:
    def hiding(execute: Execute) -> None:
        execute(ADD, {"key": "gone"})
        with suppress(psycopg.Error):
            execute("SELECT 1 / 0", {})

    async with Database.open(postgres_url) as database:
        with pytest.raises(StorageError, match="kept nothing"):
            await database.do(hiding, writes=True)
        assert await keys(database) == []


async def test_bare_statements_and_sqlalchemy_are_one_group(postgres_url: str, server: Other) -> None:
    which = "SELECT pg_current_xact_id()::text"

    def bare(execute: Execute) -> str:
        return str(execute(which, {})[0][0])

    def with_sqlalchemy(conn: Connection) -> str:
        return str(conn.execute(text(which)).scalar_one())

    async with Database.open(postgres_url) as database:
        with holding(server):
            first = asyncio.create_task(database.do(bare, writes=True))
            await waited_for(server)
            others = (database.do(bare, writes=True), database.write(with_sqlalchemy), database.do(bare, writes=True))
            waiting = [asyncio.create_task(each) for each in others]
            await asyncio.sleep(0)
        assert {await first} | (together := set(await asyncio.gather(*waiting))) != together
        assert len(together) == 1


async def test_a_statement_that_takes_too_long_is_stopped(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "BUSY_TIMEOUT", 0.1)
    async with Database.open(postgres_url) as database:
        for writes in (False, True):
            with pytest.raises(psycopg.errors.QueryCanceled) as raised:
                await database.do(lambda execute: execute("SELECT pg_sleep(60)", {}), writes=writes)
            assert "took too long" in str(failure(raised.value))
            assert await database.do(lambda execute: execute("SELECT 1", {})[0][0], writes=writes) == 1


def failure_of(error: object) -> StorageError:
    found = failure(error) if isinstance(error, BaseException) else None
    assert found is not None
    return found
