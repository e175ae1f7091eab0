"""Whole sessions are renamed, deleted, forked and found old; another user's are never touched."""

from datetime import UTC, datetime

import pytest

from settings import Settings
from storage.adk.catchup import catch_up
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.queries import session_changes, sessions, turns
from tests.storage.support import ADA, EVE, START, delegated_turn, exchange, file_of, key, ledger, rows, store

DAY = 86_400


@pytest.fixture
async def talked(service: SessionService) -> None:
    await store(service, delegated_turn("t-1"), "one")
    await store(service, exchange("second", invocation_id="t-2", at=START + 100), "one")
    await store(service, exchange("third", invocation_id="t-3", at=START + 200), "one")
    await store(service, exchange("other", at=START + DAY), "two")
    await store(service, exchange("secret", at=START + 2 * DAY), "one", EVE)


@pytest.mark.usefixtures("talked")
async def test_a_title_is_one_line_of_a_limited_length(database: Database) -> None:
    assert await session_changes.rename(database, key("one"), "  My \n plans ") == "My plans"
    for long in ("x" * 999, "x" * 10**6):
        assert len(await session_changes.rename(database, key("one"), long)) == session_changes.TITLE_LENGTH
    odd = "\x1b]0;a\x07 \u202eb\ud800\x00\u2028c"
    assert await session_changes.rename(database, key("one"), odd) == "]0;a b c"
    with pytest.raises(StorageError, match="cannot be empty"):
        await session_changes.rename(database, key("one"), " \n ")
    assert (await sessions.find(database, EVE, "one")).title == "secret"


@pytest.mark.usefixtures("talked")
async def test_deleting_a_session_leaves_nothing_of_it_and_nothing_of_others_out(
    database: Database, settings: Settings
) -> None:
    file = file_of(settings.database_url)
    await session_changes.remove(database, [key("one")])
    for table in ("events", "turns", "delegations", "tool_calls", "session_info"):
        left = {(row["user_id"], row["session_id"]) for row in rows(file, f"SELECT * FROM {table}")}
        assert left <= {("ada", "two"), ("eve", "one")}, table
    assert [info.session_id for info in await sessions.listing(database, ADA, limit=5)] == ["two"]


@pytest.mark.usefixtures("talked")
async def test_a_fork_has_the_history_up_to_a_turn_and_the_rest_is_not_in_it(
    database: Database, service: SessionService, settings: Settings
) -> None:
    target = await session_changes.fork(database, key("one"), at=2)
    held = await turns.history(database, target, limit=9)
    assert [(turn.number, turn.user_input) for turn in held] == [(2, "second"), (1, "a joke and a price")]
    assert held[1].agents == ("funny_nerd", "stock_analyst")
    assert len(await turns.tool_calls_of(database, target, ["t-1"])) == 2
    session = await service.get_session(app_name=ADA.app_name, user_id="ada", session_id=target.session_id)
    assert session is not None
    assert {event.invocation_id for event in session.events} == {"t-1", "t-2"}
    info = await sessions.find(database, ADA, target.session_id)
    assert (info.title, info.forked_from, info.forked_at_turn) == ("a joke and a price (fork)", "one", 2)
    assert await catch_up(database) == 0


@pytest.mark.usefixtures("talked")
async def test_a_fork_and_its_origin_go_their_own_ways(
    database: Database, service: SessionService, settings: Settings
) -> None:
    before = ledger(file_of(settings.database_url))["turns"]
    target = await session_changes.fork(database, key("one"))
    await store(service, exchange("only here", invocation_id="t-9", at=START + 999), target.session_id)
    after = [row for row in ledger(file_of(settings.database_url))["turns"] if row["session_id"] != target.session_id]
    assert after == before
    assert [turn.number for turn in await turns.history(database, target, limit=9)] == [4, 3, 2, 1]


@pytest.mark.usefixtures("talked")
async def test_forks_have_titles_that_tell_them_apart(database: Database) -> None:
    names = [await session_changes.fork(database, key("one")) for _ in range(2)]
    titles = [(await sessions.find(database, ADA, name.session_id)).title for name in names]
    assert titles == ["a joke and a price (fork)", "a joke and a price (fork 2)"]
    third = await session_changes.fork(database, names[0])
    assert (await sessions.find(database, ADA, third.session_id)).title == "a joke and a price (fork 3)"
    assert (await sessions.find(database, ADA, "A joke and a price (FORK)")).session_id == names[0].session_id


@pytest.mark.usefixtures("talked")
async def test_what_cannot_be_forked_says_why(database: Database) -> None:
    with pytest.raises(StorageError, match="no turn 4") as wrong:
        await session_changes.fork(database, key("one"), at=4)
    assert "1 to 3" in wrong.value.hint
    with pytest.raises(StorageError, match="no turns to fork"):
        await session_changes.fork(database, key("nothing"))
    assert len(await sessions.listing(database, ADA, limit=9)) == 2


@pytest.mark.usefixtures("talked")
async def test_old_sessions_are_found_but_for_the_last_used(database: Database) -> None:
    async def old(moment: float, keep: int) -> list[str]:
        before = datetime.fromtimestamp(moment, UTC)
        found = await session_changes.prunable(database, ADA, older_than=before, keep=keep)
        return [info.session_id for info in found]

    assert await old(START + 2 * DAY, 0) == ["two", "one"]
    assert await old(START + 2 * DAY, 1) == ["one"]
    assert await old(START + DAY, 0) == ["one"]
    assert await old(START, 0) == []


@pytest.mark.usefixtures("talked")
async def test_a_short_id_always_names_one_session(database: Database, service: SessionService) -> None:
    for name in ("project-a", "project-b", "project-b-2"):
        await store(service, exchange(name), name)
    listed = await sessions.listing(database, ADA, limit=9)
    assert {info.session_id: info.short_id for info in listed}["project-a"] == "project-a"
    for info in listed:
        assert (await sessions.find(database, ADA, info.short_id)).session_id == info.session_id
