"""What counts, what is marked, and what is lost."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from benchmarks.many.carrying import Carried, Load
from benchmarks.many.figures import Figures, broken, figures, lost, middle, percentile

LOAD = Load(sessions=1, processes=1, model_ms=0, warm=1.0, seconds=2.0)
TWO = Load(sessions=2, processes=1, model_ms=0, warm=1.0, seconds=2.0)
IDLE = {"megabytes": 100.0, "threads": 2, "files": 10}
PEAK = {"megabytes": 101.0, "threads": 3, "files": 12}


def seen(turns: Sequence[tuple[float, float]], session: str = "s0-000", **other: Any) -> dict[str, Any]:
    """What a process says of one session: pairs of when a turn ended and its own milliseconds."""
    answered = {session: len(turns)}
    said = {
        "turns": [(session, *turn) for turn in turns],
        "answered": answered,
        "failed": {},
        "cpu": [0.0, 0.5, 1.5, 2.0],
        "idle": IDLE,
        "peak": PEAK,
    }
    return {**said, **other}


def carried(*processes: dict[str, Any], held: Mapping[str, int] | None = None) -> Carried:
    return Carried(processes, [10, 20, 30, 70], None if held is None else dict(held), 0.5)


def test_a_turn_counts_where_it_ends() -> None:
    found = figures("one", LOAD, carried(seen([(0.9, 99.0), (1.5, 10.0), (2.0, 30.0), (2.9, 20.0), (3.1, 99.0)])))
    assert (found.whole, found.turns_a_second, found.p50, found.p95) == (False, 1.5, 20.0, 30.0)
    assert (found.cpu_ms, found.commits, found.answered) == (1000 / 3, 10 / 3, 5)


def test_when_a_session_has_no_turn_in_time_the_whole_run_counts() -> None:
    both = seen([(0.8, 800.0), (2.0, 1200.0), (2.5, 500.0)])
    both["turns"].append(("s0-001", 4.0, 3200.0))
    found = figures("one", TWO, carried(both))
    assert (found.whole, found.turns_a_second, found.p50, found.p95) == (True, 1.0, 800.0, 3200.0)
    assert (found.cpu_ms, found.commits) == (500.0, 15.0)
    both["turns"].append(("s0-001", 2.9, 1.0))
    assert not figures("one", TWO, carried(both)).whole


def test_several_processes_are_one_line() -> None:
    more = {"megabytes": 107.0, "threads": 9, "files": 11}
    load = Load(sessions=1, processes=2, model_ms=0, warm=1.0, seconds=2.0)
    both = carried(seen([(1.5, 10.0), (2.0, 30.0)]), seen([(1.5, 20.0), (2.0, 40.0)], "s1-000", peak=more))
    found = figures("one", load, both)
    assert (found.turns_a_second, found.p50, found.cpu_ms, found.commits) == (2.0, 20.0, 500.0, 2.5)
    assert (found.threads, found.files, found.megabytes) == (9, 12, 4.0)


def test_what_failed_is_added_up() -> None:
    both = carried(seen([(1.5, 1.0)], failed={"locked": 2}), seen([(1.6, 1.0)], failed={"locked": 1, "no answer": 1}))
    assert figures("one", LOAD, both).failed == {"locked": 3, "no answer": 1}


def test_nothing_answered_has_no_figures() -> None:
    found = figures("one", LOAD, carried(seen([], failed={"locked": 4})))
    assert (found.turns_a_second, found.p50, found.cpu_ms, found.commits) == (None, None, None, None)


def test_what_was_answered_and_is_not_held_is_lost() -> None:
    assert lost({"a": 3, "b": 2, "c": 1}, {"a": 2, "b": 5, "other": 9}) == 2
    one = seen([(1.5, 1.0), (2.0, 1.0)])
    assert figures("one", LOAD, carried(one, held={"s0-000": 1})).lost == 1
    assert figures("one", LOAD, carried(one, held={"s0-000": 2})).lost == 0
    assert figures("one", LOAD, carried(one)).lost is None


@pytest.mark.parametrize(
    "values, share, found",
    [([], 0.5, None), ([7.0], 0.95, 7.0), ([3.0, 1.0, 2.0], 0.5, 2.0), ([*map(float, range(1, 21))], 0.95, 19.0)],
)
def test_a_percentile_is_one_of_the_values(values: list[float], share: float, found: float | None) -> None:
    assert percentile(values, share) == found


def measured(turns_a_second: float, **other: Any) -> Figures:
    return Figures("one", 2, 1, 0, turns_a_second=turns_a_second, **other)


def test_of_several_measurements_the_middle_is_told_and_nothing_bad_is_left_out() -> None:
    first = measured(10.0, answered=5, lost=0, busy=0.5)
    second = measured(30.0, whole=True, answered=6, failed={"locked": 1}, lost=2, busy=3.0)
    found = middle([first, second, measured(20.0, failed={"locked": 2}), broken("one", LOAD, "gone", 1.0)])
    assert (found.turns_a_second, found.whole, found.answered, found.failed) == (20.0, True, 11, {"locked": 3})
    assert (found.lost, found.busy, found.broken) == (2, 3.0, "gone")


def test_when_every_measurement_broke_it_is_told_why() -> None:
    assert middle([broken("one", LOAD, "gone", 1.0)] * 2).broken == "gone"
