"""Whatever the database fails with is one sentence for a person, true of its kind, without SQL."""

import asyncio
import errno
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from settings import Settings
from storage import files
from storage.adk.service import SessionService
from storage.backup import backup
from storage.database import Database
from storage.errors import BusyError, MissingError, MovedError, StorageError, failure
from storage.events import log as event_log
from storage.events.connection import WarmConnection
from storage.events.log import EventLog
from storage.events.writes import NewEvent
from storage.scope import TurnKey
from tests.storage.support import ADA, exchange, execute, file_of, held, key, store
from told import Told

TURN = TurnKey(key(), "turn-1")
ON_A_SCREEN_NEVER = ("SELECT", "INSERT", "sqlalche", "sqlite3", "Error", "[", "(Background")


def full(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA max_page_count = 1")
    connection.execute("INSERT INTO t VALUES (zeroblob(1000000))")


def read_only(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA query_only = ON")
    connection.execute("INSERT INTO t VALUES (1)")


def a_trigger(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TRIGGER x BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'not on Sundays'); END")
    connection.execute("INSERT INTO t VALUES (1)")


def too_long(connection: sqlite3.Connection) -> None:
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1000)
    connection.execute("INSERT INTO t VALUES (?)", ("x" * 2000,))


def closed(connection: sqlite3.Connection) -> None:
    connection.close()
    connection.execute("SELECT 1")


FAILING: list[tuple[Callable[[sqlite3.Connection], object], str]] = [
    (full, "the disk is full"),
    (read_only, "read-only"),
    (a_trigger, "not on Sundays"),
    (too_long, "too long"),
    (lambda c: c.execute("SELECT * FROM nowhere"), "not those that this program made"),
    (lambda c: c.execute("SELECT nothing FROM t"), "not those that this program made"),
    (lambda c: c.execute("INSERT INTO t VALUES (?)", (2**70,)), "a number is too big"),
    (lambda c: c.execute("INSERT INTO t VALUES (?)", ("\ud800",)), "halves of characters"),
    (lambda c: c.execute("INSERT INTO u VALUES (NULL)"), "refused what was to be written"),
    (lambda c: c.execute("SELECT CAST(x'ff' AS TEXT)").fetchall(), "damaged"),
    (closed, "cannot be used"),
]


@pytest.mark.parametrize(("fails", "said"), FAILING)
def test_what_sqlite_says_is_a_sentence_with_what_to_do(
    tmp_path: Path, fails: Callable[[sqlite3.Connection], object], said: str
) -> None:
    with closing(sqlite3.connect(tmp_path / "t.db")) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("CREATE TABLE u (x NOT NULL)")
        with pytest.raises((sqlite3.Error, OverflowError, UnicodeError)) as raised:
            fails(connection)
    found = failure(raised.value)
    assert found is not None and said in str(found) and found.hint
    assert not [word for word in ON_A_SCREEN_NEVER if word in f"{found} {found.hint}"]


@pytest.mark.parametrize(
    ("statement", "values", "said"),
    [
        ("SELECT * FROM nowhere", {}, "not those that this program made"),
        ("SELECT :x", {"x": 2**70}, "a number is too big"),
        ("SELECT :x", {"x": "\ud800"}, "halves of characters"),
    ],
)
def test_through_sqlalchemy_it_is_the_same(statement: str, values: dict[str, object], said: str) -> None:
    engine = create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(Exception, match=r".") as raised:
        connection.execute(text(statement), values)
    engine.dispose()
    assert said in str(failure(raised.value))


def broken(file: Path, how: str) -> None:
    content = bytearray(file.read_bytes())
    if how == "damaged":
        content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content[:-5000] if how == "cut" else content if how == "damaged" else b"a letter" * 1000)


@pytest.mark.parametrize(("how", "said"), [("damaged", "damaged"), ("a letter", "not a database"), ("cut", "damaged")])
def test_a_file_that_is_broken_is_told(tmp_path: Path, how: str, said: str) -> None:
    file = tmp_path / "t.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript("CREATE TABLE t (x); INSERT INTO t VALUES (zeroblob(9000))")
    broken(file, how)
    with closing(sqlite3.connect(file)) as connection, pytest.raises(sqlite3.DatabaseError) as raised:
        connection.execute("SELECT hex(x), * FROM t").fetchall()
    assert said in str(failure(raised.value))


def test_a_file_that_others_hold_is_busy(made_database: Path) -> None:
    with (
        held(made_database),
        closing(sqlite3.connect(made_database, timeout=0)) as mine,
        pytest.raises(sqlite3.OperationalError) as raised,
    ):
        mine.execute("BEGIN IMMEDIATE")
    assert isinstance(failure(raised.value), BusyError)
    assert isinstance(failure(PoolTimeoutError("QueuePool limit of size 5")), BusyError)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_that_wherever_it_is_noticed(code: int) -> None:
    assert str(failure(OSError(code, os.strerror(code)))) == "the disk is full"


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as raised:
        (tmp_path / "nope" / "x").read_text()
    assert str(failure(raised.value)) == f"cannot use {tmp_path}/nope/x: No such file or directory"


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), ConnectionRefusedError(errno.ECONNREFUSED, "refused"), TimeoutError(), KeyError("x")],
)
def test_what_is_no_failure_of_the_database_is_left_to_others(error: Exception) -> None:
    assert failure(error) is None


def test_what_it_was_raised_from_counts_and_an_error_of_ours_is_told_as_it_is() -> None:
    outer = RuntimeError("Error in plugin 'ledger'")
    outer.__cause__ = sqlite3.OperationalError("database is locked")
    outer.__cause__.sqlite_errorcode = sqlite3.SQLITE_BUSY
    assert isinstance(failure(outer), BusyError)
    ours = StorageError("no session is called so", "Look.")
    ours.__cause__ = outer.__cause__
    assert failure(ours) is ours

    hinted = Told("no such model")
    hinted.__context__ = outer
    assert failure(hinted) is None


def test_causes_that_go_round_in_a_circle_end() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__context__, other.__context__ = other, one
    assert failure(one) is None


@pytest.mark.parametrize("gone", ["", "-wal"])
@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_a_file_that_is_not_the_one_that_was_opened_is_not_written_to(
    database: Database, settings: Settings, how: str, gone: str
) -> None:
    service, file = SessionService(database), file_of(settings.database_url)
    await store(service, exchange())
    assert database.log
    victim = file.with_name(file.name + gone)
    content = victim.read_bytes()
    victim.unlink()
    if how == "replaced":
        victim.with_suffix(".other").write_bytes(b"")  # or the new file may be given the number of the old one
        victim.write_bytes(content)
    (new,) = [NewEvent(event.model_dump(exclude_none=True, mode="json")) for event in exchange(invocation_id="2")[:1]]
    with pytest.raises(MovedError):
        await database.log.opening(TURN)
    with pytest.raises(MovedError):
        await database.log.append(TURN, new, None)
    with pytest.raises(MovedError):
        await database.log.turn(TURN).begin(new, None)
    with pytest.raises(MovedError):
        await database.write(lambda _: None)


async def test_a_session_that_is_gone_is_missing(service: SessionService) -> None:
    await service.create_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id="session-1")
    async with service.open_turn(key(), begun=True):
        pass
    await service.delete_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id="session-1")
    with pytest.raises(MissingError):
        async with service.open_turn(key(), begun=True):
            pass
    async with service.open_turn(key()) as turn:
        assert turn.opening.session.last_turn == 0


async def test_closing_waits_for_others_only_so_long(
    settings: Settings, service: SessionService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "CLOSE_PATIENCE", 0.05)
    await service.create_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id="session-1")
    log = EventLog(files.for_writing(file_of(settings.database_url)), busy_timeout=1.0)
    await log.session(key())
    (new,) = [NewEvent(event.model_dump(exclude_none=True, mode="json")) for event in exchange()[:1]]
    with held(file_of(settings.database_url)):
        waiting = asyncio.ensure_future(log.append(TURN, new, None))
        await asyncio.sleep(0)
        async with asyncio.timeout(0.8):
            await log.close()
        with pytest.raises(sqlite3.OperationalError):
            await waiting


async def test_what_goes_wrong_when_closing_does_not_hide_why(
    settings: Settings, made_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: WarmConnection) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(WarmConnection, "close", fails)
    with pytest.raises(ZeroDivisionError):
        async with Database.open(settings.database_url):
            raise ZeroDivisionError


async def test_a_backup_waits_for_others_only_so_long(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.backup._BUSY_TIMEOUT", -1.0)

    class Refusing(sqlite3.Connection):
        def backup(self, *_: object, progress: Callable[[int, int, int], None], **__: object) -> None:  # type: ignore[override]
            progress(sqlite3.SQLITE_BUSY, 1, 1)
            pytest.fail("it would wait for ever")

    connect = sqlite3.connect
    monkeypatch.setattr("storage.backup.sqlite3.connect", lambda file, **how: connect(file, factory=Refusing, **how))
    with pytest.raises(StorageError, match="in use by another program"):
        await backup(database, tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()


async def test_a_table_that_was_dropped_is_told_when_the_database_is_opened(
    settings: Settings, made_database: Path
) -> None:
    execute(made_database, "DROP TABLE alembic_version")
    with pytest.raises(StorageError, match="not those that this program made"):
        async with Database.open(settings.database_url):
            pass
