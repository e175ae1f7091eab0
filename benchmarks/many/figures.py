"""What was seen of one system under one load, as the figures of a line in a table.

Sessions fall in step, and their turns end in bursts: so a turn at the edge of the seconds that count is counted by the
share of it that lies in them. Own times are those of the turns that end there. When a session has none, turns take
about as long as those seconds, or that session was kept waiting: then own times are of all turns, and are marked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from statistics import median

from benchmarks.many.carrying import Carried, Load
from benchmarks.turns.script import MODEL_CALLS


@dataclass(frozen=True, slots=True)
class Figures:
    """One measurement, or the middle of several; None is what cannot be had.

    Attributes:
        whole: Own times are of the whole run, because some session had no turn in the seconds that count.
        p50: Milliseconds of a turn without those of its models; half of the turns take less.
        p95: All but a twentieth take less.
        threads: The most that one process had; so `files`.
        megabytes: What a session adds to the memory of a process that has held a turn.
        answered: Turns, warm-up and all.
        failed: Turns that were not answered, by what was raised.
        lost: Turns that were answered and are not in the database, whole, in their session.
        busy: The machine's load average.
        broken: Why there are no figures.
    """

    system: str
    sessions: int
    processes: int
    model_ms: float
    whole: bool = False
    turns_a_second: float | None = None
    p50: float | None = None
    p95: float | None = None
    cpu_ms: float | None = None
    commits: float | None = None
    threads: float | None = None
    files: float | None = None
    megabytes: float | None = None
    answered: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    lost: int | None = None
    busy: float = 0.0
    broken: str = ""


def figures(system: str, load: Load, carried: Carried) -> Figures:
    """The figures of one measurement."""
    turns = [turn for each in carried.seen for turn in each["turns"]]
    begin, end = load.warm, load.warm + load.seconds
    inside = [turn for turn in turns if begin <= turn[2] <= end]
    whole = len({session for session, _, _ in inside}) < load.in_all
    models = MODEL_CALLS * load.model_ms
    own = [1000 * (ended - began) - models for _, began, ended in (turns if whole else inside)]
    count = sum(share(began, ended, begin, end) for _, began, ended in turns)
    cpu = sum(each["cpu"][1] - each["cpu"][0] for each in carried.seen)
    return Figures(
        system,
        load.sessions,
        load.processes,
        load.model_ms,
        whole,
        turns_a_second=count / load.seconds if turns else None,
        p50=percentile(own, 0.5),
        p95=percentile(own, 0.95),
        cpu_ms=_each(1000 * cpu, count),
        commits=_each(_between(*carried.commits), count),
        threads=max(each["peak"]["threads"] for each in carried.seen),
        files=max(each["peak"]["files"] for each in carried.seen),
        megabytes=sum(each["peak"]["megabytes"] - each["idle"]["megabytes"] for each in carried.seen) / load.in_all,
        answered=len(turns),
        failed=_added(each["failed"] for each in carried.seen),
        lost=None if carried.held is None else lost(_added(each["answered"] for each in carried.seen), carried.held),
        busy=carried.busy,
    )


def broken(system: str, load: Load, why: str, busy: float) -> Figures:
    """No figures, and why."""
    return Figures(system, load.sessions, load.processes, load.model_ms, busy=busy, broken=why)


def middle(found: Sequence[Figures]) -> Figures:
    """The medians of several measurements of one system under one load; turns, and what failed, are added up."""
    good = [each for each in found if not each.broken]
    if not good:
        return found[0]

    def of(figure: Callable[[Figures], float | None]) -> float | None:
        known = [value for each in good if (value := figure(each)) is not None]
        return median(known) if known else None

    kept = [each.lost for each in good if each.lost is not None]
    return Figures(
        good[0].system,
        good[0].sessions,
        good[0].processes,
        good[0].model_ms,
        any(each.whole for each in good),
        of(lambda each: each.turns_a_second),
        of(lambda each: each.p50),
        of(lambda each: each.p95),
        of(lambda each: each.cpu_ms),
        of(lambda each: each.commits),
        of(lambda each: each.threads),
        of(lambda each: each.files),
        of(lambda each: each.megabytes),
        sum(each.answered for each in good),
        _added(each.failed for each in good),
        sum(kept) if kept else None,
        max(each.busy for each in good),
        next((each.broken for each in found if each.broken), ""),
    )


def share(began: float, ended: float, begin: float, end: float) -> float:
    """How much of a turn lies in the seconds from `begin` to `end`: 0 to 1."""
    return max(min(ended, end) - max(began, begin), 0.0) / (ended - began)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest of the values that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[max(ceil(share * len(ordered)), 1) - 1] if ordered else None


def lost(answered: Mapping[str, int], held: Mapping[str, int]) -> int:
    """Turns that sessions were answered beyond what is held of them."""
    return sum(max(count - held.get(session, 0), 0) for session, count in answered.items())


def _added(counted: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counted:
        total.update(each)
    return dict(total)


def _between(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before


def _each(total: float | None, turns: float) -> float | None:
    return None if total is None or not turns else total / turns
