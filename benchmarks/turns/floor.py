"""The floor: the rows that this program writes for a turn, written by bare sqlite3 and nothing else.

The rows are taken from a database that the program has written. Two forms of table: `bare` tables have neither keys nor
indexes, which is what the rows weigh by themselves; `same` tables are the program's own, with all keys, indexes, the
full-text index and its triggers.
"""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLES = ("sessions", "events", "turns", "delegations", "tool_calls", "session_info")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Floor:
    """Milliseconds a turn (a sample each), and the bytes of the file for each turn."""

    wall: list[float]
    bytes_a_turn: float


def floor(source: Path, target: Path, *, turns: int, bare: bool, commit_every_event: bool, apart: float = 0.0) -> Floor:
    """Writes the last turns of a database anew.

    Args:
        source: A database of this program.
        target: The file to write.
        turns: How many of its turns.
        bare: Into tables without keys and indexes.
        commit_every_event: One durable commit an event, instead of one a turn.
        apart: Seconds of other work before each event, which are not counted; a disk is slower to wake than to go on.
    """
    target.unlink(missing_ok=True)
    with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target, isolation_level=None)) as write:
        read.row_factory = sqlite3.Row
        write.execute("PRAGMA journal_mode=WAL")
        write.execute("PRAGMA synchronous=FULL")
        _make_tables(read, write, bare=bare)
        empty = _size(write)
        wall = []
        for steps in _turns(read, turns):
            pieces = [[step] for step in steps] if commit_every_event else [steps]
            wall.append(1000 * sum(_timed(write, piece, apart) for piece in pieces))
        write.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return Floor(wall, (_size(write) - empty) / max(len(wall), 1))


def _make_tables(read: sqlite3.Connection, write: sqlite3.Connection, *, bare: bool) -> None:
    if bare:
        for table in _TABLES:
            columns = ", ".join(row["name"] for row in read.execute(f"PRAGMA table_info({table})"))
            write.execute(f"CREATE TABLE {table} ({columns})")
    else:
        made = read.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'view'"
            " AND name NOT LIKE 'sqlite_%' ORDER BY type = 'trigger', type = 'index', sql NOT LIKE 'CREATE VIRTUAL%'"
        )
        for row in made.fetchall():
            if row["type"] != "table" or not _exists(write, row["name"]):
                write.execute(row["sql"])
    for table in ("sessions", "session_info"):
        for row in read.execute(f"SELECT * FROM {table}"):
            _insert(write, table, _given(row))


def _turns(read: sqlite3.Connection, count: int) -> Iterator[list[list[tuple[str, Row]]]]:
    """For each turn its events, and for each event the rows that go with it."""
    kept = read.execute("SELECT * FROM (SELECT * FROM turns ORDER BY id DESC LIMIT ?) ORDER BY id", [count]).fetchall()
    for turn in kept:
        of_turn = [turn["invocation_id"]]
        rows = read.execute("SELECT * FROM events WHERE invocation_id = ? ORDER BY timestamp, id", of_turn)
        steps: list[list[tuple[str, Row]]] = [[("events", _given(row))] for row in rows]
        steps[0].append(("turns", _given(turn)))
        times = [step[0][1]["timestamp"] for step in steps]
        due: defaultdict[int, list[tuple[str, Row]]] = defaultdict(list)
        for table in ("delegations", "tool_calls"):
            for row in read.execute(f"SELECT * FROM {table} WHERE invocation_id = ?", of_turn):
                at = max((i for i, when in enumerate(times) if when <= row["ended_at"]), default=0)
                due[at].append((table, _given(row)))
        yield [step + due[i] for i, step in enumerate(steps)]


def _timed(write: sqlite3.Connection, piece: Sequence[Sequence[tuple[str, Row]]], apart: float) -> float:
    """Seconds that one transaction took, after some other work."""
    until = time.perf_counter() + apart
    while time.perf_counter() < until:
        pass
    began = time.perf_counter()
    write.execute("BEGIN IMMEDIATE")
    for step in piece:
        for table, row in step:
            _insert(write, table, row)
        write.execute("UPDATE sessions SET update_time = ?", [step[0][1]["timestamp"]])
        write.execute("UPDATE session_info SET last_event_at = ?", [step[0][1]["timestamp"]])
    write.execute("COMMIT")
    return time.perf_counter() - began


def _given(row: sqlite3.Row) -> Row:
    """A row as it is inserted: without what is computed."""
    return {name: value for name, value in dict(row).items() if name != "tenant"}


def _insert(write: sqlite3.Connection, table: str, row: Row) -> None:
    names = ", ".join(row)
    write.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def _exists(write: sqlite3.Connection, name: str) -> bool:
    return write.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [name]).fetchone() is not None


def _size(connection: sqlite3.Connection) -> int:
    pages: int = connection.execute("PRAGMA page_count").fetchone()[0]
    size: int = connection.execute("PRAGMA page_size").fetchone()[0]
    return pages * size
