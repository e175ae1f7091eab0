"""What our session service writes and promises is what ADK's own does; each can go on where the other stopped."""

import asyncio
import json
from typing import Any

import pytest
from google.adk.errors import StaleSessionError
from google.adk.events import Event, EventActions
from google.adk.sessions import BaseSessionService, DatabaseSessionService

from settings import Settings
from storage.adk.service import SessionService
from tests.storage.support import ADA, START, Turn, delegated_turn, exchange, file_of, rows, store


def events() -> list[Event]:
    """A turn with delegations, and one that changes every kind of state twice."""
    turn = Turn("turn-2", START + 100)
    turn.user("hello")
    for value in ("old", "new"):
        delta = {"mine": value, "user:ours": {"deep": [value, None, 1.5]}, "app:all": value, "temp:gone": value}
        turn.bare(actions=EventActions(state_delta=delta))
    turn.model("ünïcode \N{SNOWMAN}")
    return [*delegated_turn(), *turn.made]


def written(settings: Settings, session_id: str) -> dict[str, Any]:
    """ADK's own rows of a session, its JSON read."""
    file = file_of(settings.database_url)
    stored = rows(file, "SELECT * FROM events WHERE session_id = ? ORDER BY timestamp, id", session_id)
    sessions = rows(file, "SELECT state, update_time FROM sessions WHERE id = ?", session_id)
    found = {
        "events": [{**row, "session_id": "", "event_data": json.loads(row["event_data"])} for row in stored],
        "session": [{**row, "state": json.loads(row["state"])} for row in sessions],
    }
    for table in ("user_states", "app_states"):
        found[table] = [json.loads(row["state"]) for row in rows(file, f"SELECT state FROM {table}")]
    return found


async def test_the_rows_are_the_same_as_those_adk_writes(service: SessionService, settings: Settings) -> None:
    await store(service, events(), "ours")
    ours = written(settings, "ours")
    adks = DatabaseSessionService(db_url=settings.database_url)
    await store(adks, events(), "adks")
    await adks.close()
    assert written(settings, "adks") == ours
    assert ours["session"][0]["state"] == {"mine": "new"}
    assert ours["user_states"] == [{"ours": {"deep": ["new", None, 1.5]}}]


async def test_each_reads_what_the_other_wrote(service: SessionService, settings: Settings) -> None:
    adks = DatabaseSessionService(db_url=settings.database_url)
    both: list[BaseSessionService] = [service, adks]
    for number in range(4):
        at = START + 100 * number
        await store(both[number % 2], exchange(f"message {number}", invocation_id=f"turn-{number}", at=at))
    read = [await each.get_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id="session-1") for each in both]
    await adks.close()
    assert read[0] is not None and read[1] is not None
    assert read[0].events == read[1].events
    assert len(read[0].events) == 8
    assert read[0].last_update_time == read[1].last_update_time


async def test_a_session_that_somebody_else_has_changed_is_refused(service: SessionService) -> None:
    stale = await store(service, exchange())
    await store(service, exchange(invocation_id="turn-2", at=START + 100))
    with pytest.raises(StaleSessionError):
        await service.append_event(stale, Turn("turn-3", START + 200).user("too late"))


@pytest.mark.parametrize("whose", ["adks", "ours"])
async def test_events_of_one_session_at_the_same_time_are_all_written(
    service: SessionService, settings: Settings, whose: str
) -> None:
    adks = DatabaseSessionService(db_url=settings.database_url)
    chosen = adks if whose == "adks" else service
    try:
        session = await store(chosen, exchange())
        more = [Turn(f"turn-{number}", START + 100 * number).user("x") for number in (2, 3, 4)]
        await asyncio.gather(*(chosen.append_event(session, event) for event in more))
    finally:
        await adks.close()
    assert len(session.events) == len(rows(file_of(settings.database_url), "SELECT id FROM events")) == 5


async def test_every_way_to_write_waits_for_the_disk_and_checks_its_keys(service: SessionService) -> None:
    await store(service, exchange())
    log = service.log
    assert log is not None
    found = [
        (await log.do(lambda pragma=pragma: log.execute(f"PRAGMA {pragma}", {})))[0][0]  # type: ignore[misc]
        for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    ]
    assert found == ["wal", 2, 1, 30_000]
