"""`make bench-turns`: measures, prints the tables as Markdown, and keeps every sample in `benchmarks/results`."""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from statistics import median

from benchmarks.page import PAGE, RESULTS, ROOT, paste
from benchmarks.turns.child import copy_name
from benchmarks.turns.environments import python_of
from benchmarks.turns.floor import Floor, floor
from benchmarks.turns.measuring import Figures, Measuring, as_json
from benchmarks.turns.profiling import Profile, profile, profile_table
from benchmarks.turns.report import floor_table, loads, machine, size_table, table
from benchmarks.turns.systems import OURS, PEERS, SYSTEMS, WINDOW, System
from benchmarks.turns.targets import APART, BARE, BARE_TURN, SAME, targets, targets_table

PLOT = ROOT / "docs" / "benchmarks.svg"
_AGAIN = 3
"""Times in a round that the systems with a window are measured: they are quick, and close to each other."""
_FLOOR = 200
"""Turns that are written anew for the floor, at most."""
_OTHER_WORK = 0.002
"""Seconds between the events of a turn, about."""
_ADK_IMPORT = "from google.adk.runners import Runner; from google.adk.agents import LlmAgent"


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turns", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100, 1_000, 10_000], help="turns held")
    parser.add_argument("--rounds", type=int, default=3, help="times that every system is measured, turn about")
    parser.add_argument("--only", default="", help="systems whose name contains this, beside ours")
    parser.add_argument("--profile", action="store_true", help="only where the time of a turn goes")
    parser.add_argument("--write", action="store_true", help=f"put the tables into {PAGE.relative_to(ROOT)}")
    parser.add_argument("--no-plot", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for the grown databases, to be used again by the next run")
    given = parser.parse_args()
    chosen = [each for each in SYSTEMS if each is OURS or given.only in each.name]
    RESULTS.mkdir(exist_ok=True)
    with nullcontext(given.keep) if given.keep else tempfile.TemporaryDirectory(dir=RESULTS) as name:
        folder = Path(name)
        folder.mkdir(exist_ok=True)
        if given.profile:
            _profile_only(folder, min(given.sizes[-1], 100))
        else:
            _everything(
                folder,
                chosen,
                sorted(given.sizes),
                given.rounds,
                plot=not given.no_plot,
                write=given.write,
            )


def _everything(
    folder: Path, chosen: Sequence[System], sizes: Sequence[int], rounds: int, *, plot: bool, write: bool
) -> None:
    for environment in dict.fromkeys(each.environment for each in chosen):
        python_of(environment)
    measuring = Measuring(folder, sizes)
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 4)) as growing:
        list(growing.map(measuring.grow, {each.database: each for each in chosen}.values()))
    measured = {(each.name, n): Figures(each.name, n) for each in chosen for n in sizes if n <= each.largest}
    empty: list[float] = []
    importing: list[float] = []
    for done in range(rounds):
        for size in sizes:
            for system in chosen:
                if size in measuring.reached(system):
                    measuring.measure(system, measured[system.name, size])
                    measuring.resume(system, measured[system.name, size])
            for system in (_AGAIN - 1) * [each for each in chosen if each.window]:
                if size in measuring.reached(system):
                    measuring.measure(system, measured[system.name, size])
            empty.append(measuring.first_turn_of_all(OURS))
            importing.append(_import())
        print(f"round {done + 1} of {rounds} is done", file=sys.stderr, flush=True)
    floors, profiled = _floor_and_profile(folder, sizes)
    _keep(measured.values(), floors, profiled, empty)
    busy = loads(load for each in measured.values() for load in each.load)
    told = [f"{machine(folder)} Measured with a {busy}; {rounds} rounds."]
    for size in sizes:
        beside = [figures for (_, n), figures in measured.items() if n == size]
        told += [f"### At {size:,} turns", size_table(beside, OURS.name)]
    told += ["### The floor", floor_table(floors), "### Where the time of a turn goes", profile_table(profiled)]
    promised = targets(measured, OURS.name, [each.name for each in PEERS], floors, profiled, empty, median(importing))
    told += ["### What is promised", targets_table(promised)]
    first = f"{median(empty):.2f} s; importing ADK alone: {median(importing):.2f} s"
    told += [f"The very first turn of all, in a fresh process: {first}."]
    print("\n\n".join(told))
    if write:
        paste("turns", "\n\n".join(told))
    if plot:
        draw = [python_of("plot"), Path(__file__).with_name("plot.py"), RESULTS / "turns.json", PLOT]
        subprocess.run(draw, check=True)


def _floor_and_profile(folder: Path, sizes: Sequence[int]) -> tuple[dict[str, Floor], Profile]:
    held = max(n for n in sizes if n <= 1_000)
    source = copy_name(folder / f"{OURS.database}.db", held)
    turns = min(held, _FLOOR)
    used = folder / "profiled.db"
    shutil.copyfile(source, used)
    before = _floors(source, folder / "floor.db", turns)
    found = profile(used, held, window=WINDOW)
    after = _floors(source, folder / "floor.db", turns)  # a machine is not equally quick all the time
    return {name: Floor(before[name].wall + after[name].wall, after[name].bytes_a_turn) for name in before}, found


def _floors(source: Path, target: Path, turns: int) -> dict[str, Floor]:
    return {
        BARE: floor(source, target, turns=turns, bare=True, commit_every_event=True),
        APART: floor(source, target, turns=turns, bare=True, commit_every_event=True, apart=_OTHER_WORK),
        BARE_TURN: floor(source, target, turns=turns, bare=True, commit_every_event=False),
        SAME: floor(source, target, turns=turns, bare=False, commit_every_event=True),
    }


def _profile_only(folder: Path, turns: int) -> None:
    Measuring(folder, [turns]).grow(OURS)
    floors, found = _floor_and_profile(folder, [turns])
    print(f"{profile_table(found)}\n\n{floor_table(floors)}\n")
    over = found.database / median(floors[BARE].wall)
    print(table(("database", "times the floor"), [["the program, one commit an event", f"{over:.2f}"]]))


def _keep(measured: Iterable[Figures], floors: dict[str, Floor], profiled: Profile, empty: list[float]) -> None:
    kept = {
        "measured": as_json(list(measured)),
        "floor": {name: {"wall": each.wall, "bytes_a_turn": each.bytes_a_turn} for name, each in floors.items()},
        "turn_ms": profiled.turn,
        "first_turn_of_all": empty,
    }
    (RESULTS / "turns.json").write_text(json.dumps(kept))


def _import() -> float:
    """Seconds that a fresh process takes to import ADK alone."""
    timed = f"import time; t = time.perf_counter(); {_ADK_IMPORT}; print(time.perf_counter() - t)"
    return float(subprocess.check_output([sys.executable, "-c", timed], text=True))


if __name__ == "__main__":
    main()
