"""What cannot be written can be read: a file, a folder or a disk that is protected. What would write says so."""

import asyncio
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from terminal.cli import cli
from tests.storage.support import exchange, execute, store

pytestmark = pytest.mark.slow

READING = (
    ("sessions",),
    ("sessions", "search", "remember"),
    ("history",),
    ("history", "--trace"),
    ("stats",),
    ("stats", "agents"),
    ("state",),
    ("sessions", "export"),
    ("sessions", "export", "--format", "json"),
    ("sql", "SELECT user_input FROM turns"),
    ("sql", "SELECT * FROM agent_stats"),
)
WRITING = (
    ("-p", "hello"),
    ("sessions", "rename", "last", "new"),
    ("sessions", "delete", "last", "--yes"),
    ("sessions", "fork"),
    ("sessions", "undo"),
    ("sessions", "retry"),
    ("sessions", "import", "-"),
)
Protect = Callable[[Path], None]


@pytest.fixture
async def kept(tmp_path: Path) -> Path:
    """A folder with a record that no process has open."""
    folder = tmp_path / "kept"
    async with Database.open(str(folder / "p.db")) as database:
        await store(SessionService(database), exchange("remember me", "I do"))
    return folder


def _mounted(folder: Path) -> None:
    for options in (("--bind", str(folder), str(folder)), ("-o", "remount,ro,bind", str(folder))):
        subprocess.run(["mount", *options], check=True, capture_output=True)


def _file_locked(folder: Path) -> None:
    subprocess.run(["chattr", "+i", str(folder / "p.db")], check=True, capture_output=True)


def _folder_locked(folder: Path) -> None:
    subprocess.run(["chattr", "+i", str(folder)], check=True, capture_output=True)


@pytest.fixture(params=[_mounted, _folder_locked, _file_locked], ids=["disk", "folder", "file"])
def protect(request: pytest.FixtureRequest, kept: Path) -> Iterator[Protect]:
    """Takes away the right to write to a folder, a file, a disk; not every machine lets a test do that."""

    def take(folder: Path) -> None:
        try:
            request.param(folder)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this machine cannot protect files from a test")

    yield take
    with suppress(OSError):
        for undo in (["umount", "--lazy", str(kept)], ["chattr", "-R", "-i", str(kept)]):
            subprocess.run(undo, capture_output=True)


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--db", str(folder / "p.db"), "--user", "ada", *arguments])


def test_everything_that_reads_works(kept: Path, protect: Protect) -> None:
    before = [run(kept, *arguments).stdout for arguments in READING]
    execute(kept / "p.db", "SELECT 1 FROM turns")
    assert {file.name for file in kept.iterdir()} <= {"p.db"}  # with a log beside it anybody can read it
    protect(kept)
    for arguments, wanted in zip(READING, before, strict=True):
        result = run(kept, *arguments)
        assert (result.exit_code, result.stderr, result.stdout) == (0, "", wanted), arguments
    assert json.loads(run(kept, "sql", "--json", "SELECT count(*) AS n FROM events").stdout) == [{"n": 2}]


def test_a_backup_can_be_made_of_it(kept: Path, protect: Protect, tmp_path: Path) -> None:
    protect(kept)
    assert run(kept, "sessions", "backup", str(tmp_path / "copy.db")).exit_code == 0
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT user_input FROM turns").fetchall() == [("remember me",)]


def test_what_would_write_says_why_not_in_one_line(kept: Path, protect: Protect) -> None:
    protect(kept)
    for arguments in WRITING:
        result = run(kept, *arguments)
        assert result.exit_code == 2, (arguments, result.output)
        error, hint = result.stderr.splitlines()
        assert error.startswith("Error: ") and "can only be read" in error, arguments
        assert hint.startswith("Nothing was changed.")
    result = run(kept, "sql", "DELETE FROM turns")
    assert "only SELECT is allowed" in result.stderr


async def test_it_is_read_beside_a_chat_that_writes_to_it_by_another_way(
    kept: Path, protect: Protect, tmp_path: Path
) -> None:
    """The log has newer turns then, which are seen or told to be out of reach, and never left out silently."""
    async with Database.open(str(kept / "p.db")) as database:
        await store(SessionService(database), exchange("newer", "yes", "turn-2", at=2e9))
        protect(kept)
        result = await asyncio.to_thread(run, kept, "sql", "--json", "SELECT user_input FROM turns")
        if result.exit_code:
            assert "newest changes are in p.db-wal" in result.stderr
        else:
            assert {"user_input": "newer"} in json.loads(result.stdout)


async def test_a_log_without_its_index_is_told_and_not_passed_over(kept: Path, protect: Protect) -> None:
    """As it is copied while it is in use, or left by a machine that went down."""
    async with Database.open(str(kept / "p.db")) as database:
        await store(SessionService(database), exchange("newer", "yes", "turn-2", at=2e9))
        for name in ("p.db", "p.db-wal"):
            shutil.copy(kept / name, kept / f"copied{name.removeprefix('p')}")
    for name in ("p.db", "p.db-wal"):
        os.replace(kept / f"copied{name.removeprefix('p')}", kept / name)
    protect(kept)
    for arguments in READING:
        result = await asyncio.to_thread(run, kept, *arguments)
        if result.exit_code:
            assert "newest changes are in p.db-wal" in result.stderr, arguments
    result = await asyncio.to_thread(run, kept, "sql", "--json", "SELECT user_input FROM turns")
    assert result.exit_code == 2 or len(json.loads(result.stdout)) == 2


def test_a_record_of_an_older_version_is_one_line(kept: Path, protect: Protect) -> None:
    execute(kept / "p.db", "UPDATE alembic_version SET version_num = '0002'")
    protect(kept)
    result = run(kept, "sessions")
    assert result.exit_code == 2
    assert "cannot be brought up to date: it can only be read" in result.stderr
    assert len(result.stderr.splitlines()) == 2


async def test_a_file_that_may_not_be_read_is_one_line(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_arguments, **_how: False)
    with pytest.raises(StorageError, match="you may not read it"):
        Database.at(str(kept / "p.db"), create=False)


async def test_a_folder_in_which_nothing_can_be_made_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_arguments: object, **_how: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuses)
    with pytest.raises(StorageError, match="Permission denied"):
        Database.at(str(tmp_path / "new.db"))
