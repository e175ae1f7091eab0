"""A judge that finds nothing in a broken program would be none; and what it finds it tells."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.crash.__main__ import main, report
from tests.crash.broken import CONNECTIONS
from tests.crash.record import Kill

LOCKS = Path("/proc/locks")


@pytest.mark.slow
def test_a_commit_that_is_broken_on_purpose_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    options = ["--kills", "2", "--seed", "3", "--jobs", "1", "--phase", "piped lines", "--break", "commit"]
    assert main(options) == 1
    assert "record 0, piped lines: " in capsys.readouterr().out


@pytest.mark.parametrize("way", ["with a statement", "with a method"])
def test_a_broken_commit_rolls_back_now_and_then(way: str, tmp_path: Path) -> None:
    with closing(broken_connection("commit", tmp_path)) as conn:
        for number in range(6):
            conn.execute("BEGIN")
            conn.execute("INSERT INTO turns VALUES (?, 'x')", (number,))
            conn.execute("COMMIT") if way == "with a statement" else conn.commit()
        assert conn.execute("SELECT COUNT(*) FROM turns").fetchone() == (4,)


def test_a_broken_ledger_lacks_a_row_now_and_then(tmp_path: Path) -> None:
    with closing(broken_connection("ledger", tmp_path)) as conn:
        conn.execute("INSERT INTO turns VALUES (1, 'running')")
        for number in range(6):
            conn.execute("UPDATE turns SET status = ? WHERE id = 1", (f"status {number}",))
        assert conn.execute("SELECT status FROM turns").fetchone() != ("running",)
        assert conn.total_changes == 5


@pytest.mark.skipif(not LOCKS.exists(), reason="only Linux tells who holds which lock")
def test_a_broken_lock_is_held_no_longer_after_a_commit(tmp_path: Path) -> None:
    with closing(broken_connection("lock", tmp_path)) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("SELECT * FROM turns").fetchall()
        held = locks_on(tmp_path / "x.db")
        conn.execute("BEGIN")
        conn.execute("INSERT INTO turns VALUES (1, 'x')")
        conn.execute("COMMIT")
        assert held and not locks_on(tmp_path / "x.db")


def broken_connection(kind: str, folder: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(folder / "x.db", isolation_level=None, factory=CONNECTIONS[kind])
    conn.execute("CREATE TABLE turns (id INTEGER, status TEXT)")
    return conn


def locks_on(file: Path) -> list[str]:
    """The locks that processes hold on a file, as Linux tells them."""
    inode = f":{file.stat().st_ino} "
    return [line for line in LOCKS.read_text().splitlines() if inode in line]


def test_the_report_counts_kills_and_violations_by_phase() -> None:
    kills = [
        Kill(0, "piped lines", True, (), 2.0),
        Kill(0, "piped lines", False, ("one thing", "another"), 4.0),
        Kill(1, "migration", True, (), 6.0),
    ]
    told = [line.split() for line in report(kills).splitlines()]
    assert told == [
        ["phase", "kills", "alive", "violations", "seconds"],
        ["piped", "lines", "2", "1", "1", "3.0"],
        ["migration", "1", "1", "0", "6.0"],
        ["total", "3", "2", "1", "4.0"],
    ]
