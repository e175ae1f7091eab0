"""Events of a turn that are written together: soon, in order, and all or none."""

import asyncio
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from sqlite3 import IntegrityError

import pytest

from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import MovedError
from storage.events.log import EventLog, TurnLog
from storage.events.writes import NewEvent
from storage.queries.turns import history
from storage.scope import TurnKey
from tests.storage.support import ADA, Turn, call_part, delegated_turn, execute, file_of, key, response_part, rows

KEY = TurnKey(key(), "turn-1")
RECOVERING = """
import fcntl, sys
with open(sys.argv[1], "r+b") as index:
    for lock in (120, 122):  # to write, and to recover: as SQLite numbers them
        fcntl.lockf(index, fcntl.LOCK_EX, 1, lock)
    valid = index.read(96)
    for head in (bytes(95) + b"1", valid):
        index.seek(0)
        index.write(head)
        index.flush()
        print("done", flush=True)
        sys.stdin.readline()
"""
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


def give(turn: TurnLog, event: NewEvent, expected: datetime | None = None) -> asyncio.Future[bool]:
    """What tells when an event of a turn is durable."""
    turn.append(event, expected)
    assert turn.newest is not None
    return turn.newest


def commits(log: EventLog) -> list[str]:
    """The commits of a log from now on."""
    seen: list[str] = []
    log._connection._open().set_trace_callback(
        lambda statement: seen.append(statement) if statement == "COMMIT" else None
    )
    return seen


async def test_events_that_follow_each_other_at_once_are_one_commit(log: EventLog, settings: Settings) -> None:
    await log.session(KEY.session)
    seen = commits(log)
    open_turn = log.turn(KEY)
    written = {give(open_turn, event) for event in turn()}
    assert rows(file_of(settings.database_url), "SELECT id FROM events") == []
    assert len(written) == 1 and await written.pop()
    assert len(seen) == 1
    assert len(rows(file_of(settings.database_url), "SELECT id FROM events")) == len(turn())
    assert rows(file_of(settings.database_url), "SELECT status FROM turns") == [{"status": "completed"}]


async def test_an_event_is_written_soon_though_nothing_follows_it(log: EventLog, settings: Settings) -> None:
    open_turn = log.turn(KEY)
    for number, event in enumerate(turn(), start=1):
        await asyncio.wait_for(give(open_turn, event), 10)
        assert len(rows(file_of(settings.database_url), "SELECT id FROM events")) == number


@pytest.mark.parametrize("door", ["the log", "a query", "the database", "ADK"])
async def test_whoever_asks_meanwhile_finds_what_was_given(
    log: EventLog, database: Database, service: SessionService, door: str
) -> None:
    open_turn = log.turn(KEY)
    for event in turn():
        give(open_turn, event)
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
        query = "SELECT status FROM turns"
        assert await database.write(lambda conn: conn.exec_driver_sql(query).scalars().all()) == ["completed"]


async def test_closing_writes_what_was_given(settings: Settings, service: SessionService) -> None:
    await service.create_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id=KEY.session.session_id)
    async with Database.open(settings.database_url) as opened:
        assert opened.log is not None
        give(opened.log.turn(KEY), turn()[0])
    assert len(rows(file_of(settings.database_url), "SELECT id FROM events")) == 1


async def test_turns_of_two_sessions_are_one_commit(log: EventLog, service: SessionService, settings: Settings) -> None:
    await service.create_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id="session-2")
    other = TurnKey(key("session-2"), "turn-2")
    seen = commits(log)
    first = give(log.turn(KEY), turn()[0])
    second = give(log.turn(other), turn("turn-2")[0])
    assert await first and await second
    assert len(seen) == 1
    found = rows(file_of(settings.database_url), "SELECT session_id, invocation_id FROM turns ORDER BY session_id")
    assert [tuple(row.values()) for row in found] == [("session-1", "turn-1"), ("session-2", "turn-2")]


async def test_a_group_that_fails_leaves_nothing_and_nothing_of_its_turn_follows(log: EventLog, broken: Path) -> None:
    message, calls, *rest = turn()
    open_turn = log.turn(KEY)
    assert await give(open_turn, message)
    failing = give(open_turn, calls)
    await open_turn.settled()
    with pytest.raises(IntegrityError, match="no tools today"):
        failing.result()
    execute(broken, "DROP TRIGGER no_tools")
    with pytest.raises(IntegrityError, match="no tools today"):
        give(open_turn, rest[-1])
    assert len(rows(broken, "SELECT id FROM events")) == 1
    assert rows(broken, "SELECT id FROM delegations") == []
    assert rows(broken, "SELECT status FROM turns") == [{"status": "running"}]
    next_turn = log.turn(TurnKey(KEY.session, "turn-2"))
    for event in turn("turn-2"):
        written = give(next_turn, event)
    assert await written


async def test_a_group_given_before_the_one_ahead_of_it_has_failed_is_not_written(log: EventLog, broken: Path) -> None:
    message, calls, *rest = turn()
    open_turn = log.turn(KEY)
    give(open_turn, message)
    first = give(open_turn, calls)
    reading = asyncio.ensure_future(log.session(KEY.session))
    await asyncio.sleep(0)  # the read has sent the group ahead of itself
    second = give(open_turn, rest[-1])
    failed = await asyncio.gather(first, second, return_exceptions=True)
    await reading
    assert all(isinstance(each, IntegrityError) for each in failed)
    assert rows(broken, "SELECT id FROM events") == []


async def test_a_session_that_somebody_else_has_changed_is_written_all_the_same_and_told(log: EventLog) -> None:
    message, *rest = turn()
    open_turn = log.turn(KEY)
    assert await give(open_turn, message)
    assert await give(open_turn, rest[0], message.at)
    assert not await give(open_turn, rest[1], datetime.fromisoformat("2020-01-01T00:00:00+00:00"))


async def test_no_event_is_written_into_a_session_that_is_gone(log: EventLog, service: SessionService) -> None:
    await service.delete_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id=KEY.session.session_id)
    written = give(log.turn(KEY), turn()[0])
    with pytest.raises(Exception, match="was deleted by another program"):
        await written


async def test_a_call_and_its_answer_in_one_group_are_one_finished_row(log: EventLog, settings: Settings) -> None:
    made = Turn()
    made.user("time?")
    made.model(call_part("c", "get_current_time"))
    made.tools(response_part("c", "get_current_time", status="error", error_message="no clock"))
    open_turn = log.turn(KEY)
    for event in made.made:
        written = give(open_turn, NewEvent(event.model_dump(exclude_none=True, mode="json")))
    await written
    found = rows(file_of(settings.database_url), "SELECT id, status, error, seconds FROM tool_calls")
    assert found == [{"id": "c", "status": "failed", "error": "no clock", "seconds": 1.0}]


async def test_a_turn_that_fails_does_not_cost_those_of_other_sessions_in_its_commit(
    log: EventLog, broken: Path, service: SessionService
) -> None:
    others = [TurnKey(key(f"session-{number}"), f"turn-{number}") for number in range(2, 5)]
    for each in others:
        await service.create_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id=each.session.session_id)
    message, calls, *_ = turn()
    failing, before = log.turn(KEY), log.turn(others[0])
    given = [give(before, turn("turn-2")[0]), give(failing, message)]
    failing.append(calls, None)
    given += [give(log.turn(each), turn(each.invocation_id)[0]) for each in others[1:]]
    found = await asyncio.gather(*given, return_exceptions=True)
    assert [type(each) for each in found] == [bool, IntegrityError, bool, bool]
    assert sorted(row["session_id"] for row in rows(broken, "SELECT session_id FROM events")) == [
        "session-2",
        "session-3",
        "session-4",
    ]


async def test_a_commit_that_cannot_be_made_is_made_for_each_by_itself(log: EventLog, settings: Settings) -> None:
    """What does not fit on a full disk fails alone: SQLite takes the whole commit back, with what would have fitted."""
    await log.session(KEY.session)
    small, large = turn()[0], turn("turn-2")[0]
    large.data["content"]["parts"][0]["text"] = "x" * 1_000_000
    ((pages,),) = await log.do(lambda: log.execute("PRAGMA page_count", {}))
    await log.do(lambda: log.execute(f"PRAGMA max_page_count = {pages + 20}", {}))
    written = give(log.turn(KEY), small)
    failing = give(log.turn(TurnKey(KEY.session, "turn-2")), large)
    found = await asyncio.gather(written, failing, return_exceptions=True)
    assert found[0] is True and "full" in str(found[1])
    assert rows(file_of(settings.database_url), "SELECT invocation_id FROM turns") == [{"invocation_id": "turn-1"}]


async def test_what_follows_a_group_that_found_no_file_is_not_written_when_the_file_is_back(
    log: EventLog, settings: Settings
) -> None:
    file, away = file_of(settings.database_url), file_of(settings.database_url).with_suffix(".away")
    message, calls, *rest = turn()
    open_turn = log.turn(KEY)
    assert await give(open_turn, message)
    file.rename(away)
    with pytest.raises(MovedError):
        await give(open_turn, calls)
    away.rename(file)
    with pytest.raises(MovedError):
        await give(open_turn, rest[0])
    assert len(rows(file, "SELECT id FROM events")) == 1


async def test_another_process_that_brings_the_write_ahead_log_in_order_is_waited_for(
    log: EventLog, settings: Settings
) -> None:
    """As it does after one that was killed: SQLite has a code of its own for that."""
    await log.session(KEY.session)
    index = f"{file_of(settings.database_url)}-shm"
    with subprocess.Popen(
        [sys.executable, "-c", RECOVERING, index], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None and other.stdout is not None and other.stdout.readline()
        written = give(log.turn(KEY), turn()[0])
        await asyncio.wait([written], timeout=0.1)
        assert not written.done()
        other.communicate("go on\n\n")
        assert await written
