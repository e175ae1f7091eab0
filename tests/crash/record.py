"""One record from its first kill to its last: begin, kill, check, start again."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tests.crash import usable
from tests.crash.checks import ALWAYS, Standing, bare, settled
from tests.crash.neighbours import Neighbours
from tests.crash.phases import PHASES
from tests.crash.program import Program
from tests.crash.seen import Book
from tests.crash.stage import After, Stage
from tests.crash.template import Template


@dataclass(frozen=True)
class Plan:
    """What is to be done in one record.

    Attributes:
        seed: Of the whole run.
        number: Of this record.
        phases: What is killed, one after the other.
        broken: What is broken on purpose, if anything.
        folder: Where the records of the run are kept.
        template: What it begins with.
    """

    seed: int
    number: int
    phases: tuple[str, ...]
    broken: str | None
    folder: Path
    template: Template


@dataclass(frozen=True)
class Kill:
    """One kill, and what was wrong after it."""

    record: int
    phase: str
    alive: bool
    wrong: tuple[str, ...]
    seconds: float


def run(plan: Plan) -> list[Kill]:
    """Does all of a plan; after a violation the rest of it is done in a fresh database."""
    kills: list[Kill] = []
    rng = random.Random(f"{plan.seed}/{plan.number}")
    while left := plan.phases[len(kills) :]:
        folder = plan.folder / f"record-{plan.number}-{len(kills)}"
        folder.mkdir(mode=0o700)
        kills += _until_wrong(replace(plan, phases=left), folder, rng, f"{plan.number}-{len(kills)}")
    return kills


def _until_wrong(plan: Plan, folder: Path, rng: random.Random, case: str) -> Iterator[Kill]:
    file = plan.template.copy(folder / "record.db")
    with Neighbours.around(file, folder, rng) as neighbours:
        program, book = Program(folder, plan.broken), Book(plan.template.seen)
        for number, phase in enumerate(plan.phases):
            began = time.monotonic()
            stage = Stage(rng, program, file, folder, plan.template, neighbours, book, f"{case}-{number}")
            wrong = tuple(dict.fromkeys(_killed(stage, phase)))
            yield Kill(plan.number, phase, stage.alive, wrong, time.monotonic() - began)
            if wrong:
                return


def _killed(stage: Stage, phase: str) -> Iterator[str]:
    """Kills in a phase; what is wrong then, or after the next start."""
    try:
        with bare(stage.file) as conn:
            before = Standing.of(conn)
        after = PHASES[phase](stage)
        yield from _checked(stage, before, after)
        yield from usable.next_start(stage.program, stage.file, stage.book, stage.message())
        with bare(stage.file) as conn:
            yield from (wrong for each in (*ALWAYS, settled) for wrong in each(conn, stage.book))
        attempt = stage.rng.choice(usable.TRIES)
        yield from attempt(stage.program, stage.file, stage.rng, stage.folder)
        yield from stage.neighbours.complaints()
    except Exception as error:  # whatever the judge stumbles over is a finding, and the other records go on
        yield f"{type(error).__name__}: {error}"


def _checked(stage: Stage, before: Standing, after: After) -> Iterator[str]:
    stage.book.add(stage.neighbours.seen())
    with bare(stage.file) as conn:
        yield from after(conn)
        yield from (wrong for each in ALWAYS for wrong in each(conn, stage.book))
        yield from before.lost(Standing.of(conn), stage.may_vanish, stage.may_be_undone)
