"""A session that ADK's `create_session` has made is one before its first turn, and what its state says is kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from google.adk.sessions import DatabaseSessionService

from settings import APP_NAME, Settings
from storage.adk.catchup import bring_up_to_date, catch_up
from storage.adk.service import SessionService, Window
from storage.database import Database
from storage.preference_kinds import JOKE_PREFERENCES, PreferenceKind
from storage.queries import archive, preferences, session_changes, session_document, sessions
from storage.scope import User
from tests.storage.support import ADA, EVE, exchange, execute, file_of, key, rows, store, without_hook

INITIAL = {
    "user_name": "Arvind Mehta",
    "conversation_history": [],
    "agent_delegations": [],
    "user_preferences": {
        "favorite_agent": "funny_nerd",
        "joke_preferences": ["python", "programming"],
        "stock_watchlist": ["AAPL", "GOOGL"],
        "nerd_topics": ["programming", "math"],
    },
    "session_metadata": {"created_at": "2024-01-15T10:00:00", "total_interactions": 0},
}
"""As the documented program gives it to `create_session`."""
KNOWN = {
    "user_name": ["Arvind Mehta"],
    "favorite_agent": ["funny_nerd"],
    "joke_preferences": ["python", "programming"],
    "stock_watchlist": ["AAPL", "GOOGL"],
    "nerd_topics": ["programming", "math"],
}


@asynccontextmanager
async def adks_own(settings: Settings) -> AsyncIterator[DatabaseSessionService]:
    async with DatabaseSessionService(settings.database_url) as service:
        yield service


async def make(
    service: DatabaseSessionService, state: dict[str, Any] | None = None, name: str = "made", user: User = ADA
) -> None:
    await service.create_session(app_name=user.app_name, user_id=user.adk_id, session_id=name, state=state)


async def is_new(database: Database) -> None:
    (info,) = await sessions.listing(database, ADA, limit=9)
    assert (info.session_id, info.title, info.turns, info.agents) == ("made", "", 0, ())
    assert await sessions.find(database, ADA, "mad") == await sessions.latest(database, ADA) == info
    assert await sessions.get(database, key("made")) == info
    assert info.created_at == info.last_event_at
    assert await catch_up(database) == 0


async def test_a_session_made_by_our_service_is_there_at_once(service: SessionService) -> None:
    await make(service)
    await is_new(service.database)


async def test_a_session_made_by_adks_service_in_this_process_is_there_at_once(
    service: SessionService, settings: Settings
) -> None:
    async with adks_own(settings) as adks:
        await make(adks)
    await is_new(service.database)


async def test_a_session_made_by_another_program_is_there_at_the_next_opening(
    service: SessionService, settings: Settings
) -> None:
    with without_hook():
        async with adks_own(settings) as adks:
            await make(adks, INITIAL)
    assert await sessions.count(service.database, ADA) == 0
    await bring_up_to_date(service.database, EVE)
    assert await sessions.count(service.database, ADA) == 0
    await bring_up_to_date(service.database, ADA)
    await is_new(service.database)
    assert await preferences.of_user(service.database, ADA) == KNOWN


async def test_a_session_that_another_program_makes_beside_us_is_known_with_its_first_turn(
    service: SessionService, settings: Settings
) -> None:
    await make(service, name="ours")
    with without_hook():
        async with adks_own(settings) as adks:
            await make(adks, INITIAL)
    async with service.open_turn(key("made")) as turn:
        assert turn.opening.preferences == KNOWN


async def test_nor_does_a_runner_that_is_given_the_service_miss_it(service: SessionService, settings: Settings) -> None:
    await make(service, name="ours")
    with without_hook():
        async with adks_own(settings) as adks:
            await make(adks, INITIAL)
    await service.get_session(app_name=APP_NAME, user_id=ADA.adk_id, session_id="made", config=Window(turns=5))
    assert await preferences.of_user(service.database, ADA) == KNOWN


async def test_the_first_message_gives_it_its_title(service: SessionService) -> None:
    await make(service)
    made = await sessions.find(service.database, ADA, "made")
    await store(service, exchange("hello", at=made.created_at.timestamp() + 60), "made")
    info = await sessions.find(service.database, ADA, "hello")
    assert (info.title, info.turns, info.created_at) == ("hello", 1, made.created_at)
    assert info.last_event_at > made.last_event_at
    await store(service, exchange("by a clock that was set back", invocation_id="turn-2"), "made")
    assert (await sessions.find(service.database, ADA, "hello")).created_at == made.created_at


async def test_it_can_be_renamed_exported_read_in_and_deleted(service: SessionService) -> None:
    database = service.database
    await make(service, INITIAL)
    await session_changes.rename(database, key("made"), "plans")
    document = (await archive.export(database, key("made"))).model_dump_json()
    again = await archive.import_(database, EVE, document)
    info = await sessions.get(database, again)
    assert info is not None and (info.title, info.turns) == ("plans", 0)
    assert await preferences.of_user(database, EVE) == {}
    shown = await session_document.document(database, key("made"), await sessions.find(database, ADA, "plans"))
    assert (shown["user_name"], shown["conversation_history"]) == ("Arvind Mehta", [])
    assert shown["user_preferences"] == INITIAL["user_preferences"]
    assert shown["session_metadata"]["total_interactions"] == 0
    await session_changes.remove(database, [key("made")])
    assert await sessions.count(database, ADA) == 0
    assert await preferences.of_user(database, ADA) == KNOWN


async def test_a_turn_that_never_got_its_message_leaves_no_session(service: SessionService, settings: Settings) -> None:
    async with service.open_turn(key("made")) as turn:
        assert turn.opening.session.state == {}
    for table in ("sessions", "session_info", "user_states", "app_states"):
        assert rows(file_of(settings.database_url), f"SELECT * FROM {table}") == []


@pytest.mark.parametrize("prefix", ["", "user:"])
async def test_a_state_in_the_documented_shape_is_what_is_known_of_the_user(
    service: SessionService, settings: Settings, prefix: str
) -> None:
    state = {f"{prefix}{name}": value for name, value in INITIAL.items()}
    await make(service, state)
    assert await preferences.of_user(service.database, ADA) == KNOWN
    async with adks_own(settings) as adks:
        await make(adks, state, user=EVE)
        kept = await adks.get_session(app_name=APP_NAME, user_id="eve", session_id="made")
    assert await preferences.of_user(service.database, EVE) == KNOWN
    assert kept is not None and kept.state == state


async def test_what_is_given_for_the_user_with_a_later_session_is_taken_too(service: SessionService) -> None:
    await make(service, name="first")
    await make(service, {"user:user_name": "Ada"}, "second")
    assert await preferences.of_user(service.database, ADA) == {"user_name": ["Ada"]}


async def test_what_another_program_gave_the_user_is_known_at_the_next_opening(
    service: SessionService, settings: Settings
) -> None:
    with without_hook():
        async with adks_own(settings) as adks:
            await make(adks, {f"user:{name}": value for name, value in INITIAL.items()}, "one")
            await make(adks, {"user_preferences": {"stock_watchlist": ["NVDA"]}}, "two")
    await bring_up_to_date(service.database, ADA)
    known = await preferences.of_user(service.database, ADA)
    assert {**known, "stock_watchlist": sorted(known["stock_watchlist"])} == {
        **KNOWN,
        "stock_watchlist": ["AAPL", "GOOGL", "NVDA"],
    }


async def test_a_state_is_taken_once_and_what_the_user_says_since_stands(service: SessionService) -> None:
    database = service.database
    await make(service, {f"user:{name}": value for name, value in INITIAL.items()})
    await make(service, INITIAL, "other")
    await preferences.add(database, ADA, "user_name", "Ada", single=True)
    for value in KNOWN["stock_watchlist"]:
        await preferences.remove(database, ADA, "stock_watchlist", value)
    said = {**KNOWN, "user_name": ["Ada"]}
    del said["stock_watchlist"]
    await bring_up_to_date(database)
    await make(service, name="third")
    await store(service, exchange(), "other")
    assert await preferences.of_user(database, ADA) == said
    await make(service, {"user_name": "Bob"}, "fourth")
    assert await preferences.of_user(database, ADA) == said


async def test_what_was_given_for_the_user_is_not_taken_with_each_session(
    service: SessionService, settings: Settings
) -> None:
    for name, state in (("one", {f"user:{name}": value for name, value in INITIAL.items()}), ("two", None)):
        with without_hook():
            async with adks_own(settings) as adks:
                await make(adks, state, name)
        await bring_up_to_date(service.database, ADA)
        assert await preferences.remove(service.database, ADA, "stock_watchlist", "AAPL") is (name == "one")
    assert await sessions.count(service.database, ADA) == 2
    assert (await preferences.of_user(service.database, ADA))["stock_watchlist"] == ["GOOGL"]


async def test_a_session_that_was_known_before_is_not_looked_at_again(
    service: SessionService, settings: Settings
) -> None:
    with without_hook():
        async with adks_own(settings) as adks:
            await make(adks, INITIAL)
            await bring_up_to_date(service.database, ADA)
            await preferences.remove(service.database, ADA, "stock_watchlist", "AAPL")
            await store(adks, exchange(), "made")
    await bring_up_to_date(service.database, ADA)
    assert (await preferences.of_user(service.database, ADA))["stock_watchlist"] == ["GOOGL"]


@pytest.mark.parametrize("adk_id", ["a/b", "50%/c", "acme/ada", "%"])
async def test_a_user_of_another_program_may_be_called_anything(
    service: SessionService, settings: Settings, adk_id: str
) -> None:
    async with adks_own(settings) as adks:
        for number in range(2):
            await adks.create_session(app_name="theirs", user_id=adk_id, session_id=f"s-{number}", state=INITIAL)
            execute(file_of(settings.database_url), "DELETE FROM session_info")
            await bring_up_to_date(service.database)
    kept = rows(file_of(settings.database_url), "SELECT user_id, value FROM preferences WHERE kind = 'user_name'")
    assert kept == [{"user_id": adk_id, "value": "Arvind Mehta"}]


async def test_values_are_cleaned_and_what_is_not_valid_is_left_out(service: SessionService) -> None:
    values = {
        "favorite_agent": "Funny Nerd",
        "joke_preferences": [" Python\n", "PYTHON", "", 5, None, ["x"], "\x1b"],
        "stock_watchlist": ["$aapl", "no ticker", "BRK.B"],
        "nerd_topics": "Math",
        "shoe_size": "44",
    }
    await make(service, {"user_name": "  Ada\u202e \n L. ", "user_preferences": values, "mood": ["good"]})
    assert await preferences.of_user(service.database, ADA) == {
        "user_name": ["Ada L."],
        "favorite_agent": ["funny_nerd"],
        "joke_preferences": ["python"],
        "stock_watchlist": ["AAPL", "BRK.B"],
        "nerd_topics": ["math"],
    }


@pytest.mark.parametrize(
    "state",
    [
        {"user_name": 5},
        {"user_name": ""},
        {"user_name": ["Ada"]},
        {"user_preferences": ["AAPL"]},
        {"user_preferences": {"favorite_agent": ["a"], "stock_watchlist": {"AAPL": 1}}},
        {"app:user_name": "Ada"},
        {"temp:user_name": "Ada"},
        {"user_preferences": {"favorite_agent": None, "joke_preferences": []}},
    ],
    ids=str,
)
async def test_a_state_of_another_shape_says_nothing(service: SessionService, state: dict[str, Any]) -> None:
    await make(service, state)
    assert await preferences.of_user(service.database, ADA) == {}
    assert await sessions.count(service.database, ADA) == 1


async def test_a_state_without_an_end_is_not_taken_without_one(service: SessionService) -> None:
    topics = [f"topic {number}" for number in range(500)]
    await make(service, {"user_name": "A" * 9999, "user_preferences": {"nerd_topics": topics}})
    known = await preferences.of_user(service.database, ADA)
    assert known == {"user_name": ["A" * 100], "nerd_topics": topics[:100]}


async def test_the_kinds_of_the_team_are_those_that_are_taken(database: Database) -> None:
    asked = []

    def kinds() -> list[PreferenceKind]:
        asked.append(1)
        return [JOKE_PREFERENCES, PreferenceKind("dice", clean=str.upper)]

    service = SessionService(database, kinds=kinds)
    await make(service, {"mood": "good"}, "plain")
    assert not asked
    state = {"user_preferences": {"joke_preferences": ["Cats"], "dice": ["d20"], "nerd_topics": ["math"]}}
    await make(service, state)
    assert await preferences.of_user(database, ADA) == {"joke_preferences": ["cats"], "dice": ["D20"]}
