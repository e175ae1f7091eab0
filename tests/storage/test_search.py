"""Search finds what was typed and answered, in the same transaction as the turn, and takes anything for words."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from storage import search, session_changes
from storage.adk import SessionService
from storage.database import Database
from storage.search import MARK_END, MARK_START
from tests.storage.support import ADA, EVE, START, Turn, exchange, key, store

QUICK = hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
async def talked(service: SessionService) -> None:
    await store(service, exchange("The planets of our sun", "Eight of them: **Mercury**, Venus, ...", "t-1"), "one")
    await store(service, exchange("Naïve café crème", "Grüße!", "t-2", START + 10), "one")
    await store(service, exchange("planets planets planets", "ok", "t-3", START + 20), "two")
    await store(service, exchange("planets of Eve", "ok", "t-4", START + 30), "three", EVE)


async def found(database: Database, words: str, session_id: str | None = None) -> list[str]:
    matches = await search.search(database, ADA, words, limit=10, session_id=session_id)
    return [match.turn.invocation_id for match in matches]


@pytest.mark.usefixtures("talked")
async def test_all_words_must_occur_in_message_or_answer_and_the_best_match_is_first(database: Database) -> None:
    assert await found(database, "planets") == ["t-3", "t-1"]
    assert await found(database, "planets mercury") == ["t-1"]
    assert await found(database, "planets crème") == []


@pytest.mark.usefixtures("talked")
@pytest.mark.parametrize("words", ["NAIVE", "cafe", "CRÈME", "grusse grüße", "naïve   café"])
async def test_case_and_accents_do_not_matter(database: Database, words: str) -> None:
    expected = [] if "grusse" in words else ["t-2"]
    assert await found(database, words) == expected


@pytest.mark.usefixtures("talked")
async def test_a_beginning_of_a_word_finds_it_when_nothing_else_does(database: Database) -> None:
    assert await found(database, "merc") == ["t-1"]
    assert await found(database, "me") == []


@pytest.mark.usefixtures("talked")
async def test_the_matching_words_are_marked(database: Database) -> None:
    (match,) = await search.search(database, ADA, "mercury", limit=1)
    assert f"{MARK_START}Mercury{MARK_END}" in match.excerpt


@pytest.mark.usefixtures("talked")
async def test_a_search_may_be_within_one_session_and_comes_in_pages(database: Database) -> None:
    assert await found(database, "planets", session_id="one") == ["t-1"]
    pages = [await search.search(database, ADA, "planets", limit=1, offset=offset) for offset in (0, 1, 2)]
    assert [[match.turn.invocation_id for match in page] for page in pages] == [["t-3"], ["t-1"], []]


@pytest.mark.usefixtures("talked")
@QUICK
@given(words=st.text(max_size=200))
async def test_whatever_is_typed_is_a_search(database: Database, words: str) -> None:
    await search.search(database, ADA, words.encode("utf-8", "replace").decode(), limit=3)


@pytest.mark.usefixtures("talked")
@pytest.mark.parametrize(
    "words",
    ['"', "'", "*", "plan*", "^planets", "a AND", "OR", "NEAR(a b)", "-", "🎉", "col:umn", "%", "\x00", "", " "],
)
async def test_marks_of_a_query_language_are_nothing_special(database: Database, words: str) -> None:
    await search.search(database, ADA, words, limit=3)
    assert "t-4" not in await found(database, words)


async def test_a_mark_alone_is_found_as_it_stands(database: Database, service: SessionService) -> None:
    await store(service, exchange("party 🎉 time", "100 %", "t-1"), "one")
    assert await found(database, "🎉") == ["t-1"]
    assert await found(database, "%") == ["t-1"]
    assert await found(database, "_") == []


@pytest.mark.usefixtures("talked")
async def test_ten_thousand_characters_are_a_search(database: Database) -> None:
    assert await found(database, "planets " * 1250) == ["t-3", "t-1"]
    assert await found(database, "x" * 10_000) == []


async def test_a_turn_is_found_from_its_end_on(database: Database, service: SessionService) -> None:
    turn = Turn("t-1")
    turn.user("an unusual word")
    await store(service, turn.made, "one")
    assert await found(database, "unusual") == []
    turn.model("a rare answer")
    await store(service, turn.made[1:], "one")
    assert await found(database, "unusual rare") == ["t-1"]


@pytest.mark.usefixtures("talked")
async def test_what_is_deleted_is_found_no_more(database: Database) -> None:
    await session_changes.remove(database, [key("two")])
    assert await found(database, "planets") == ["t-1"]
    async with database.write() as conn:
        await conn.exec_driver_sql("INSERT INTO turn_search(turn_search) VALUES ('integrity-check')")
