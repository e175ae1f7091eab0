"""Readers of the feed: nothing left out, nothing twice, wherever they begin and whenever they stop."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from memory.feed import follow
from memory.store import Store
from storage.database import Database
from storage.memory import feed
from storage.memory.scopes import SHARED, WORKING, Scope


async def read(changes: AsyncIterator[Any], number: int) -> list[Any]:
    """So many changes, which must come."""
    async with asyncio.timeout(20):
        return [await anext(changes) for _ in range(number)]


@pytest.mark.parametrize("visits", [(250,), (1, 99, 100, 50)])
async def test_who_comes_back_goes_on_where_they_were(store: Store, shared: Scope, visits: tuple[int, ...]) -> None:
    await store.set_many(shared, {f"key{number}": number for number in range(250)}, by="a")
    found: list[Any] = []
    for most in visits:
        async with follow(store.database, "acme", "", after=found[-1].id if found else 0, poll=0.001) as changes:
            found += await read(changes, most)
    assert [change.key for change in found] == [f"key{number}" for number in range(250)]
    assert sorted({change.id for change in found}) == [change.id for change in found]


async def test_without_a_place_only_what_comes_is_told(store: Store, shared: Scope) -> None:
    await store.set(shared, "before", 1, by="a")
    async with follow(store.database, "acme", "", poll=0.001) as changes:
        await store.set(shared, "after", 1, by="a")
        (change,) = await read(changes, 1)
    assert (change.key, change.kind, change.topic, change.tenant, change.user_id) == (
        "after",
        "created",
        "memory.shared",
        "acme",
        "",
    )
    assert change.facts == {"scope_id": "", "version": 1, "agent": "a", "history": 2}


async def test_a_user_is_told_of_their_own_and_of_what_is_all_of_the_tenants(store: Store, shared: Scope) -> None:
    for scope in (
        shared,
        Scope("acme", WORKING, "plan", "ada"),
        Scope("acme", WORKING, "plan", "eve"),
        Scope("other", SHARED),
        Scope("other", WORKING, "plan", "ada"),
    ):
        await store.set(scope, f"{scope.tenant} {scope.user_id}", 1, by="a")

    async def told(tenant: str, user: str, *topics: str) -> list[str]:
        return [change.key for change in await store.database.do(lambda do: feed.after(do, tenant, user, 0, topics))]

    assert await told("acme", "ada") == ["acme ", "acme ada"]
    assert await told("acme", "") == ["acme "]
    assert await told("acme", "ada", "memory.working") == ["acme ada"]
    assert await told("acme", "ada", "memory.working", "memory.shared") == ["acme ", "acme ada"]
    assert await told("nobody", "ada") == []


async def test_what_is_for_others_is_read_past(store: Store, shared: Scope, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    after = feed.after

    def watched(execute: Any, tenant: str, user_id: str, after_id: int, *more: Any) -> list[feed.Change]:
        asked.append(after_id)
        return after(execute, tenant, user_id, after_id, *more)

    monkeypatch.setattr(feed, "after", watched)
    async with follow(store.database, "acme", "", after=0, poll=0.001) as changes:
        await store.set(Scope("other", SHARED), "theirs", 1, by="a")
        waiting = asyncio.create_task(anext(changes))
        while not asked:
            await asyncio.sleep(0)
        await store.set(shared, "ours", 1, by="a")
        assert (await waiting).key == "ours"
    assert asked == [0, 1]


async def test_a_step_that_is_cancelled_takes_nothing(store: Store, shared: Scope) -> None:
    async with follow(store.database, "acme", "", poll=0.001) as changes:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(changes), 0.02)
        await store.set(shared, "key", 1, by="a")
        assert (await anext(changes)).key == "key"


async def test_what_another_program_writes_is_told_too(store: Store, shared: Scope, url: str) -> None:
    async with follow(store.database, "acme", "", poll=0.001) as changes, Database.open(url) as other:
        await Store(other).set(shared, "key", 1, by="b")
        assert (await anext(changes)).facts["agent"] == "b"


async def test_a_feed_whose_rows_were_removed_goes_on(store: Store, shared: Scope) -> None:
    async with follow(store.database, "acme", "", poll=0.001) as changes:
        await store.set(shared, "a", 1, by="a")
        assert (await anext(changes)).key == "a"
        await store.database.do(lambda execute: execute("DELETE FROM changes", {}), writes=True)
        await store.set(shared, "b", 1, by="a")
        assert (await anext(changes)).key == "b"


async def test_each_change_is_one_row_of_history_and_one_of_the_feed(store: Store, shared: Scope) -> None:
    await store.set_many(shared, {"a": 1, "b": 2}, by="a")
    await store.increment(shared, "a", by="a")
    await store.cleanup(shared, by='it\'s "me"')
    past = await store.history(shared)
    told = await store.database.do(lambda do: feed.after(do, "acme", "", 0))
    assert [change.facts["history"] for change in told] == [each.id for each in past]
    assert [(c.key, c.kind, c.facts["version"], c.facts["agent"], c.at) for c in told] == [
        (p.key, p.change, p.version, p.by, p.at) for p in past
    ]
    assert told[-1].facts["agent"] == 'it\'s "me"'
