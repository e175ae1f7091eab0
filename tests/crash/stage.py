"""One record while it lasts: its file, who is around, what was seen, and how a process is killed in it."""

import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TypeAlias

from tests.crash.checks import bare
from tests.crash.neighbours import Neighbours
from tests.crash.program import Chat, Program, Running, signalled
from tests.crash.seen import USER, Book
from tests.crash.template import Template

After: TypeAlias = Callable[[sqlite3.Connection], Iterator[str]]
"""What must hold after a kill, beside what always must."""


def nothing_else(_conn: sqlite3.Connection) -> Iterator[str]:
    """For phases in which only what was seen must hold."""
    return iter(())


_SAID = (
    "tell me a joke about {topic}, case {case}",
    "put {ticker} on my watchlist, case {case}",
    "what's the price of {ticker}, case {case}",
    "a joke about {topic} and the price of {ticker}, case {case}",
    "I like jokes about {topic}, case {case}",
)
_TOPICS = ("python", "math", "physics", "java", "recursion")
_TICKERS = ("AAPL", "MSFT", "NVDA", "AMD", "TSLA")
_STOPPED = 1.0
"""Seconds for which a process is stopped at times."""
_SOON = 0.03
"""Seconds after something was written or printed within which a kill follows it, mostly at once."""


@dataclass
class Stage:
    """What a phase is given.

    Attributes:
        rng: Whatever is drawn is drawn from it.
        program: Starts the program that is killed.
        file: The database.
        folder: Where files may be made.
        template: What the record began with.
        neighbours: Who else is on the file.
        book: What was seen.
        case: Begins the number in the messages of this record.
        alive: Whether the process that was killed last was there.
        may_vanish: Sessions that may be gone after this kill.
        may_be_undone: Turns that may be taken back after this kill.
    """

    rng: random.Random
    program: Program
    file: Path
    folder: Path
    template: Template
    neighbours: Neighbours
    book: Book
    case: str
    alive: bool = False
    may_vanish: set[str] = field(default_factory=set)
    may_be_undone: set[str] = field(default_factory=set)
    _number: Iterator[int] = field(default_factory=lambda: count(1))

    def message(self) -> str:
        """Something to say that was not said before."""
        said, topic, ticker = (self.rng.choice(each) for each in (_SAID, _TOPICS, _TICKERS))
        return said.format(topic=topic, ticker=ticker, case=f"{self.case}-{next(self._number)}")

    def messages(self, most: int) -> list[str]:
        return [self.message() for _ in range(self.rng.randint(1, most))]

    def session(self) -> str:
        """One of the user's sessions with live turns."""
        query = "SELECT DISTINCT session_id FROM turns WHERE user_id = ? AND undone_at IS NULL ORDER BY session_id"
        with bare(self.file) as conn:
            return self.rng.choice([str(row[0]) for row in conn.execute(query, (USER,))])

    def anywhere(self) -> list[str]:
        """Options for a new session, or for one that is there."""
        return ["--new"] if self.rng.random() < 0.3 else ["--session", self.session()]

    def start(self, *arguments: str, lines: list[str] | None = None) -> Running:
        return self.program.start(*arguments, db=self.file, lines=lines or ())

    def strike(self, victim: Running, seconds: float, *, file: Path | None = None) -> None:
        """Kills a command: at some moment of the seconds it takes, or just after it has printed or written something.

        Args:
            victim: The command.
            seconds: What it takes when nobody kills it.
            file: What it writes, if not the record's database.
        """
        write_ahead = Path(f"{file or self.file}-wal")
        how, nth = (
            self.rng.choice(("clock", "printed", "written", "written")),
            self.rng.choice((1, 1, 1, 2, 3, 4, 6, 9)),
        )
        end = victim.began + self.rng.uniform(0.0, 1.1) * seconds if how == "clock" else float("inf")
        before, written = _written(write_ahead), 0
        while victim.alive and time.monotonic() < end:
            if how == "printed" and victim.printed.count("\n") >= nth:
                break
            if how == "written" and (now := _written(write_ahead)) not in (None, before):
                before, written = now, written + 1
                if written >= nth:
                    break
            time.sleep(0.001)
        if how != "clock":
            time.sleep(_SOON * self.rng.random() ** 3)
        self.alive = victim.alive
        self._kill(victim.pid)
        victim.close()

    def kill_chat(self, chat: Chat, seconds: float) -> None:
        """Kills a chat at some moment of so many seconds, and reads what it has still shown."""
        self.alive = chat.terminal.watch(self.rng.uniform(0.0, seconds))
        self._kill(chat.pid)
        chat.terminal.watch(1.0)

    def _kill(self, pid: int) -> None:
        """SIGKILL; at times after a stop, and at times to the neighbours as well."""
        if self.rng.random() < 0.15:
            signalled(pid, signal.SIGSTOP)
            time.sleep(_STOPPED)
            if self.rng.random() < 0.7:
                signalled(pid, signal.SIGCONT)
                time.sleep(self.rng.uniform(0.0, 2 * _SOON))
        together = self.rng.random() < 0.2
        signalled(pid, signal.SIGKILL)
        if together:
            self.neighbours.kill()
            self.neighbours.start()

    def hold_up_neighbours(self) -> None:
        """At times stops them for a second, whatever locks they have."""
        if self.rng.random() < 0.15:
            self.neighbours.stop()
            time.sleep(_STOPPED)
            self.neighbours.stop(going_on=True)


def _written(file: Path) -> tuple[int, int] | None:
    """What changes when a write-ahead log is written to; None while it has nothing, as whenever a reader makes one."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return (found.st_size, found.st_mtime_ns) if found.st_size else None
