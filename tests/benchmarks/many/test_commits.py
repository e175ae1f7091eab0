"""Commits of another process are counted, each once, in both of SQLite's journals."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.many.commits import commits

_WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.stdin:
    connection.execute(statement).fetchall()
    print("done", flush=True)
"""
Execute = Callable[[str], None]


@pytest.fixture(params=["wal", "delete"])
def execute(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Execute]:
    """Executes a statement on `many.db`, in a process that keeps it open."""
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "many.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdin and writer.stdout
        given, done = writer.stdin, writer.stdout

        def one(statement: str) -> None:
            print(statement, file=given, flush=True)
            assert done.readline() == "done\n"

        one(f"PRAGMA journal_mode = {request.param}")
        one("CREATE TABLE notes (text)")
        yield one


def counted(tmp_path: Path) -> int:
    found = commits(tmp_path / "many.db")
    assert found is not None
    return found


def test_each_commit_is_counted_once(execute: Execute, tmp_path: Path) -> None:
    before = counted(tmp_path)
    for _ in range(3):
        execute("INSERT INTO notes VALUES ('alone')")
    assert counted(tmp_path) - before == 3


def test_a_group_is_one_commit(execute: Execute, tmp_path: Path) -> None:
    before = counted(tmp_path)
    for statement in ("BEGIN", "INSERT INTO notes VALUES (1)", "INSERT INTO notes VALUES (2)", "COMMIT"):
        execute(statement)
    assert counted(tmp_path) - before == 1


def test_what_is_not_committed_is_not_counted(execute: Execute, tmp_path: Path) -> None:
    before = counted(tmp_path)
    for statement in ("BEGIN", "INSERT INTO notes VALUES (1)", "ROLLBACK", "SELECT * FROM notes"):
        execute(statement)
    assert counted(tmp_path) == before


def test_emptying_the_log_is_no_commit(execute: Execute, tmp_path: Path) -> None:
    before = counted(tmp_path)
    execute("PRAGMA wal_checkpoint(TRUNCATE)")
    execute("INSERT INTO notes VALUES ('after')")
    assert counted(tmp_path) - before == 1


def test_where_there_is_no_file_nothing_is_counted(tmp_path: Path) -> None:
    assert commits(tmp_path / "none.db") is None
