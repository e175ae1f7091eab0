"""Who increments: the program and its peers, and where each has its number."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from benchmarks.memory import servers

Place: TypeAlias = Callable[[Path], AbstractContextManager[str]]
"""From a new folder to what a process is told: a file, or the URL of a server that runs meanwhile."""


@dataclass(frozen=True, slots=True)
class System:
    """A system as it is measured.

    Attributes:
        key: What the command line calls it.
        name: What the table calls it.
        module: What a process runs.
        environment: Whose requirements it runs on; empty for this program's own.
        package: What the version is of; empty for this program's own.
        place: Where its number is.
    """

    key: str
    name: str
    module: str
    environment: str
    package: str
    place: Place


@contextmanager
def _file(folder: Path) -> Iterator[str]:
    yield str(folder / "counter.db")


SYSTEMS = (
    System("sqlite", "this program, SQLite", "benchmarks.memory.ours", "", "", _file),
    System("postgres", "this program, PostgreSQL", "benchmarks.memory.ours", "", "psycopg", servers.postgres),
    System("diskcache", "diskcache, `incr`", "benchmarks.memory.on_diskcache", "diskcache", "diskcache", _file),
    System(
        "langgraph",
        "LangGraph `SqliteStore`, `get` and `put`",
        "benchmarks.memory.on_langgraph",
        "langgraph",
        "langgraph-checkpoint-sqlite",
        _file,
    ),
    System("redis", "Redis, `INCR`", "benchmarks.memory.on_redis", "redis", "redis", servers.redis),
)
