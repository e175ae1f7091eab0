"""One measurement: processes of one system that add 1 to one number for some seconds, all at the same time.

What the number is then, a fresh process says when they are gone: each increment that was done is in it, or is lost.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.many.figures import percentile
from benchmarks.memory.servers import MissingError
from benchmarks.memory.systems import System
from benchmarks.processes import BrokenError, Process, start, together

_OPENING = 60.0
"""Seconds that opening and closing may take."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of one measurement; None is what cannot be had.

    Attributes:
        a_second: Increments that were done in the seconds that count, over those.
        p50: Milliseconds; half of the increments take less.
        p95: All but a twentieth take less.
        longest: The one that took longest.
        fewest: Increments of the process that made fewest.
        most: Of the one that made most.
        added: Increments that were done.
        lost: Those of them that are not in the number.
        failed: Increments that were not done, by what was raised.
        busy: The machine's load average.
        missing: Why there are no figures.
    """

    system: str
    a_second: float | None = None
    p50: float | None = None
    p95: float | None = None
    longest: float | None = None
    fewest: int = 0
    most: int = 0
    added: int = 0
    lost: int | None = None
    failed: Mapping[str, int] = field(default_factory=dict)
    busy: float = 0.0
    missing: str = ""


async def count(system: System, processes: int, seconds: float, folder: Path) -> Counted:
    """Measures once, in a new folder."""
    try:
        with system.place(folder) as where:
            seen = await _adding(system, where, processes, seconds, folder)
            return counted(system.name, seen, await _held(system, where, folder), seconds)
    except (MissingError, BrokenError) as error:
        return Counted(system.name, busy=os.getloadavg()[0], missing=str(error))


def counted(system: str, seen: Sequence[Mapping[str, Any]], held: int, seconds: float) -> Counted:
    """The figures of what each process saw, and of what the number is."""
    took = [milliseconds for each in seen for milliseconds in each["took"]]
    each_added = [int(each["added"]) for each in seen]
    failed: Counter[str] = Counter()
    for each in seen:
        failed.update(each["failed"])
    return Counted(
        system,
        a_second=sum(each["in_time"] for each in seen) / seconds,
        p50=percentile(took, 0.5),
        p95=percentile(took, 0.95),
        longest=max(took, default=None),
        fewest=min(each_added),
        most=max(each_added),
        added=sum(each_added),
        lost=sum(each_added) - held,
        failed=dict(failed),
        busy=os.getloadavg()[0],
    )


def middle(found: Sequence[Counted]) -> Counted:
    """The medians of several measurements of one system; what was added, lost or failed is of all of them."""
    good = [each for each in found if not each.missing]
    if not good:
        return found[0]
    failed: Counter[str] = Counter()
    for each in good:
        failed.update(each.failed)
    return Counted(
        good[0].system,
        a_second=_median(each.a_second for each in good),
        p50=_median(each.p50 for each in good),
        p95=_median(each.p95 for each in good),
        longest=max((each.longest for each in good if each.longest is not None), default=None),
        fewest=min(each.fewest for each in good),
        most=max(each.most for each in good),
        added=sum(each.added for each in good),
        lost=sum(each.lost or 0 for each in good),
        failed=dict(failed),
        busy=max(each.busy for each in good),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None


async def _adding(system: System, where: str, processes: int, seconds: float, folder: Path) -> Sequence[dict[str, Any]]:
    module = [system.module, where, "--seconds", str(seconds)]
    async with together(system.environment, [module] * processes, folder, _OPENING + 2 * seconds) as started:
        start(started)
        return await asyncio.gather(*(each.seen() for each in started))


async def _held(system: System, where: str, folder: Path) -> int:
    process = await Process.started(system.environment, [system.module, where], folder / "errors.txt")
    try:
        async with asyncio.timeout(_OPENING):
            held = int((await process.seen())["held"])
            await process.done()
    finally:
        await process.end()
    return held
