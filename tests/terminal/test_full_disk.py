"""A disk that refuses, and one that is full: one sentence, and all goes on when there is room."""

import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from settings import ROOT
from tests.terminal.commanded import READING, TURNS, WRITING, dumped, is_told, run


@contextmanager
def no_file_grows() -> Iterator[None]:
    """The system refuses what is written beyond the beginning of any file, as with a quota."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("command", [*READING, *WRITING, *TURNS, "sessions backup COPY"])
def test_a_disk_that_refuses_is_one_sentence_and_the_record_stays_whole(
    talked: Path, record: Path, command: str
) -> None:
    shutil.copy(talked.with_name("document.json"), record.with_name("document.json"))
    before = dumped(record)
    with no_file_grows():
        result = run(record, command.replace("COPY", str(record.with_name("copy.db"))))
    if result.exit_code:
        assert "disk" in is_told(result, code=result.exit_code)
        assert dumped(record) == before
    else:
        assert command in READING
    assert run(record, "-p again").exit_code == 0
    with closing(sqlite3.connect(record)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


TINY = """
import sqlite3, subprocess, sys
from pathlib import Path
from click.testing import CliRunner
from terminal.cli import cli

disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", disk], check=True)

def run(*words):
    return CliRunner().invoke(cli, ["--db", str(disk / "t.db"), "--user", "ada", *words])

def told(code, *words):
    result = run(*words)
    assert result.exit_code == code, (words, result.output)
    assert "disk is full" in result.stderr or "No space left" in result.stderr, (words, result.output)
    assert len(result.stderr.splitlines()) <= 2 and "Traceback" not in result.output, result.output
    return result.stderr

assert run("-p", "hello").exit_code == 0
document = Path(sys.argv[2])
assert run("sessions", "export", "--format", "json", "-o", str(document)).exit_code == 0
filler = disk / "filler"

def fill():
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass

fill()
told(2, "-p", "tell me a joke")
filler.unlink()
other = sqlite3.connect(disk / "t.db")  # a chat that is open before the disk is full
other.execute("SELECT * FROM turns").fetchall()
fill()
assert "Your message was not kept: send it again." in told(1, "-p", "tell me a joke")
assert "Your message was not kept" in told(1, "--new", "-p", "tell me a joke")
told(2, "sessions", "rename", "last", "other")
told(2, "sessions", "import", str(document))
told(2, "sessions", "export", "-o", str(disk / "out.json"))
told(2, "sessions", "backup", str(disk / "copy.db"))
told(2, "sessions", "fork", "last")
told(2, "sessions", "delete", "last", "--yes")
assert sorted(path.name for path in disk.iterdir() if "out" in path.name or "copy" in path.name) == []
assert run("history").exit_code == 0
filler.unlink()
assert run("-p", "tell me a joke").exit_code == 0
assert run("sessions", "rename", "last", "other").exit_code == 0
connection = sqlite3.connect(disk / "t.db")
assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
print("all is well")
"""


@pytest.mark.slow
def test_on_a_full_disk_everything_is_one_sentence_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", TINY, str(tmp_path / "disk"), str(tmp_path / "document.json")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip() == "all is well", done.stderr
