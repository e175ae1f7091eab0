"""A store with a clock that a test sets, on a database of its own."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from memory.store import Store
from storage.database import Database
from storage.memory.scopes import SHARED, Scope


class Clock:
    """The time, which goes on when it is told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Memory:
    """What the doors are made of."""

    store: Store


@pytest.fixture
def url(memory_url: str) -> str:
    """A database with all tables, for a test that opens it itself: a file, and then a server's."""
    return memory_url


@pytest.fixture
def database(memory_database: Database) -> Database:
    return memory_database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(database: Database, clock: Clock) -> Store:
    return Store(database, now=clock)


@pytest.fixture
def memory(store: Store) -> Memory:
    return Memory(store)


@pytest.fixture
def shared() -> Scope:
    return Scope("acme", SHARED)
