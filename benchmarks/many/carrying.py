"""One measurement: processes of one system on one new database, all of whose sessions talk at the same time.

The first process makes the tables before the others are started. Commits are counted at both ends of the
seconds that count. What the database holds is read when all are gone.
"""

import asyncio
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.many.commits import commits
from benchmarks.many.systems import System
from benchmarks.processes import Process, start, together
from benchmarks.started import until


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


async def carry(system: System, load: Load, file: Path, patience: float) -> Carried:
    """Measures once.

    Raises:
        BrokenError: It did not come to its end.
    """
    modules = [_module(system, load, file, number) for number in range(load.processes)]
    async with together(system.environment, modules, file.parent, patience) as processes:
        counted = await _begin(processes, load, file)
        seen = await asyncio.gather(*(each.seen() for each in processes))
    return Carried(seen, counted, held(system, file), os.getloadavg()[0])


def _module(system: System, load: Load, file: Path, number: int) -> list[str]:
    """What the process with this number runs."""
    given = ["--name", f"s{number}", "--sessions", str(load.sessions), "--model-ms", str(load.model_ms)]
    seconds = ["--warm", str(load.warm), "--seconds", str(load.seconds)]
    return [*system.command, str(file), *given, *seconds]


async def _begin(processes: Sequence[Process], load: Load, file: Path) -> list[int | None]:
    """Gives the word, and counts commits when the seconds that count begin and when they end."""
    begin = start(processes) + load.warm
    counted = []
    for moment in (begin, begin + load.seconds):
        await until(moment)
        counted.append(commits(file))
    return counted


def held(system: System, file: Path) -> dict[str, int] | None:
    """Sessions, and how many whole turns of each a database holds."""
    if not system.held:
        return None
    with closing(sqlite3.connect(file)) as connection:
        return dict(connection.execute(system.held).fetchall())
