"""Turns and delegations as they are read back: newest first, in pages, of one user."""

import pytest

from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import turns
from storage.scope import TurnKey
from tests.storage.support import ADA, EVE, START, Turn, call_part, delegated_turn, delegating, exchange, key, store


@pytest.fixture
async def talked(service: SessionService) -> None:
    await store(service, delegated_turn("turn-1", START))
    await store(service, exchange("hello", "hi", "turn-2", START + 100))
    await store(service, exchange("elsewhere", "yes", "turn-3", START + 200), "session-2")
    await store(service, exchange("secret", "psst", "turn-4", START + 300), "session-1", EVE)


@pytest.mark.usefixtures("talked")
async def test_the_history_of_a_session_is_newest_first_and_paged(database: Database) -> None:
    found = await turns.history(database, key(), limit=10)
    assert [(turn.number, turn.user_input, turn.agent_response) for turn in found] == [
        (2, "hello", "hi"),
        (1, "a joke and a price", "ha, and 250"),
    ]
    assert await turns.history(database, key(), limit=1) == found[:1]
    assert await turns.history(database, key(), limit=1, offset=1) == found[1:]


@pytest.mark.usefixtures("talked")
async def test_a_turn_tells_what_it_came_to(database: Database) -> None:
    turn = (await turns.history(database, key(), limit=9))[-1]
    assert turn.invocation_id == "turn-1"
    assert (turn.status, turn.model, turn.model_calls, turn.prompt_tokens, turn.output_tokens, turn.error) == (
        "completed",
        "scripted",
        5,
        50,
        15,
        None,
    )
    assert turn.seconds == 7.0
    assert turn.started_at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert sorted(turn.agents) == ["funny_nerd", "stock_analyst"]
    assert turn.event_id == "turn-1-7"


async def test_the_agents_of_a_turn_come_in_the_order_they_were_asked(
    database: Database, service: SessionService
) -> None:
    turn = Turn()
    turn.user("three things")
    for number, agent in enumerate(["news_analyst", "funny_nerd", "news_analyst", "librarian"]):
        turn.model(call_part(f"c{number}", agent, request="x"), **delegating(f"c{number}"))
    await store(service, turn.made)
    (found,) = await turns.history(database, key(), limit=1)
    assert found.agents == ("news_analyst", "funny_nerd", "librarian")


@pytest.mark.usefixtures("talked")
async def test_the_turns_of_a_user_are_those_of_all_sessions_and_of_nobody_else(database: Database) -> None:
    assert [turn.user_input for turn in await turns.of_user(database, ADA, limit=10)] == [
        "elsewhere",
        "hello",
        "a joke and a price",
    ]
    assert [turn.user_input for turn in await turns.of_user(database, EVE, limit=10)] == ["secret"]


@pytest.mark.usefixtures("talked")
async def test_delegations_are_newest_first_and_of_one_user_or_session(database: Database) -> None:
    found = await turns.recent_delegations(database, ADA, limit=10)
    assert sorted((d.agent_name, d.task, d.status, d.seconds) for d in found) == [
        ("funny_nerd", "a joke", "completed", 3.0),
        ("stock_analyst", "a price", "completed", 4.0),
    ]
    assert len(await turns.recent_delegations(database, ADA, limit=1)) == 1
    assert await turns.recent_delegations(database, ADA, limit=10, session_id="session-2") == []
    assert await turns.recent_delegations(database, EVE, limit=10) == []


async def test_a_turn_ends_only_once(database: Database, service: SessionService) -> None:
    turn = TurnKey(key(), "turn-1")
    assert not await turns.end_if_running(database, turn, "cancelled")
    await store(service, delegated_turn()[:3])
    assert await turns.end_if_running(database, turn, "cancelled")
    assert not await turns.end_if_running(database, turn, "completed")
    assert not await turns.fail(database, turn, "too late")
    (found,) = await turns.history(database, key(), limit=9)
    assert (found.status, found.error) == ("cancelled", None)
    assert {d.status for d in await turns.recent_delegations(database, ADA, limit=9)} == {"cancelled"}


async def test_a_failed_turn_may_be_told_a_better_reason(database: Database, service: SessionService) -> None:
    turn = TurnKey(key(), "turn-1")
    events = Turn()
    events.user("hello")
    events.bare(error_code="429", error_message="a long text of a library")
    await store(service, events.made)
    assert await turns.fail(database, turn, "slow down")
    (found,) = await turns.history(database, key(), limit=9)
    assert (found.status, found.error) == ("failed", "slow down")
