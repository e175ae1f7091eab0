"""Tools that read and change preferences, called as ADK calls them: with a tool context on a real session."""

import asyncio
from typing import Any

import pytest
from google.adk.tools import FunctionTool, ToolContext

from settings import Settings
from state_tools import own_kinds, own_tools
from state_tools.delegation import track_agent_delegation
from state_tools.kinds import JOKE_PREFERENCES, STOCK_WATCHLIST, PreferenceKind
from state_tools.preferences import (
    add_joke_preference,
    add_to_stock_watchlist,
    get_user_preferences,
    remove_from_stock_watchlist,
    remove_joke_preference,
)
from state_tools.profile import about_user
from state_tools.record import Record
from state_tools.tool import StateTool
from sub_agents import state_tools, team

KINDS = (*own_kinds(["funny_nerd", "librarian"]), JOKE_PREFERENCES, STOCK_WATCHLIST)
OWN = {tool.name: tool for tool in own_tools(KINDS)}
update_user_preferences = OWN["update_user_preferences"].call
set_favorite_agent = OWN["set_favorite_agent"].call
NOTHING: dict[str, Any] = {"favorite_agent": None, "joke_preferences": [], "stock_watchlist": [], "nerd_topics": []}


def refused(answer: dict[str, Any]) -> str:
    """The sentence of a tool that says no."""
    assert set(answer) == {"status", "error_message"}
    assert answer["status"] == "error"
    return str(answer["error_message"])


def test_the_manager_has_the_documented_tools(settings: Settings) -> None:
    tools = state_tools(team(settings))
    assert {tool.name for tool in tools} >= {
        "track_agent_delegation",
        "update_user_preferences",
        "get_user_preferences",
        "add_to_stock_watchlist",
        "remove_from_stock_watchlist",
        "add_joke_preference",
        "remove_joke_preference",
        "set_favorite_agent",
        "get_conversation_summary",
        "get_agent_performance_stats",
        "get_current_time",
    }
    assert all(tool.call.__doc__ for tool in tools)
    assert {tool.name for tool in tools if tool.changes} >= {
        "update_user_preferences",
        "add_to_stock_watchlist",
        "remove_from_stock_watchlist",
        "add_joke_preference",
        "remove_joke_preference",
        "set_favorite_agent",
    }


async def test_nothing_is_known_of_a_stranger(tool_context: ToolContext) -> None:
    found = await get_user_preferences(tool_context)
    assert found == {"status": "success", "user_name": "ada", "preferences": NOTHING, "facts": 0}


async def test_a_ticker_goes_on_the_watchlist_once_in_capitals(tool_context: ToolContext) -> None:
    added = {"status": "success", "ticker": "NVDA", "added": True, "stock_watchlist": ["NVDA"]}
    assert await add_to_stock_watchlist(" $nvda ", tool_context) == added
    assert await add_to_stock_watchlist("NVDA", tool_context) == {**added, "added": False}
    more = await add_to_stock_watchlist("brk.b", tool_context)
    assert (more["ticker"], more["stock_watchlist"]) == ("BRK.B", ["NVDA", "BRK.B"])


@pytest.mark.parametrize("ticker", ["", " ", "$", "not a ticker", "123", "A" * 40, "NVDA;DROP", "ÄÖÜ", "NVDA\n AAPL"])
async def test_what_is_no_ticker_is_refused_with_a_sentence(tool_context: ToolContext, ticker: str) -> None:
    assert "ticker" in refused(await add_to_stock_watchlist(ticker, tool_context))
    assert "ticker" in refused(await update_user_preferences("stock_watchlist", ticker, tool_context))
    assert (await get_user_preferences(tool_context))["preferences"] == NOTHING


async def test_a_ticker_comes_off_the_watchlist(tool_context: ToolContext) -> None:
    await add_to_stock_watchlist("NVDA", tool_context)
    removed = {"status": "success", "ticker": "NVDA", "removed": True, "stock_watchlist": []}
    assert await remove_from_stock_watchlist("nvda", tool_context) == removed
    assert await remove_from_stock_watchlist("nvda", tool_context) == {**removed, "removed": False}
    assert (await remove_from_stock_watchlist("", tool_context))["removed"] is False


async def test_joke_topics_are_kept_in_small_letters(tool_context: ToolContext) -> None:
    added = {"status": "success", "topic": "python", "added": True, "joke_preferences": ["python"]}
    assert await add_joke_preference("  Python ", tool_context) == added
    assert await add_joke_preference("PYTHON", tool_context) == {**added, "added": False}
    removed = {"status": "success", "topic": "python", "removed": True, "joke_preferences": []}
    assert await remove_joke_preference("PyThOn", tool_context) == removed
    assert await remove_joke_preference("python", tool_context) == {**removed, "removed": False}
    refused(await add_joke_preference(" \n", tool_context))


async def test_one_agent_is_the_favorite(tool_context: ToolContext) -> None:
    assert await set_favorite_agent("funny_nerd", tool_context) == {"status": "success", "favorite_agent": "funny_nerd"}
    await set_favorite_agent("librarian", tool_context)
    assert (await get_user_preferences(tool_context))["preferences"]["favorite_agent"] == "librarian"
    assert (await set_favorite_agent("Funny Nerd", tool_context))["favorite_agent"] == "funny_nerd"
    assert "No agent" in refused(await set_favorite_agent("  ", tool_context))
    assert "there are funny_nerd, librarian" in refused(await set_favorite_agent("nobody", tool_context))


async def test_a_name_is_replaced_and_topics_are_collected(tool_context: ToolContext) -> None:
    told = await update_user_preferences("user_name", " Ada  Lovelace ", tool_context)
    assert told == {"status": "success", "preference": "user_name", "value": "Ada Lovelace", "added": True}
    await update_user_preferences("user_name", "Ada", tool_context)
    await update_user_preferences("nerd_topics", "Math", tool_context)
    await update_user_preferences("nerd_topics", "databases", tool_context)
    await update_user_preferences("joke_preferences", "Python", tool_context)
    await update_user_preferences("stock_watchlist", "aapl", tool_context)
    await update_user_preferences("favorite_agent", "funny_nerd", tool_context)
    assert await get_user_preferences(tool_context) == {
        "status": "success",
        "user_name": "Ada",
        "preferences": {
            "favorite_agent": "funny_nerd",
            "joke_preferences": ["python"],
            "stock_watchlist": ["AAPL"],
            "nerd_topics": ["math", "databases"],
        },
        "facts": 0,
    }


async def test_what_is_no_preference_is_refused_with_the_ones_there_are(tool_context: ToolContext) -> None:
    sentence = refused(await update_user_preferences("shoe_size", "42", tool_context))
    assert "shoe_size" in sentence and "nerd_topics" in sentence
    refused(await update_user_preferences("user_name", "", tool_context))


async def test_a_very_long_value_is_cut(tool_context: ToolContext) -> None:
    told = await update_user_preferences("user_name", "A" * 10_000, tool_context)
    assert told["status"] == "success"
    assert len((await get_user_preferences(tool_context))["user_name"]) == 100


async def test_tools_at_the_same_time_lose_nothing(tool_context: ToolContext) -> None:
    tickers = [f"T{number}" for number in range(12)]
    await asyncio.gather(*(add_to_stock_watchlist(ticker, tool_context) for ticker in tickers))
    assert sorted((await Record.of(tool_context).preferences())["stock_watchlist"]) == sorted(tickers)


def test_a_delegation_that_the_runner_cannot_see_is_reported(tool_context: ToolContext) -> None:
    told = track_agent_delegation("bob", "dig", tool_context)
    assert told == {"status": "success", "agent_name": "bob", "task": "dig"}
    assert "agent" in refused(track_agent_delegation(" ", "dig", tool_context))


async def test_a_kind_that_a_team_has_beside_the_documented_ones_is_kept_told_and_in_the_document(
    tool_context: ToolContext,
) -> None:
    def even(value: str) -> str:
        if not value.isdigit() or int(value) % 2:
            raise ValueError(f"{value!r} is not an even number.")
        return str(int(value))

    kinds = (*KINDS, PreferenceKind("lucky_numbers", clean=even))
    update = next(tool.call for tool in own_tools(kinds) if tool.name == "update_user_preferences")
    declared = FunctionTool(update)._get_declaration()
    assert declared is not None and "lucky_numbers" in str(declared)
    assert (await update("lucky_numbers", " 04 ", tool_context))["value"] == "4"
    assert refused(await update("lucky_numbers", "3", tool_context)) == "'3' is not an even number."
    known = (await get_user_preferences(tool_context))["preferences"]
    assert known == {**NOTHING, "lucky_numbers": ["4"]}
    assert list(known)[: len(NOTHING)] == list(NOTHING)
    assert about_user(tool_context.state, kinds) == "The user's lucky numbers: 4."


def test_what_a_kind_makes_of_a_value_is_one_short_line_whatever_it_is() -> None:
    odd = PreferenceKind("odd", clean=lambda value: f" {value}\n\x1b[2J" + "x" * 500)
    assert odd.kept("a") == "a [2J" + "x" * 95
    with pytest.raises(ValueError, match="Nothing"):
        PreferenceKind("empty", clean=lambda _: " \n").kept("a")


def test_what_a_call_has_changed_is_told_as_it_is_kept() -> None:
    tool = StateTool(add_to_stock_watchlist, "{ticker} was put on your watchlist", STOCK_WATCHLIST)
    assert tool.told({"ticker": "$nvda"}) == "NVDA was put on your watchlist"
    assert tool.told({"ticker": "{0} {x}"}) == "{0} {x} was put on your watchlist"
    assert tool.told({"size": 3}) == "add_to_stock_watchlist(size=3)"
