"""A turn that a dead process left behind is interrupted; one of a living process is not touched."""

import os
import subprocess
import sys

import pytest

from settings import Settings
from storage.adk.catchup import bring_up_to_date
from storage.adk.service import SessionService
from storage.database import Database
from storage.process import is_alive, this_process
from storage.queries import turns
from tests.storage.conftest import Worker
from tests.storage.support import ADA, EVE, delegated_turn, exchange, execute, file_of, key, ledger, rows, store


def statuses(settings: Settings) -> dict[str, set[str]]:
    found = ledger(file_of(settings.database_url))
    return {table: {row["status"] for row in found[table]} for table in ("turns", "delegations", "tool_calls")}


async def test_a_turn_of_a_living_process_is_not_touched(settings: Settings, workers: list[Worker]) -> None:
    workers[0].ask("store", settings.database_url, "session-1")
    async with Database.open(settings.database_url) as opened:
        await SessionService(opened).prepare_tables()
        assert await turns.settle_dead(opened, None, None) == 0
    assert statuses(settings) == {"turns": {"running"}, "delegations": {"running"}, "tool_calls": {"running"}}


@pytest.mark.slow
async def test_a_turn_of_a_killed_process_is_interrupted_with_all_it_left_running(
    settings: Settings, workers: list[Worker]
) -> None:
    worker = Worker()
    worker.ask("store", settings.database_url, "session-1")
    worker.process.kill()
    worker.stop()
    for other in workers:
        other.tell("open", settings.database_url)
    for other in workers:
        other.answer()
    async with Database.open(settings.database_url) as opened:
        (found,) = await turns.history(opened, key(), limit=9)
        assert await turns.settle_dead(opened, None, None) == 0
    assert found.error == "the program ended before the answer"
    assert found.seconds is not None
    left = {"turns": {"interrupted"}, "delegations": {"interrupted"}, "tool_calls": {"interrupted"}}
    assert statuses(settings) == left


@pytest.mark.slow
async def test_a_killed_process_whose_parent_has_not_looked_yet_is_dead(settings: Settings) -> None:
    worker = Worker()
    try:
        worker.ask("store", settings.database_url, "session-1")
        worker.process.kill()
        os.waitid(os.P_PID, worker.process.pid, os.WEXITED | os.WNOWAIT)
        async with Database.open(settings.database_url) as opened:
            await SessionService(opened).prepare_tables()
        assert statuses(settings)["turns"] == {"interrupted"}
    finally:
        worker.stop()


async def test_an_answer_that_was_given_stays_completed(settings: Settings, workers: list[Worker]) -> None:
    async with Database.open(settings.database_url) as opened:
        await store(SessionService(opened), exchange())
    execute(file_of(settings.database_url), "UPDATE turns SET owner = 'elsewhere:1:1'")
    workers[0].ask("open", settings.database_url)
    assert rows(file_of(settings.database_url), "SELECT status FROM turns") == [{"status": "completed"}]


async def test_a_turn_that_nobody_says_they_run_is_interrupted(
    database: Database, service: SessionService, settings: Settings
) -> None:
    await store(service, delegated_turn()[:2])
    execute(file_of(settings.database_url), "UPDATE turns SET owner = NULL")
    assert await turns.settle_dead(database, None, EVE) == 0
    assert await turns.settle_dead(database, None, ADA) == 1
    assert statuses(settings)["turns"] == {"interrupted"}


async def test_a_running_turn_that_adk_adds_to_without_us_stays_whose_it_is(
    database: Database, service: SessionService, settings: Settings
) -> None:
    session = await store(service, delegated_turn()[:2])
    execute(file_of(settings.database_url), "UPDATE turns SET owner = 'elsewhere:1:1', events = 1")
    execute(file_of(settings.database_url), "UPDATE session_info SET last_event_at = '2026-01-01 00:00:00.000000'")
    await bring_up_to_date(database)
    (row,) = rows(file_of(settings.database_url), "SELECT owner, events, status FROM turns")
    assert (row, session.id) == ({"owner": "elsewhere:1:1", "events": 2, "status": "running"}, "session-1")


def test_a_process_is_known_by_host_number_and_start() -> None:
    host, pid, start = this_process().rsplit(":", 2)
    assert pid == str(os.getpid())
    assert is_alive(this_process())
    assert not is_alive(f"{host}:{pid}:{float(start) - 3600:.0f}")  # an older process that had the same number
    assert is_alive(f"elsewhere:{pid}:{start}") is None
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    assert not is_alive(f"{host}:{ended.pid}:{start}")


@pytest.mark.parametrize("name", ["", "me", "a:b", "a:b:c", "::"])
def test_of_a_name_of_no_process_nothing_is_known(name: str) -> None:
    assert is_alive(name) is None
