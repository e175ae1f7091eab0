"""Sessions are listed newest first, found by what a person calls them, and never another user's."""

import pytest
from google.adk.events import Event, EventActions

from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.queries import session_document, sessions
from tests.storage.support import ADA, EVE, START, delegated_turn, exchange, key, store

NOTHING = ("", " ", "\t\n", "\x00", "abc\x00", "\udcff", "abc\ud800", "x" * 10**6, "\U0010ffff")
"""What no session is called by."""


@pytest.fixture
async def talked(service: SessionService) -> None:
    """Three sessions of Ada and one of Eve, each a day after the one before."""
    told = [
        ("abc-1", "Tell me a joke", ADA),
        ("abd-2", "tell me a joke", ADA),
        ("xyz-3", "Über alles reden", ADA),
        ("eve-4", "my secret", EVE),
    ]
    for day, (session_id, text, user) in enumerate(told):
        await store(service, exchange(text, at=START + 86_400 * day), session_id, user)


@pytest.mark.usefixtures("talked")
async def test_sessions_are_listed_the_last_used_first(database: Database) -> None:
    found = await sessions.listing(database, ADA, limit=10)
    assert [(info.session_id, info.title, info.turns) for info in found] == [
        ("xyz-3", "Über alles reden", 1),
        ("abd-2", "tell me a joke", 1),
        ("abc-1", "Tell me a joke", 1),
    ]
    assert found[0].created_at.isoformat() == "2026-01-04T03:04:05+00:00"
    assert found[0].last_event_at.isoformat() == "2026-01-04T03:04:06+00:00"


@pytest.mark.usefixtures("talked")
async def test_a_session_that_is_used_again_moves_to_the_front(database: Database, service: SessionService) -> None:
    await store(service, exchange("more", invocation_id="turn-2", at=START + 86_400 * 9), "abc-1")
    latest = await sessions.latest(database, ADA)
    assert latest is not None
    assert (latest.session_id, latest.title, latest.turns) == ("abc-1", "Tell me a joke", 2)


@pytest.mark.usefixtures("talked")
async def test_sessions_come_in_pages(database: Database) -> None:
    pages = [await sessions.listing(database, ADA, limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [[info.session_id for info in page] for page in pages] == [["xyz-3", "abd-2"], ["abc-1"], []]
    assert await sessions.count(database, ADA) == 3


@pytest.mark.usefixtures("talked")
async def test_a_session_is_found_by_its_id_a_beginning_of_it_its_title_or_last(
    database: Database, service: SessionService
) -> None:
    await store(service, exchange("What time is it?", at=START - 1000), "old-5")
    names = {"abc-1": "abc-1", "x": "xyz-3", "abc": "abc-1", "what TIME is it?": "old-5", "last": "xyz-3"}
    assert {name: (await sessions.find(database, ADA, name)).session_id for name in names} == names


@pytest.mark.usefixtures("talked")
async def test_a_title_is_found_in_any_alphabet(database: Database) -> None:
    for name in ("Über alles reden", "ÜBER ALLES REDEN"):
        assert (await sessions.find(database, ADA, name)).session_id == "xyz-3"


@pytest.mark.usefixtures("talked")
async def test_a_name_of_two_sessions_is_told_as_such(database: Database) -> None:
    for name in ("ab", "TELL ME A JOKE"):
        with pytest.raises(StorageError, match="more than one session is called") as raised:
            await sessions.find(database, ADA, name)
        assert "abc-1" in raised.value.hint and "abd-2" in raised.value.hint


@pytest.mark.usefixtures("talked")
async def test_a_name_of_no_session_of_the_user_is_told_as_such(database: Database) -> None:
    for name in ("nothing", "%", "_bc-1", "a%", "eve-4", "my secret", *NOTHING):
        with pytest.raises(StorageError, match="session is called") as raised:
            await sessions.find(database, ADA, name)
        assert raised.value.hint


async def test_an_empty_name_is_not_the_only_session(database: Database, service: SessionService) -> None:
    await store(service, exchange(), "only-one")
    assert (await sessions.find(database, ADA, "o")).session_id == "only-one"
    for name in NOTHING:
        with pytest.raises(StorageError, match="no session is called") as raised:
            await sessions.find(database, ADA, name)
        assert str(raised.value).isprintable() and len(str(raised.value)) < 300


async def test_agents_and_tasks_of_turns_that_were_taken_back_are_not_told(
    database: Database, service: SessionService
) -> None:
    await store(service, delegated_turn("turn-1"), "one")
    info = await sessions.find(database, ADA, "one")
    assert info.agents == ("funny_nerd", "stock_analyst")
    undone = EventActions(rewind_before_invocation_id="turn-1")
    rewind = Event(invocation_id="undo", author="user", timestamp=START + 60, actions=undone)
    await store(service, [rewind], "one")
    info = await sessions.find(database, ADA, "one")
    assert (info.turns, info.agents) == (0, ())
    told = await session_document.document(database, key("one"), info)
    assert told["conversation_history"] == told["agent_delegations"] == []


async def test_an_exact_id_wins_over_longer_ones(database: Database, service: SessionService) -> None:
    for session_id in ("a", "ab"):
        await store(service, exchange(), session_id)
    assert (await sessions.find(database, ADA, "a")).session_id == "a"


async def test_without_sessions_there_is_no_last_one(database: Database) -> None:
    assert await sessions.latest(database, ADA) is None
    with pytest.raises(StorageError, match="no session is called 'last'"):
        await sessions.find(database, ADA, "last")


async def test_a_session_of_another_user_with_the_same_id_is_another_session(
    database: Database, service: SessionService
) -> None:
    await store(service, exchange("hers"), "same", ADA)
    await store(service, exchange("mine"), "same", EVE)
    assert (await sessions.find(database, ADA, "same")).title == "hers"
    assert (await sessions.find(database, EVE, "same")).title == "mine"


async def test_a_long_or_broken_first_message_makes_a_short_title_of_one_line(
    database: Database, service: SessionService
) -> None:
    await store(service, exchange("one\n two\t" + "three " * 40))
    latest = await sessions.latest(database, ADA)
    assert latest is not None
    assert latest.title.startswith("one two three three") and latest.title.endswith("…")
    assert len(latest.title) <= 60


async def test_a_title_has_nothing_that_a_terminal_obeys(database: Database, service: SessionService) -> None:
    await store(service, exchange("\x1b]0;a\x07 b\u202e\x9bc 👩\u200d💻\x00"))
    latest = await sessions.latest(database, ADA)
    assert latest is not None and latest.title == "]0;a bc 👩\u200d💻\ufffd"
