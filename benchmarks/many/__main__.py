"""`make bench-many`: how many conversations one process, and four on one database, carry at once; tables as Markdown.

Every measurement is a line in `benchmarks/results/many.jsonl`.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.many.carrying import Load, carry
from benchmarks.many.figures import Figures, broken, figures, middle
from benchmarks.many.report import tables
from benchmarks.many.systems import SYSTEMS, System
from benchmarks.page import PAGE, RESULTS, ROOT, paste
from benchmarks.processes import BrokenError
from benchmarks.turns.environments import python_of
from benchmarks.turns.report import loads, machine

_NUMBERS = ("1", "16", "64", "256", "4x16")


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.many", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=[each.key for each in SYSTEMS], help="the systems; all if left out"
    )
    parser.add_argument(
        "--sessions", type=_number, nargs="+", default=[*map(_number, _NUMBERS)], help="or PROCESSESxSESSIONS in each"
    )
    parser.add_argument("--model-ms", type=float, nargs="+", default=[0, 300], help="what a model call takes")
    parser.add_argument("--warm", type=float, default=2.0, help="seconds before those that count")
    parser.add_argument("--seconds", type=float, default=6.0, help="seconds that count")
    parser.add_argument("--rounds", type=int, default=1, help="times that all is measured")
    parser.add_argument("--patience", type=float, default=180.0, help="seconds that one measurement may take")
    parser.add_argument("--results", type=Path, default=RESULTS / "many.jsonl", help="the file of lines")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.relative_to(ROOT)}")
    given = parser.parse_args()
    if not Path("/proc/self/status").exists():
        parser.error("it reads /proc, which only Linux has")
    chosen = [each for each in SYSTEMS if not given.only or each.key in given.only]
    planned = [
        Load(sessions, processes, model_ms, given.warm, given.seconds)
        for model_ms in given.model_ms
        for processes, sessions in given.sessions
    ]
    told = asyncio.run(_everything(chosen, planned, given.rounds, given.patience, given.results))
    print(told)
    if given.write:
        paste("many", told)


async def _everything(
    systems: Sequence[System], planned: Sequence[Load], rounds: int, patience: float, results: Path
) -> str:
    for environment in dict.fromkeys(each.environment for each in systems):
        python_of(environment)
    results.parent.mkdir(parents=True, exist_ok=True)
    found: dict[tuple[Load, str], list[Figures]] = {}
    with results.open("w") as lines, tempfile.TemporaryDirectory(dir=results.parent) as folder:
        for load, system in _in_turn(systems, planned, rounds):
            one = await _once(system, load, Path(folder), patience)
            found.setdefault((load, system.name), []).append(one)
            lines.write(json.dumps(asdict(one)) + "\n")
            lines.flush()
            print(_progress(one), file=sys.stderr, flush=True)
        busy = loads(each.busy for every in found.values() for each in every)
        told = f"{machine(Path(folder))} Measured with a {busy}; {_times(rounds)} of {planned[0].seconds:g} s each."
    ordered = [found[load, system.name] for load in planned for system in systems]
    return f"{told}\n\n{tables([middle(each) for each in ordered])}"


def _in_turn(systems: Sequence[System], planned: Sequence[Load], rounds: int) -> Iterator[tuple[Load, System]]:
    """Each load on every system, one after the other, another one first each time."""
    for number, load in enumerate(list(planned) * rounds):
        first = number % len(systems)
        yield from ((load, system) for system in (*systems[first:], *systems[:first]))


async def _once(system: System, load: Load, folder: Path, patience: float) -> Figures:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        try:
            return figures(system.name, load, await carry(system, load, Path(own) / "many.db", patience))
        except BrokenError as error:
            return broken(system.name, load, str(error), os.getloadavg()[0])


def _number(text: str) -> tuple[int, int]:
    """Processes, and sessions in each."""
    found = re.fullmatch(r"(?:([1-9]\d*)x)?([1-9]\d*)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of sessions, nor PROCESSESxSESSIONS")
    return int(found[1] or 1), int(found[2])


def _progress(one: Figures) -> str:
    under = f"{one.processes} x {one.sessions} sessions, {one.model_ms:g} ms: {one.system}"
    return f"{under}: {one.broken or f'{one.turns_a_second or 0:.1f} turns a second'}"


def _times(rounds: int) -> str:
    return "once" if rounds == 1 else f"{rounds} times"


if __name__ == "__main__":
    main()
