"""How a database comes to this version's tables, and what is refused."""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from google.adk.sessions.schemas.v1 import Base
from sqlalchemy import Connection, create_engine

from settings import APP_NAME, ROOT, Settings
from storage.adk.catchup import catch_up
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.queries import preferences, shown, turns
from storage.schema import version
from storage.schema.declared import metadata
from storage.scope import User
from tests.storage.support import LEDGER, delegated_turn, exchange, execute, file_of, ledger, older, rows, store

OURS = (*LEDGER, "preferences", "shown_items")
OF_USERS = ("sessions", "user_states", "events", *OURS)


def scripts() -> list[Script]:
    """All migrations, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(version.MIGRATIONS))
    return list(ScriptDirectory.from_config(config).walk_revisions())[::-1]


def revisions() -> list[str]:
    return [script.revision for script in scripts()]


def contents(file: Path) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows(file, "SELECT type, name, sql FROM sqlite_master ORDER BY name")]


def test_the_migrations_are_one_line_and_this_version_is_the_newest() -> None:
    found = revisions()
    assert found == sorted(found)
    assert found[-1] == version.HEAD
    assert len(found) == len(list((version.MIGRATIONS / "versions").glob("*.py")))


def test_every_migration_says_how_old_a_program_may_be_and_none_takes_that_back() -> None:
    stated = {script.revision: script.module.compatible_from for script in scripts() if script.revision > "0004"}
    assert stated[version.HEAD]
    assert list(stated.values()) == sorted(stated.values())
    assert all(oldest <= revision for revision, oldest in stated.items())


async def test_migrations_make_exactly_the_tables_that_the_program_uses(
    database: Database, service: SessionService
) -> None:
    def ours(thing: Any, name: str | None, type_: str, reflected: bool, compared: Any) -> bool:
        table = name if type_ == "table" else thing.table.name
        return table in metadata.tables

    def difference(conn: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True, "include_object": ours}
        return list(compare_metadata(MigrationContext.configure(conn, opts=options), metadata))

    async with database.read() as conn:
        assert await conn.run_sync(difference) == []


async def test_migrations_make_the_same_indexes_and_keys_as_the_tables_declare(
    database: Database, service: SessionService, settings: Settings, tmp_path: Path
) -> None:
    declared = create_engine(f"sqlite:///{tmp_path / 'declared.db'}")
    with declared.begin() as conn:
        Base.metadata.create_all(conn)
        metadata.create_all(conn)
    declared.dispose()

    def shape(file: Path) -> dict[str, object]:
        return {
            table: (
                rows(file, f"SELECT * FROM pragma_foreign_key_list('{table}') ORDER BY id, seq"),
                rows(
                    file,
                    "SELECT name, sql FROM sqlite_master WHERE tbl_name = ? AND type = 'index' "
                    "AND sql IS NOT NULL ORDER BY name",
                    table,
                ),
                rows(file, f"SELECT name, pk, \"notnull\" FROM pragma_table_info('{table}') ORDER BY name"),
            )
            for table in metadata.tables
        }

    assert shape(file_of(settings.database_url)) == shape(tmp_path / "declared.db")


async def test_an_older_database_is_brought_up_with_its_rows(settings: Settings) -> None:
    file = file_of(settings.database_url)
    async with Database.open(settings.database_url) as current:
        await store(SessionService(current), exchange())
    expected = ledger(file)
    old = older(file, revisions()[0])
    async with Database.open(f"sqlite+aiosqlite:///{old}") as opened:
        await SessionService(opened).prepare_tables()
    assert ledger(old) == expected
    assert rows(old, "SELECT version_num FROM alembic_version") == [{"version_num": version.HEAD}]
    assert [row["user_input"] for row in rows(old, "SELECT * FROM conversation_history")] == ["hello"]


async def test_users_that_would_now_be_another_tenant_s_are_kept_as_who_they_were(settings: Settings) -> None:
    file = file_of(settings.database_url)
    named = ["ada", "a/b", "local/a%2Fb", "50%", "a%2Fb", "/"]
    async with Database.open(settings.database_url) as current:
        for name in named:
            await store(SessionService(current), delegated_turn(), "one", User(APP_NAME, name))
            await preferences.add(current, User(APP_NAME, name), "user_name", name)
            await shown.pick(current, User(APP_NAME, name), "jokes", [name])
    kept = {table: rows(file, f"SELECT user_id FROM {table} ORDER BY rowid") for table in OF_USERS}
    old = older(file, "0004", OURS)
    for user in (User(APP_NAME, name) for name in named):
        rename(old, user.adk_id, user.user_id)
    assert [row["user_id"] for row in rows(old, "SELECT user_id FROM sessions ORDER BY rowid")] == named
    url = f"sqlite+aiosqlite:///{old}"
    async with Database.open(url) as opened:
        for name in named:
            (turn,) = await turns.of_user(opened, User(APP_NAME, name), limit=5)
            assert turn.agents == ("funny_nerd", "stock_analyst")
            assert await preferences.of_user(opened, User(APP_NAME, name)) == {"user_name": [name]}
            assert await shown.last(opened, User(APP_NAME, name), "jokes") == ("jokes", name)
        assert await catch_up(opened) == 0
    assert rows(old, "SELECT * FROM pragma_foreign_key_check") == []
    assert {table: rows(old, f"SELECT user_id FROM {table} ORDER BY rowid") for table in kept} == kept
    assert {row["tenant"] for row in rows(old, "SELECT tenant FROM turns")} == {"local"}


def rename(file: Path, old: str, new: str) -> None:
    """Gives a user another name, in all tables."""
    for table in OF_USERS:
        execute(file, f"UPDATE {table} SET user_id = '{new}' WHERE user_id = '{old}'")


async def test_a_migration_that_fails_changes_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(conn: Connection) -> None:
        raise RuntimeError("no views today")

    monkeypatch.setattr(version, "create_views", broken)
    with pytest.raises(RuntimeError, match="no views today"):
        async with Database.open(settings.database_url):
            pass
    assert contents(file_of(settings.database_url)) == []
    monkeypatch.undo()
    async with Database.open(settings.database_url):
        pass
    assert contents(file_of(settings.database_url)) != []


async def test_opening_again_writes_nothing(settings: Settings) -> None:
    async with Database.open(settings.database_url):
        pass
    file = file_of(settings.database_url)
    before = file.read_bytes()
    async with Database.open(settings.database_url):
        pass
    assert file.read_bytes() == before


async def test_a_database_of_a_newer_version_is_refused_and_not_touched(settings: Settings) -> None:
    file = file_of(settings.database_url)
    async with Database.open(settings.database_url):
        pass
    execute(
        file,
        "UPDATE alembic_version SET version_num = '9999'",
        "UPDATE schema_info SET compatible_from = '9999'",
        "DROP VIEW stock_watchlist",
    )
    before = contents(file)
    with pytest.raises(StorageError, match="newer version") as raised:
        async with Database.open(settings.database_url):
            pass
    assert "9999" in str(raised.value) and "--db" in raised.value.hint
    assert contents(file) == before
    assert rows(file, "SELECT version_num FROM alembic_version") == [{"version_num": "9999"}]


async def refused(url: str) -> StorageError:
    with pytest.raises(StorageError) as raised:
        async with Database.open(url):
            pass
    assert "\n" not in str(raised.value) and raised.value.hint
    return raised.value


async def test_a_file_that_is_no_database_is_told_in_one_line_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear Ada, this is not a database. " * 40)
    error = await refused(f"sqlite+aiosqlite:///{file}")
    assert str(file) in str(error) and "not a database" in str(error)
    assert file.read_text().startswith("Dear Ada")


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(lambda folder: folder, id="a folder"),
        pytest.param(lambda folder: folder / "file" / "x.db", id="below a file"),
    ],
)
async def test_a_place_that_cannot_hold_a_database_is_told_in_one_line(
    tmp_path: Path, place: Callable[[Path], Path]
) -> None:
    (tmp_path / "file").touch()
    error = await refused(f"sqlite+aiosqlite:///{place(tmp_path)}")
    assert "cannot open the database" in str(error)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_folder_that_may_not_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    error = await refused(f"sqlite+aiosqlite:///{tmp_path / 'locked' / 'x.db'}")
    assert "cannot open the database" in str(error)


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense://", "://"])
async def test_a_url_we_do_not_serve_is_told_in_one_line(url: str) -> None:
    await refused(url)


async def test_a_file_may_be_named_instead_of_a_url(tmp_path: Path) -> None:
    async with Database.open(str(tmp_path / "chat.db")) as opened:
        assert opened.name == str(tmp_path / "chat.db")
    assert (tmp_path / "chat.db").exists()


async def test_an_empty_name_is_refused() -> None:
    await refused("")


async def test_a_database_that_must_exist_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no database"):
        async with Database.open(str(tmp_path / "chat.db"), create=False):
            pass
    assert list(tmp_path.iterdir()) == []


async def test_a_new_file_is_for_its_owner_only_in_a_folder_that_is_made(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "er" / "chat.db"
    async with Database.open(f"sqlite+aiosqlite:///{file}") as opened:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert {stat.S_IMODE(other.stat().st_mode) for other in file.parent.iterdir()} == {0o600}
        assert opened.name == str(file)


async def test_the_rules_of_our_engine_are_in_force_on_every_connection(database: Database) -> None:
    async with database.read() as one, database.read() as other:
        for conn in (one, other):
            found = [
                (await conn.exec_driver_sql(f"PRAGMA {pragma}")).scalar_one()
                for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            ]
            assert found == ["wal", 2, 1, 30_000]


async def test_a_driver_need_not_be_named(tmp_path: Path) -> None:
    async with Database.open(f"sqlite:///{tmp_path / 'x.db'}") as database:
        assert database.engine.dialect.driver == "aiosqlite"


@pytest.mark.slow
def test_a_column_that_was_added_gets_its_migration(tmp_path: Path) -> None:
    shutil.copy(ROOT / "told.py", tmp_path)
    shutil.copytree(ROOT / "storage", tmp_path / "storage", ignore=shutil.ignore_patterns("__pycache__"))
    tables, last = tmp_path / "storage/schema/tables.py", '    *_span("turn"),\n'
    told = tables.read_text().replace(last, f'{last}    Column("mood", UtcDateTime, comment="how it felt"),\n')
    tables.write_text(told)
    command = [sys.executable, "-m", "storage.migrations.new", "How it felt"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert made.returncode == 0, made.stderr
    number = f"{int(version.HEAD) + 1:04}"
    migration = (tmp_path / f"storage/migrations/versions/{number}_how_it_felt.py").read_text()
    assert migration.count("op.") == 1
    assert f"\ncompatible_from = '{number}'\n" in migration
    assert re.search(r'op\.add_column\(\s*[\'"]turns[\'"],\s*sa\.Column\([\'"]mood[\'"], sa\.DateTime\(\)', migration)
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert again.returncode == 0, again.stderr
    assert "pass" in (tmp_path / f"storage/migrations/versions/{int(number) + 1:04}_how_it_felt.py").read_text()
