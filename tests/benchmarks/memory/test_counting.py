"""Increments of several processes are in the number, or are told as lost; what cannot be measured says why."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.memory.counting import Counted, count, counted, middle
from benchmarks.memory.servers import MissingError
from benchmarks.memory.systems import SYSTEMS

OURS = SYSTEMS[0]
SEEN: list[dict[str, Any]] = [
    {"took": [1.0, 2.0, 3.0], "in_time": 3, "added": 4, "failed": {"locked": 1}},
    {"took": [9.0], "in_time": 0, "added": 2, "failed": {"locked": 2, "full": 1}},
]


def test_what_was_added_and_is_not_in_the_number_is_lost() -> None:
    found = counted("one", SEEN, held=5, seconds=2.0)
    assert (found.added, found.lost, found.a_second) == (6, 1, 1.5)
    assert (found.p50, found.p95, found.longest) == (2.0, 9.0, 9.0)
    assert (found.fewest, found.most, found.failed) == (2, 4, {"locked": 3, "full": 1})


def test_of_several_the_times_are_the_middle_and_what_was_lost_is_all() -> None:
    one = counted("one", SEEN, held=5, seconds=2.0)
    found = middle([one, replace(one, a_second=7.0, lost=2, longest=50.0), Counted("one", missing="gone")])
    assert (found.a_second, found.lost, found.added, found.longest) == (4.25, 3, 12, 50.0)
    assert middle([Counted("one", missing="gone")]).missing == "gone"


async def test_a_server_that_the_machine_has_not_is_told_and_nothing_is_measured(tmp_path: Path) -> None:
    @contextmanager
    def nowhere(_folder: Path) -> Iterator[str]:
        raise MissingError("there is no such server on this machine")
        yield ""

    found = await count(replace(OURS, place=nowhere), 2, 0.1, tmp_path)
    assert (found.missing, found.a_second) == ("there is no such server on this machine", None)


async def test_what_cannot_be_started_says_why(tmp_path: Path) -> None:
    found = await count(replace(OURS, module="benchmarks.memory.nowhere"), 1, 0.1, tmp_path)
    assert "No module named benchmarks.memory.nowhere" in found.missing


@pytest.mark.slow
async def test_of_the_increments_of_three_processes_none_is_lost(tmp_path: Path) -> None:
    found = await count(OURS, 3, 0.5, tmp_path)
    assert (found.missing, found.lost, found.failed) == ("", 0, {})
    assert found.added >= 6 and found.fewest >= 1
