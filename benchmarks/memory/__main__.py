"""`make bench-memory`: what calls of the store of memory cost beside bare statements, increments beside others.

Every figure is a line in `benchmarks/results/memory.jsonl`.
"""

import argparse
import asyncio
import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.memory.calls import Cost, fill, on_postgres, on_sqlite
from benchmarks.memory.counting import Counted, count, middle
from benchmarks.memory.report import calls_table, increments_table, plan
from benchmarks.memory.servers import MissingError, postgres, versions
from benchmarks.memory.systems import SYSTEMS, System
from benchmarks.page import PAGE, RESULTS, ROOT, paste
from benchmarks.turns.environments import python_of
from benchmarks.turns.report import loads, machine


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000, help="entries in the store; 0 leaves out its calls")
    parser.add_argument("--calls", type=int, default=200, help="calls of each kind, one after the other")
    parser.add_argument("--rounds", type=int, default=5, help="times that calls are measured so, turn about")
    parser.add_argument(
        "--only", nargs="*", choices=[each.key for each in SYSTEMS], help="whose increments; all if left out"
    )
    parser.add_argument("--processes", type=int, default=8, help="that increment at the same time")
    parser.add_argument("--seconds", type=float, default=5.0, help="for how long they do")
    parser.add_argument("--times", type=int, default=3, help="times that increments are measured, turn about")
    parser.add_argument("--results", type=Path, default=RESULTS / "memory.jsonl", help="the file of lines")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args()
    chosen = [each for each in SYSTEMS if given.only is None or each.key in given.only]
    told = _everything(given, chosen)
    print(told)
    if given.write:
        paste("memory", told)


def _everything(given: argparse.Namespace, chosen: Sequence[System]) -> str:
    for environment in dict.fromkeys(each.environment for each in chosen):
        python_of(environment)
    given.results.parent.mkdir(parents=True, exist_ok=True)
    given.results.write_text("")
    busy = [os.getloadavg()[0]]
    with tempfile.TemporaryDirectory(dir=given.results.parent) as name:
        folder = Path(name).absolute()
        told = [*_calls(given, folder), *_increments(given, chosen, folder)]
        busy.append(os.getloadavg()[0])
        of = machine(folder, [(each.environment, each.package) for each in chosen])
    databases = ", ".join([f"SQLite {sqlite3.sqlite_version}", *versions()])
    return "\n\n".join([f"{of} {databases}. Measured with a {loads(busy)}.", *told])


def _calls(given: argparse.Namespace, folder: Path) -> list[str]:
    if not given.entries:
        return []
    file = folder / "memory.db"
    asyncio.run(fill(file, given.entries))
    found = []
    missing = []
    try:
        with postgres(folder) as url:
            found.append(asyncio.run(on_postgres(url, file, given.entries, given.rounds, given.calls)))
    except MissingError as error:
        missing.append(f"PostgreSQL was not measured: {error}.")
    found.insert(0, asyncio.run(on_sqlite(file, given.entries, given.rounds, given.calls)))
    _keep(given.results, [cost for each in found for cost in each.costs])
    head = f"### A call in a store of {given.entries:,} entries"
    return [head, calls_table(found), *missing, *map(plan, found)]


def _increments(given: argparse.Namespace, chosen: Sequence[System], folder: Path) -> list[str]:
    if not chosen:
        return []
    found: dict[str, list[Counted]] = {each.name: [] for each in chosen}
    for number in range(given.times):
        first = number % len(chosen)
        for system in (*chosen[first:], *chosen[:first]):
            found[system.name].append(_once(system, given, folder))
    head = f"### Increments of one number by {given.processes} processes"
    return [head, increments_table([middle(each) for each in found.values()])]


def _once(system: System, given: argparse.Namespace, folder: Path) -> Counted:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        one = asyncio.run(count(system, given.processes, given.seconds, Path(own)))
    _keep(given.results, [one])
    told = one.missing or f"{one.a_second:,.0f} increments a second, {one.lost:,} lost"
    print(f"{system.name}: {told}", file=sys.stderr, flush=True)
    return one


def _keep(results: Path, found: Sequence[Cost | Counted]) -> None:
    with results.open("a") as lines:
        lines.writelines(f"{json.dumps(asdict(each))}\n" for each in found)


if __name__ == "__main__":
    main()
