"""In every system's tables, a turn is held when it is whole and in its own session."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks.many.carrying import held
from benchmarks.many.systems import SYSTEMS

_BY_KEY = {each.key: each for each in SYSTEMS}
_TABLES = {
    "openai": ("agent_messages (session_id, message_data)", 8),
    "langgraph": ("checkpoints (thread_id, metadata)", 9),
    "adk-sqlite": ("events (session_id, invocation_id, event_data)", 8),
}


def of_a_turn(key: str, session: str, number: int, *, named: str, count: int) -> Iterator[tuple[Any, ...]]:
    """The rows of one turn; its message names a session."""
    for i in range(count):
        said = json.dumps({"content": f"[{named}] message {number}" if i == 0 else "more"})
        if key == "openai":
            yield session, said
        elif key == "langgraph":
            yield session, json.dumps({"source": "loop" if i else "input"})
        else:
            yield session, f"e-{session}-{number}", said


def counted(key: str, file: Path, rows: Iterable[tuple[Any, ...]]) -> dict[str, int]:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"CREATE TABLE {_TABLES[key][0]}")
        for row in rows:
            connection.execute(f"INSERT INTO {_TABLES[key][0].split()[0]} VALUES ({', '.join('?' * len(row))})", row)
        connection.commit()
    found = held(_BY_KEY[key], file)
    assert found is not None
    return {session: count for session, count in found.items() if count}


@pytest.mark.parametrize("key", _TABLES)
def test_whole_turns_are_held_and_others_are_not(key: str, tmp_path: Path) -> None:
    whole = _TABLES[key][1]
    first = [of_a_turn(key, "s0-000", number, named="s0-000", count=whole) for number in (1, 2)]
    cut = of_a_turn(key, "s0-001", 1, named="s0-001", count=whole - 1)
    rows = [row for turn in (*first, cut) for row in turn]
    assert counted(key, tmp_path / "many.db", rows) == {"s0-000": 2}


@pytest.mark.parametrize("key", ["openai", "adk-sqlite"])
def test_a_turn_in_anothers_session_is_not_held(key: str, tmp_path: Path) -> None:
    strayed = of_a_turn(key, "s0-000", 1, named="s0-001", count=8)
    assert counted(key, tmp_path / "many.db", strayed) == {}


def test_where_nothing_is_kept_nothing_is_looked_for(tmp_path: Path) -> None:
    assert held(_BY_KEY["adk-alone"], tmp_path / "none.db") is None
    assert not (tmp_path / "none.db").exists()
