"""What a file is is known before anything is written to it: what is not ours stays as it is, to the byte."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from settings import Settings
from storage.adk.catchup import bring_up_to_date
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.queries import sessions
from storage.scope import User
from tests.storage.adk import foreign
from tests.storage.support import exchange, execute, rows, store

FOREIGN: dict[str, tuple[Callable[[Path], Path | Awaitable[Path]], str, str]] = {
    "sqlite service": (foreign.of_sqlite_service, "ADK's SqliteSessionService", "--from-adk"),
    "old adk": (foreign.of_old_adk, "an old version of ADK", "--from-adk"),
    "browser": (foreign.of_a_browser, "another program (tables moz_places)", "--db"),
    "letter": (foreign.a_letter, "is not a database", "--db"),
}


async def made(kind: str, file: Path) -> Path:
    found = FOREIGN[kind][0](file)
    return await found if isinstance(found, Awaitable) else found


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("create", [True, False])
async def test_another_programs_file_is_refused_in_one_line_and_left_as_it_is(
    kind: str, create: bool, tmp_path: Path
) -> None:
    file = await made(kind, tmp_path / "theirs.db")
    before = foreign.digest(file)
    with pytest.raises(StorageError) as refused:
        async with Database.open(str(file), create=create):
            pass
    _, said, hint = FOREIGN[kind]
    assert said in str(refused.value) and str(file) in str(refused.value)
    assert hint in refused.value.hint
    assert "\n" not in f"{refused.value}{refused.value.hint}"
    assert foreign.digest(file) == before


async def test_adk_web_does_not_write_to_it_either(tmp_path: Path) -> None:
    file = await foreign.of_sqlite_service(tmp_path / "theirs.db")
    before = foreign.digest(file)
    database = Database.at(f"sqlite+aiosqlite:///{file}")
    with pytest.raises(StorageError, match="SqliteSessionService"):
        await SessionService(database).list_sessions(app_name="manager")
    await database.close()
    assert foreign.digest(file) == before


async def test_a_file_that_an_earlier_version_has_put_our_tables_into_is_recognised_too(
    tmp_path: Path, made_database: Path
) -> None:
    file = await foreign.of_sqlite_service(tmp_path / "theirs.db")
    execute(file, *(row["sql"] for row in rows(made_database, "SELECT sql FROM sqlite_master WHERE name = 'turns'")))
    with pytest.raises(StorageError, match="SqliteSessionService"):
        async with Database.open(str(file)):
            pass


async def test_a_migrated_database_of_another_program_is_not_taken_for_a_newer_one_of_ours(tmp_path: Path) -> None:
    file = foreign.of_a_browser(tmp_path / "theirs.db")
    execute(file, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('ae10')")
    with pytest.raises(StorageError, match="another program"):
        async with Database.open(str(file)):
            pass


async def test_an_empty_database_that_is_marked_as_another_programs_is_refused(tmp_path: Path) -> None:
    execute(tmp_path / "theirs.db", "PRAGMA application_id = 1196444487")
    with pytest.raises(StorageError, match="another program"):
        async with Database.open(str(tmp_path / "theirs.db")):
            pass


async def test_a_file_of_adks_present_service_is_welcome(tmp_path: Path) -> None:
    file = await foreign.of_database_service(tmp_path / "theirs.db")
    async with Database.open(str(file)) as database:
        await bring_up_to_date(database)
        assert [each.title for each in await sessions.listing(database, foreign.THEIRS, limit=5)] != []


async def test_a_table_of_the_persons_own_beside_ours_is_theirs_to_have(
    service: SessionService, settings: Settings, made_database: Path
) -> None:
    await store(service, exchange(), "one")
    execute(made_database, "CREATE TABLE my_notes (note TEXT)")
    async with Database.open(settings.database_url) as again:
        assert await sessions.latest(again, User("manager", "ada"))
