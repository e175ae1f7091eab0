"""What was shown is not shown again before the rest had its turn."""

import asyncio
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.database import Database
from storage.queries import shown
from storage.queries.shown import Pick
from storage.scope import User
from tests.storage.support import ADA, EVE

ITEMS = ["a", "b", "c"]


async def test_items_come_in_order_then_start_over(database: Database) -> None:
    picked = [await shown.pick(database, ADA, "jokes/python", ITEMS) for _ in range(5)]
    assert picked == [
        Pick("a", 2, False),
        Pick("b", 1, False),
        Pick("c", 0, False),
        Pick("a", 2, True),
        Pick("b", 1, False),
    ]


async def test_picks_at_the_same_time_differ(database: Database) -> None:
    items = [f"item {number}" for number in range(12)]
    picked = await asyncio.gather(*(shown.pick(database, ADA, "jokes/python", items) for _ in items))
    assert sorted(pick.item for pick in picked) == sorted(items)
    assert not any(pick.restarted for pick in picked)


async def test_collections_and_users_are_apart(database: Database) -> None:
    assert (await shown.pick(database, ADA, "jokes/python", ITEMS)).item == "a"
    assert (await shown.pick(database, ADA, "jokes/java", ITEMS)).item == "a"
    assert (await shown.pick(database, EVE, "jokes/python", ITEMS)).item == "a"


async def test_new_items_come_before_any_is_repeated(database: Database) -> None:
    for _ in ITEMS:
        await shown.pick(database, ADA, "jokes/python", ITEMS)
    assert await shown.pick(database, ADA, "jokes/python", [*ITEMS, "new"]) == Pick("new", 0, False)


async def test_there_is_nothing_to_pick_from_an_empty_collection(database: Database) -> None:
    with pytest.raises(ValueError, match="nothing to pick"):
        await shown.pick(database, ADA, "jokes/python", [])


async def test_the_last_item_shown_is_known_by_the_beginning_of_its_collection(database: Database) -> None:
    assert await shown.last(database, ADA, "jokes/") is None
    await shown.pick(database, ADA, "jokes/python", ["p1"])
    await shown.pick(database, ADA, "jokes/java", ["j1"])
    await shown.pick(database, ADA, "news/tech", ["n1"])
    assert await shown.last(database, ADA, "jokes/") == ("jokes/java", "j1")
    assert await shown.last(database, ADA, "jokes/p") == ("jokes/python", "p1")
    assert await shown.last(database, ADA, "jokes%") is None
    assert await shown.last(database, EVE, "jokes/") is None


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(size=st.integers(1, 5), picks=st.integers(1, 12), user=st.uuids())
async def test_no_item_is_ever_a_whole_round_ahead_of_another(
    database: Database, size: int, picks: int, user: object
) -> None:
    items = [str(number) for number in range(size)]
    someone = User("manager", str(user))
    seen: Counter[str] = Counter({item: 0 for item in items})
    for _ in range(picks):
        seen[(await shown.pick(database, someone, "c", items)).item] += 1
        assert max(seen.values()) - min(seen.values()) <= 1
