"""Events that were written without us have the same ledger as those written with us, made exactly once."""

from pathlib import Path

import pytest
from google.adk.events import Event
from google.adk.sessions import DatabaseSessionService
from google.genai import types

from settings import Settings
from storage.adk.catchup import catch_up
from storage.adk.service import SessionService, rewind
from storage.database import Database
from storage.queries import turns
from tests.storage.conftest import Worker
from tests.storage.support import (
    START,
    Turn,
    call_part,
    delegated_turn,
    delegating,
    exchange,
    execute,
    file_of,
    key,
    ledger,
    response_part,
    rows,
    store,
    without_hook,
)


def lone_delegation(invocation_id: str, at: float) -> list[Event]:
    turn, id_ = Turn(invocation_id, at), f"{invocation_id}-d"
    turn.user("a joke")
    turn.model(call_part(id_, "funny_nerd", request="a joke"), **delegating(id_))
    turn.model("ha", author="funny_nerd", of=id_)
    turn.tools(response_part(id_, "funny_nerd", result="ha"), types.Part(text="ha"), **delegating(id_))
    return turn.made


def reported(invocation_id: str, at: float) -> list[Event]:
    turn, id_ = Turn(invocation_id, at), f"{invocation_id}-r"
    turn.user("note it")
    turn.model(call_part(id_, "track_agent_delegation", agent_name="bob", task="dig"))
    turn.tools(response_part(id_, "track_agent_delegation", status="success"))
    turn.model("noted")
    return turn.made


def failed(invocation_id: str, at: float) -> list[Event]:
    turn = Turn(invocation_id, at)
    turn.user("hello")
    turn.bare(error_code="429", error_message="slow down")
    return turn.made


def conversation() -> list[Event]:
    """One turn of every kind."""
    kinds = [exchange_at, delegated_turn, lone_delegation, reported, failed]
    return [event for number, made in enumerate(kinds) for event in made(f"turn-{number}", START + 100 * number)]


def exchange_at(invocation_id: str, at: float) -> list[Event]:
    return exchange(invocation_id=invocation_id, at=at)


@pytest.fixture
async def expected(tmp_path: Path) -> dict[str, list[dict[str, object]]]:
    """The ledger of `conversation` when it is written with us."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'with-us.db'}"
    async with Database.open(url) as opened:
        await store(SessionService(opened), conversation())
    return ledger(file_of(url))


async def write_with_adk(url: str, events: list[Event]) -> None:
    adks = DatabaseSessionService(db_url=url)
    with without_hook():
        await store(adks, events)
    await adks.close()


async def opened_again(url: str) -> dict[str, list[dict[str, object]]]:
    async with Database.open(url) as opened:
        await SessionService(opened).prepare_tables()
    return ledger(file_of(url))


async def test_a_database_that_only_adk_has_written_gets_its_ledger(
    settings: Settings, expected: dict[str, object]
) -> None:
    await write_with_adk(settings.database_url, conversation())
    assert await opened_again(settings.database_url) == expected


@pytest.mark.parametrize("known", [1, 4, 9, 15])
async def test_events_that_came_after_ours_are_added(
    settings: Settings, expected: dict[str, object], known: int
) -> None:
    async with Database.open(settings.database_url) as opened:
        await store(SessionService(opened), conversation()[:known])
    await write_with_adk(settings.database_url, conversation()[known:])
    assert await opened_again(settings.database_url) == expected


async def test_catching_up_again_changes_nothing(database: Database, settings: Settings) -> None:
    await write_with_adk(settings.database_url, conversation())
    service = SessionService(database)
    await service.prepare_tables()
    once = ledger(file_of(settings.database_url), without=())
    assert await catch_up(database) == 0
    assert ledger(file_of(settings.database_url), without=()) == once


async def test_a_turn_written_with_us_is_not_made_anew(database: Database, service: SessionService) -> None:
    await store(service, conversation())
    assert await catch_up(database) == 0


@pytest.mark.slow
async def test_two_processes_that_open_together_catch_up_once(
    settings: Settings, expected: dict[str, object], workers: list[Worker]
) -> None:
    await write_with_adk(settings.database_url, conversation())
    for worker in workers:
        worker.tell("open", settings.database_url)
    for worker in workers:
        worker.answer()
    assert ledger(file_of(settings.database_url)) == expected


async def test_delegations_are_known_by_their_branch_where_no_plugin_named_them(settings: Settings) -> None:
    events = delegated_turn()
    for event in events:
        event.custom_metadata = None
    await write_with_adk(settings.database_url, events)
    await opened_again(settings.database_url)
    file = file_of(settings.database_url)
    handed = rows(file, "SELECT agent_name, task, status FROM delegations ORDER BY agent_name")
    assert [(row["agent_name"], row["task"], row["status"]) for row in handed] == [
        ("funny_nerd", "a joke", "completed"),
        ("stock_analyst", "a price", "completed"),
    ]
    called = rows(file, "SELECT tool_name FROM tool_calls ORDER BY tool_name")
    assert [row["tool_name"] for row in called] == ["add_to_stock_watchlist", "get_stock_price"]


async def test_a_session_without_events_has_no_turns_and_is_no_work(database: Database, settings: Settings) -> None:
    await write_with_adk(settings.database_url, [])
    await SessionService(database).prepare_tables()
    found = ledger(file_of(settings.database_url))
    assert {table: len(held) for table, held in found.items() if held} == {"session_info": 1}
    assert await catch_up(database) == 0
    assert ledger(file_of(settings.database_url)) == found


async def test_a_turn_that_adk_left_unfinished_is_interrupted(database: Database, settings: Settings) -> None:
    await write_with_adk(settings.database_url, delegated_turn()[:4])
    await SessionService(database).prepare_tables()
    (turn,) = await turns.history(database, key(), limit=10)
    assert turn.status == "interrupted"
    handed = rows(file_of(settings.database_url), "SELECT status FROM delegations")
    assert [row["status"] for row in handed] == ["interrupted", "interrupted"]


async def test_the_times_of_parallel_delegations_are_the_same_when_they_are_made_anew(settings: Settings) -> None:
    events = delegated_turn()
    spans = {"turn-1-joke": [START + 1.5, START + 4.2], "turn-1-stock": [START + 1.6, START + 5.2]}
    merged = events[-2]
    assert merged.custom_metadata is not None
    merged.custom_metadata["spans"] = spans
    merged.timestamp = START + 4.5
    async with Database.open(settings.database_url) as opened:
        await store(SessionService(opened), events)
    written = ledger(file_of(settings.database_url))
    execute(file_of(settings.database_url), *(f"DELETE FROM {table}" for table in written))
    assert (await opened_again(settings.database_url))["delegations"] == written["delegations"]


async def test_an_undo_that_is_known_takes_nothing_back_again(settings: Settings, database: Database) -> None:
    service = SessionService(database)
    await store(service, [e for n in (1, 2) for e in exchange(f"m{n}", invocation_id=f"t-{n}", at=START + 100 * n)])
    await store(service, [rewind("t-2")])
    await store(service, exchange("m3", invocation_id="t-3", at=START + 300))
    await write_with_adk(settings.database_url, exchange("m4", invocation_id="t-4", at=START + 400))
    assert await catch_up(database) == 1
    held = await turns.history(database, key(), limit=9)
    assert [(turn.number, turn.user_input) for turn in held] == [(3, "m4"), (2, "m3"), (1, "m1")]


async def test_an_undo_without_us_takes_back_what_came_before_it(settings: Settings, database: Database) -> None:
    service = SessionService(database)
    await store(service, [e for n in (1, 2) for e in exchange(f"m{n}", invocation_id=f"t-{n}", at=START + 100 * n)])
    await write_with_adk(settings.database_url, [rewind("t-2"), *exchange("m3", invocation_id="t-3", at=START + 300)])
    await catch_up(database)
    held = await turns.history(database, key(), limit=9)
    assert [(turn.number, turn.user_input) for turn in held] == [(2, "m3"), (1, "m1")]


async def test_turns_are_numbered_as_they_were_written_whatever_the_clock(
    settings: Settings, database: Database
) -> None:
    ahead = Turn("t-2", START + 3600)
    ahead.user("m2")
    ahead.at = START
    ahead.model("set back within the turn")
    events = [*exchange("m1", invocation_id="t-1", at=START + 9999), *ahead.made, *exchange("m3", invocation_id="t-3")]
    await write_with_adk(settings.database_url, events)
    await opened_again(settings.database_url)
    held = await turns.history(database, key(), limit=9)
    assert [(turn.number, turn.user_input, turn.agent_response) for turn in held] == [
        (3, "m3", "hi"),
        (2, "m2", "set back within the turn"),
        (1, "m1", "hi"),
    ]
