"""python -m tests.crash: kills the program again and again, and says what was wrong.

    python -m tests.crash --kills 300
    python -m tests.crash --seed 7 --record 12       one record of a run again
    python -m tests.crash --kills 6 --break commit   with the program broken on purpose: it must find violations

The exit code is 1 when anything was wrong; then the databases are kept.
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path

from tests.crash.broken import CONNECTIONS
from tests.crash.phases import PHASES
from tests.crash.program import Stuck
from tests.crash.record import Kill, Plan, run
from tests.crash.template import Template

KILLS_A_RECORD = 5
"""So many share a database."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit code."""
    options = _options().parse_args(arguments)
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="crash-"))
    try:
        template = Template.make(folder)
    except Stuck as stuck:
        print(f"The program does not work: {stuck}", file=sys.stderr)
        return 1
    plans = [
        Plan(options.seed, number, phases, options.broken, folder, template)
        for number, phases in enumerate(_shared(options.kills, options.phase or list(PHASES)))
        if options.record in (None, number)
    ]
    print(f"seed {options.seed}: {sum(len(plan.phases) for plan in plans)} kills, {options.jobs} at a time", flush=True)
    kills = list(_carried_out(plans, options.jobs))
    print(report(kills))
    print(f"seed {options.seed}, {time.monotonic() - began:.0f} s")
    wrong = any(kill.wrong for kill in kills)
    if wrong:
        print(f"The databases are in {folder}. Again: --seed {options.seed} --record N, with the other options alike.")
    else:
        shutil.rmtree(folder)
    return int(wrong)


def report(kills: Sequence[Kill]) -> str:
    """By phase: the kills, how many met a living process, after how many something was wrong, and seconds each."""
    lines = [f"{'phase':22}{'kills':>8}{'alive':>8}{'violations':>12}{'seconds':>9}"]
    for phase in (*PHASES, "total"):
        of = [kill for kill in kills if phase in (kill.phase, "total")]
        if of:
            alive, wrong = sum(kill.alive for kill in of), sum(bool(kill.wrong) for kill in of)
            took = sum(kill.seconds for kill in of) / len(of)
            lines.append(f"{phase:22}{len(of):8}{alive:8}{wrong:12}{took:9.1f}")
    return "\n".join(lines)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description="Kills the program and judges it.")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="what is drawn follows from it")
    parser.add_argument("--record", type=int, help="only this record of the run")
    parser.add_argument("--phase", action="append", choices=list(PHASES), help="only this; may be given several times")
    parser.add_argument("--break", dest="broken", choices=list(CONNECTIONS), help="what to break on purpose")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="records at a time")
    return parser


def _shared(kills: int, phases: Sequence[str]) -> list[tuple[str, ...]]:
    """The phases of each record: all have their turn before one has its second."""
    all_ = list(islice(cycle(phases), kills))
    return [tuple(all_[first : first + KILLS_A_RECORD]) for first in range(0, kills, KILLS_A_RECORD)]


def _carried_out(plans: Sequence[Plan], jobs: int) -> Iterator[Kill]:
    """Each record in a process: a pseudo-terminal is not opened beside threads."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(run, plan) for plan in plans]):
            for kill in done.result():
                for wrong in kill.wrong:
                    print(f"record {kill.record}, {kill.phase}: {wrong}", flush=True)
                yield kill


if __name__ == "__main__":
    sys.exit(main())
