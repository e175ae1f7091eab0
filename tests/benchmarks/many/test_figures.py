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
    """What a process says of one session: when each turn began and ended."""
    answered = {session: len(turns)}
    said = {"turns": [(session, *turn) for turn in turns], "answered": answered, "failed": {}, "cpu": [0.5, 1.5]}
    return {**said, "idle": IDLE, "peak": PEAK, **other}


def carried(*processes: dict[str, Any], held: Mapping[str, int] | None = None) -> Carried:
    return Carried(processes, [20, 30], None if held is None else dict(held), 0.5)


def test_own_times_are_of_turns_that_end_in_the_seconds_that_count() -> None:
    found = figures("one", LOAD, carried(seen([(0.0, 0.75), (0.75, 1.25), (1.25, 2.25), (2.25, 2.5), (2.5, 5.0)])))
    assert (found.whole, found.p50, found.p95, found.answered) == (False, 500.0, 1000.0, 5)


def test_a_turn_at_the_edge_is_counted_by_its_share() -> None:
    found = figures("one", LOAD, carried(seen([(0.0, 0.5), (0.5, 1.5), (1.5, 2.5), (2.5, 4.5)])))
    assert (found.turns_a_second, found.cpu_ms, found.commits) == (0.875, 1000 / 1.75, 10 / 1.75)


def test_turns_that_end_in_bursts_are_as_many_as_they_are() -> None:
    one = carried(seen([(0.0, 1.6), (1.6, 3.2), (3.2, 4.8)]))
    rates = [figures("one", Load(1, 1, 0, warm, 2.0), one).turns_a_second for warm in (0.4, 1.0, 1.6, 2.5)]
    assert [round(rate or 0, 6) for rate in rates] == [0.625] * 4


def test_what_the_models_take_is_not_a_turns_own_time() -> None:
    found = figures("one", Load(1, 1, 300, 1.0, 2.0), carried(seen([(1.0, 2.25)])))
    assert found.p50 == 50.0


def test_when_a_session_has_no_turn_in_time_own_times_are_of_all_turns() -> None:
    both = seen([(0.0, 0.75), (0.75, 2.0), (2.0, 2.5)])
    both["turns"].append(("s0-001", 0.0, 4.0))
    found = figures("one", TWO, carried(both))
    assert (found.whole, found.p50, found.p95) == (True, 750.0, 4000.0)
    both["turns"].append(("s0-001", 2.0, 2.5))
    assert not figures("one", TWO, carried(both)).whole


def test_several_processes_are_one_line() -> None:
    more = {"megabytes": 107.0, "threads": 9, "files": 11}
    load = Load(sessions=1, processes=2, model_ms=0, warm=1.0, seconds=2.0)
    both = carried(seen([(1.0, 1.5), (1.5, 2.5)]), seen([(1.0, 1.25), (1.25, 3.0)], "s1-000", peak=more))
    found = figures("one", load, both)
    assert (found.turns_a_second, found.p50, found.cpu_ms, found.commits) == (2.0, 500.0, 500.0, 2.5)
    assert (found.threads, found.files, found.megabytes) == (9, 12, 4.0)


def test_what_failed_is_added_up() -> None:
    both = carried(seen([(1.0, 1.5)], failed={"locked": 2}), seen([(1.0, 1.6)], failed={"locked": 1, "no answer": 1}))
    assert figures("one", LOAD, both).failed == {"locked": 3, "no answer": 1}


def test_nothing_answered_has_no_figures() -> None:
    found = figures("one", LOAD, carried(seen([], failed={"locked": 4})))
    assert (found.turns_a_second, found.p50, found.cpu_ms, found.commits) == (None, None, None, None)


def test_what_was_answered_and_is_not_held_is_lost() -> None:
    assert lost({"a": 3, "b": 2, "c": 1}, {"a": 2, "b": 5, "other": 9}) == 2
    one = seen([(1.0, 1.5), (1.5, 2.0)])
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
