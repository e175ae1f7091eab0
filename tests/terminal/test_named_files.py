"""A file that a person names for something else is never the database, by whatever name, nor becomes a part of it."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from settings import Settings
from storage.adk.service import SessionService
from terminal.cli import cli
from tests.storage.adk import foreign
from tests.storage.support import exchange, file_of, rows, store
from tests.terminal.commanded import READING, TURNS, WRITING, is_told
from tests.terminal.talking import ENTER, ToldTalk, typed

WRITERS = (
    ("sessions", "export", "--force", "-o"),
    ("sessions", "export", "--format", "json", "--force", "-o"),
    ("sessions", "backup"),
    ("sessions", "import"),
    ("sessions", "import", "--from-adk"),
)
NAMES = ("test.db", "test.db-wal", "test.db-shm", "test.db-journal", "link", "hard", "sub/../test.db")


@pytest.fixture
async def kept(settings: Settings, service: SessionService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record that is open, with other names for it in the folder one stands in."""
    await store(service, exchange("keep me"))
    monkeypatch.chdir(tmp_path)
    Path("sub").mkdir()
    Path("link").symlink_to("test.db")
    os.link("test.db", "hard")
    Path("plot.png").symlink_to("test.db")
    return file_of(settings.database_url)


def program(file: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--db", str(file), "--user", "ada", *arguments])


@pytest.mark.parametrize("arguments", WRITERS, ids=" ".join)
def test_no_command_reads_or_writes_it_as_a_file(arguments: tuple[str, ...], kept: Path) -> None:
    for name in NAMES:
        result = program(kept, *arguments, name)
        assert result.exit_code == 2, (name, result.output)
        assert f"Error: {name} is the database itself, or a part of it" in result.stderr.replace(f"{kept.parent}/", "")
    assert not Path("test.db-journal").exists()
    assert [row["user_input"] for row in rows(kept, "SELECT user_input FROM turns")] == ["keep me"]
    assert rows(kept, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


def test_no_plot_is_drawn_over_it(kept: Path) -> None:
    pytest.importorskip("matplotlib")
    result = program(kept, "stats", "--plot", "plot.png")
    assert (result.exit_code, "the database itself" in result.stderr) == (2, True)


async def test_no_line_of_a_chat_reads_or_writes_it_as_a_file(kept: Path, settings: Settings) -> None:
    lines = ("/import test.db", "/import hard", "/backup test.db-journal", "/export md link", "/export json hard")
    text = await typed("".join(line + ENTER for line in lines), ToldTalk(), settings, session="last")
    assert text.count("is the database itself") == len(lines)
    assert [row["user_input"] for row in rows(kept, "SELECT user_input FROM turns")] == ["keep me"]


async def test_sessions_of_adks_are_read_in_by_the_command_and_told_when_they_are_known(
    kept: Path, tmp_path: Path
) -> None:
    theirs = str(await foreign.of_sqlite_service(tmp_path / "theirs.db"))
    arguments = ("sessions", "import", "--from-adk", theirs)
    first = await asyncio.to_thread(program, kept, *arguments)
    assert (first.exit_code, first.stdout) == (0, "Read in 2 sessions.\n")
    again = await asyncio.to_thread(program, kept, *arguments)
    assert (again.exit_code, again.stdout) == (0, "Read in 0 sessions; 2 sessions were there already.\n")
    as_json = await asyncio.to_thread(program, tmp_path / "new.db", *arguments, "--json")
    assert {session["session_id"] for session in json.loads(as_json.stdout)} == set(foreign.SESSIONS)


def test_a_file_that_is_not_there_is_told(kept: Path) -> None:
    result = program(kept, "sessions", "import", "--from-adk", "nothing.db")
    assert (result.exit_code, "there is no file" in result.stderr) == (2, True)


async def test_a_tilde_that_the_shell_has_left_is_the_home_folder(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    await foreign.of_sqlite_service(home / "theirs.db")
    for arguments in (
        ("sessions", "export", "--output=~/a.json"),
        ("sessions", "import", "~/a.json"),
        ("sessions", "import", "--from-adk", "~/theirs.db"),
        ("sessions", "backup", "~/copy.db"),
    ):
        done = await asyncio.to_thread(program, kept, *arguments)
        assert done.exit_code == 0, (arguments, done.output)
    assert {file.name for file in home.iterdir()} >= {"a.json", "copy.db"}
    assert not Path("~").exists()


@pytest.mark.parametrize("command", [*READING, *WRITING, *TURNS, "sessions backup x.db"])
def test_a_server_keeps_no_record_yet_and_every_command_says_so(command: str) -> None:
    words = [word.replace("\xa0", " ") for word in command.split(" ")]
    result = CliRunner().invoke(cli, ["--db", "postgresql://ada:s3cret@127.0.0.1:1/x", "--user", "ada", *words])
    said = is_told(result)
    assert said.startswith("Error: the record is kept in SQLite in this version; memory works on PostgreSQL")
    assert "s3cret" not in result.output
