"""A program in a pseudo-terminal, and the screen a person would see."""

import os
import signal
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pyte

from settings import ROOT

PATIENCE = 30.0
"""Seconds after which what is waited for will not come: a machine may be slow."""


class _Answering(pyte.Screen):
    """A screen that tells the program where the cursor is, when it asks."""

    def __init__(self, columns: int, lines: int, answer: Callable[[str], None]) -> None:
        super().__init__(columns, lines)
        self._answer = answer

    def write_process_input(self, data: str) -> None:
        self._answer(data)


class Terminal:
    """Runs a Python program; `until` reads what it writes onto the screen until something is there."""

    def __init__(self, arguments: list[str], folder: Path, *, columns: int = 80, lines: int = 40) -> None:
        home = {"HOME": str(folder), "INPUT_HISTORY": str(folder / "typed"), "DATABASE_URL": str(folder / "screen.db")}
        plain = {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
        self._process = _spawn(
            sys.executable,
            arguments,
            cwd=str(folder),
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "CHAT_USER": "ada", **home, **plain},
            encoding="utf-8",
            dimensions=(lines, columns),
        )
        self.screen = _Answering(columns, lines, self.type)
        self._stream = _stream(self.screen)
        self._left: list[Any] = []

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    @property
    def lines(self) -> list[str]:
        """The lines of the screen that hold something."""
        return [line.rstrip() for line in self.screen.display if line.strip()]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def type(self, keys: str) -> None:
        self._process.send(keys)

    def enter(self, line: str) -> None:
        """Types a line at a prompt that is there, and sends it."""
        self.until(self.prompts)
        self.type(line)
        self.until(lambda: f"> {line}" in self.text)
        self.type("\r")

    def prompts(self) -> bool:
        """Whether an empty prompt waits below everything else but the status line."""
        return any(line == ">" for line in self.lines[-2:])

    def until(self, wanted: str | Callable[[], bool]) -> str:
        """Waits until a text is on the screen, or something holds; returns the screen's text."""

        def holds() -> bool:
            return wanted in self.text if isinstance(wanted, str) else wanted()

        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, f"waited for {wanted!r}; the screen is\n{self.text}"
            try:
                self._stream.feed(self._process.read_nonblocking(size=65536, timeout=0.5))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                assert holds(), f"the program ended before {wanted!r}; the screen is\n{self.text}"
        return self.text

    def watch(self, seconds: float) -> bool:
        """Reads what the program writes for so long; returns whether it is still there."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self._stream.feed(self._process.read_nonblocking(size=65536, timeout=min(left, 0.05)))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                return False
        return True

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self._process.setwinsize(lines, columns)

    def leave(self) -> int:
        """Ctrl-D, and the program's exit code."""
        self.until(self.prompts)
        self.type("\x04")
        return self.ended()

    def ended(self) -> int:
        """The program's exit code when it has ended by itself, or the negative number of the signal that ended it."""
        try:
            while True:
                self._stream.feed(self._process.read_nonblocking(size=65536, timeout=PATIENCE))
        except pexpect.EOF:
            self._left = self.modes()
            self._process.close()
        number = self._process.signalstatus
        return int(self._process.exitstatus) if number is None else -int(number)

    def signal(self, number: int) -> None:
        os.kill(self._process.pid, number)

    def modes(self) -> list[Any]:
        """How the terminal takes what is typed, such as its echo; at the end as it was left."""
        return self._left or termios.tcgetattr(self._process.child_fd)

    def hang_up(self) -> int:
        """Closes the terminal, as a window is closed; returns what ended the program, a negative signal or a code."""
        self._process.ptyproc.fileobj.close()
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            process, status = os.waitpid(self._process.pid, os.WNOHANG)
            if process:
                self._process.ptyproc.terminated = self._process.ptyproc.closed = self._process.closed = True
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        raise AssertionError("the program went on without its terminal")

    def kill_at_once(self) -> None:
        """Ends the program as a power failure would: it learns nothing of it."""
        self._process.kill(signal.SIGKILL)
        self._process.wait()

    def kill(self) -> None:
        self._process.close(force=True)


def _spawn(*arguments: Any, **kwargs: Any) -> Any:
    return pexpect.spawn(*arguments, **kwargs)


def _stream(screen: pyte.Screen) -> Any:
    return pyte.Stream(screen)
