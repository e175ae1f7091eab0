"""What agents share, as the seed has it, and without its faults."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, cast

import pytest

from memory import SharedState
from storage.memory.errors import BadNameError, BadValueError, ConflictError
from storage.memory.writing import KEEP
from tests.memory.conftest import Clock, Memory


@pytest.fixture
def writer(memory: Memory) -> SharedState:
    return SharedState(memory, "acme", "writer")


@pytest.fixture
def other(memory: Memory) -> SharedState:
    return SharedState(memory, "acme", "other")


async def test_A1_an_update_raises_the_version_and_keeps_who_created_it(
    writer: SharedState, other: SharedState, clock: Clock
) -> None:
    begun = clock.at
    created = (await writer.set("key", 1)).entry
    clock.pass_by(1)
    updated = (await other.set("key", 2)).entry
    assert (created.version, created.created_by, created.updated_by) == (1, "writer", "writer")
    assert (updated.version, updated.created_by, updated.updated_by) == (2, "writer", "other")
    assert (updated.created_at, updated.updated_at) == (begun, clock.at)
    assert await writer.get_entry("key") == updated


async def test_A2_an_entry_is_gone_when_its_time_is_over(writer: SharedState, clock: Clock) -> None:
    await writer.set("key", 1, 2)
    clock.pass_by(1)
    assert await writer.get("key") == 1
    clock.pass_by(2)
    assert await writer.get_entry("key") is None


async def test_A3_the_first_write_wins_and_the_second_is_told(writer: SharedState, other: SharedState) -> None:
    await writer.set("key", {"version": 1}, strategy="first_write_wins")
    written = await other.set("key", {"version": 2}, strategy="first_write_wins")
    assert (written.applied, written.entry.value, written.entry.version) == (False, {"version": 1}, 1)


async def test_A4_what_is_there_is_a_conflict_for_reject(writer: SharedState, other: SharedState) -> None:
    await writer.set("key", 1)
    with pytest.raises(ConflictError, match="'key'") as conflict:
        await other.set("key", 2, strategy="reject")
    assert (conflict.value.version, await writer.get("key")) == (1, 1)


async def test_A5_merge_unites_the_top_level(writer: SharedState, other: SharedState) -> None:
    await writer.set("key", {"a": 1, "d": {"x": 1}})
    merged = await other.set("key", {"b": 2, "d": {"y": 2}}, strategy="merge")
    assert merged.entry.value == {"a": 1, "d": {"y": 2}, "b": 2}
    deep = await other.set("key", {"d": {"z": {"q": 3}}}, strategy="merge", deep=True)
    assert deep.entry.value == {"a": 1, "d": {"y": 2, "z": {"q": 3}}, "b": 2}
    assert (await other.set("key", [1], strategy="merge")).entry.value == [1]


async def test_A6_a_prefix_lists_its_keys_sorted(writer: SharedState) -> None:
    for key in ("test:list:item2", "test:list:item1", "test:list", "test:list;", "test:other"):
        await writer.set(key, key)
    assert await writer.list_keys("test:list:") == ["test:list:item1", "test:list:item2"]
    assert await writer.count("test:list:") == 2


async def test_A7_what_is_deleted_is_gone(writer: SharedState) -> None:
    await writer.set("key", 1)
    assert [await writer.delete("key"), await writer.get_entry("key"), await writer.delete("key")] == [
        True,
        None,
        False,
    ]


@pytest.mark.parametrize("strategy", ["reject", "first_write_wins", "merge", "last_write_wins"])
@pytest.mark.parametrize("old", ["reject", "first_write_wins", "merge", "last_write_wins"])
async def test_A8_what_has_expired_is_absent_for_every_writer(
    writer: SharedState, other: SharedState, clock: Clock, strategy: str, old: str
) -> None:
    await writer.set("key", {"old": 1}, 1, strategy=old, metadata={"old": 1})
    clock.pass_by(1)
    assert (await writer.list_keys(), await writer.count(), (await writer.statistics()).total_keys) == ([], 0, 0)
    written = await other.set("key", {"new": 1}, strategy=strategy, expected_version=0)
    assert (written.applied, written.entry.value, written.entry.version) == (True, {"new": 1}, 1)
    assert (written.entry.created_by, written.entry.metadata, written.entry.expires_at) == ("other", {}, None)


async def test_A9_an_update_keeps_ttl_and_metadata_unless_it_names_them(writer: SharedState, clock: Clock) -> None:
    first = (await writer.set("key", 1, 10, metadata={"source": "a"})).entry
    clock.pass_by(5)
    await writer.increment("key")
    second = (await writer.set("key", 2)).entry
    assert (second.expires_at, second.metadata) == (first.expires_at, {"source": "a"})
    third = (await writer.set("key", 3, None, metadata={})).entry
    assert (third.expires_at, third.metadata) == (None, {})


@pytest.mark.parametrize("ttl", [0, -1, float("nan"), True, "5", float("inf"), 1e300, 10**400])
async def test_A9_a_time_to_live_is_more_than_nothing(writer: SharedState, ttl: Any) -> None:
    with pytest.raises(BadValueError, match="ttl_seconds"):
        await writer.set("key", 1, ttl)
    assert await writer.list_keys() == []


@pytest.mark.parametrize("key", ["a/b", "ü", "\U0001f600", "k" * 500, " ", "%", "'", "a*b", "_"])
async def test_A11_a_key_is_any_text(writer: SharedState, key: str) -> None:
    await writer.set(key, 1)
    await writer.set(f"{key}0"[-500:], 2)
    assert await writer.get(key) == 1
    assert key in await writer.list_keys(key)


async def test_A12_an_old_version_is_a_conflict_and_changes_nothing(writer: SharedState) -> None:
    await writer.set("key", 1)
    await writer.set("key", 2)
    with pytest.raises(ConflictError, match="version 2, not version 1") as conflict:
        await writer.set("key", 3, expected_version=1)
    assert (conflict.value.version, conflict.value.entry and conflict.value.entry.value) == (2, 2)
    assert (await writer.set("key", 3, expected_version=2)).entry.version == 3
    with pytest.raises(ConflictError, match="is not there"):
        await writer.set("new", 1, expected_version=1)
    with pytest.raises(ConflictError, match="is there already"):
        await writer.set("key", 1, expected_version=0)


async def test_A12_eight_writers_that_compare_and_set_lose_nothing(writer: SharedState) -> None:
    await writer.set("key", [])

    async def add(name: int) -> None:
        while True:
            entry = await writer.get_entry("key")
            assert entry
            try:
                await writer.set("key", [*entry.value, name], expected_version=entry.version)
                return
            except ConflictError:
                continue

    await asyncio.gather(*(add(number) for number in range(8)))
    assert sorted(await writer.get("key")) == list(range(8))


async def test_events_arrive_in_order_with_who_and_what(writer: SharedState, other: SharedState, clock: Clock) -> None:
    async with writer.subscribe("k*", poll=0.001) as events:
        await writer.set("k1", {"a": 1})
        await other.set("k1", {"b": 2}, strategy="merge")
        await other.set("other", 1)
        await other.append("k2", "x")
        await other.append("k2", "y")
        found = [await anext(events) for _ in range(4)]
        assert [(e.type, e.change, e.key, e.agent_id, e.version, e.value, e.redacted) for e in found] == [
            ("created", "created", "k1", "writer", 1, {"a": 1}, False),
            ("updated", "merged", "k1", "other", 2, {"b": 2}, False),
            ("created", "created", "k2", "other", 1, ["x"], False),
            ("updated", "appended", "k2", "other", 2, "y", False),
        ]
        assert {event.at for event in found} == {clock.at}
    await other.delete("k2")
    async with other.subscribe("k2", poll=0.001, after=found[1].id) as again:
        gone = [await anext(again) for _ in range(3)]
    assert [(e.type, e.value, e.redacted) for e in gone] == [
        ("created", None, True),
        ("updated", None, True),
        ("deleted", None, True),
    ]
    assert gone[0].id == found[2].id


async def test_only_the_types_asked_for_arrive(writer: SharedState, clock: Clock) -> None:
    async with writer.subscribe("*", ["deleted", "expired"], poll=0.001) as events:
        await writer.set("a", 1)
        await writer.set("b", 1, 1)
        await writer.increment("a")
        await writer.delete("a")
        clock.pass_by(1)
        await writer.set("b", 2)
        found = [await anext(events) for _ in range(2)]
    assert [(event.type, event.key, event.agent_id) for event in found] == [
        ("deleted", "a", "writer"),
        ("expired", "b", ""),
    ]


async def test_a_subscriber_that_takes_its_time_keeps_nobody_waiting(writer: SharedState) -> None:
    async def read(events: AsyncIterator[Any]) -> list[Any]:
        found = []
        async for event in events:
            await writer.set("answer", event.value)  # within its own handler
            found.append(event.value)
            if len(found) == 3:
                return found
        return found

    async with writer.subscribe("k", poll=0.001) as events:
        task = asyncio.create_task(read(events))
        for number in range(3):
            await writer.set("k", number)
        assert await task == [0, 1, 2]


async def test_other_tenants_hear_and_see_nothing(memory: Memory, writer: SharedState) -> None:
    eve = SharedState(memory, "other", "eve")
    async with eve.subscribe(poll=0.001) as events:
        await writer.set("key", 1)
        await eve.set("mine", 2)
        assert (await anext(events)).key == "mine"
    assert (await eve.get("key"), await eve.list_keys(), await eve.delete("key")) == (None, ["mine"], False)
    assert [past.key for past in await eve.events()] == ["mine"]
    assert (await eve.statistics()).total_events == 1


async def test_events_are_the_newest_oldest_first_and_reading_is_none(writer: SharedState, clock: Clock) -> None:
    for number in range(5):
        await writer.set(f"k{number}", number)
        await writer.get(f"k{number}")
        clock.pass_by(1)
    assert [past.key for past in await writer.events(limit=2)] == ["k3", "k4"]
    assert [past.key for past in await writer.events(key_pattern="k1")] == ["k1"]
    assert len(await writer.events(key_pattern="k*")) == 5
    assert [past.value for past in await writer.events(clock.at.replace(second=8))] == [4]
    with pytest.raises(BadValueError, match="time zone"):
        await writer.events(clock.at.replace(tzinfo=None))
    for limit in (0, 1001, True, "5"):
        with pytest.raises(BadValueError, match="limit"):
            await writer.events(limit=limit)  # type: ignore[arg-type]


async def test_statistics_add_up(writer: SharedState, clock: Clock) -> None:
    assert (await writer.statistics()).last_cleanup is None
    await writer.set("a", "ü")
    await writer.set("b", [1], 1)
    await writer.set("c", 1, 1)
    clock.pass_by(1)
    found = await writer.statistics()
    assert (found.total_keys, found.total_events, found.expired_keys, found.memory_usage_bytes) == (1, 3, 2, 4)
    await writer.set("b", 2)
    found = await writer.statistics()
    assert (found.total_keys, found.total_events, found.expired_keys) == (2, 5, 2)
    assert found.last_cleanup == clock.at


async def test_what_cannot_be_subscribed_to_is_said_at_once(writer: SharedState, memory: Memory) -> None:
    with pytest.raises(BadValueError, match="accessed"):
        writer.subscribe("*", ["accessed"])
    with pytest.raises(BadNameError):
        writer.subscribe("")
    for odd in ("7", -1, 1.5, True):
        with pytest.raises(BadValueError, match=r"^after must be 0 or more, not "):
            writer.subscribe(after=cast(int, odd))
    with pytest.raises(BadNameError):
        SharedState(memory, "acme", "")


@pytest.mark.parametrize("odd", ["2026-11-25", 1.5, datetime(2026, 11, 25)])
async def test_a_time_is_one_of_a_zone_and_a_key_is_text(writer: SharedState, odd: Any) -> None:
    with pytest.raises(BadValueError, match=r"^since must be a datetime that says its time zone$"):
        await writer.events(odd)
    for falsy in (0, False, b""):
        with pytest.raises(BadNameError, match="must be text"):
            await writer.list_keys(after=cast(str, falsy))


async def test_what_a_writer_names_in_part_leaves_the_rest(writer: SharedState) -> None:
    first = (await writer.set("key", 1, 10, metadata={"a": 1})).entry
    second = (await writer.set("key", 2, KEEP, metadata={"b": 2})).entry
    assert (second.expires_at, second.metadata) == (first.expires_at, {"b": 2})
