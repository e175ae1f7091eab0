"""All that is remembered of a user goes, in every table that there is; nothing of anybody else does."""

import pytest
from sqlalchemy import Connection, text

from settings import Settings
from storage.database import Database
from storage.knowledge import knowledge
from storage.ledger.statements import Execute
from storage.memory.errors import BadNameError
from storage.queries import erasing
from tests.storage.memory.support import (
    AT,
    MINE,
    MINE_ID,
    OF_MEMORY,
    OTHERS,
    SECRET,
    erase,
    remember,
    remember_all,
    rows_of,
    size,
    tables_of,
    with_secret,
    without,
)

PARTS = ("data", "idx", "docsize", "config", "content")
"""The tables in which SQLite keeps a full-text index."""


def unaccounted(tables: set[str]) -> set[str]:
    of_indexes = {f"{index}_{part}" for index in erasing.FULL_TEXT for part in PARTS}
    return tables - set(erasing.ERASERS) - set(erasing.FULL_TEXT) - set(erasing.NOBODYS) - of_indexes


@pytest.fixture
def database(memory_database: Database) -> Database:
    return memory_database


@pytest.fixture
async def remembered(database: Database) -> None:
    await remember_all(database)


async def test_P8_every_table_has_an_eraser_or_a_reason_to_have_none(database: Database) -> None:
    tables = await database.write(tables_of)
    assert unaccounted(tables) == set()
    assert set(erasing.FULL_TEXT.values()) <= set(erasing.ERASERS)
    assert all(erasing.NOBODYS.values())


async def test_P8_a_new_table_would_be_found(database: Database) -> None:
    def add(conn: Connection) -> set[str]:
        conn.execute(text("CREATE TABLE diaries (tenant TEXT, page TEXT)"))
        return tables_of(conn)

    assert unaccounted(await database.write(add)) == {"diaries"}


@pytest.mark.usefixtures("remembered")
async def test_P8_erasing_a_user_leaves_no_row_and_touches_nobody_else(database: Database) -> None:
    before = await rows_of(database)
    after = without(before, MINE.tenant, MINE.user_id)
    mine = {name: count - size(after)[name] for name, count in size(before).items()}
    assert {name for name, count in mine.items() if count} == set(OF_MEMORY)
    assert await erase(database, MINE.tenant, MINE.user_id) == {
        name: mine[name] for name in erasing.ERASERS if name in mine
    }
    assert await rows_of(database) == after
    assert with_secret(after) == set()
    assert set((await erase(database, MINE.tenant, MINE.user_id)).values()) == {0}


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("tenant", ["acme", "local", "acme2", "ac", "ac%", "acme/", "acm", "a"])
async def test_P8_erasing_a_tenant_leaves_no_row_of_any_of_its_users(database: Database, tenant: str) -> None:
    before = await rows_of(database)
    after = without(before, tenant, None)
    assert (before != after) == (tenant in {user.tenant for user in (MINE, *OTHERS)})
    erased = await erase(database, tenant, None)
    assert await rows_of(database) == after
    assert erased == {name: size(before)[name] - size(after)[name] for name in erasing.ERASERS if name in after}


@pytest.mark.usefixtures("remembered")
async def test_P8_public_knowledge_goes_with_who_stored_it(database: Database) -> None:
    def share(conn: Connection) -> None:
        conn.execute(
            text("UPDATE knowledge SET user_id = '', external_id = 'public' WHERE content = :c"), {"c": SECRET}
        )

    await database.write(share)
    assert (await erase(database, MINE.tenant, MINE.user_id))["knowledge"] == 1
    assert size(await rows_of(database))["knowledge"] == len(OTHERS) + 1


async def test_P8_what_all_were_told_of_public_knowledge_goes_with_who_stored_it(database: Database) -> None:
    def share(execute: Execute) -> None:
        for owner, word in ((MINE_ID, SECRET), ("eve", "hers")):
            for is_public in (True, False, True):
                knowledge.store(execute, "acme", owner, word, external_id=word, is_public=is_public, at=AT)
        assert knowledge.delete(execute, "acme", MINE_ID, external_id=SECRET, at=AT)

    await database.do(share, writes=True)
    assert (await erase(database, MINE.tenant, MINE_ID))["changes"] == 5
    assert with_secret(after := await rows_of(database)) == set()
    assert size(after)["changes"] == 4


async def test_erasing_needs_no_table_of_adk_s(settings: Settings) -> None:
    async with Database.open(settings.database_url) as database:
        await remember(database, MINE.tenant, MINE.user_id, called=SECRET, says=SECRET)
        erased = await erase(database, MINE.tenant, MINE.user_id)
    assert (erased["plans"], erased["turns"]) == (1, 0)
    assert "sessions" not in erased


@pytest.mark.parametrize(("tenant", "user_id"), [("acme", ""), ("", "ada"), ("", None), ("a" * 257, None)])
async def test_nobody_without_a_name_is_erased(database: Database, tenant: str, user_id: str | None) -> None:
    await remember(database, "acme", "", called="shared", says="shared")
    before = await rows_of(database)
    with pytest.raises(BadNameError):
        await erase(database, tenant, user_id)
    assert await rows_of(database) == before
