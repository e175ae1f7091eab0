"""A backup is made while the database is in use, whole, and for its owner only."""

from pathlib import Path

import pytest

from storage.adk.service import SessionService
from storage.backup import backup
from storage.database import Database
from storage.errors import StorageError
from tests.storage.support import exchange, held, rows, store


async def test_a_backup_in_the_middle_of_a_transaction_has_what_was_committed_before_it(
    database: Database, service: SessionService, tmp_path: Path
) -> None:
    await store(service, exchange("kept"), "one")
    file = tmp_path / "copy.db"
    assert database.file
    with held(database.file, "UPDATE turns SET user_input = 'half done'"):
        size = await backup(database, file)
    assert size == file.stat().st_size > 0
    assert file.stat().st_mode & 0o077 == 0
    assert [row["user_input"] for row in rows(file, "SELECT user_input FROM turns")] == ["kept"]
    assert rows(file, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


async def test_a_backup_is_a_database_that_goes_on(database: Database, service: SessionService, tmp_path: Path) -> None:
    await store(service, exchange("one"), "one")
    await backup(database, tmp_path / "copy.db")
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'copy.db'}") as copy:
        await store(SessionService(copy), exchange("two", invocation_id="t-2"), "one")
    assert len(rows(tmp_path / "copy.db", "SELECT 1 FROM turns")) == 2


async def test_a_file_that_is_there_stays_as_it_is(database: Database, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(StorageError, match="already"):
        await backup(database, tmp_path / "mine")
    assert (tmp_path / "mine").read_text() == "mine"


async def test_a_folder_that_cannot_be_written_is_said(database: Database, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot write"):
        await backup(database, tmp_path / "missing" / "copy.db")
