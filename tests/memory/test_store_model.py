"""Any script of operations against a dict that obeys the rules as they are written down."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memory.store import Store
from storage.memory.errors import ConflictError, MemoryRefusedError, WrongTypeError
from storage.memory.scopes import WORKING, Scope
from storage.memory.writing import KEEP, STRATEGIES
from tests.memory.conftest import Clock

scripts = count()
KEYS = st.sampled_from(["a", "ab", "b", "ü"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
TTLS = st.sampled_from([KEEP, KEEP, None, 1, 3])
EXPECTED = st.none() | st.integers(0, 3)
STEPS = st.one_of(
    st.tuples(st.just("set"), KEYS, VALUES, st.sampled_from(STRATEGIES), EXPECTED, TTLS),
    st.tuples(st.just("increment"), KEYS, st.integers(-3, 3)),
    st.tuples(st.just("append"), KEYS, VALUES),
    st.tuples(st.just("extend"), KEYS, st.lists(VALUES, max_size=2)),
    st.tuples(st.just("update_dict"), KEYS, st.dictionaries(st.text(max_size=3), VALUES, max_size=2)),
    st.tuples(st.just("delete"), KEYS),
    st.tuples(st.just("pass"), st.integers(1, 2)),
    st.tuples(st.just("cleanup")),
)


class Row:
    def __init__(self, value: Any, strategy: str) -> None:
        self.value, self.strategy, self.version, self.until = value, strategy, 1, None


class Model:
    """What ought to be there."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rows: dict[str, Any] = {}

    def live(self) -> dict[str, Any]:
        return {key: row for key, row in self.rows.items() if row.until is None or row.until > self.now}

    def set(self, key: str, value: Any, strategy: str, expected: int | None, ttl: Any) -> Any:
        row = self.live().get(key)
        if expected is not None and expected != (row.version if row else 0):
            return ConflictError
        if row:
            held = max(row.strategy, strategy, key=STRATEGIES.index)
            if held == "reject":
                return ConflictError
            if held == "first_write_wins":
                return False
            both = isinstance(value, dict) and isinstance(row.value, dict)
            row.value = {**row.value, **value} if held == "merge" and both else value
            row.version += 1
        else:
            row = self.rows[key] = Row(value, strategy)
        if ttl is not KEEP:
            row.until = None if ttl is None else self.now + ttl
        return True

    def change(self, name: str, key: str, argument: Any) -> Any:
        row = self.live().get(key)
        kind: Any = {"increment": (int, float), "append": list, "extend": list, "update_dict": dict}[name]
        empty: Any = {"increment": 0, "append": [], "extend": [], "update_dict": {}}[name]
        if row and row.strategy in ("reject", "first_write_wins"):
            return (ConflictError, WrongTypeError)
        present = row.value if row else empty
        if not isinstance(present, kind) or isinstance(present, bool):
            return WrongTypeError
        match name:
            case "increment" | "extend":
                value = present + argument
            case "append":
                value = [*present, argument]
            case _:
                value = {**present, **argument}
        self.set(key, value, "last_write_wins", None, KEEP)
        return value


async def perform(store: Store, scope: Scope, clock: Clock, model: Model, step: tuple[Any, ...]) -> None:
    match step:
        case ("set", key, value, strategy, expected, ttl):
            allowed = model.set(key, value, strategy, expected, ttl)
            setting = store.set(
                scope, key, value, by="a", strategy=strategy, expected_version=expected, ttl_seconds=ttl
            )
            if isinstance(allowed, bool):
                assert (await setting).applied is allowed
            else:
                with pytest.raises(allowed):
                    await setting
        case ("increment" | "append" | "extend" | "update_dict" as name, key, argument):
            expected = model.change(name, key, argument)
            changing = getattr(store, name)(scope, key, argument, by="a")
            if is_error(expected):
                with pytest.raises(expected):
                    await changing
            else:
                assert same(await changing, expected)
        case ("delete", key):
            assert await store.delete(scope, key, by="a") is (key in model.live())
            model.rows.pop(key, None)
        case ("pass", seconds):
            clock.pass_by(seconds)
            model.now += seconds
        case _:
            assert await store.cleanup(scope, by="a") == len(model.live())
            model.rows.clear()


def is_error(expected: Any) -> bool:
    return isinstance(expected, tuple) or (isinstance(expected, type) and issubclass(expected, MemoryRefusedError))


def same(found: Any, expected: Any) -> bool:
    """Equal, of the same types and in the same order."""
    return repr(found) == repr(expected)


async def compare(store: Store, scope: Scope, model: Model) -> None:
    live = model.live()
    found = await store.list(scope)
    assert [entry.key for entry in found] == sorted(live) == await store.keys(scope)
    assert await store.count(scope, "a") == sum(key.startswith("a") for key in live)
    for entry in found:
        row = live[entry.key]
        assert same(entry.value, row.value)
        assert (entry.version, entry.strategy) == (row.version, row.strategy)
    assert (await store.statistics(scope)).total_keys == len(live)


async def history_is_true(store: Store, scope: Scope) -> None:
    """What history has of each entry leads to its value, and it has no value of one that is gone."""
    live = await store.snapshot(scope)
    values: dict[str, Any] = {}
    for past in await store.history(scope, limit=1000):
        if past.redacted:
            assert past.value is None
            values.pop(past.key, None)
            continue
        match past.change:
            case "appended":
                values[past.key] = [*values[past.key], past.value]
            case "extended":
                values[past.key] = [*values[past.key], *past.value]
            case "merged":
                values[past.key] = {**values[past.key], **past.value}
            case _:
                values[past.key] = past.value
    assert {key: value for key, value in values.items() if key in live} == live


@given(steps=st.lists(STEPS, max_size=25))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_script_leads_to_what_the_rules_say(store: Store, clock: Clock, steps: list[tuple[Any, ...]]) -> None:
    scope, model = Scope("acme", WORKING, f"plan-{next(scripts)}", "ada"), Model()
    for step in steps:
        await perform(store, scope, clock, model, step)
    await compare(store, scope, model)
    await history_is_true(store, scope)


@given(st.lists(VALUES, min_size=1, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_value_comes_back_as_it_was(store: Store, shared: Scope, values: list[Any]) -> None:
    for value in values:
        written = await store.set(shared, "key", value, by="a")
        entry = await store.get(shared, "key")
        assert entry
        assert same(entry.value, value)
        assert same(written.entry.value, value)
