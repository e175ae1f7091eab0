"""The terminal is given back, however the program in it ends: real pseudo-terminals and real signals."""

import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from settings import ROOT
from terminal.options import FAULT
from tests.terminal.screen import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")]

Start = Callable[..., Terminal]
PROGRAM = [str(ROOT / "persistent_multi_agent.py")]
SCRIPTED = ["-m", "tests.terminal.program"]
BRACKETED_PASTE = 2004 << 5
"""As pyte keeps private modes."""

each_signal = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a program on the test's own database."""
    started: list[Terminal] = []

    def begin(arguments: list[str]) -> Terminal:
        started.append(Terminal(arguments, tmp_path))
        return started[-1]

    yield begin
    for terminal in started:
        terminal.kill()


def is_given_back(terminal: Terminal, before: list[object]) -> bool:
    shown = not terminal.screen.cursor.hidden and BRACKETED_PASTE not in terminal.screen.mode
    return terminal.modes() == before and shown and "Traceback" not in terminal.text


def turns(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "screen.db") as database:
        return database.execute("SELECT user_input, status FROM turns ORDER BY number").fetchall()


@each_signal
def test_at_the_prompt(start: Start, number: int) -> None:
    terminal = start(SCRIPTED)
    before = terminal.modes()
    terminal.enter("hello")
    terminal.until(lambda: "You said hello." in terminal.text and terminal.prompts())
    terminal.until(lambda: terminal.modes() != before)
    terminal.signal(number)
    assert terminal.ended() == -number
    assert is_given_back(terminal, before)


@each_signal
def test_while_the_agents_load(start: Start, number: int) -> None:
    terminal = start(PROGRAM)
    before = terminal.modes()
    terminal.until(terminal.prompts)
    terminal.signal(number)
    assert terminal.ended() == -number
    assert is_given_back(terminal, before)


@each_signal
def test_during_a_turn_which_is_cancelled(start: Start, tmp_path: Path, number: int) -> None:
    terminal = start(SCRIPTED)
    before = terminal.modes()
    terminal.enter("slow")
    terminal.until("thinking")
    terminal.signal(number)
    assert terminal.ended() == -number
    assert is_given_back(terminal, before)
    assert turns(tmp_path) == [("slow", "cancelled")]


def test_when_one_message_is_answered_in_a_terminal(start: Start, tmp_path: Path) -> None:
    terminal = start([*SCRIPTED, "-p", "slow"])
    before = terminal.modes()
    terminal.until("thinking")
    terminal.signal(signal.SIGTERM)
    assert terminal.ended() == -signal.SIGTERM
    assert is_given_back(terminal, before)
    assert turns(tmp_path) == [("slow", "cancelled")]


def test_when_lines_are_waited_for_in_a_terminal(start: Start) -> None:
    terminal = start([*PROGRAM, "--json"])
    before = terminal.modes()
    terminal.until("Each line is a message")
    terminal.signal(signal.SIGTERM)
    assert terminal.ended() == -signal.SIGTERM
    assert is_given_back(terminal, before)


def test_when_the_program_itself_fails(start: Start) -> None:
    terminal = start([*SCRIPTED, "--crash"])
    before = terminal.modes()
    terminal.until("Error: this is a fault of the program: RuntimeError: the loop is broken")
    assert terminal.ended() == FAULT
    assert is_given_back(terminal, before)


@pytest.mark.parametrize("message", ["quick", "slow"])
def test_a_terminal_that_has_gone_ends_the_program(start: Start, tmp_path: Path, message: str) -> None:
    terminal = start(SCRIPTED)
    terminal.enter(message)
    terminal.until(
        "thinking" if message == "slow" else lambda: "You said quick." in terminal.text and terminal.prompts()
    )
    assert terminal.hang_up() in (-signal.SIGHUP, 128 + signal.SIGHUP)
    assert turns(tmp_path) == [(message, "cancelled" if message == "slow" else "completed")]


def test_a_terminal_that_has_gone_ends_a_program_that_ignores_hangups(start: Start, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` does
    try:
        terminal = start(SCRIPTED)
    finally:
        signal.signal(signal.SIGHUP, before)
    terminal.until(terminal.prompts)
    terminal.hang_up()
    assert os.path.exists(tmp_path)
