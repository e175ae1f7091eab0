"""What a user has said in the chat goes with all that is remembered of them, and its bytes are in no file any more."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from google.adk.errors.session_not_found_error import SessionNotFoundError

from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.memory.errors import MemoryRefusedError
from storage.queries import erasing, preferences, search, shown, turns
from storage.scope import SessionKey, TurnKey, User
from tests.storage.memory.support import (
    MINE,
    OTHERS,
    SECRET,
    erase,
    remember_all,
    rows_of,
    size,
    tables_of,
    with_secret,
    without,
)
from tests.storage.support import START, Turn, delegated_turn, delegating, exchange, file_of, store
from tests.storage.support import call_part as call

UNSPACED = "斑马鱼的秘密"
"""The same in a script without spaces, for the index of such."""


async def talk(service: SessionService, user: User, word: str) -> None:
    key = SessionKey.of(user, "one")
    await store(service, delegated_turn("t-1"), "one", user)
    turn = Turn("t-2", START + 100)
    turn.user(f"{word} {UNSPACED if word == SECRET else ''}")
    turn.model(call("c-1", "funny_nerd", request=word), call("c-2", "get_news", topic=word), **delegating("c-1"))
    turn.model(f"all of {word}")
    await store(service, turn.made, "one", user)
    await preferences.add(service.database, user, "user_name", word, TurnKey(key, "t-2"))
    await shown.pick(service.database, user, "jokes/python", [word])


@pytest.fixture
async def kept(service: SessionService) -> None:
    """Rows of everybody in every table: of the user's, in each column with a text."""
    await remember_all(service.database)
    await talk(service, MINE, SECRET)
    for number, user in enumerate(OTHERS):
        await talk(service, user, f"word{number}")


async def test_every_table_that_is_named_is_there(service: SessionService) -> None:
    assert {*erasing.ERASERS, *erasing.FULL_TEXT, *erasing.NOBODYS} <= await service.database.write(tables_of)


@pytest.mark.usefixtures("kept")
async def test_P8_erasing_a_user_leaves_no_row_and_touches_nobody_else(database: Database) -> None:
    before = await rows_of(database)
    after = without(before, MINE.tenant, MINE.user_id)
    mine = {name: count - size(after)[name] for name, count in size(before).items()}
    assert {name for name, count in mine.items() if count} == set(erasing.ERASERS)
    assert await erase(database, MINE.tenant, MINE.user_id) == {name: mine[name] for name in erasing.ERASERS}
    assert await rows_of(database) == after
    assert with_secret(after) == set()
    assert set((await erase(database, MINE.tenant, MINE.user_id)).values()) == {0}


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("tenant", ["acme", "local", "acme2", "ac", "ac%", "acme/", "acm", "a"])
async def test_P8_erasing_a_tenant_leaves_no_row_of_any_of_its_users(database: Database, tenant: str) -> None:
    before = await rows_of(database)
    after = without(before, tenant, None)
    assert (before != after) == (tenant in {user.tenant for user in (MINE, *OTHERS)})
    erased = await erase(database, tenant, None)
    assert await rows_of(database) == after
    assert erased == {name: size(before)[name] - size(after)[name] for name in erasing.ERASERS}


@pytest.mark.usefixtures("kept")
async def test_erasing_finds_the_user_in_every_app(database: Database, service: SessionService) -> None:
    await store(service, exchange(f"about {SECRET}"), "one", User("another_app", MINE.user_id, MINE.tenant))
    await erase(database, MINE.tenant, MINE.user_id)
    assert with_secret(await rows_of(database)) == set()


async def running(service: SessionService, user: User) -> TurnKey:
    await store(service, [Turn("t-9", START + 900).user("and then?")], "one", user)
    return TurnKey(SessionKey.of(user, "one"), "t-9")


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("user_id", [MINE.user_id, None])
async def test_nobody_is_erased_while_a_turn_of_theirs_runs(
    database: Database, service: SessionService, user_id: str | None
) -> None:
    turn = await running(service, MINE)
    before = await rows_of(database)
    who = "the tenant 'acme'" if user_id is None else repr(user_id)
    with pytest.raises(MemoryRefusedError, match=rf"^a turn of {who} is running in process \d+ of .*; nothing was"):
        await erase(database, MINE.tenant, user_id)
    assert await rows_of(database) == before
    await turns.end_if_running(database, turn, "cancelled")
    assert (await erase(database, MINE.tenant, user_id))["turns"] == (3 if user_id else 5)


@pytest.mark.usefixtures("kept")
async def test_a_turn_that_nobody_runs_any_more_keeps_nobody(database: Database, service: SessionService) -> None:
    await running(service, MINE)
    await running(service, OTHERS[0])
    await database.do(lambda e: e("UPDATE turns SET owner = NULL WHERE user_id = :u", {"u": MINE.adk_id}), writes=True)
    assert (await erase(database, MINE.tenant, MINE.user_id))["turns"] == 3


@pytest.mark.usefixtures("kept")
async def test_what_a_program_says_later_in_an_erased_session_brings_nothing_back(
    database: Database, service: SessionService
) -> None:
    session = await store(service, [], "one", MINE)
    await erase(database, MINE.tenant, MINE.user_id)
    before = await rows_of(database)
    with pytest.raises(SessionNotFoundError):
        await service.append_event(session, exchange(SECRET, invocation_id="t-5", at=START + 999)[0])
    assert await rows_of(database) == before


@pytest.fixture
def files(settings: Settings) -> Path:
    return file_of(settings.database_url)


def bytes_of(file: Path) -> Iterator[tuple[str, bytes]]:
    """The database's files, after all is in the first of them."""
    with closing(sqlite3.connect(file)) as connection:
        ((busy, *_),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert not busy
    for each in sorted(file.parent.glob(f"{file.name}*")):
        yield each.name, each.read_bytes()


def holding(file: Path, *words: str) -> set[tuple[str, str]]:
    found = list(bytes_of(file))
    assert f"{file.name}-wal" in dict(found)
    return {(name, word) for name, held in found for word in words if word.encode() in held.lower()}


def terms(file: Path, index: str) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, {index}, 'row')")
        return {term for (term,) in connection.execute("SELECT term FROM temp.terms")}


@pytest.mark.usefixtures("kept")
async def test_no_word_of_an_erased_user_is_in_any_file(database: Database, files: Path) -> None:
    words = (SECRET, UNSPACED, UNSPACED[:3])
    assert holding(files, *words) == {(files.name, word) for word in words}
    for number in range(20):
        await remember_again(database, f"{SECRET} {number} " + "x" * 3_000)
    await erase(database, MINE.tenant, MINE.user_id)
    assert holding(files, *words) == set()


async def remember_again(database: Database, word: str) -> None:
    """A value that is overwritten leaves its bytes behind, unless they are overwritten as well."""
    row = {"value": word, "tenant": MINE.tenant, "user_id": MINE.user_id}
    statement = "UPDATE memory_entries SET value = :value WHERE tenant = :tenant AND user_id = :user_id"
    await database.do(lambda execute: execute(statement, row), writes=True)


@pytest.mark.usefixtures("kept")
async def test_no_word_of_an_erased_user_is_in_a_full_text_index(database: Database, files: Path) -> None:
    theirs = {**dict.fromkeys(erasing.FULL_TEXT, SECRET), "turn_pieces": UNSPACED[:3]}
    assert all(term in terms(files, index) for index, term in theirs.items())
    assert await search.search(database, MINE, SECRET, limit=9)
    await erase(database, MINE.tenant, MINE.user_id)
    assert not any(term in terms(files, index) for index, term in theirs.items())
    assert await search.search(database, MINE, SECRET, limit=9) == []
    assert await search.search(database, OTHERS[0], "word0", limit=9)
