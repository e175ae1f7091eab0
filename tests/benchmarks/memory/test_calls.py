"""The store and the bare statements do the same on the same entries, on a file and on a server."""

from pathlib import Path

from benchmarks.memory import bare
from benchmarks.memory.calls import AWAITED, CALLED, OURS, Cost, Found, fill, key, on_postgres, on_sqlite, value
from benchmarks.memory.report import plan
from memory.store import Store
from storage.database import Database
from storage.memory.scopes import SHARED, Scope

SCOPE = Scope("benchmark", SHARED)
MANY = 3_000
"""Of fewer, PostgreSQL reads the whole table, which is quicker."""


def check(found: Found, calls: int) -> None:
    assert [cost.operation for cost in found.costs] == ["get", "set", "list of 100"]
    assert {len(took) for cost in found.costs for took in cost.took.values()} == {calls}
    assert "lists by a prefix by the index" in plan(found)


async def test_each_call_is_measured_beside_both_bare_statements_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "memory.db"
    await fill(file, 300)
    check(await on_sqlite(file, 300, rounds=2, calls=3), calls=6)


async def test_and_of_a_server_that_has_the_same_rows(tmp_path: Path, postgres_url: str) -> None:
    file = tmp_path / "memory.db"
    await fill(file, MANY)
    check(await on_postgres(postgres_url, file, MANY, rounds=2, calls=3), calls=6)
    async with Database.open(postgres_url) as database:
        assert await Store(database).count(SCOPE) == MANY
        assert (await Store(database).history(SCOPE, key(7)))[0].value == value(7)


async def test_the_bare_statements_find_what_the_store_has_kept_and_keep_what_it_finds(tmp_path: Path) -> None:
    file = tmp_path / "memory.db"
    await fill(file, 250)
    async with Database.open(str(file)) as database, bare.sqlite(file) as statements:
        for run in (1, 2):
            put = bare.setting(SCOPE, key(7), str(run), "agent")
            statements.called(*put) if run == 1 else await statements.awaited(*put)
            entry = await Store(database).get(SCOPE, key(7))
            assert entry and (entry.value, entry.version) == (run, run + 1)
        listed = await statements.awaited(*bare.listing(SCOPE, "plan-00002/", 100))
        assert statements.called(*bare.getting(SCOPE, key(7))) == [("2",)]
        assert [row[0] for row in listed] == [key(number) for number in range(200, 250)]


def test_times_are_those_of_the_middle() -> None:
    cost = Cost("SQLite", "get", True, {OURS: [1.0, 30.0, 90.0], CALLED: [10.0, 10.0, 99.0], AWAITED: [60.0]})
    assert (cost.times(CALLED), cost.times(AWAITED), cost.p95(CALLED)) == (3.0, 0.5, 99.0)
