"""What an incrementing process does, the same for every system: it adds 1 to one number until its seconds are over.

Each increment is begun when the one before is done. It needs only the standard library, because each system runs in an
environment of its own.
"""

import argparse
import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from benchmarks.started import in_a_line, told_by, told_start, until

KEY = "counter"
"""What the number is called."""
PATIENCE = 60.0
"""Seconds that an increment waits for others, where a system lets one say so."""


class Number(Protocol):
    """One number in a store that is open; where it is not there, it is 0."""

    async def increment(self) -> None:
        """Adds 1, durably."""

    async def value(self) -> int:
        """What it is."""


Opener = Callable[[str], AbstractAsyncContextManager[Number]]
"""Opens a store: a file, or the URL of a server."""


def main(opener: Opener) -> None:
    """The command line of an incrementing process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("where", help="a file, or the URL of a server")
    parser.add_argument("--seconds", type=float, help="add until they are over; without, only say what is held")
    given = parser.parse_args()
    asyncio.run(_held(opener, given.where) if given.seconds is None else _add(opener, given.where, given.seconds))


async def _held(opener: Opener, where: str) -> None:
    async with opener(where) as number:
        print(json.dumps({"held": await number.value()}), flush=True)


async def _add(opener: Opener, where: str, seconds: float) -> None:
    told = await told_by()
    async with opener(where) as number:
        await number.increment()  # what is loaded or made for a first one is there
        start = await told_start(told)
        await until(start)
        seen = await adding(number, start + seconds)
        print(json.dumps({**seen, "added": len(seen["took"]) + 1}), flush=True)
        await told.read()


async def adding(number: Number, end: float) -> dict[str, Any]:
    """Adds until a time of `time.monotonic`; returns the milliseconds of each increment, how many of them were done by
    then, and what went wrong how often."""
    took: list[float] = []
    failed: Counter[str] = Counter()
    late = 0
    while (began := time.monotonic()) < end:
        try:
            await number.increment()
        except Exception as error:  # whatever a system raises, it has not added; the next one may
            failed[in_a_line(error)] += 1
            continue
        ended = time.monotonic()
        took.append(1000 * (ended - began))
        late += ended > end
    return {"took": took, "in_time": len(took) - late, "failed": failed}
