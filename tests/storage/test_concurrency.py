"""Several processes, engines and tasks on one file: all succeed, and nothing is lost."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import Connection

from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences, turns
from tests.storage.conftest import Worker
from tests.storage.support import ADA, exchange, file_of, held, key, ledger, rows, store


@pytest.mark.slow
def test_four_processes_open_one_fresh_database_at_once(workers: list[Worker], tmp_path: Path) -> None:
    for round_ in range(4):
        url = f"sqlite+aiosqlite:///{tmp_path / f'fresh-{round_}.db'}"
        for worker in workers:
            worker.tell("open", url)
        assert [worker.answer() for worker in workers] == ["done"] * 4
        tables = {row["name"] for row in rows(file_of(url), "SELECT name FROM sqlite_master")}
        assert {"turns", "events", "sessions", "conversation_history"} <= tables


@pytest.mark.slow
def test_three_processes_adding_preferences_at_once_lose_none(workers: list[Worker], settings: Settings) -> None:
    for number, worker in enumerate(workers[:3]):
        values = [f"topic-{number}-{i}" for i in range(50)]
        worker.tell("prefer", settings.database_url, "joke_preferences", *values)
    assert [worker.answer() for worker in workers[:3]] == [[True] * 50] * 3
    (counted,) = rows(file_of(settings.database_url), "SELECT count(*) AS n FROM preferences")
    assert counted["n"] == 150


@pytest.mark.slow
def test_processes_that_talk_at_once_in_sessions_of_their_own_keep_every_turn(
    workers: list[Worker], settings: Settings
) -> None:
    for number, worker in enumerate(workers):
        worker.tell("talk", settings.database_url, f"session-{number}", "3")
    for worker in workers:
        worker.answer()
    found = ledger(file_of(settings.database_url))
    assert len(found["turns"]) == 12
    assert {(turn["events"], turn["status"]) for turn in found["turns"]} == {(8, "completed")}
    assert len(found["delegations"]) == len(found["tool_calls"]) == 24


async def test_two_engines_take_turns_in_one_session(settings: Settings) -> None:
    async with Database.open(settings.database_url) as first, Database.open(settings.database_url) as second:
        services = [SessionService(first), SessionService(second)]
        for number in range(4):
            await store(services[number % 2], exchange(f"message {number}", invocation_id=f"turn-{number}"))
        found = await turns.history(second, key(), limit=10)
    assert [turn.user_input for turn in found] == ["message 3", "message 2", "message 1", "message 0"]
    assert [turn.number for turn in found] == [4, 3, 2, 1]


async def test_tasks_of_one_process_do_not_lose_each_others_preferences(database: Database) -> None:
    added = await asyncio.gather(
        *(preferences.add(database, ADA, "nerd_topics", f"topic {number % 10}") for number in range(30))
    )
    assert added.count(True) == 10
    assert len((await preferences.of_user(database, ADA))["nerd_topics"]) == 10


async def test_a_reader_is_not_held_up_by_a_writer(database: Database, settings: Settings) -> None:
    await preferences.add(database, ADA, "nerd_topics", "before")
    with held(file_of(settings.database_url), "UPDATE preferences SET value = 'after'"):
        assert await preferences.of_user(database, ADA) == {"nerd_topics": ["before"]}
    assert await preferences.of_user(database, ADA) == {"nerd_topics": ["after"]}


async def test_a_write_that_fails_leaves_nothing(database: Database) -> None:
    def changes_its_mind(conn: Connection) -> None:
        conn.exec_driver_sql(
            "INSERT INTO preferences (app_name, user_id, kind, value, created_at) "
            "VALUES ('manager', 'ada', 'nerd_topics', 'x', '2026-01-01 00:00:00')"
        )
        raise KeyError("changed my mind")

    with pytest.raises(KeyError):
        await database.write(changes_its_mind)
    assert await preferences.of_user(database, ADA) == {}
