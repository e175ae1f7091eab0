"""What is remembered of a user's taste."""

from storage.database import Database
from storage.queries import preferences
from storage.scope import TurnKey
from tests.storage.support import ADA, EVE, key


async def test_values_of_a_list_come_in_the_order_they_were_stated(database: Database) -> None:
    for ticker in ("NVDA", "AAPL", "MSFT"):
        assert await preferences.add(database, ADA, "stock_watchlist", ticker)
    assert not await preferences.add(database, ADA, "stock_watchlist", "NVDA")
    assert await preferences.of_user(database, ADA) == {"stock_watchlist": ["NVDA", "AAPL", "MSFT"]}


async def test_a_value_that_is_stated_again_after_its_removal_comes_last(database: Database) -> None:
    for ticker in ("NVDA", "AAPL"):
        await preferences.add(database, ADA, "stock_watchlist", ticker)
    assert await preferences.remove(database, ADA, "stock_watchlist", "NVDA")
    assert not await preferences.remove(database, ADA, "stock_watchlist", "NVDA")
    assert await preferences.add(database, ADA, "stock_watchlist", "NVDA")
    assert await preferences.of_user(database, ADA) == {"stock_watchlist": ["AAPL", "NVDA"]}


async def test_a_kind_with_one_value_replaces_it(database: Database) -> None:
    assert await preferences.add(database, ADA, "user_name", "first", single=True)
    assert await preferences.add(database, ADA, "user_name", "second", single=True)
    assert not await preferences.add(database, ADA, "user_name", "second", single=True)
    assert await preferences.of_user(database, ADA) == {"user_name": ["second"]}


async def test_a_user_has_only_their_own(database: Database) -> None:
    await preferences.add(database, ADA, "user_name", "Ada")
    await preferences.add(database, EVE, "user_name", "Eve")
    await preferences.add(database, EVE, "nerd_topics", "math")
    assert await preferences.of_user(database, ADA) == {"user_name": ["Ada"]}
    assert not await preferences.remove(database, ADA, "nerd_topics", "math")
    assert await preferences.of_user(database, EVE) == {"user_name": ["Eve"], "nerd_topics": ["math"]}


async def test_a_value_remembers_the_turn_it_was_stated_in(database: Database) -> None:
    await preferences.add(database, ADA, "nerd_topics", "math", TurnKey(key("session-9"), "turn-7"))
    async with database.read() as conn:
        row = (await conn.exec_driver_sql("SELECT session_id, invocation_id FROM preferences")).one()
    assert tuple(row) == ("session-9", "turn-7")
