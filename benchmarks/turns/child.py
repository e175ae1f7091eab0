"""What a measured process does, the same for every system: hold some turns, and print figures as one line of JSON.

    grow     holds turns up to a number and leaves copies of the database, as they are after certain turns
    measure  opens a copy, holds a few turns to warm up, then times each of the next ones
    resume   opens a copy and says when the first turn is over

It needs only the standard library, because each system runs in an environment of its own.
"""

import argparse
import asyncio
import json
import resource
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from pathlib import Path
from typing import Protocol

from benchmarks.turns.script import MODEL_CALLS, Prompts, message

DONE = "done"
"""What `resume` prints when the turn is over."""


class System(Protocol):
    """One session in one database file, open."""

    prompts: Prompts

    async def turn(self, text: str) -> str:
        """Holds one turn and returns the answer."""


Opener = Callable[[Path, int | None], AbstractAsyncContextManager[System]]
"""Opens a system on a file; the number bounds the events that are sent to the model, None sends all."""


def main(opener: Opener) -> None:
    """The command line of a measured process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=("grow", "measure", "resume"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--window", type=int, help="events that are sent to the model; all when not given")
    parser.add_argument("--from-turn", type=int, default=0, help="turns that the file holds")
    parser.add_argument("--marks", type=int, nargs="*", default=[], help="grow: turns to leave a copy after")
    parser.add_argument("--warm", type=int, default=5, help="measure: turns before the first that counts")
    parser.add_argument("--turns", type=int, default=50, help="measure: turns that count")
    parser.add_argument("--seconds", type=float, default=60.0, help="stop after so long")
    given = parser.parse_args()
    asyncio.run(_run(opener, given))


async def _run(opener: Opener, given: argparse.Namespace) -> None:
    async with opener(given.file, given.window) as system:
        if given.task == "grow":
            await _grow(system, given.file, given.from_turn, given.marks, given.seconds)
        elif given.task == "measure":
            await _measure(system, given.from_turn, given.warm, given.turns, given.seconds)
        else:
            await system.turn(message(given.from_turn + 1))
            print(DONE, flush=True)


async def _grow(system: System, file: Path, held: int, marks: list[int], seconds: float) -> None:
    began = time.monotonic()
    sizes: dict[int, int] = {}
    for number in range(held, max(marks) + 1):
        if number > held:
            await system.turn(message(number))
        if number in marks:
            sizes[number] = copy_of(file, copy_name(file, number))
        if time.monotonic() - began > seconds:
            break
    print(json.dumps({"bytes": sizes}))


async def _measure(system: System, held: int, warm: int, count: int, seconds: float) -> None:
    began = time.monotonic()
    wall: list[float] = []
    cpu: list[float] = []
    tokens: list[int] = []
    skipped = 0
    for number in range(1, warm + count + 1):
        wall_before, cpu_before = time.perf_counter(), time.process_time()
        calls_before = system.prompts.calls
        answer = await system.turn(message(held + number))
        wall.append(1000 * (time.perf_counter() - wall_before))
        cpu.append(1000 * (time.process_time() - cpu_before))
        tokens.append(system.prompts.take())
        assert answer and system.prompts.calls - calls_before >= MODEL_CALLS, "a turn is not as the script says"
        spent = time.monotonic() - began
        if number <= warm and spent < seconds / 4:
            skipped = number
        if number > skipped and spent > seconds:
            break
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    counted = slice(min(skipped, len(wall) - 1), None)
    print(json.dumps({"wall": wall[counted], "cpu": cpu[counted], "tokens": tokens[counted], "memory": memory}))


def copy_name(file: Path, turns: int) -> Path:
    """Where the copy of a growing file lies that holds so many turns."""
    return file.with_name(f"{file.stem}-{turns}.db")


def copy_of(file: Path, target: Path) -> int:
    """Copies a database that may be in use, with what is in its journal; returns the bytes of the copy."""
    target.unlink(missing_ok=True)
    if not file.exists():
        return 0
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        pages: int = copy.execute("PRAGMA page_count").fetchone()[0]
        size: int = copy.execute("PRAGMA page_size").fetchone()[0]
    return pages * size
