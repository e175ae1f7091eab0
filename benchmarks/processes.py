"""Processes that are measured together: how they are started, told when to begin, and ended, come what may."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from benchmarks.started import READY
from benchmarks.turns.environments import python_of
from benchmarks.turns.measuring import where

_SOON = 0.2
"""Seconds from the word to the start."""
_LONGEST = 2**26
"""Bytes of a line that a process may say."""


class BrokenError(Exception):
    """A process ended before it was done, or was not done in time."""


class Process:
    """A measured process, and what it writes to its standard error in a file."""

    def __init__(self, run: asyncio.subprocess.Process, errors: Path) -> None:
        self._run = run
        self._errors = errors

    @classmethod
    async def started(cls, environment: str, module: Sequence[str], errors: Path) -> Self:
        """Starts one.

        Args:
            environment: Whose requirements it runs on; empty for this program's own.
            module: What is run, and its arguments.
            errors: Where its standard error goes.
        """
        piped = asyncio.subprocess.PIPE
        with errors.open("wb") as opened:
            run = await asyncio.create_subprocess_exec(
                str(python_of(environment)),
                "-m",
                *module,
                stdin=piped,
                stdout=piped,
                stderr=opened,
                limit=_LONGEST,
                **where(),
            )
        return cls(run, errors)

    async def ready(self) -> None:
        """Returns when it waits for the start."""
        await self._line(READY)

    async def seen(self) -> dict[str, Any]:
        """What it says that it saw."""
        found: dict[str, Any] = json.loads(await self._line("{"))
        return found

    def say(self, start: float) -> None:
        """The start, by the monotonic clock."""
        assert self._run.stdin
        self._run.stdin.write(f"{start}\n".encode())

    async def done(self) -> None:
        """Lets it close the system and end."""
        assert self._run.stdin
        self._run.stdin.close()
        if code := await self._run.wait():
            raise self._broken(code)

    async def end(self) -> None:
        """Kills it if it is still there."""
        if self._run.returncode is None:
            self._run.kill()
            await self._run.wait()

    async def _line(self, beginning: str) -> str:
        """The next line that begins so; what libraries say is passed over."""
        assert self._run.stdout
        while line := (await self._run.stdout.readline()).decode():
            if line.startswith(beginning):
                return line
        raise self._broken(await self._run.wait())

    def _broken(self, code: int) -> BrokenError:
        return BrokenError(f"ended with {code}: {self._errors.read_text()[-300:].strip()}")


def start(processes: Sequence[Process]) -> float:
    """Tells all when they start, and returns that."""
    moment = time.monotonic() + _SOON
    for each in processes:
        each.say(moment)
    return moment


@asynccontextmanager
async def together(
    environment: str, modules: Sequence[Sequence[str]], folder: Path, patience: float
) -> AsyncIterator[list[Process]]:
    """Processes that wait for their start: the first has made what the others find. At the end they are gone.

    Args:
        environment: As `Process.started` has it.
        modules: What each of them runs.
        folder: Where their standard errors go.
        patience: Seconds until they must be done.

    Raises:
        BrokenError: They were not, or one has failed.
    """
    processes: list[Process] = []
    try:
        async with asyncio.timeout(patience):
            for number, module in enumerate(modules):
                processes.append(await Process.started(environment, module, folder / f"errors-{number}.txt"))
                if number == 0:
                    await processes[0].ready()
            await asyncio.gather(*(each.ready() for each in processes[1:]))
            yield processes
            await asyncio.gather(*(each.done() for each in processes))
    except TimeoutError:
        raise BrokenError(f"not done after {patience:g} s") from None
    finally:
        for each in processes:
            await each.end()
