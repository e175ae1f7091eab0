"""Tools that read and change what the agents know about the user.

`add_value` and `remove_value` are all there is to a tool for one kind. What is made by a function knows the kinds of a
team: a model is told their names, and held to them.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from google.adk.tools import ToolContext

from state_tools.kinds import JOKE_PREFERENCES, STOCK_WATCHLIST, PreferenceKind
from state_tools.record import Record
from storage.queries.session_document import preference_document, user_name


async def get_user_preferences(tool_context: ToolContext) -> dict[str, Any]:
    """Tells what is known about the user: name, favorite agent, joke topics, stock watchlist, topics of interest, and
    how many facts `recall_fact` has of them."""
    record = Record.of(tool_context)
    known = await record.preferences()
    name = user_name(known, record.user)
    facts = await record.count_facts()
    return {"status": "success", "user_name": name, "preferences": preference_document(known), "facts": facts}


async def add_to_stock_watchlist(ticker: str, tool_context: ToolContext) -> dict[str, Any]:
    """Puts a stock on the user's watchlist.

    Args:
        ticker: The stock's ticker symbol, such as "NVDA".
    """
    return await add_value(STOCK_WATCHLIST, "ticker", ticker, tool_context)


async def remove_from_stock_watchlist(ticker: str, tool_context: ToolContext) -> dict[str, Any]:
    """Takes a stock off the user's watchlist.

    Args:
        ticker: The stock's ticker symbol, such as "NVDA".
    """
    return await remove_value(STOCK_WATCHLIST, "ticker", ticker, tool_context)


async def add_joke_preference(topic: str, tool_context: ToolContext) -> dict[str, Any]:
    """Remembers a topic the user likes jokes about.

    Args:
        topic: The topic, such as "python".
    """
    return await add_value(JOKE_PREFERENCES, "topic", topic, tool_context)


async def remove_joke_preference(topic: str, tool_context: ToolContext) -> dict[str, Any]:
    """Forgets a topic the user no longer likes jokes about.

    Args:
        topic: The topic, such as "python".
    """
    return await remove_value(JOKE_PREFERENCES, "topic", topic, tool_context)


def update_tool(kinds: Sequence[PreferenceKind]) -> Callable[..., Any]:
    """`update_user_preferences` for these kinds."""
    by_name = {kind.name: kind for kind in kinds}

    async def update_user_preferences(preference: str, value: str, tool_context: ToolContext) -> dict[str, Any]:
        """Remembers something about the user for good.

        Use it when the user says their name, or a topic they are interested in. For the watchlist, joke topics and the
        favorite agent prefer the tools made for them.

        Args:
            preference: What is remembered. "user_name" and "favorite_agent" hold one value, which is replaced; most
                others are lists, to which the value is added.
            value: The name, topic, ticker or agent.
        """
        if preference not in by_name:
            return _error(f"There is no preference {preference!r}; there are {', '.join(by_name)}.")
        return await _keep(by_name[preference], value, tool_context)

    update_user_preferences.__annotations__["preference"] = Literal[tuple(by_name)]
    return update_user_preferences


def favorite_tool(kind: PreferenceKind) -> Callable[..., Any]:
    """`set_favorite_agent` for the agents of this kind."""

    async def set_favorite_agent(agent_name: str, tool_context: ToolContext) -> dict[str, Any]:
        """Remembers which agent the user likes best.

        Args:
            agent_name: The agent's name, such as "funny_nerd".
        """
        kept = await _keep(kind, agent_name, tool_context)
        return kept if kept["status"] == "error" else {"status": "success", "favorite_agent": kept["value"]}

    return set_favorite_agent


async def add_value(kind: PreferenceKind, argument: str, value: str, context: ToolContext) -> dict[str, Any]:
    """Keeps one more value of a kind, and answers with all of them; `argument` is the tool's word for the value."""
    kept = await _keep(kind, value, context)
    if kept["status"] == "error":
        return kept
    known = await Record.of(context).preferences()
    return {
        "status": "success",
        argument: kept["value"],
        "added": kept["added"],
        kind.name: known.get(kind.name, []),
    }


async def remove_value(kind: PreferenceKind, argument: str, value: str, context: ToolContext) -> dict[str, Any]:
    """Forgets a value of a kind, and answers with those that are left."""
    record = Record.of(context)
    try:
        gone = kind.kept(value)
    except ValueError:  # such a value is never kept
        gone = value
    removed = await record.remove_preference(kind, gone)
    left = (await record.preferences()).get(kind.name, [])
    return {"status": "success", argument: gone, "removed": removed, kind.name: left}


async def _keep(kind: PreferenceKind, value: str, context: ToolContext) -> dict[str, Any]:
    try:
        kept = kind.kept(value)
    except ValueError as error:
        return _error(str(error))
    added = await Record.of(context).add_preference(kind, kept)
    return {"status": "success", "preference": kind.name, "value": kept, "added": added}


def _error(message: str) -> dict[str, Any]:
    return {"status": "error", "error_message": message}
