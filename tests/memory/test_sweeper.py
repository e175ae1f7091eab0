"""What time removes, and that it is removed once and in small pieces."""

import asyncio
import logging

import pytest

from memory import MemoryClient
from memory.knowledge.meaning import Meaning
from memory.store import Store
from memory.sweeper import Retention, Sweeper
from storage.database import Database
from storage.knowledge import vectors
from storage.memory import feed, sweeping
from storage.memory.scopes import AGENT, SHARED, WORKING, Scope
from storage.plans import ended
from tests.memory.conftest import Clock
from tests.memory.support import Letters

DAY = 24 * 3600


def sweeper(store: Store, clock: Clock, **kept: float) -> Sweeper:
    return Sweeper(store.database, retention=Retention(**kept), now=clock)  # type: ignore[arg-type]


async def count(store: Store, table: str) -> int:
    ((found,),) = await store.database.do(lambda execute: execute(f"SELECT COUNT(*) FROM {table}", {}))
    return int(found)


async def test_what_has_expired_goes_with_its_values_and_is_told(store: Store, shared: Scope, clock: Clock) -> None:
    scopes = [shared, Scope("acme", WORKING, "plan", "ada"), Scope("other", AGENT, "a")]
    for scope in scopes:
        await store.set(scope, "goes", "secret", by="a", ttl_seconds=5)
        await store.set(scope, "stays", "value", by="a", ttl_seconds=6)
    assert await sweeper(store, clock).sweep() == 0
    clock.pass_by(5)
    assert await sweeper(store, clock).sweep() == 3
    assert await count(store, "memory_entries") == 3
    for scope in scopes:
        past = await store.history(scope)
        assert [(each.key, each.change, each.value, each.by) for each in past] == [
            ("goes", "created", None, "a"),
            ("stays", "created", "value", "a"),
            ("goes", "expired", None, ""),
        ]
    told = await store.database.do(lambda do: feed.after(do, "acme", "ada", 0))
    assert [(change.key, change.kind) for change in told][-2:] == [("goes", "expired")] * 2


async def test_two_that_sweep_at_once_do_nothing_twice(store: Store, shared: Scope, clock: Clock, url: str) -> None:
    await store.set_many(shared, {f"key{number}": number for number in range(250)}, by="a", ttl_seconds=1)
    clock.pass_by(1)
    async with Database.open(url) as other:
        removed = await asyncio.gather(*(Sweeper(each, now=clock).sweep() for each in (store.database, other)))
    assert sum(removed) == 250
    past = await store.history(shared, limit=1000)
    assert sorted(each.key for each in past if each.change == "expired") == sorted(f"key{n}" for n in range(250))


async def test_history_and_feed_are_kept_by_number_for_each_tenant(
    store: Store, shared: Scope, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "ROWS", 7)
    for number in range(30):
        await store.set(shared, "key", number, by="a")
    await store.set(Scope("other", SHARED), "key", 1, by="a")
    assert await sweeper(store, clock, max_events=10).sweep() == 40
    assert [past.value for past in await store.history(shared)] == list(range(20, 30))
    assert len(await store.database.do(lambda do: feed.after(do, "acme", "", 0))) == 10
    assert len(await store.history(Scope("other", SHARED))) == 1
    assert await sweeper(store, clock, max_events=10).sweep() == 0


async def test_history_and_feed_are_kept_for_some_days(store: Store, shared: Scope, clock: Clock) -> None:
    await store.set(shared, "old", 1, by="a")
    clock.pass_by(2 * 24 * 60 * 60)
    await store.set(shared, "new", 1, by="a")
    assert await sweeper(store, clock, max_days=1).sweep() == 2
    assert [past.key for past in await store.history(shared)] == ["new"]
    assert await store.snapshot(shared) == {"old": 1, "new": 1}


async def test_one_transaction_removes_few(store: Store, shared: Scope, clock: Clock) -> None:
    await store.set_many(shared, {f"key{number}": number for number in range(150)}, by="a", ttl_seconds=1)
    clock.pass_by(1)
    done = [await store.database.do(lambda do: sweeping.expire(do, clock()), writes=True) for _ in range(3)]
    assert done == [100, 50, 0]


async def test_it_sweeps_at_once_and_again_and_ends(store: Store, shared: Scope, clock: Clock) -> None:
    await store.set(shared, "key", 1, by="a", ttl_seconds=1)
    clock.pass_by(1)
    async with Sweeper(store.database, seconds=0.001, now=clock) as running:
        while await count(store, "memory_entries"):
            await asyncio.sleep(0)
        await store.set(shared, "key", 2, by="a", ttl_seconds=1)
        clock.pass_by(1)
        while await count(store, "memory_entries"):
            await asyncio.sleep(0)
    assert running._task.done()


async def test_an_outage_ends_no_sweeper(
    store: Store, shared: Scope, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    due, calls = sweeping.is_due, []

    def failing(*given: object) -> bool:
        calls.append(given)
        if len(calls) == 1:
            raise OSError(28, "No space left on device")
        return due(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sweeping, "is_due", failing)
    await store.set(shared, "key", 1, by="a", ttl_seconds=1)
    clock.pass_by(1)
    with caplog.at_level(logging.WARNING):
        async with Sweeper(store.database, seconds=0.001, now=clock):
            while await count(store, "memory_entries"):
                await asyncio.sleep(0)
    assert [record.message for record in caplog.records] == ["memory could not be swept; it is tried again"]


async def test_vectors_that_cannot_be_kept_end_no_sweeper(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> int:
        raise OSError(28, "No space left on device")

    keep, told = vectors.keep, asyncio.Event()
    monkeypatch.setattr(vectors, "keep", failing)
    monkeypatch.setattr(logging.getLogger("memory.sweeper"), "warning", lambda *_, **__: told.set())
    await MemoryClient(database).store_knowledge("listen", tenant_id="acme", user_id="ada")
    async with asyncio.timeout(10), Sweeper(database, seconds=0.001, meaning=Meaning(Letters())):
        await told.wait()
        monkeypatch.setattr(vectors, "keep", keep)
        while await database.do(lambda execute: vectors.stale(execute, "letters", 1)):
            await asyncio.sleep(0)


async def test_what_a_plan_needed_goes_days_after_its_end(store: Store, clock: Clock) -> None:
    memory = MemoryClient(store.database)
    memory._store = store
    for plan in ("ended", "later", "running"):
        await memory.create_plan(plan_id=plan, tenant_id="acme", user_id="ada")
        await memory.set_plan_state(plan, "key", 1, "acme", "ada")
    await memory.set_plan_state("nobody's", "key", 1, "acme", "ada")
    sweeper = Sweeper(store.database, retention=Retention(plan_days=30), now=clock)
    await memory.update_plan_status("ended", "completed", tenant_id="acme", user_id="ada")
    clock.pass_by(29 * DAY)
    await memory.update_plan_status("later", "failed", tenant_id="acme", user_id="ada")
    assert await sweeper.sweep() == 0
    clock.pass_by(2 * DAY)
    assert await sweeper.sweep() == 1
    clock.pass_by(30 * DAY)
    assert await sweeper.sweep() == 1
    for plan, kept in (("ended", 0), ("later", 0), ("running", 1), ("nobody's", 1)):
        assert await store.count(Scope("acme", WORKING, plan, "ada")) == kept


async def test_plans_whose_memory_has_expired_keep_no_other_plan_s(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = MemoryClient(store.database)
    memory._store = store
    for plan, ttl in (("a", 31 * DAY), ("b", None)):
        await memory.create_plan(plan_id=plan, tenant_id="acme", user_id="ada", status="running")
        await store.set(Scope("acme", WORKING, plan, "ada"), "key", 1, by="a", ttl_seconds=ttl)
        await memory.update_plan_status(plan, "completed", tenant_id="acme", user_id="ada")
    monkeypatch.setattr(sweeping, "is_due", lambda *_: False)  # it expires just after that was looked at
    monkeypatch.setattr(ended, "_SOME", "LIMIT 1")
    clock.pass_by(32 * DAY)
    await Sweeper(store.database, now=clock).sweep()
    assert await count(store, "memory_entries") == 0
