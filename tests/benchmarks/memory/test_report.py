"""Each figure has its column, what is promised says whether it is kept, and what is lost stands out."""

from benchmarks.memory.calls import AWAITED, CALLED, OURS, Cost, Found
from benchmarks.memory.counting import Counted
from benchmarks.memory.report import calls_table, increments_table, plan

GET = Cost("SQLite", "get", True, {OURS: [60.0], CALLED: [10.0], AWAITED: [50.0]})
LIST = Cost("SQLite", "list of 100", False, {OURS: [1_000.0], CALLED: [100.0], AWAITED: [200.0]})


def rows(told: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in told.splitlines()]


def test_a_call_is_told_beside_both_bare_statements() -> None:
    _, _, get, listed = rows(calls_table([Found([GET, LIST], [])]))
    assert get == ["SQLite", "get", "60", "60", "10", "10", "6.00", "**no**", "50", "50", "1.20", "yes"]
    assert listed[1:3] + listed[6:8] == ["list of 100", "1,000", "10.00", "-"]


def test_a_plan_says_whether_it_is_by_the_index_and_in_its_order() -> None:
    assert "prefix by the index:" in plan(Found([GET], ["SEARCH memory_entries USING INDEX one (key>?)"]))
    assert "prefix by the index:" in plan(Found([GET], ["Limit", "->  Index Scan using memory_entries_pkey"]))
    for sorting in ("->  Sort", "USE TEMP B-TREE FOR ORDER BY"):
        assert "by the index, and sorts" in plan(Found([GET], ["SEARCH one USING INDEX two", sorting]))
    for steps in (["SCAN memory_entries"], ["Limit", "->  Sort", "->  Seq Scan on memory_entries"]):
        assert "**by reading the whole table**" in plan(Found([GET], steps))


def test_increments_that_are_lost_stand_out() -> None:
    sound = Counted("one", 1_234.5, 0.5, 1.25, 30.0, 7, 90, added=97, lost=0)
    lossy = Counted("other", 9.0, 0.5, 1.25, 30.0, 7, 90, added=97, lost=80, failed={"locked": 3})
    found = rows(increments_table([sound, lossy, Counted("none", missing="there is no server")]))[2:]
    assert found[0] == ["one", "1,234", "0.50", "1.25", "30.00", "7 to 90", "0", "0"]
    assert found[1][-2:] == ["3", "**80** of 97"]
    assert found[2][1] == "not measured: there is no server"
