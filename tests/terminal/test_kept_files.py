"""What the terminal writes to files: its log, what was typed, exports, plots."""

import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from prompt_toolkit.history import FileHistory, InMemoryHistory

from record.sessions import file_for
from settings import Settings
from storage.errors import StorageError
from storage.queries.sessions import SessionInfo
from terminal.chat.inputline import open_history
from terminal.cli import cli
from terminal.logfile import log_to

NOON = datetime(2026, 10, 30, tzinfo=UTC)
INFO = SessionInfo("../../etc/evil", "", NOON, NOON, 1)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """The umask of most machines, and a log that is closed at the end."""
    before, root = os.umask(0o022), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    for handler in set(root.handlers) - set(handlers):
        root.removeHandler(handler)
        handler.close()
    for handler in set(handlers) - set(root.handlers):
        root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(False)
    os.umask(before)


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def test_the_log_is_private_and_harmless(tmp_path: Path) -> None:
    log_to(tmp_path / "new" / "a.log")
    logging.getLogger("x").warning("an \x1b[2J escape")
    assert mode(tmp_path / "new" / "a.log") == 0o600
    assert "an [2J escape" in (tmp_path / "new" / "a.log").read_text()


def test_a_log_through_a_link_is_refused_in_one_line(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "a.log").symlink_to(tmp_path / "other")
    with pytest.raises(StorageError, match="is a link"):
        log_to(tmp_path / "a.log")
    env = {"LOG_FILE": str(tmp_path / "a.log")}
    for arguments in (["sessions"], ["-p", "hello"]):
        given = ["--db", settings.database_url, "--debug", *arguments]
        result = CliRunner().invoke(cli, given, env=env)
        assert (result.exit_code, result.stderr.splitlines()[0]) == (2, f"Error: {tmp_path / 'a.log'} is a link")
    assert not (tmp_path / "other").exists()


def test_what_was_typed_is_private_and_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("")
    for name in ("old", "new"):
        assert isinstance(open_history(tmp_path / name), FileHistory)
        assert mode(tmp_path / name) == 0o600
    (tmp_path / "link").symlink_to(tmp_path / "other")
    assert isinstance(open_history(tmp_path / "link"), InMemoryHistory)
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("title", ["", "../../etc/evil", "..", "/etc/evil", "-o", "a\x1b\n\u202eb"])
def test_a_name_that_a_session_gives_a_file_is_in_its_folder(tmp_path: Path, title: str) -> None:
    file = file_for(replace(INFO, title=title, short_id="../../x"), "md", tmp_path)
    assert file.parent == tmp_path
    assert file.name.isprintable() and not file.name.startswith((".", "-"))


def test_a_link_that_leads_nowhere_is_a_name_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to(tmp_path / "nowhere")
    assert file_for(replace(INFO, title="a"), "md", tmp_path).name == "a-1.md"


@pytest.mark.slow
def test_a_plot_is_private_loads_nothing_and_replaces_only_when_asked_for(tmp_path: Path, settings: Settings) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is an extra")
    given = ["--db", settings.database_url, "--user", "ada"]
    assert CliRunner().invoke(cli, [*given, "-p", "hello"]).exit_code == 0
    file = tmp_path / "a.html"
    drawn = CliRunner().invoke(cli, [*given, "stats", "--plot", str(file)])
    assert (drawn.exit_code, mode(file)) == (0, 0o600), drawn.output
    assert 'http-equiv="Content-Security-Policy"' in file.read_text()
    file.write_text("mine")
    again = CliRunner().invoke(cli, [*given, "stats", "--plot", str(file)])
    assert (again.exit_code, file.read_text()) == (2, "mine")
    assert CliRunner().invoke(cli, [*given, "stats", "--plot", str(file), "--force"]).exit_code == 0
    assert file.read_text() != "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/stdout is Linux's")
def test_an_export_to_a_dash_is_standard_output_and_to_a_file_private(tmp_path: Path, settings: Settings) -> None:
    given = ["--db", settings.database_url, "--user", "ada"]
    assert CliRunner().invoke(cli, [*given, "-p", "hello"]).exit_code == 0
    export = [*given, "sessions", "export", "-o"]
    assert CliRunner().invoke(cli, [*export, "-"]).stdout.startswith("# hello")
    assert CliRunner().invoke(cli, [*export, str(tmp_path / "a.md")]).exit_code == 0
    assert mode(tmp_path / "a.md") == 0o600
    assert CliRunner().invoke(cli, [*export, "/dev/null"]).exit_code == 0
