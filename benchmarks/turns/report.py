"""The figures as Markdown: one table a size, and what is promised beside what was measured."""

import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean, median

from benchmarks.turns.environments import pinned_version
from benchmarks.turns.floor import Floor
from benchmarks.turns.measuring import Figures
from benchmarks.turns.systems import SYSTEMS

_PACKAGES = [(each.environment, each.package) for each in SYSTEMS]
_HEAD = (
    "system",
    "ms a turn (median)",
    "to ours",
    "ms (mean)",
    "CPU ms (median)",
    "to ours",
    "bytes a turn",
    "prompt tokens a turn",
    "resume, s",
    "peak MB",
)


def machine(folder: Path, packages: Iterable[tuple[str, str]] = _PACKAGES) -> str:
    """Cores, processor, disk and versions, in one paragraph; packages are told of environments, each with its name."""
    versions = [f"Python {platform.python_version()}"]
    for environment, package in dict.fromkeys(packages):
        if environment:
            versions.append(f"{package} {pinned_version(environment, package)}")
    return f"{os.cpu_count()} cores ({_processor()}), {_disk(folder)}; {', '.join(versions)}."


def size_table(measured: Sequence[Figures], ours: str) -> str:
    """One size: every system beside ours."""
    own = next((each for each in measured if each.system == ours and each.wall), None)
    rows = []
    for each in measured:
        if not each.wall:
            rows.append([each.system, "did not get there in time", *[""] * (len(_HEAD) - 2)])
            continue
        wall, cpu = median(each.wall), median(each.cpu)
        rows.append(
            [
                each.system,
                f"{wall:,.1f}",
                _ratio(wall, median(own.wall)) if own else "",
                f"{mean(each.wall):,.1f}",
                f"{cpu:,.1f}",
                _ratio(cpu, median(own.cpu)) if own else "",
                f"{each.bytes_a_turn:,.0f}",
                f"{mean(each.tokens):,.0f}",
                f"{median(each.resume):.2f}" if each.resume else "",
                f"{each.memory / 2**20:,.0f}",
            ]
        )
    return table(_HEAD, rows)


def floor_table(floors: Mapping[str, Floor]) -> str:
    """The same rows by bare sqlite3."""
    rows = [[name, f"{median(each.wall):.2f}", f"{each.bytes_a_turn:,.0f}"] for name, each in floors.items()]
    return table(("bare sqlite3", "ms a turn (median)", "bytes a turn"), rows)


def table(head: Iterable[str], rows: Iterable[Sequence[object]], *, words: int = 1) -> str:
    """A Markdown table; all columns but the first few are figures."""
    names = list(head)
    lines = [names, [*["---"] * words, *["---:"] * (len(names) - words)], *[list(map(str, row)) for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def loads(seen: Iterable[float]) -> str:
    """How busy the machine was meanwhile."""
    found = list(seen)
    return f"load average {min(found):.1f} to {max(found):.1f} (median {median(found):.1f})"


def _ratio(value: float, own: float) -> str:
    return f"{value / own:.2f}x"


def _processor() -> str:
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found.group(1).strip() if found else platform.processor() or platform.machine()


def _disk(folder: Path) -> str:
    """The device and file system that a folder is on."""
    try:
        mounts = [line.split()[:3] for line in Path("/proc/mounts").read_text().splitlines()]
    except OSError:
        return "unknown disk"
    on = [mount for mount in mounts if folder.resolve().is_relative_to(mount[1])]
    device, _, kind = max(on, key=lambda mount: len(mount[1]), default=["?", "", "?"])
    return f"{kind} on {device}"
