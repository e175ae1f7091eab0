"""Sessions of ADK's other services are read in whole, once, and their file is not written to."""

import pickle
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from google.adk.sessions.sqlite_session_service import SqliteSessionService

from settings import APP_NAME
from storage.adk.catchup import catch_up
from storage.adk.importing import import_sessions
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.queries import sessions, turns
from storage.scope import SessionKey, User
from tests.storage.adk import foreign
from tests.storage.support import ADA, Turn, exchange, execute, rows, store

Make = Callable[..., Awaitable[Path]]
each_service = pytest.mark.parametrize(
    "make", [foreign.of_sqlite_service, foreign.of_old_adk, foreign.of_database_service]
)


def counts(file: Path) -> list[int]:
    return [rows(file, f"SELECT count(*) AS n FROM {table}")[0]["n"] for table in ("sessions", "events", "turns")]


@each_service
async def test_sessions_events_and_ledger_are_those_of_the_file(
    make: Make, service: SessionService, database: Database, tmp_path: Path
) -> None:
    file = await make(tmp_path / "theirs.db")
    before = foreign.digest(file)
    done = await import_sessions(database, ADA, file)
    assert (len(done.keys), done.known) == (2, 0)
    for session_id, (text, reply) in foreign.SESSIONS.items():
        (turn,) = await turns.history(database, SessionKey(APP_NAME, "ada", session_id), limit=5)
        assert (turn.user_input, turn.agent_response, turn.status) == (text, reply, "completed")
        found = await service.get_session(app_name=APP_NAME, user_id="ada", session_id=session_id)
        assert found and [e.content.parts[0].text for e in found.events if e.content and e.content.parts] == [
            text,
            reply,
        ]
    assert {info.title for info in await sessions.listing(database, ADA, limit=5)} == {
        "plan a trip",
        "what is for dinner?",
    }
    assert await catch_up(database) == 0
    assert foreign.digest(file) == before


@each_service
async def test_a_file_read_in_twice_brings_nothing_twice(
    make: Make, service: SessionService, database: Database, tmp_path: Path
) -> None:
    file = await make(tmp_path / "theirs.db")
    await import_sessions(database, ADA, file)
    held = counts(database.file or file)
    again = await import_sessions(database, ADA, file)
    assert (again.keys, again.known) == ((), 2)
    assert counts(database.file or file) == held


async def test_an_imported_session_goes_on(service: SessionService, database: Database, tmp_path: Path) -> None:
    await import_sessions(database, ADA, await foreign.of_sqlite_service(tmp_path / "theirs.db"))
    await store(service, exchange("and then?", invocation_id="later", at=2e9), "trip")
    assert [turn.number for turn in await turns.history(database, SessionKey(APP_NAME, "ada", "trip"), limit=5)] == [
        2,
        1,
    ]


async def test_another_session_of_that_id_stays_and_the_imported_one_gets_an_id_of_its_own(
    service: SessionService, database: Database, tmp_path: Path
) -> None:
    await store(service, exchange("mine"), "trip")
    file = await foreign.of_sqlite_service(tmp_path / "theirs.db")
    done = await import_sessions(database, ADA, file)
    assert len(done.keys) == 2 and SessionKey(APP_NAME, "ada", "trip") not in done.keys
    assert (await import_sessions(database, ADA, file)).known == 2


async def test_of_several_users_only_the_persons_own_sessions_are_read_in(
    service: SessionService, database: Database, tmp_path: Path
) -> None:
    eve, ada = User("travel_app", "eve"), User("travel_app", "ada")
    file = await foreign.of_sqlite_service(tmp_path / "theirs.db", eve, ada)
    await import_sessions(database, ADA, file)
    assert {row["invocation_id"] for row in rows(database.file or file, "SELECT invocation_id FROM turns")} == {
        "ada-0",
        "ada-1",
    }


@pytest.mark.parametrize("theirs", [User("travel_app", "ada"), User("travel_app", "ada", "acme")])
async def test_a_user_of_a_tenant_finds_their_own_by_name_or_as_a_file_of_ours_has_them(
    service: SessionService, database: Database, tmp_path: Path, theirs: User
) -> None:
    ada = User(APP_NAME, "ada", "acme")
    file = await foreign.of_sqlite_service(tmp_path / "theirs.db", User("travel_app", "bob"), theirs)
    done = await import_sessions(database, ada, file)
    assert {key.user for key in done.keys} == {ada}
    held = await turns.of_user(database, ada, limit=5)
    assert {turn.invocation_id for turn in held} == {"ada-0", "ada-1"}
    assert await turns.of_user(database, ADA, limit=5) == []


async def test_a_file_of_several_others_is_refused_with_their_names(
    service: SessionService, database: Database, tmp_path: Path
) -> None:
    users = [User("travel_app", name) for name in ("bob", "eve")]
    file = await foreign.of_sqlite_service(tmp_path / "theirs.db", *users)
    with pytest.raises(StorageError, match="2 users, and none of ada") as refused:
        await import_sessions(database, ADA, file)
    assert "'bob', 'eve'" in refused.value.hint
    assert counts(database.file or file) == [0, 0, 0]


async def test_events_of_the_same_moment_stay_in_their_order(
    service: SessionService, database: Database, tmp_path: Path
) -> None:
    turn = Turn("turn")
    turn.user("one")
    turn.model("two")
    for event, id_ in zip(turn.made, "zy", strict=True):
        event.timestamp, event.id = 1_000.0, id_
    theirs = SqliteSessionService(str(tmp_path / "theirs.db"))
    await store(theirs, turn.made, "tied", foreign.THEIRS)
    await import_sessions(database, ADA, tmp_path / "theirs.db")
    found = await service.get_session(app_name=APP_NAME, user_id="ada", session_id="tied")
    assert found and [event.id for event in found.events] == ["z", "y"]


async def test_a_table_of_an_older_adk_still_may_lack_columns(
    service: SessionService, database: Database, tmp_path: Path
) -> None:
    file = await foreign.of_old_adk(tmp_path / "theirs.db")
    execute(file, *(f"ALTER TABLE events DROP COLUMN {name}" for name in ("usage_metadata", "input_transcription")))
    assert len((await import_sessions(database, ADA, file)).keys) == 2


class _Evil:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return eval, ("__import__('pathlib').Path('ran').touch()",)


@pytest.mark.parametrize("broken", [b"", b"\x80\x04nonsense", pickle.dumps(_Evil())])
async def test_actions_that_are_none_are_refused_and_not_run(
    broken: bytes, service: SessionService, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = await foreign.of_old_adk(tmp_path / "theirs.db")
    connection = sqlite3.connect(file)
    connection.execute("UPDATE events SET actions = ? WHERE session_id = 'food'", (broken,))
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match="session 'food' has an event"):
        await import_sessions(database, ADA, file)
    assert not (tmp_path / "ran").exists()
    assert counts(database.file or file) == [0, 0, 0]


@pytest.mark.parametrize("change", ["event_data = '{}x'", "event_data = '[]'", "event_data = '{\"content\": 1}'"])
async def test_an_event_that_adk_cannot_read_stops_it_before_anything_is_written(
    change: str, service: SessionService, database: Database, tmp_path: Path
) -> None:
    file = await foreign.of_sqlite_service(tmp_path / "theirs.db")
    execute(file, f"UPDATE events SET {change} WHERE session_id = 'food'")
    with pytest.raises(StorageError, match="session 'food'"):
        await import_sessions(database, ADA, file)
    assert counts(database.file or file) == [0, 0, 0]


@pytest.mark.parametrize("make", [foreign.of_a_browser, foreign.a_letter])
async def test_what_is_not_adks_is_refused(
    make: Callable[[Path], Path], service: SessionService, database: Database, tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match=r"theirs\.db"):
        await import_sessions(database, ADA, make(tmp_path / "theirs.db"))


async def test_the_database_itself_and_no_file_are_refused(
    service: SessionService, database: Database, tmp_path: Path
) -> None:
    assert database.file
    with pytest.raises(StorageError, match="the database itself"):
        await import_sessions(database, ADA, database.file)
    with pytest.raises(StorageError, match="there is no file"):
        await import_sessions(database, ADA, tmp_path / "nothing")


async def test_a_session_in_which_nothing_was_said_is_left_out(
    service: SessionService, database: Database, tmp_path: Path
) -> None:
    file = await foreign.of_sqlite_service(tmp_path / "theirs.db")
    theirs = SqliteSessionService(str(file))
    await theirs.create_session(app_name="travel_app", user_id="user", session_id="empty")
    assert len((await import_sessions(database, ADA, file)).keys) == 2
