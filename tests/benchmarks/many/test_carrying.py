"""Processes that carry: what they said comes back, what their database lacks is found, and none is left behind."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from benchmarks.many.carrying import Load, carry, held
from benchmarks.many.figures import figures
from benchmarks.many.systems import OURS, System
from benchmarks.processes import BrokenError

LOAD = Load(sessions=2, processes=1, model_ms=0, warm=0.2, seconds=0.6)


async def test_what_cannot_be_started_says_why(tmp_path: Path) -> None:
    nowhere = System("nowhere", "nowhere", ("benchmarks.many.nowhere",), "", "")
    with pytest.raises(BrokenError, match=r"ended with 1: .*No module named benchmarks\.many\.nowhere"):
        await carry(nowhere, LOAD, tmp_path / "many.db", patience=60)


async def test_what_is_not_done_in_time_is_killed(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match=r"not done after 0\.3 s"):
        await carry(OURS, LOAD, tmp_path / "many.db", patience=0.3)
    assert not any("benchmarks.many" in " ".join(each.cmdline()) for each in psutil.Process().children())


@pytest.mark.slow
async def test_turns_that_are_not_whole_or_not_where_they_belong_are_lost(tmp_path: Path) -> None:
    file = tmp_path / "many.db"
    carried = await carry(OURS, Load(2, 2, 0, 0.2, 0.6), file, patience=120)
    sound = figures("ours", LOAD, carried)
    assert (sound.lost, sound.failed) == (0, {})
    assert carried.held and {"s0-000", "s0-001", "s1-000", "s1-001"} <= set(carried.held)
    whole = sum(carried.held.values())
    with closing(sqlite3.connect(file)) as connection:
        of = "SELECT invocation_id FROM turns WHERE user_id = 's0-000' ORDER BY id LIMIT 1"
        connection.execute(
            f"DELETE FROM events WHERE rowid = (SELECT max(rowid) FROM events WHERE invocation_id = ({of}))"
        )
        connection.execute(
            "UPDATE turns SET user_id = 's0-000' WHERE id = (SELECT max(id) FROM turns WHERE user_id = 's1-000')"
        )
        connection.commit()
    left = held(OURS, file)
    assert left and sum(left.values()) == whole - 2
