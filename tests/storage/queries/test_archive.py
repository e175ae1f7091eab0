"""An export is the whole of a session: read in elsewhere it is the same conversation; bad files change nothing."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from settings import Settings
from storage.adk.catchup import catch_up
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.queries import archive, sessions, turns
from storage.queries.archive_document import VERSION
from storage.scope import TurnKey
from storage.stats import figures
from tests.storage.support import ADA, EVE, START, Turn, delegated_turn, exchange, file_of, key, ledger, rows, store


@pytest.fixture
async def document(database: Database, service: SessionService) -> str:
    """A session with agents, tools and a turn that failed."""
    await store(service, delegated_turn("t-1"), "one")
    await store(service, exchange("Grüße 🎉", invocation_id="t-2", at=START + 100)[:1], "one")
    await turns.fail(database, TurnKey(key("one"), "t-2"), "no luck")
    return (await archive.export(database, key("one"))).model_dump_json(indent=2)


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'elsewhere.db'}") as opened:
        await SessionService(opened).prepare_tables()
        yield opened


async def test_export_import_and_export_again_give_the_same_document(document: str, elsewhere: Database) -> None:
    imported = await archive.import_(elsewhere, ADA, document)
    assert imported == key("one")
    assert (await archive.export(elsewhere, imported)).model_dump_json(indent=2) == document


async def test_conversation_delegations_and_stats_are_the_same(
    document: str, database: Database, elsewhere: Database, settings: Settings
) -> None:
    await archive.import_(elsewhere, ADA, document)
    assert ledger(Path(elsewhere.name)) == ledger(file_of(settings.database_url))
    assert await figures.agent_stats(elsewhere, ADA) == await figures.agent_stats(database, ADA)
    session = await SessionService(elsewhere).get_session(app_name=ADA.app_name, user_id="ada", session_id="one")
    original = await SessionService(database).get_session(app_name=ADA.app_name, user_id="ada", session_id="one")
    assert session is not None and original is not None
    assert session.events == original.events
    assert await catch_up(elsewhere) == 0


async def test_an_imported_session_goes_on(document: str, elsewhere: Database) -> None:
    await archive.import_(elsewhere, ADA, document)
    await store(SessionService(elsewhere), exchange("more", invocation_id="t-3", at=START + 200), "one")
    assert [turn.number for turn in await turns.history(elsewhere, key("one"), limit=9)] == [3, 2, 1]


async def test_a_session_that_is_there_already_is_not_touched(document: str, database: Database) -> None:
    again = await archive.import_(database, ADA, document)
    assert again.session_id != "one"
    thrice = await archive.import_(database, ADA, document)
    titles = [info.title for info in await sessions.listing(database, ADA, limit=9)]
    assert sorted(titles) == [f"a joke and a price{mark}" for mark in ("", " (imported 2)", " (imported)")]
    assert (await sessions.find(database, ADA, "a joke and a price (imported 2)")).session_id == thrice.session_id
    theirs = await archive.import_(database, EVE, document)
    assert theirs.session_id == "one"
    assert (await sessions.find(database, EVE, "last")).title == "a joke and a price"


def without(name: str) -> Callable[[Any], None]:
    return lambda data: data.pop(name)


def setting(*path: Any, value: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return change


BAD: dict[str, Callable[[Any], None]] = {
    "another format": setting("format", value="something else"),
    "no turns": without("turns"),
    "unknown parts": setting("extra", value=1),
    "a time without a zone": setting("turns", 0, "started_at", value="2026-01-01T00:00:00"),
    "an unknown status": setting("turns", 0, "status", value="great"),
    "a number that is none": setting("turns", 0, "number", value="first"),
    "an event that is none": setting("events", 0, "event_data", value={"content": 5}),
    "an event of another turn": setting("events", 0, "invocation_id", value="other"),
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
async def test_a_bad_document_is_refused_with_nothing_written(
    document: str, elsewhere: Database, change: Callable[[Any], None]
) -> None:
    data = json.loads(document)
    change(data)
    await refused(elsewhere, json.dumps(data), "not an exported session")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "no json", "\x00", '{"version": 1}', "[" * 50_000])
async def test_what_is_no_document_at_all_is_refused(elsewhere: Database, text: str) -> None:
    await refused(elsewhere, text, "not an exported session")


async def test_a_newer_document_is_refused_as_newer(document: str, elsewhere: Database) -> None:
    data = json.loads(document)
    data.update(version=VERSION + 1, unheard_of=True)
    await refused(elsewhere, json.dumps(data), "newer version")


async def test_a_document_that_names_something_twice_is_refused(document: str, elsewhere: Database) -> None:
    data = json.loads(document)
    data["events"].append(data["events"][-1])
    await refused(elsewhere, json.dumps(data), "not an exported session")


async def refused(database: Database, text: str, reason: str) -> None:
    with pytest.raises(StorageError, match=reason) as wrong:
        await archive.import_(database, ADA, text)
    assert wrong.value.hint == "Nothing was written."
    for table in ("sessions", "events", "turns", "delegations", "tool_calls", "session_info"):
        assert rows(Path(database.name), f"SELECT 1 FROM {table}") == []


async def test_a_turn_that_ran_when_it_was_exported_is_interrupted_where_it_is_read_in(
    document: str, elsewhere: Database
) -> None:
    data = json.loads(document)
    data["turns"][1].update(status="running", ended_at=None, seconds=None, error=None)
    await archive.import_(elsewhere, ADA, json.dumps(data))
    assert [turn.status for turn in await turns.history(elsewhere, key("one"), limit=1)] == ["interrupted"]


async def test_there_is_nothing_to_export_of_a_session_that_is_not_there(database: Database) -> None:
    await SessionService(database).prepare_tables()
    with pytest.raises(StorageError, match="no such session"):
        await archive.export(database, key("nowhere"))


async def test_an_import_keeps_the_order_of_events_whatever_the_clock(service: SessionService) -> None:
    turn = Turn("t-1", START + 3600)
    turn.user("hello")
    turn.at = START
    turn.model("said after the clock was set back")
    await store(service, turn.made, "origin")
    document = (await archive.export(service.database, key("origin"))).model_dump_json()
    target = await archive.import_(service.database, EVE, document)
    events = await service.log.window(target, 0, 1)
    assert [event["author"] for _, event in events] == ["user", "manager"]
