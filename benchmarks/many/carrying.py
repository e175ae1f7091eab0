"""One measurement: processes of one system on one new database, all of whose sessions talk at the same time.

The first process makes the tables before the others are started. Commits are counted at both ends of the
seconds that count. What the database holds is read when all are gone.
"""

import asyncio
import json
import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.many.child import READY
from benchmarks.many.commits import commits
from benchmarks.many.systems import System
from benchmarks.turns.environments import python_of
from benchmarks.turns.measuring import where

_SOON = 0.2
"""Seconds from the word to the start."""
_LONGEST = 2**26
"""Bytes of a line that a process may say."""


@dataclass(frozen=True, slots=True)
class Load:
    """How many sessions in each of how many processes, and the milliseconds of a model call.

    They talk for the seconds before those that count, and for those that do.
    """

    sessions: int
    processes: int
    model_ms: float
    warm: float
    seconds: float

    @property
    def in_all(self) -> int:
        """Sessions in all processes."""
        return self.sessions * self.processes


@dataclass(frozen=True, slots=True)
class Carried:
    """What was seen.

    Attributes:
        seen: What each process said.
        commits: Counted at both ends of the seconds that count; None where nothing can be counted.
        held: Whole turns of each session in the database afterwards; None where nothing is kept.
        busy: The machine's load average.
    """

    seen: Sequence[dict[str, Any]]
    commits: Sequence[int | None]
    held: dict[str, int] | None
    busy: float


class BrokenError(Exception):
    """A process ended before it was done, or was not done in time."""


class _Process:
    """A carrying process, and what it writes to its standard error in a file."""

    def __init__(self, run: asyncio.subprocess.Process, errors: Path) -> None:
        self._run = run
        self._errors = errors

    @classmethod
    async def started(cls, system: System, load: Load, file: Path, number: int) -> Self:
        """Starts the process with this number."""
        given = ["--name", f"s{number}", "--sessions", str(load.sessions), "--model-ms", str(load.model_ms)]
        seconds = ["--warm", str(load.warm), "--seconds", str(load.seconds)]
        command = [str(python_of(system.environment)), "-m", *system.command, str(file), *given, *seconds]
        errors = file.with_name(f"errors-{number}.txt")
        piped = asyncio.subprocess.PIPE
        with errors.open("wb") as opened:
            run = await asyncio.create_subprocess_exec(
                *command, stdin=piped, stdout=piped, stderr=opened, limit=_LONGEST, **where()
            )
        return cls(run, errors)

    async def line(self, beginning: str) -> str:
        """The next line that begins so; what libraries say is passed over."""
        assert self._run.stdout
        while line := (await self._run.stdout.readline()).decode():
            if line.startswith(beginning):
                return line
        raise BrokenError(f"ended with {await self._run.wait()}: {self._errors.read_text()[-300:].strip()}")

    def say(self, start: float) -> None:
        """The start, by the monotonic clock."""
        assert self._run.stdin
        self._run.stdin.write(f"{start}\n".encode())

    async def done(self) -> None:
        """Lets it close the system and end."""
        assert self._run.stdin
        self._run.stdin.close()
        if code := await self._run.wait():
            raise BrokenError(f"ended with {code}: {self._errors.read_text()[-300:].strip()}")

    async def end(self) -> None:
        """Kills it if it is still there."""
        if self._run.returncode is None:
            self._run.kill()
            await self._run.wait()


async def carry(system: System, load: Load, file: Path, patience: float) -> Carried:
    """Measures once.

    Raises:
        BrokenError: It did not come to its end.
    """
    processes: list[_Process] = []
    try:
        async with asyncio.timeout(patience):
            for number in range(load.processes):
                processes.append(await _Process.started(system, load, file, number))
                if number == 0:
                    await processes[0].line(READY)
            await asyncio.gather(*(each.line(READY) for each in processes[1:]))
            counted = await _begin(processes, load, file)
            seen = [json.loads(line) for line in await asyncio.gather(*(each.line("{") for each in processes))]
            await asyncio.gather(*(each.done() for each in processes))
    except TimeoutError:
        raise BrokenError(f"not done after {patience:g} s") from None
    finally:
        for each in processes:
            await each.end()
    return Carried(seen, counted, held(system, file), os.getloadavg()[0])


async def _begin(processes: Sequence[_Process], load: Load, file: Path) -> list[int | None]:
    """Gives the word, and counts commits when the seconds that count begin and when they end."""
    start = time.monotonic() + _SOON
    for each in processes:
        each.say(start)
    counted = []
    for moment in (start + load.warm, start + load.warm + load.seconds):
        await asyncio.sleep(max(moment - time.monotonic(), 0))
        counted.append(commits(file))
    return counted


def held(system: System, file: Path) -> dict[str, int] | None:
    """Sessions, and how many whole turns of each a database holds."""
    if not system.held:
        return None
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute(system.held).fetchall())
