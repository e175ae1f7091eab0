"""Events of a turn that are written together: soon, in order, and all or none."""

import asyncio
from datetime import datetime
from pathlib import Path
from sqlite3 import IntegrityError

import pytest

from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.events.log import EventLog
from storage.events.writes import NewEvent
from storage.queries.turns import history
from storage.scope import TurnKey
from tests.storage.support import ADA, Turn, call_part, delegated_turn, execute, file_of, key, response_part, rows

KEY = TurnKey(key(), "turn-1")
NO_TOOLS = "CREATE TRIGGER no_tools BEFORE INSERT ON tool_calls BEGIN SELECT RAISE(ABORT, 'no tools today'); END"


@pytest.fixture
async def log(service: SessionService) -> EventLog:
    """The event log of a database with one session."""
    await service.create_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id=KEY.session.session_id)
    return service.log


@pytest.fixture
def broken(log: EventLog, settings: Settings) -> Path:
    """The file of that database, which takes no tool calls."""
    file = file_of(settings.database_url)
    execute(file, NO_TOOLS)
    return file


def turn(invocation_id: str = "turn-1") -> list[NewEvent]:
    made = delegated_turn(invocation_id)
    return [NewEvent(event.model_dump(exclude_none=True, mode="json")) for event in made]


def commits(log: EventLog) -> list[str]:
    """The commits of a log from now on."""
    seen: list[str] = []
    log._open().set_trace_callback(lambda statement: seen.append(statement) if statement == "COMMIT" else None)
    return seen


async def test_events_that_follow_each_other_at_once_are_one_commit(log: EventLog, settings: Settings) -> None:
    await log.session(KEY.session)
    seen = commits(log)
    written = {log.append_soon(KEY, event, None) for event in turn()}
    assert rows(file_of(settings.database_url), "SELECT id FROM events") == []
    assert len(written) == 1 and await written.pop()
    assert len(seen) == 1
    assert len(rows(file_of(settings.database_url), "SELECT id FROM events")) == len(turn())
    assert rows(file_of(settings.database_url), "SELECT status FROM turns") == [{"status": "completed"}]


async def test_an_event_is_written_soon_though_nothing_follows_it(log: EventLog, settings: Settings) -> None:
    for number, event in enumerate(turn(), start=1):
        await asyncio.wait_for(log.append_soon(KEY, event, None), 10)
        assert len(rows(file_of(settings.database_url), "SELECT id FROM events")) == number


@pytest.mark.parametrize("door", ["the log", "a query", "the database", "ADK"])
async def test_whoever_asks_meanwhile_finds_what_was_given(
    log: EventLog, database: Database, service: SessionService, door: str
) -> None:
    for event in turn():
        log.append_soon(KEY, event, None)
    if door == "the log":
        ending, _ = await log.ending(KEY)
        assert ending is not None and ending.status == "completed"
    elif door == "a query":
        assert [found.status for found in await history(database, KEY.session, limit=9)] == ["completed"]
    elif door == "ADK":
        session = await service.get_session(
            app_name=ADA.app_name, user_id=ADA.user_id, session_id=KEY.session.session_id
        )
        assert session is not None and len(session.events) == len(turn())
    else:
        async with database.write() as conn:
            assert (await conn.exec_driver_sql("SELECT status FROM turns")).scalars().all() == ["completed"]


async def test_closing_writes_what_was_given(settings: Settings, service: SessionService) -> None:
    await service.create_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id=KEY.session.session_id)
    async with Database.open(settings.database_url) as opened:
        assert opened.log is not None
        opened.log.append_soon(KEY, turn()[0], None)
    assert len(rows(file_of(settings.database_url), "SELECT id FROM events")) == 1


async def test_turns_of_two_sessions_are_two_groups(log: EventLog, service: SessionService, settings: Settings) -> None:
    await service.create_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id="session-2")
    other = TurnKey(key("session-2"), "turn-2")
    first = log.append_soon(KEY, turn()[0], None)
    second = log.append_soon(other, turn("turn-2")[0], None)
    assert await first and await second
    found = rows(file_of(settings.database_url), "SELECT session_id, invocation_id FROM turns ORDER BY session_id")
    assert [tuple(row.values()) for row in found] == [("session-1", "turn-1"), ("session-2", "turn-2")]


async def test_a_group_that_fails_leaves_nothing_and_nothing_of_its_turn_follows(log: EventLog, broken: Path) -> None:
    message, calls, *rest = turn()
    assert await log.append_soon(KEY, message, None)
    failing = log.append_soon(KEY, calls, None)
    await log.settled()
    with pytest.raises(IntegrityError, match="no tools today"):
        failing.result()
    execute(broken, "DROP TRIGGER no_tools")
    with pytest.raises(IntegrityError, match="no tools today"):
        log.append_soon(KEY, rest[-1], None)
    assert len(rows(broken, "SELECT id FROM events")) == 1
    assert rows(broken, "SELECT id FROM delegations") == []
    assert rows(broken, "SELECT status FROM turns") == [{"status": "running"}]
    for event in turn("turn-2"):
        written = log.append_soon(TurnKey(KEY.session, "turn-2"), event, None)
    assert await written


async def test_a_group_given_before_the_one_ahead_of_it_has_failed_is_not_written(log: EventLog, broken: Path) -> None:
    message, calls, *rest = turn()
    log.append_soon(KEY, message, None)
    first = log.append_soon(KEY, calls, None)
    reading = asyncio.ensure_future(log.session(KEY.session))
    await asyncio.sleep(0)  # the read has sent the group ahead of itself
    second = log.append_soon(KEY, rest[-1], None)
    failed = await asyncio.gather(first, second, return_exceptions=True)
    await reading
    assert all(isinstance(each, IntegrityError) for each in failed)
    assert rows(broken, "SELECT id FROM events") == []


async def test_a_session_that_somebody_else_has_changed_is_written_all_the_same_and_told(log: EventLog) -> None:
    message, *rest = turn()
    assert await log.append_soon(KEY, message, None)
    assert await log.append_soon(KEY, rest[0], message.at)
    assert not await log.append_soon(KEY, rest[1], datetime.fromisoformat("2020-01-01T00:00:00+00:00"))


async def test_no_event_is_written_into_a_session_that_is_gone(log: EventLog, service: SessionService) -> None:
    await service.delete_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id=KEY.session.session_id)
    written = log.append_soon(KEY, turn()[0], None)
    with pytest.raises(Exception, match="was deleted by another program"):
        await written


async def test_a_call_and_its_answer_in_one_group_are_one_finished_row(log: EventLog, settings: Settings) -> None:
    made = Turn()
    made.user("time?")
    made.model(call_part("c", "get_current_time"))
    made.tools(response_part("c", "get_current_time", status="error", error_message="no clock"))
    for event in made.made:
        written = log.append_soon(KEY, NewEvent(event.model_dump(exclude_none=True, mode="json")), None)
    await written
    found = rows(file_of(settings.database_url), "SELECT id, status, error, seconds FROM tool_calls")
    assert found == [{"id": "c", "status": "failed", "error": "no clock", "seconds": 1.0}]
