"""A chat beside other programs on its database: they come and go, it is killed, and every turn is there."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from settings import ROOT
from tests.terminal.screen import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")]

_READ = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute('SELECT count(*) FROM turns').fetchone())"
)
_RENAME = ["sessions", "rename", "last", "another title"]


def other(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done


@pytest.fixture
def chat(tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(["-m", "tests.terminal.program"], tmp_path)
    yield terminal
    terminal.kill()


def test_what_a_chat_has_shown_is_there_after_a_kill_whoever_else_was_at_its_database(
    chat: Terminal, tmp_path: Path
) -> None:
    file = str(tmp_path / "screen.db")
    ours = [str(ROOT / "persistent_multi_agent.py"), "--db", file, "--user", "ada"]
    others: tuple[Callable[[], None], ...] = (
        lambda: other(*ours, "sessions"),
        lambda: other("-c", _READ, file),
        lambda: other(*ours, *_RENAME),
        lambda: other("-c", _READ, file),
        lambda: None,
    )
    for number, comes_and_goes in enumerate(others):
        chat.enter(f"turn {number}")
        chat.until(f"You said turn {number}.")
        chat.until(chat.prompts)
        comes_and_goes()
    chat.kill_at_once()
    with closing(sqlite3.connect(file)) as database:
        kept = database.execute("SELECT user_input, agent_response, status FROM turns ORDER BY number").fetchall()
        assert kept == [(f"turn {n}", f"You said turn {n}.", "completed") for n in range(len(others))]
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("SELECT title FROM session_info").fetchall() == [("another title",)]
