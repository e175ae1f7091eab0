"""What a carrying process does, the same for every system: it begins its sessions, and lets them all talk at once.

It says a line when it is ready, and what it saw as a line of JSON. It is told when to start, as a time of the machine's
monotonic clock, so that several processes start together; it closes the system when its input ends: until then
commits can be counted. Every session sends its next message as soon as it has its answer.

It needs only the standard library, because each system runs in an environment of its own, and Linux, because it reads
`/proc`.
"""

import argparse
import asyncio
import gc
import json
import os
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

from benchmarks.started import in_a_line, told_by, told_start, until
from benchmarks.turns.script import MODEL_CALLS, message

_LOOK = 0.25
"""Seconds between two looks at memory, threads and files."""
_NEW_OBJECTS = 5_000
"""As `terminal.chat.loading` has it for the program; here for all."""

Turn = Callable[[str], Awaitable[str]]
"""Holds one turn of a session and returns the answer."""


class Carrier(Protocol):
    """A system on one database file, open, for any number of sessions."""

    async def session(self, name: str) -> Turn:
        """Begins a session."""


Opener = Callable[[Path, float], AbstractAsyncContextManager[Carrier]]
"""Opens a system on a file; its model takes so many seconds."""


def main(opener: Opener) -> None:
    """The command line of a carrying process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--name", required=True, help="what the names of its sessions begin with")
    parser.add_argument("--sessions", type=int, required=True)
    parser.add_argument("--model-ms", type=float, required=True, help="milliseconds that a model call takes")
    parser.add_argument("--warm", type=float, required=True, help="seconds before those that count")
    parser.add_argument("--seconds", type=float, required=True, help="seconds that count")
    asyncio.run(_run(opener, parser.parse_args()))


async def _run(opener: Opener, given: argparse.Namespace) -> None:
    told = await told_by()
    async with opener(given.file, given.model_ms / 1000) as carrier:
        await (await carrier.session(f"{given.name}-first"))(message(0))  # what is loaded for a first turn is loaded
        _collect()
        idle = usage()
        names = [f"{given.name}-{number:03d}" for number in range(given.sessions)]
        sessions = {name: await carrier.session(name) for name in names}
        start = await told_start(told)
        talk = Talk(start, start + given.warm, start + given.warm + given.seconds, MODEL_CALLS * given.model_ms / 1000)
        await talk.hold(sessions)
        print(json.dumps({**talk.seen(), "idle": idle}), flush=True)
        await told.read()


class Talk:
    """Sessions that talk from `start` to `end`; what is under way then is waited for. Times are of `time.monotonic`."""

    def __init__(self, start: float, begin: float, end: float, models: float) -> None:
        """Args: when the seconds that count begin and end, and the seconds that the models take of each turn."""
        self._start = start
        self._begin = begin
        self._end = end
        self._models = models
        self._turns: list[tuple[str, float, float]] = []
        self._answered: Counter[str] = Counter()
        self._failed: Counter[str] = Counter()
        self._cpu: list[float] = []
        self._peak: dict[str, float] = {}

    async def hold(self, sessions: Mapping[str, Turn]) -> None:
        """Lets them talk, all at once; with a model that takes time they begin one after the other, not in step."""
        apart = self._models / len(sessions)
        talks = [self._session(name, turn, i * apart) for i, (name, turn) in enumerate(sessions.items())]
        await asyncio.gather(self._watch(), *talks)
        self._look()

    def seen(self) -> dict[str, object]:
        """Of each turn its session, and when it began and ended; how often each session was answered, and what failed;
        CPU seconds at both ends of the seconds that count; the most that was used of memory, threads and files."""
        return {
            "turns": self._turns,
            "answered": self._answered,
            "failed": self._failed,
            "cpu": self._cpu,
            "peak": self._peak,
        }

    async def _session(self, name: str, turn: Turn, after: float) -> None:
        await until(self._start + after)
        number = 0
        while (began := time.monotonic()) < self._end:
            number += 1
            try:
                answer = await turn(f"[{name}] {message(number)}")
            except Exception as error:  # whatever a system raises, the turn has failed; the others go on
                self._failed[in_a_line(error)] += 1
                continue
            ended = time.monotonic()
            if not answer:
                self._failed["no answer"] += 1
                continue
            self._answered[name] += 1
            self._turns.append((name, began - self._start, ended - self._start))

    async def _watch(self) -> None:
        for mark in (self._begin, self._end):
            while (now := time.monotonic()) < mark:
                await asyncio.sleep(min(_LOOK, mark - now))
                self._look()
            self._cpu.append(time.process_time())

    def _look(self) -> None:
        for name, value in usage().items():
            self._peak[name] = max(value, self._peak.get(name, value))


def usage() -> dict[str, float]:
    """Resident megabytes, threads and open files of this process."""
    status = Path("/proc/self/status").read_text()
    resident, threads = (re.search(rf"^{name}:\s+(\d+)", status, re.MULTILINE) for name in ("VmRSS", "Threads"))
    assert resident and threads
    return {
        "megabytes": int(resident[1]) / 1024,
        "threads": int(threads[1]),
        "files": len(os.listdir("/proc/self/fd")) - 1,  # the one that lists them
    }


def _collect() -> None:
    """Garbage is looked for equally often in all systems, and not in what was loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
