"""Grows each system's database, then measures all systems turn about, so that a busy machine is unkind to all alike.

A database grows once, in one process, and leaves copies; what is measured is a fresh process on a copy that holds
almost as many turns as the size says, so that the last measured turn is the size's own.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.page import ROOT
from benchmarks.turns.child import DONE, copy_name
from benchmarks.turns.environments import python_of
from benchmarks.turns.systems import SYSTEMS, System

LAST = 50
"""Turns that are timed, at most, up to and with the last."""
_WARM = 5
_GROWING = 180.0
"""Seconds a peer's database may take to grow to its largest size."""
_MEASURING = 20.0
"""Seconds of timed turns in one process."""


@dataclass
class Figures:
    """What was measured of one system at one size; times in milliseconds, a sample a turn."""

    system: str
    turns: int
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    memory: int = 0
    bytes_a_turn: float = 0.0
    resume: list[float] = field(default_factory=list)
    load: list[float] = field(default_factory=list)


class Measuring:
    """One run over some systems and sizes, in a folder; databases that an earlier run grew there are used again."""

    def __init__(self, folder: Path, sizes: Sequence[int]) -> None:
        self._folder = folder
        self._sizes = sizes
        self._bytes: dict[str, dict[int, int]] = {}

    def grow(self, system: System) -> None:
        """Grows a system's database unless another of its kind has; peers bounded, because that is quicker."""
        if system.database in self._bytes:
            return
        kept = self._folder / f"{system.database}.json"
        marks = sorted({mark for n in self._sizes_of(system) for mark in (n, _before(n))} | {0})
        cheapest = next(each for each in SYSTEMS if each.database == system.database)
        patience = ["--seconds", str(_GROWING)] if system.environment else ["--seconds", "100000"]
        if kept.exists() and set(marks) <= set(json.loads(kept.read_text())["marks"]):
            told = json.loads(kept.read_text())
            self._bytes[system.database] = {int(n): size for n, size in told["bytes"].items()}
            return
        for left in self._folder.glob(f"{system.database}.db*"):
            left.unlink()
        began = time.monotonic()
        told = self._run(cheapest, "grow", self._file(system), *patience, "--marks", *map(str, marks))
        self._bytes[system.database] = {int(n): size for n, size in told["bytes"].items()}
        kept.write_text(json.dumps({"marks": marks, "bytes": told["bytes"]}))
        print(f"grew {system.database}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    def reached(self, system: System) -> list[int]:
        """The sizes that a system's database grew to in time."""
        return [n for n in self._sizes_of(system) if n in self._bytes[system.database]]

    def measure(self, system: System, figures: Figures) -> None:
        """Times the last turns up to a size, once more."""
        before = _before(figures.turns)
        counted = ["--from-turn", str(before), "--warm", str(_WARM), "--turns", str(figures.turns - before - _WARM)]
        with _Copy(copy_name(self._file(system), before)) as file:
            told = self._run(system, "measure", file, *counted, "--seconds", str(_MEASURING))
        figures.wall += told["wall"]
        figures.cpu += told["cpu"]
        figures.tokens += told["tokens"]
        figures.memory = max(figures.memory, told["memory"])
        figures.load.append(os.getloadavg()[0])
        sizes = self._bytes[system.database]
        figures.bytes_a_turn = (sizes[figures.turns] - sizes[0]) / figures.turns

    def resume(self, system: System, figures: Figures) -> None:
        """Times a fresh process from its start to the end of its first turn, once more."""
        figures.resume.append(self._first_turn(system, figures.turns))

    def first_turn_of_all(self, system: System) -> float:
        """The same on a file that does not hold a turn yet."""
        return self._first_turn(system, 0)

    def _first_turn(self, system: System, held: int) -> float:
        with _Copy(copy_name(self._file(system), held)) as file:
            began = time.perf_counter()
            command = self._command(system, "resume", file, "--from-turn", str(held))
            with subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, **where()
            ) as run:
                assert run.stdout is not None
                done = run.stdout.readline().strip() == DONE
                seconds = time.perf_counter() - began
        if not done:
            raise RuntimeError(f"{system.name} did not finish its first turn")
        return seconds

    def _run(self, system: System, task: str, file: Path, *given: str) -> dict[str, Any]:
        command = self._command(system, task, file, *given)
        done = subprocess.run(command, capture_output=True, text=True, check=False, **where())
        if done.returncode != 0:
            raise RuntimeError(f"{system.name}: {task} failed\n{done.stderr[-2000:]}")
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    def _command(self, system: System, task: str, file: Path, *given: str) -> list[str]:
        window = ["--window", str(system.window)] if system.window else []
        return [str(python_of(system.environment)), "-m", *system.command, task, str(file), *window, *given]

    def _file(self, system: System) -> Path:
        return self._folder / f"{system.database}.db"

    def _sizes_of(self, system: System) -> list[int]:
        return [n for n in self._sizes if n <= system.largest]


class _Copy:
    """A copy of a database, for as long as one process uses it."""

    def __init__(self, source: Path) -> None:
        self._source = source
        self.file = source.with_name(f"used-{source.name}")

    def __enter__(self) -> Path:
        if self._source.exists():
            shutil.copyfile(self._source, self.file)
        return self.file

    def __exit__(self, *_: object) -> None:
        for left in self.file.parent.glob(f"{self.file.name}*"):
            left.unlink()


def as_json(measured: Sequence[Figures]) -> list[dict[str, Any]]:
    """The figures with every sample, for the file of results."""
    return [asdict(figures) for figures in measured]


def _before(turns: int) -> int:
    """Turns in the copy that a measurement at a size starts from."""
    return max(turns - LAST - _WARM, 0)


def where() -> dict[str, Any]:
    """The folder and the environment variables of a measured process."""
    return {"cwd": ROOT, "env": {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}}
