"""The real program, started as a person starts it: with pipes, or in a pseudo-terminal."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from settings import ROOT
from tests.crash.seen import USER, Seen, in_file, on_screen
from tests.terminal.screen import Terminal

PATIENCE = 90.0
"""Seconds after which a command will not end: two of them may be waiting for each other, on a slow machine."""
_COLUMNS, _LINES = 100, 150


class Stuck(Exception):
    """The program did not end, or ended otherwise than it should; `str()` says how."""


@dataclass(frozen=True)
class Program:
    """How the program is started.

    Attributes:
        home: Its home folder, and where its output is kept.
        broken: What is broken in it on purpose, for `broken.py`.
    """

    home: Path
    broken: str | None = None

    def start(self, *arguments: str, db: Path, user: str = USER, lines: Sequence[str] = ()) -> "Running":
        """Starts a command with its standard input from `lines`."""
        return Running([*self._command(), *arguments], self._environment(db, user), self.home, lines)

    def run(self, *arguments: str, db: Path, user: str = USER, lines: Sequence[str] = ()) -> str:
        """Runs a command to its end; returns what it printed.

        Raises:
            Stuck: It did not end well.
        """
        running = self.start(*arguments, db=db, user=user, lines=lines)
        try:
            return running.ended()
        finally:
            running.close()

    @contextmanager
    def chat(self, *arguments: str, db: Path) -> Iterator["Chat"]:
        """The chat in a pseudo-terminal."""
        where = ["--db", str(db), "--user", USER, "--model", "offline"]
        terminal = Terminal([*self._command()[1:], *where, *arguments], self.home, columns=_COLUMNS, lines=_LINES)
        try:
            yield Chat(terminal)
        finally:
            signalled(terminal.pid, signal.SIGKILL)
            terminal.kill()

    def _command(self) -> list[str]:
        if self.broken:
            return [sys.executable, "-m", "tests.crash.broken", self.broken]
        return [sys.executable, str(ROOT / "persistent_multi_agent.py")]

    def _environment(self, db: Path, user: str) -> dict[str, str]:
        where = {"HOME": str(self.home), "DATABASE_URL": str(db), "CHAT_USER": user, "MODEL": "offline"}
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **where}


class Running:
    """A command that runs; what it prints goes to files, so that it is there whenever it is killed."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], folder: Path, lines: Sequence[str]) -> None:
        self.messages = lines
        self.began = time.monotonic()
        self.output = folder / f"out-{time.monotonic_ns()}"
        self._errors = self.output.with_suffix(".err")
        said = self.output.with_suffix(".in")
        said.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        self._said = " ".join(command[2:])
        with said.open() as stdin, self.output.open("w") as out, self._errors.open("w") as err:
            self._process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=stdin if lines else subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        self.pid = self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def printed(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def seen(self, messages: Sequence[str] = ()) -> list[Seen]:
        """What its `--json` output has told so far; `messages` where they were not given line by line."""
        return in_file(self.output, messages or self.messages)

    def ended(self) -> str:
        """What it printed, when it has ended by itself.

        Raises:
            Stuck: It did not end, or not well.
        """
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Stuck(f"{self._said} did not end within {PATIENCE:g} s") from None
        if code:
            told = self._errors.read_text(encoding="utf-8", errors="replace") or self.printed
            raise Stuck(f"{self._said} ended with {code}: {' '.join(told.split())[-400:]}")
        return self.printed

    def close(self) -> None:
        """Kills it, if it runs, and waits for its end."""
        if self.alive:
            self._process.kill()
        self._process.wait()


class Chat:
    """A chat, and what its screen shows.

    Attributes:
        turn_seconds: What its last turn took.
    """

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.pid = terminal.pid
        self.turn_seconds = 1.0

    def greeted(self) -> None:
        """Waits for the greeting, and the status line below the prompt."""
        self.terminal.until(lambda: self.terminal.lines[-2:-1] == [">"])

    def begin(self, message: str) -> None:
        """Types a message and sends it."""
        self.terminal.enter(message)

    def turn(self, message: str) -> Seen:
        """One turn, to the next prompt."""
        self.begin(message)
        began = time.monotonic()
        self.terminal.until(lambda: self.seen(message).rendered is not None)
        self.turn_seconds = time.monotonic() - began
        return self.seen(message)

    def seen(self, message: str) -> Seen:
        return on_screen(self.terminal.lines, message)


def signalled(pid: int, number: int, *, group: bool = False) -> bool:
    """Sends a signal to a process, or to its group; returns whether there was one."""
    send = os.killpg if group else os.kill
    try:
        send(pid, number)
    except ProcessLookupError:
        return False
    return True
