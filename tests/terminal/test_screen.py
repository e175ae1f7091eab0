"""The program in a real pseudo-terminal, as a person sees it on the screen."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from settings import ROOT
from tests.terminal.screen import Terminal

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")

Start = Callable[..., Terminal]
PROGRAM = [str(ROOT / "persistent_multi_agent.py")]
SCRIPTED = ["-m", "tests.terminal.program"]
CTRL_C, F9, ALT_UP = "\x03", "\x1b[20~", "\x1b[1;3A"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program on the test's own database."""
    started: list[Terminal] = []

    def begin(arguments: list[str], **kwargs: int) -> Terminal:
        started.append(Terminal(arguments, tmp_path, **kwargs))
        return started[-1]

    yield begin
    for terminal in started:
        terminal.kill()


@pytest.mark.slow
def test_first_run_restart_search_fork_undo_and_retry(start: Start) -> None:
    first = start(PROGRAM)
    greeting = first.until("/help lists the commands")
    assert "Tell me a joke about Python" in greeting
    first.enter("tell me a joke about databases")
    first.until(lambda: "✓ funny_nerd" in first.text and first.prompts())
    first.enter("put NVDA on my watchlist")
    first.until("NVDA is on your watchlist")
    first.until(lambda: first.lines[-1].startswith("tell me a joke about databases · offline · 2 turns"))
    assert first.leave() == 0
    left = first.text.replace("\n", "")  # the screen breaks a line anywhere
    (session,) = re.findall(r"Resume with:.*--session ?([0-9a-f]{8})", left)

    second = start([*PROGRAM, "--session", session])
    second.until("Session restored: tell me a joke about databases · 2 turns · just now")
    second.until("> put NVDA on my watchlist")
    second.enter("/search DATABASES")
    second.until(f"{session} · turn 1 · just now · funny_nerd")
    second.enter("/fork 1")
    second.until("You are now in tell me a joke about databases (fork)")
    second.until(f"Forked from {session} after turn 1.")
    second.until(lambda: "(fork) · offline · 1 turn" in second.lines[-1])
    second.enter("put AAPL on my watchlist")
    second.until("AAPL is on your watchlist")
    second.enter("/undo")
    undone = second.until("AAPL was put on your watchlist")
    assert "Undid 1 turn:" in undone
    second.until(lambda: "(fork) · offline · 1 turn" in second.lines[-1])
    second.enter("/retry")
    second.until(lambda: second.text.count("✓ funny_nerd") == 1 and second.prompts())
    assert second.text.count("> tell me a joke about databases") == 1
    assert second.leave() == 0


@pytest.mark.slow
def test_a_line_typed_at_once_is_a_turn_that_ctrl_c_stops_and_the_next_one_works(start: Start, tmp_path: Path) -> None:
    terminal = start(SCRIPTED, columns=60, lines=20)
    terminal.until(">")
    terminal.type("slow\r")
    terminal.until("thinking")
    terminal.type(CTRL_C)
    terminal.until("Stopped.")
    terminal.enter("quick")
    terminal.until("You said quick.")
    terminal.until(lambda: "2 turns" in terminal.lines[-1])
    assert max(map(len, terminal.lines)) <= 60
    assert terminal.leave() == 0
    with sqlite3.connect(tmp_path / "screen.db") as database:
        kept = database.execute("SELECT user_input, status FROM turns ORDER BY number").fetchall()
    assert kept == [("slow", "cancelled"), ("quick", "completed")]


@pytest.mark.slow
def test_a_window_may_be_narrow_and_be_resized_and_keys_without_meaning_do_nothing(start: Start) -> None:
    terminal = start(SCRIPTED, columns=60, lines=24)
    terminal.until(terminal.prompts)
    assert max(map(len, terminal.lines)) <= 60
    terminal.type(f"half{F9}{ALT_UP} a line")
    terminal.until("> half a line")
    terminal.resize(100, 30)
    terminal.type(" more")
    terminal.until("> half a line more")
    terminal.type("\r")
    terminal.until("You said half a line more.")
    terminal.resize(40, 24)
    terminal.enter("/sessions")
    terminal.until("1 turn · just now")
    assert terminal.leave() == 0


@pytest.mark.slow
def test_a_model_that_cannot_be_is_one_line_and_exit_code_2(start: Start) -> None:
    terminal = start([*PROGRAM, "--model", "no-such-model"])
    terminal.until("Error: there is no model 'no-such-model'")
    assert terminal.ended() == 2
    assert ">" not in terminal.lines
