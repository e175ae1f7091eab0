"""A table for each time of the model; own times of the whole run are marked, what cannot be had is a dash."""

from benchmarks.many.carrying import Load
from benchmarks.many.figures import Figures, broken
from benchmarks.many.report import tables

ONE = Figures("one", 64, 1, 0.0, False, 101.26, 10.0, 20.0, 8.0, 0.5, 4, 12, 0.25, answered=40, lost=0)
SLOW = Figures("slow", 16, 4, 300.0, True, 9.0, 2_000.0, 3_000.0, answered=461, failed={"locked": 17, "full": 1})
BROKEN = broken("gone", Load(16, 1, 300.0, 1.0, 2.0), "not done after 1 s", 1.0)


def rows(told: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in told.splitlines() if line.startswith("|")]


def test_a_line_has_every_figure() -> None:
    head, rule, one = rows(tables([ONE]))
    assert one == ["64", "one", "101.3", "10.0", "20.0", "8.0", "0.50", "4", "12", "0.25", "0", "0"]
    assert (len(head), rule[:3]) == (len(one), ["---", "---", "---:"])


def test_each_time_of_the_model_has_a_table() -> None:
    headings = [line for line in tables([ONE, SLOW, ONE]).splitlines() if line.startswith("#")]
    assert headings == ["### A model that takes no time", "### A model that takes 300 ms"]


def test_own_times_of_the_whole_run_are_marked_and_failures_are_of_all() -> None:
    slow = rows(tables([SLOW]))[-1]
    assert slow == ["4 x 16", "slow", "9.0", "2,000.0*", "3,000.0*", "-", "-", "-", "-", "-", "18 of 479", "-"]


def test_what_broke_says_so() -> None:
    assert rows(tables([BROKEN]))[-1][:3] == ["16", "gone", "not done after 1 s"]
