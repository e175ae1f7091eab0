"""An event and its rows are committed together or not at all, and before anyone acts on them."""

import time
from sqlite3 import IntegrityError

import pytest
from google.adk.sessions import DatabaseSessionService

from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences, shown
from tests.storage.support import ADA, Turn, delegated_turn, exchange, execute, file_of, ledger, rows, store

NO_TURNS = "CREATE TRIGGER no_turns BEFORE INSERT ON turns BEGIN SELECT RAISE(ABORT, 'no turns today'); END"
NO_DELEGATIONS = "CREATE TRIGGER no_ends BEFORE UPDATE ON delegations BEGIN SELECT RAISE(ABORT, 'no ends'); END"


async def test_an_event_whose_rows_cannot_be_written_is_not_stored(service: SessionService, settings: Settings) -> None:
    file = file_of(settings.database_url)
    execute(file, NO_TURNS)
    with pytest.raises(IntegrityError, match="no turns today"):
        await store(service, exchange())
    assert rows(file, "SELECT * FROM events") == []
    assert rows(file, "SELECT title FROM session_info") == [{"title": None}]
    execute(file, "DROP TRIGGER no_turns")
    await store(service, exchange())
    assert [turn["status"] for turn in rows(file, "SELECT * FROM turns")] == ["completed"]


async def test_a_failure_in_the_middle_of_a_turn_keeps_what_was_committed_before(
    service: SessionService, settings: Settings
) -> None:
    file = file_of(settings.database_url)
    execute(file, NO_DELEGATIONS)
    events = delegated_turn()
    with pytest.raises(IntegrityError, match="no ends"):
        await store(service, events)
    stored = rows(file, "SELECT id FROM events ORDER BY timestamp")
    assert [event["id"] for event in stored] == [event.id for event in events[: len(stored)]]
    assert rows(file, "SELECT events FROM turns")[0]["events"] == len(stored)
    assert {row["status"] for row in rows(file, "SELECT status FROM delegations")} == {"running"}


async def test_an_event_that_is_refused_leaves_no_rows(service: SessionService, settings: Settings) -> None:
    session = await store(service, exchange())
    before = ledger(file_of(settings.database_url))
    twice = Turn("turn-2").user("again")
    twice.id = session.events[0].id
    with pytest.raises(IntegrityError):
        await service.append_event(session, twice)
    assert ledger(file_of(settings.database_url)) == before


async def test_a_second_message_into_one_invocation_continues_its_turn(
    service: SessionService, settings: Settings
) -> None:
    turn = Turn()
    turn.user("hello")
    turn.model("hi")
    turn.user("and?")
    turn.model("that is all")
    await store(service, turn.made)
    (row,) = rows(file_of(settings.database_url), "SELECT * FROM turns")
    assert (row["user_input"], row["agent_response"], row["events"]) == ("hello", "that is all", 4)


async def test_the_ledger_is_kept_through_adks_own_service_too(service: SessionService, settings: Settings) -> None:
    await store(service, delegated_turn())
    ours = ledger(file_of(settings.database_url))
    adks = DatabaseSessionService(db_url=settings.database_url)
    await store(adks, delegated_turn(), session_id="session-2")
    await adks.close()
    both = ledger(file_of(settings.database_url))
    for table, found in ours.items():
        other = [{**row, "session_id": "session-1"} for row in both[table] if row["session_id"] == "session-2"]
        assert other == found


async def test_a_database_without_our_tables_is_left_to_adk(settings: Settings) -> None:
    adks = DatabaseSessionService(db_url=settings.database_url)
    session = await store(adks, delegated_turn())
    await adks.close()
    assert len(session.events) == len(delegated_turn())
    tables = {row["name"] for row in rows(file_of(settings.database_url), "SELECT name FROM sqlite_master")}
    assert "turns" not in tables and "events" in tables


async def test_times_are_utc_wherever_the_machine_is(
    service: SessionService, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        await store(service, exchange())
    finally:
        monkeypatch.undo()
        time.tzset()
    (turn,) = rows(file_of(settings.database_url), "SELECT * FROM turns")
    (info,) = rows(file_of(settings.database_url), "SELECT * FROM session_info")
    assert turn["started_at"] == info["created_at"] == "2026-01-02 03:04:05.000000"
    assert info["last_event_at"] == "2026-01-02 03:04:06.000000"


async def test_deleting_a_session_takes_its_rows_and_leaves_what_belongs_to_the_user(
    database: Database, service: SessionService, settings: Settings
) -> None:
    file = file_of(settings.database_url)
    await store(service, delegated_turn(), session_id="gone")
    await store(service, delegated_turn(), session_id="kept")
    await preferences.add(database, ADA, "stock_watchlist", "NVDA")
    await shown.pick(database, ADA, "jokes/python", ["p1"])
    await service.delete_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id="gone")
    for found in ledger(file).values():
        assert {row["session_id"] for row in found} == {"kept"}
    adks = DatabaseSessionService(db_url=settings.database_url)
    await adks.delete_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id="kept")
    await adks.close()
    assert not any(ledger(file).values())
    assert await preferences.of_user(database, ADA) == {"stock_watchlist": ["NVDA"]}
    assert await shown.last(database, ADA, "jokes/") == ("jokes/python", "p1")
