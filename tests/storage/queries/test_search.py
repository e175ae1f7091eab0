"""Search finds what was typed and answered, in the same transaction as the turn, and takes anything for words."""

import runpy

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import search, session_changes
from storage.queries.search import MARK_END, MARK_START
from storage.schema.version import MIGRATIONS
from tests.storage.support import ADA, EVE, START, Turn, exchange, execute, file_of, key, older, store

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
    for beginning in ("merc", "me", "m"):
        assert await found(database, beginning) == ["t-1"]
    assert await found(database, "ercury") == []


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
@pytest.mark.parametrize("words", ["???", "*", "_", "planets", "e", "mercury venus"])
async def test_what_is_found_in_a_session_is_of_that_session(
    database: Database, service: SessionService, words: str
) -> None:
    await store(service, exchange("planets??? * _ e", "mercury venus", "t-9", START + 90), "four")
    assert set(await found(database, words, session_id="one")) <= {"t-1", "t-2"}
    assert await found(database, words, session_id="four") == ["t-9"]
    assert await found(database, words, session_id="nowhere") == []


async def test_beginnings_and_bare_marks_come_in_pages_too(database: Database, service: SessionService) -> None:
    for number in range(3):
        await store(service, exchange("unusually ???", "ok", f"t-{number}", START + number * 10), "one")
    for words in ("unusua", "un", "???"):
        pages = [await search.search(database, ADA, words, limit=2, offset=offset) for offset in (0, 2, 4)]
        assert [len(page) for page in pages] == [2, 1, 0]
        assert len({match.turn.invocation_id for page in pages for match in page}) == 3


async def test_half_a_character_is_a_search(database: Database) -> None:
    for words in ("\udcff", "a\ud800b", "世\udc00", "\x00"):
        assert await found(database, words) == []


UNSPACED = {
    "Chinese": ("你好世界再见", ["世界", "再见", "你", "见", "世界再见", "你好 再见", "“世界”", "好\uff0c世"]),
    "traditional": ("我們的貓叫做斑馬", ["斑馬", "貓", "我們"]),
    "Japanese": ("猫の名前はシマウマです", ["名前", "シマウマ", "の", "です", "シマ 猫"]),
    "Korean": ("한국에서 만난 고양이는 얼룩말", ["한국", "한", "고양이", "만난 얼룩말"]),
    "Thai": ("แมวของฉันชื่อม้าลาย", ["แมว", "ชื่อ", "ฉัน", "ม้าลาย"]),
    "mixed": ("日本のAAPL株価は100ドル", ["株価", "AAPL", "aapl株価", "100", "AAPL 株価", "ドル"]),
    "rare": ("𠮷野家と\u3007", ["𠮷", "𠮷野", "\u3007"]),
}


@pytest.mark.parametrize(("text", "searches"), UNSPACED.values(), ids=UNSPACED.keys())
async def test_scripts_without_spaces_are_found_by_any_piece(
    database: Database, service: SessionService, text: str, searches: list[str]
) -> None:
    await store(service, exchange(text, "ok", "t-1"), "one")
    await store(service, exchange("hello", f"Yes: {text}", "t-2", START + 10), "two")
    await store(service, exchange("另外的东西", "別件 다른 것 อื่น", "t-3", START + 20), "one")
    await store(service, exchange(text, "ok", "t-4", START + 30), "three", EVE)
    for words in searches:
        assert sorted(await found(database, words)) == ["t-1", "t-2"], words
        assert await found(database, words, session_id="two") == ["t-2"]
        pages = [await search.search(database, ADA, words, limit=1, offset=offset) for offset in (0, 1, 2)]
        assert [len(page) for page in pages] == [1, 1, 0]
    assert await found(database, f"{searches[0]}饕") == []
    assert await found(database, f"{searches[0]} 饕") == []


async def test_an_excerpt_shows_the_text_as_it_was_written(database: Database, service: SessionService) -> None:
    await store(service, exchange("天" * 200 + "你好世界再见" + "地" * 200, "ok", "t-1"), "one")
    (match,) = await search.search(database, ADA, "世界", limit=1)
    assert f"你好{MARK_START}世界{MARK_END}再见" in match.excerpt
    assert match.excerpt.startswith("…天") and match.excerpt.endswith("地…") and len(match.excerpt) < 200
    await store(service, exchange("party 🎉 time", "ok", "t-2", START + 10), "one")
    (match,) = await search.search(database, ADA, "🎉", limit=1)
    assert match.excerpt == f"party {MARK_START}🎉{MARK_END} time"


async def test_whole_words_come_before_pieces(database: Database, service: SessionService) -> None:
    await store(service, exchange("AAPL", "ok", "t-1"), "one")
    await store(service, exchange("日本のAAPL株価", "AAPL AAPL", "t-2", START + 10), "one")
    await store(service, exchange("AAPL株価", "ok", "t-3", START + 20), "one")
    assert sorted((await found(database, "AAPL"))[:2]) == ["t-1", "t-2"]
    assert (await found(database, "AAPL"))[2:] == ["t-3"]


async def test_a_character_that_nearly_all_texts_have_is_found_all_the_same(
    database: Database, service: SessionService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_MOST_THREES", 2)
    for number, text in enumerate(("的一", "的二", "的三", "之四")):
        await store(service, exchange(text, "ok", f"t-{number}", START + number * 10), "one")
    assert await found(database, "的") == ["t-2", "t-1", "t-0"]
    assert await found(database, "的 二") == ["t-1"]
    assert await found(database, "的 九") == []


async def test_the_index_of_pieces_follows_every_change(
    database: Database, service: SessionService, settings: Settings
) -> None:
    turn = Turn("t-1")
    turn.user("世界")
    await store(service, turn.made, "one")
    assert await found(database, "世界") == []
    turn.model("再见")
    await store(service, turn.made[1:], "one")
    await store(service, exchange("世界", "ok", "t-2", START + 10), "two")
    await store(service, exchange("plain", "text", "t-3", START + 20), "two")
    assert sorted(await found(database, "世界")) == ["t-1", "t-2"]
    file = file_of(settings.database_url)
    execute(file, "UPDATE turns SET user_input = 'world' WHERE invocation_id = 't-1'")
    execute(file, "UPDATE turns SET agent_response = '世界' WHERE invocation_id = 't-3'")
    assert sorted(await found(database, "世界")) == ["t-2", "t-3"]
    assert await found(database, "再见") == ["t-1"]
    await session_changes.fork(database, key("two"))
    assert len(await found(database, "世界")) == 4
    await session_changes.remove(database, [key("two")])
    assert len(await found(database, "世界")) == 2
    execute(file, "INSERT INTO turn_pieces(turn_pieces, rank) VALUES ('integrity-check', 1)")


async def test_what_an_older_version_has_written_is_indexed(settings: Settings) -> None:
    async with Database.open(settings.database_url) as opened:
        await store(SessionService(opened), exchange("你好世界再见", "ok", "t-1"), "one")
    async with Database.open(str(older(file_of(settings.database_url), "0003"))) as opened:
        assert await found(opened, "世界") == ["t-1"]


def test_the_migration_indexes_what_is_looked_up() -> None:
    migration = next((MIGRATIONS / "versions").glob("0004_*.py"))
    assert runpy.run_path(str(migration))["_UNSPACED"] == search.UNSPACED


@pytest.mark.usefixtures("talked")
async def test_what_is_deleted_is_found_no_more(database: Database) -> None:
    await session_changes.remove(database, [key("two")])
    assert await found(database, "planets") == ["t-1"]
    check = "INSERT INTO turn_search(turn_search) VALUES ('integrity-check')"
    await database.write(lambda conn: conn.exec_driver_sql(check))
