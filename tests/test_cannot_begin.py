"""A run that cannot begin, for its settings or for a file that belongs to the program, is one line and exit code 2.

The agents are made when they are imported, so each run is a process of its own.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from settings import DATA, ROOT

pytestmark = pytest.mark.slow

_RUN = """
import pathlib, sys
import settings
settings.DATA = pathlib.Path("data")
settings.user_folders = lambda checkout: (pathlib.Path("data"), pathlib.Path("."))
from terminal.cli import cli
cli(sys.argv[1:], prog_name="pma")
"""


def run(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The program in a folder with its own `data` and `.env`."""
    if not (folder / "data").exists():
        (folder / "data").mkdir()
        for file in DATA.glob("*.json"):
            shutil.copy(file, folder / "data")
    return subprocess.run(
        [sys.executable, "-c", _RUN, "--db", "p.db", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
    )


def told(result: "subprocess.CompletedProcess[str]") -> str:
    """The one line that says what is wrong; another may say what to do. Where JSON is wanted, it is there as well."""
    assert result.returncode == 2, result
    if "--json" in result.args:
        assert json.loads(result.stdout)["type"] == "error"
    else:
        assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) <= 2 and lines[0].startswith("Error: "), result.stderr
    return lines[0]


@pytest.mark.parametrize(
    "arguments",
    [
        ("-p", "hi"),
        ("--json", "-p", "hi"),
        ("--explain", "hi"),
        ("sessions",),
        ("sessions", "undo"),
        ("sql", "SELECT 1"),
    ],
)
def test_a_setting_that_cannot_be(arguments: tuple[str, ...], tmp_path: Path) -> None:
    said = told(run(tmp_path, *arguments, TURN_TIMEOUT="abc"))
    assert said.startswith("Error: TURN_TIMEOUT cannot be 'abc'")
    assert not (tmp_path / "p.db").exists()


@pytest.mark.parametrize(
    ("content", "why"), [(b"CHAT_USER=J\xf6rg\n", "it is not UTF-8 text"), (None, "it is a folder")]
)
def test_an_env_file_that_cannot_be_read(content: bytes | None, why: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.mkdir() if content is None else file.write_bytes(content)
    assert why in told(run(tmp_path, "-p", "hi"))


def test_an_env_file_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    assert "it is no file" in told(run(tmp_path, "-p", "hi", INPUTRC=str(tmp_path / ".env")))


@pytest.mark.parametrize(
    ("name", "content", "arguments"),
    [
        ("jokes.json", None, ("-p", "hi")),
        ("jokes.json", "{", ("--explain", "hi")),
        ("stocks.json", '{"as_of": "soon"}', ("-p", "hi")),
        ("news.json", "[]", ("-p", "hi")),
        ("prices.json", "{}", ("stats",)),
    ],
)
def test_data_that_is_missing_or_broken(
    name: str, content: str | None, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    if name == "prices.json":
        assert run(tmp_path, "-p", "hi").returncode == 0
    else:
        run(tmp_path, "--help")
    file = tmp_path / "data" / name
    file.unlink()
    if content is not None:
        file.write_text(content)
    assert name in told(run(tmp_path, *arguments))


@pytest.mark.parametrize("setting", ["LOG_FILE", "INPUT_HISTORY", "INPUTRC"])
def test_a_file_of_another_use_that_is_the_database(setting: str, tmp_path: Path) -> None:
    os.link(_made(tmp_path / "p.db"), tmp_path / "other")
    before = (tmp_path / "p.db").read_bytes()
    assert f"{setting} cannot be the database" in told(run(tmp_path, "--debug", "sessions", **{setting: "other"}))
    assert (tmp_path / "p.db").read_bytes() == before


def _made(file: Path) -> Path:
    file.touch()
    return file
