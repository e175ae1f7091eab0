"""Many writers, in one process and in eight, and readers beside them: no change is lost, left out or told twice."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import Any

import pytest

from memory.feed import follow
from memory.store import Store
from settings import ROOT
from storage.database import Database
from tests.memory.writer import SCOPE, write

WRITERS = [f"w{number}" for number in range(8)]
OPERATIONS = ("increment", "append", "merge", "change")


@contextmanager
def processes(url: str, operation: str, count: int) -> Iterator[list[subprocess.Popen[str]]]:
    """Eight that begin to write at once; all must be done at the end."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.memory.writer", url, name, operation, str(count)],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in WRITERS
    ]
    try:
        assert [line(each) for each in started] == ["ready"] * 8
        for each in started:
            assert each.stdin
            each.stdin.write("\n")
            each.stdin.flush()
        yield started
        assert [line(each) for each in started] == ["done"] * 8
    finally:
        for each in started:
            each.kill()
            each.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def expected(operation: str, count: int) -> Any:
    everyone = [f"{name}-{number}" for name in WRITERS for number in range(count)]
    return {
        "increment": 8 * count,
        "append": sorted(everyone),
        "merge": {each: int(each.partition("-")[2]) for each in everyone},
        "change": dict.fromkeys(WRITERS, count),
    }[operation]


async def is_complete(store: Store, operation: str, count: int) -> None:
    entry = await store.get(SCOPE, operation)
    assert entry
    assert (sorted(entry.value) if operation == "append" else entry.value) == expected(operation, count)
    assert entry.version == 8 * count
    versions = [past.version for past in await store.history(SCOPE, operation, limit=1000)]
    assert versions == list(range(1, min(8 * count, 1000) + 1))


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_eight_connections_at_once_lose_nothing(url: str, operation: str) -> None:
    async with AsyncExitStack() as stack:
        stores = [Store(await stack.enter_async_context(Database.open(url))) for _ in WRITERS]

        async def all_of(store: Store, name: str) -> None:
            for number in range(10):
                await write(store, name, operation, number)

        await asyncio.gather(*map(all_of, stores, WRITERS))
        await is_complete(stores[0], operation, 10)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "count"), [("increment", 1000), ("append", 1000), ("merge", 1000), ("change", 100)]
)
async def test_eight_processes_at_once_lose_nothing(url: str, operation: str, count: int) -> None:
    with processes(url, operation, count):
        pass
    async with Database.open(url) as database:
        await is_complete(Store(database), operation, count)


@pytest.mark.slow
async def test_a_reader_that_sleeps_and_dies_beside_eight_writers_hears_of_everything_once(url: str) -> None:
    found: list[Any] = []

    async def read(most: int, seconds: float | None) -> None:
        """A reader that dies after some changes or some time; it knows only the last that it has dealt with."""
        async with Database.open(url) as database:
            place = found[-1].id if found else 0
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds), follow(database, "acme", "", after=place, poll=0.001) as changes:
                    while len(found) < most:
                        found.append(await anext(changes))

    with processes(url, "many", 100):
        for _ in range(20):
            await read(min(len(found) + 40, 800), None)
            await read(800, 0.01)
            await asyncio.sleep(0.01)
        await read(800, None)
    assert sorted(change.key for change in found) == sorted(f"{name}-{n}" for name in WRITERS for n in range(100))
    assert [change.id for change in found] == sorted({change.id for change in found})
    for name in WRITERS:
        own = [change.key for change in found if change.key.startswith(f"{name}-")]
        assert own == [f"{name}-{number}" for number in range(100)]
