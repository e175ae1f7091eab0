"""What the store keeps, what it refuses, and that a refusal changes nothing."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from memory.store import Store
from storage.database import Database
from storage.memory.errors import (
    BadNameError,
    BadValueError,
    ConflictError,
    MemoryRefusedError,
    TooLargeError,
    WrongTypeError,
)
from storage.memory.scopes import AGENT, SHARED, WORKING, Scope
from storage.memory.writing import STRATEGIES
from tests.memory.conftest import Clock

STRICT = ("first_write_wins", "reject")


@pytest.mark.parametrize("asked", STRATEGIES)
@pytest.mark.parametrize("created", STRATEGIES)
async def test_the_stricter_strategy_holds(store: Store, shared: Scope, created: str, asked: str) -> None:
    await store.set(shared, "key", {"a": 1}, by="first", strategy=created)
    stricter = max(created, asked, key=STRATEGIES.index)
    expected = {"last_write_wins": {"b": 2}, "merge": {"a": 1, "b": 2}}.get(stricter, {"a": 1})
    if stricter == "reject":
        with pytest.raises(ConflictError, match="'key'") as conflict:
            await store.set(shared, "key", {"b": 2}, by="second", strategy=asked)
        assert conflict.value.version == 1
    else:
        written = await store.set(shared, "key", {"b": 2}, by="second", strategy=asked)
        assert (written.applied, written.entry.value) == (stricter not in STRICT, expected)
    entry = await store.get(shared, "key")
    assert entry
    assert (entry.value, entry.strategy) == (expected, created)


@pytest.mark.parametrize("created", STRICT)
@pytest.mark.parametrize(
    ("value", "operation", "argument"),
    [(1, "increment", 1), ([], "append", 1), ([], "extend", [1]), ({}, "update_dict", {"a": 1}), (1, "change", str)],
)
async def test_what_is_created_once_is_changed_by_no_operation(
    store: Store, shared: Scope, created: str, value: Any, operation: str, argument: Any
) -> None:
    await store.set(shared, "key", value, by="first", strategy=created)
    with pytest.raises(ConflictError, match="'key'"):
        await getattr(store, operation)(shared, "key", argument, by="second")
    with pytest.raises(ConflictError):
        await store.set_many(shared, {"other": 1, "key": 2}, by="second")
    assert await store.snapshot(shared) == {"key": value}
    assert len(await store.history(shared)) == 1


@pytest.mark.parametrize("created", STRICT)
async def test_an_expected_version_opens_nothing_but_deleting_does(store: Store, shared: Scope, created: str) -> None:
    await store.set(shared, "key", 1, by="first", strategy=created)
    if created == "reject":
        with pytest.raises(ConflictError):
            await store.set(shared, "key", 2, by="second", expected_version=1)
    else:
        assert not (await store.set(shared, "key", 2, by="second", expected_version=1)).applied
    assert await store.delete(shared, "key", by="second")
    assert (await store.set(shared, "key", 2, by="second")).entry.strategy == "last_write_wins"


async def test_a_refused_write_leaves_no_trace(store: Store, shared: Scope, database: Database) -> None:
    await store.set(shared, "text", "abc", by="a", metadata={"m": 1})
    before = await store.get(shared, "text")
    for refused in (
        store.increment(shared, "text", by="a"),
        store.set(shared, "text", 1, by="a", strategy="reject"),
        store.set(shared, "text", 1, by="a", expected_version=7),
        store.set(shared, "text", 1, by="a", strategy="unknown"),
        store.set(shared, "text", float("nan"), by="a"),
        store.set(shared, "text", "x" * 1024 * 1024, by="a"),
        store.set_many(shared, {"a": 1, "text": 2}, by="a", strategy="first_write_wins"),
        store.set_many(shared, {"a": 1, "b": {1: 2}}, by="a"),
        store.set(shared, "text", 1, by=""),
        store.set(shared, "text", 1, by="a", metadata=[]),  # type: ignore[arg-type]
        store.set(shared, "text", 1, by="a", expected_version=True),
    ):
        with pytest.raises(MemoryRefusedError):
            await refused
    assert await store.get(shared, "text") == before
    assert len(await store.history(shared)) == 1
    assert await store.keys(shared) == ["text"]


async def test_many_are_written_and_read_at_once(store: Store, shared: Scope) -> None:
    values = {f"key{number}": number for number in range(600)}
    written = await store.set_many(shared, values, by="a", ttl_seconds=5)
    assert {key: entry.value for key, entry in written.items()} == values
    found = await store.get_many(shared, [*values, "absent", "key0"])
    assert list(found) == list(values)
    assert found["key7"].value == 7
    with pytest.raises(TooLargeError, match="1,001 keys"):
        await store.set_many(shared, dict.fromkeys(map(str, range(1001))), by="a")
    with pytest.raises(TooLargeError):
        await store.get_many(shared, list(map(str, range(1001))))


async def test_pages_hold_every_key_once_in_order(store: Store, shared: Scope) -> None:
    keys = [
        "a",
        "a\ud7ff",
        "a\ue000",
        "a\U0001f600",
        "aa",
        "ab",
        "b",
        "ü",
        "\U0010ffff",
        "\U0010ffffa",
        "Z",
        "a%",
        "a_",
    ]
    await store.set_many(shared, {key: key for key in keys}, by="a")
    for prefix in ("", "a", "\U0010ffff", "a\ud7ff", "none"):
        expected = sorted(key for key in keys if key.startswith(prefix))
        found: list[str] = []
        after = None
        while True:
            page = await store.list(shared, prefix, limit=2, after=after)
            assert await store.keys(shared, prefix, 2, after) == [entry.key for entry in page]
            found += [entry.key for entry in page]
            after = page.next
            if after is None:
                break
        assert found == expected
        assert await store.count(shared, prefix) == len(expected)


async def test_what_is_returned_is_the_callers_own(store: Store, shared: Scope) -> None:
    given = {"list": [1]}
    written = (await store.set(shared, "key", given, by="a", metadata={"m": []})).entry
    given["list"].append(2)
    written.value["list"].append(3)
    entry = await store.get(shared, "key")
    assert entry
    entry.value["list"].append(4)
    entry.metadata["m"].append(1)
    again = await store.get(shared, "key")
    assert again
    assert (again.value, again.metadata) == ({"list": [1]}, {"m": []})


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (float("nan"), "JSON"),
        ({"a": [math.inf]}, "JSON"),
        ({1: "a"}, "text, not int"),
        ({"a": {"b": {None: 1}}}, r"in .*a\.b"),
        ({1, 2}, "set"),
        (b"bytes", "bytes"),
        (datetime.now(UTC), "datetime"),
        ("\ud800", "half of a character"),
        ({"\udc00": 1}, "half of a character"),
        (10**5000, "JSON"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_json_would_change_is_refused(store: Store, shared: Scope, value: Any, why: str) -> None:
    for refused in (
        store.set(shared, "key", value, by="a"),
        store.append(shared, "key", value, by="a"),
        store.set(shared, "key", 1, by="a", metadata={"m": value}),
        store.change(shared, "key", lambda _: value, by="a"),
    ):
        with pytest.raises(BadValueError, match=why):
            await refused
    assert await store.keys(shared) == []


async def test_a_circle_and_what_is_too_deep_are_refused(store: Store, shared: Scope) -> None:
    circle: list[Any] = []
    circle.append(circle)
    deep: Any = 1
    for _ in range(101):
        deep = [deep]
    for value in (circle, deep):
        with pytest.raises(BadValueError, match="deep"):
            await store.set(shared, "key", value, by="a")
    assert (await store.set(shared, "key", deep[0], by="a")).applied


async def test_a_value_has_a_mebibyte_at_most_counted_in_bytes(store: Store, shared: Scope) -> None:
    most = 1024 * 1024 - 2
    await store.set(shared, "key", "x" * most, by="a")
    for value in ("x" * (most + 1), "ü" * (most // 2 + 1)):
        with pytest.raises(TooLargeError, match="1,048,576"):
            await store.set(shared, "key", value, by="a")
    await store.set(shared, "list", ["x" * (most - 10)], by="a")
    with pytest.raises(TooLargeError, match="'list'"):
        await store.append(shared, "list", "x" * 20, by="a")
    assert len((await store.snapshot(shared))["list"]) == 1


@pytest.mark.parametrize("key", ["", "k" * 513, "a\0", "\ud800", 5, None])
async def test_a_key_that_cannot_be_is_refused_everywhere(store: Store, shared: Scope, key: Any) -> None:
    for refused in (
        store.get(shared, key),
        store.set(shared, key, 1, by="a"),
        store.delete(shared, key, by="a"),
        store.increment(shared, key, by="a"),
        store.get_many(shared, [key]),
        store.set_many(shared, {key: 1}, by="a"),
        store.change(shared, key, lambda value: value, by="a"),
    ):
        with pytest.raises(BadNameError, match="key"):
            await refused


@pytest.mark.parametrize(
    "arguments", [("", SHARED), ("t" * 257, SHARED), ("t", "kind"), ("t", WORKING, ""), ("t", AGENT)]
)
def test_a_scope_that_cannot_be_is_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(BadNameError):
        Scope(*arguments)


@pytest.mark.parametrize("delta", [True, "1", None, float("nan"), [1]])
async def test_a_delta_is_a_number(store: Store, shared: Scope, delta: Any) -> None:
    with pytest.raises(BadValueError):
        await store.increment(shared, "key", delta, by="a")


async def test_numbers_keep_their_type_and_size(store: Store, shared: Scope) -> None:
    await store.set(shared, "large", 10**40, by="a")
    assert await store.increment(shared, "large", 1, by="a") == 10**40 + 1
    await store.set(shared, "float", 1e308, by="a")
    for delta in (1e308, 10**400):
        with pytest.raises(BadValueError):
            await store.increment(shared, "float", delta, by="a")
    assert type(await store.increment(shared, "n", 1, by="a")) is int
    assert type(await store.increment(shared, "n", 1.0, by="a")) is float


async def test_only_a_list_extends_and_only_a_dict_updates(store: Store, shared: Scope) -> None:
    for refused in (store.extend(shared, "key", "ab", by="a"), store.update_dict(shared, "key", [1], by="a")):  # type: ignore[arg-type]
        with pytest.raises(BadValueError):
            await refused


async def test_history_keeps_what_was_added_never_all_of_it_again(store: Store, shared: Scope) -> None:
    await store.set(shared, "list", ["a"], by="a")
    await store.append(shared, "list", "b", by="b")
    await store.extend(shared, "list", ["c", "d"], by="c")
    await store.set(shared, "dict", {"x": 1}, by="a")
    await store.set(shared, "dict", {"y": 2}, by="b", strategy="merge")
    await store.update_dict(shared, "dict", {"z": 3}, by="c")
    await store.increment_fields(shared, "dict", {"z": 1}, by="d")
    await store.increment(shared, "n", 5, by="a")
    await store.increment(shared, "n", 2, by="a")
    past = await store.history(shared)
    assert [(each.key, each.version, each.change, each.value) for each in past] == [
        ("list", 1, "created", ["a"]),
        ("list", 2, "appended", "b"),
        ("list", 3, "extended", ["c", "d"]),
        ("dict", 1, "created", {"x": 1}),
        ("dict", 2, "merged", {"y": 2}),
        ("dict", 3, "merged", {"z": 3}),
        ("dict", 4, "merged", {"z": 4}),
        ("n", 1, "created", 5),
        ("n", 2, "incremented", 7),
    ]
    assert [each.by for each in await store.history(shared, "list")] == ["a", "b", "c"]
    assert [each.version for each in await store.history(shared, "list", after=past[0].id, limit=1)] == [2]


async def test_deleting_blanks_the_history_of_that_key_alone(store: Store, shared: Scope, clock: Clock) -> None:
    other = Scope("acme", SHARED, user_id="ada")
    for scope in (shared, other):
        for key in ("a", "b"):
            await store.set(scope, key, "secret", by="a")
    await store.delete(shared, "a", by="a")
    assert {each.value for each in await store.history(shared, "a")} == {None}
    for scope, key in ((shared, "b"), (other, "a"), (other, "b")):
        assert [each.value for each in await store.history(scope, key)] == ["secret"]
    await store.set(shared, "a", "again", by="a", ttl_seconds=1)
    assert [(each.version, each.value, each.redacted) for each in await store.history(shared, "a")] == [
        (1, None, True),
        (1, None, True),
        (1, "again", False),
    ]
    clock.pass_by(1)
    assert await store.delete(shared, "a", by="a") is False
    assert [each.change for each in await store.history(shared, "a")][-1] == "expired"
    assert {each.value for each in await store.history(shared, "a")} == {None}


async def test_overwriting_what_has_expired_blanks_its_history(store: Store, shared: Scope, clock: Clock) -> None:
    await store.set(shared, "key", "old", by="a", ttl_seconds=1)
    clock.pass_by(1)
    assert (await store.append(shared, "key", "new", by="b")) == ["new"]
    assert [(each.change, each.version, each.value, each.by) for each in await store.history(shared)] == [
        ("created", 1, None, "a"),
        ("expired", 1, None, ""),
        ("created", 1, ["new"], "b"),
    ]


async def test_a_type_that_does_not_fit_is_named_and_told_in_one_line(store: Store, shared: Scope) -> None:
    await store.set(shared, "key", "text", by="a")
    with pytest.raises(WrongTypeError) as error:
        await store.append(shared, "key", 1, by="a")
    assert str(error.value) == "'key' holds text, and needs a list for this; it stays as it is"


async def test_a_function_that_fails_changes_nothing(store: Store, shared: Scope) -> None:
    await store.set(shared, "key", [1], by="a")
    with pytest.raises(ZeroDivisionError):
        await store.change(shared, "key", lambda value: value.append(1 / 0), by="a")
    assert await store.snapshot(shared) == {"key": [1]}


async def test_a_default_stays_as_it_was(store: Store, shared: Scope) -> None:
    default: list[int] = []

    def add(value: list[int]) -> list[int]:
        value.append(1)
        return value

    assert await store.change(shared, "a", add, default, by="a") == [1]
    assert await store.change(shared, "a", add, default, by="a") == [1, 1]
    assert default == []
