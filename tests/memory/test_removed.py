"""What is removed is gone from the database's files, byte for byte."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from memory.store import Store
from memory.sweeper import Sweeper
from settings import Settings
from storage.database import Database
from storage.memory.scopes import WORKING, Scope
from tests.memory.conftest import Clock
from tests.storage.support import file_of

SIZES = (0, 10, 100, 900, 3000, 9000, 50_000)
"""Within a row, within a page, and over many pages."""


def bytes_of(settings: Settings) -> bytes:
    """All that is in the database's files, when nobody has it open and its log is written back."""
    file = file_of(settings.database_url)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))


@pytest.mark.parametrize("seed", range(3))
async def test_no_byte_of_what_was_removed_is_left(
    settings: Settings, made_database: Path, clock: Clock, seed: int
) -> None:
    random, scope = Random(seed), Scope("acme", WORKING, "plan", "ada")
    gone, live = set[str](), dict[str, set[str]]()
    async with Database.open(settings.database_url) as database:
        store = Store(database, now=clock)
        for number in range(250):
            key, mark = f"key{random.randrange(40)}", f"SECRET-{number:05}-"
            match random.choices(("set", "append", "delete", "cleanup", "expire"), (12, 4, 5, 0.3, 0.6))[0]:
                case "set":
                    value = f"{mark}{'x' * random.choice(SIZES)}{mark}"
                    await store.set(scope, key, value, by="a", metadata={"m": mark}, ttl_seconds=100)
                    live.setdefault(key, set()).add(mark)
                case "append":
                    await store.append(scope, f"{key}-list", mark, by="a")
                    live.setdefault(f"{key}-list", set()).add(mark)
                case "delete":
                    for each in (key, f"{key}-list"):
                        await store.delete(scope, each, by="a")
                        gone |= live.pop(each, set())
                case "cleanup":
                    await store.cleanup(scope, by="a")
                    gone.update(*live.values())
                    live.clear()
                case _:
                    clock.pass_by(100)
                    await Sweeper(database, now=clock).sweep()
                    for each in [each for each in live if not each.endswith("-list")]:
                        gone |= live.pop(each)
    kept = bytes_of(settings)
    assert len(gone) > 50
    assert [mark for mark in sorted(gone) if mark.encode() in kept] == []
    assert [mark for marks in live.values() for mark in marks if mark.encode() not in kept] == []
