"""Tools that read and change what the agents know about the user."""

from typing import Any, Literal

from google.adk.tools import ToolContext

from state_tools.record import Record
from storage.queries.preferences import FAVORITE_AGENT, JOKE_PREFERENCES, KINDS, STOCK_WATCHLIST, USER_NAME, cleaned
from storage.queries.session_document import preference_document


async def update_user_preferences(
    preference: Literal["user_name", "nerd_topics", "joke_preferences", "stock_watchlist", "favorite_agent"],
    value: str,
    tool_context: ToolContext,
) -> dict[str, Any]:
    """Remembers something about the user for good.

    Use it when the user says their name, or a topic they are interested in. For the watchlist, joke topics and the
    favorite agent prefer the tools made for them.

    Args:
        preference: "user_name" and "favorite_agent" hold one value, which is replaced; the others are lists, to which
            the value is added.
        value: The name, topic, ticker or agent.
    """
    if preference not in KINDS:
        return _error(f"There is no preference {preference!r}; there are {', '.join(KINDS)}.")
    if preference == STOCK_WATCHLIST:
        return await add_to_stock_watchlist(value, tool_context)
    try:
        kept = cleaned(preference, value)
    except ValueError as error:
        return _error(str(error))
    added = await Record.of(tool_context).add_preference(preference, kept)
    return {"status": "success", "preference": preference, "value": kept, "added": added}


async def get_user_preferences(tool_context: ToolContext) -> dict[str, Any]:
    """Tells what is known about the user: name, favorite agent, joke topics, stock watchlist, topics of interest."""
    record = Record.of(tool_context)
    known = await record.preferences()
    name = next(iter(known.get(USER_NAME, [])), record.user.user_id)
    return {"status": "success", "user_name": name, "preferences": preference_document(known)}


async def add_to_stock_watchlist(ticker: str, tool_context: ToolContext) -> dict[str, Any]:
    """Puts a stock on the user's watchlist.

    Args:
        ticker: The stock's ticker symbol, such as "NVDA".
    """
    return await _add(STOCK_WATCHLIST, "ticker", ticker, tool_context)


async def remove_from_stock_watchlist(ticker: str, tool_context: ToolContext) -> dict[str, Any]:
    """Takes a stock off the user's watchlist.

    Args:
        ticker: The stock's ticker symbol, such as "NVDA".
    """
    return await _remove(STOCK_WATCHLIST, "ticker", ticker, tool_context)


async def add_joke_preference(topic: str, tool_context: ToolContext) -> dict[str, Any]:
    """Remembers a topic the user likes jokes about.

    Args:
        topic: The topic, such as "python".
    """
    return await _add(JOKE_PREFERENCES, "topic", topic, tool_context)


async def remove_joke_preference(topic: str, tool_context: ToolContext) -> dict[str, Any]:
    """Forgets a topic the user no longer likes jokes about.

    Args:
        topic: The topic, such as "python".
    """
    return await _remove(JOKE_PREFERENCES, "topic", topic, tool_context)


async def set_favorite_agent(agent_name: str, tool_context: ToolContext) -> dict[str, Any]:
    """Remembers which agent the user likes best.

    Args:
        agent_name: The agent's name, such as "funny_nerd".
    """
    try:
        name = cleaned(FAVORITE_AGENT, agent_name)
    except ValueError as error:
        return _error(str(error))
    await Record.of(tool_context).add_preference(FAVORITE_AGENT, name)
    return {"status": "success", "favorite_agent": name}


CHANGING_TOOLS = frozenset(
    tool.__name__
    for tool in (
        update_user_preferences,
        add_to_stock_watchlist,
        remove_from_stock_watchlist,
        add_joke_preference,
        remove_joke_preference,
        set_favorite_agent,
    )
)
"""Names of the tools after which the preferences may be others than before."""


async def _add(kind: str, name: str, value: str, context: ToolContext) -> dict[str, Any]:
    try:
        kept = cleaned(kind, value)
    except ValueError as error:
        return _error(str(error))
    record = Record.of(context)
    added = await record.add_preference(kind, kept)
    return {"status": "success", name: kept, "added": added, kind: (await record.preferences()).get(kind, [])}


async def _remove(kind: str, name: str, value: str, context: ToolContext) -> dict[str, Any]:
    record = Record.of(context)
    try:
        gone = cleaned(kind, value)
    except ValueError:  # such a value is never kept
        gone = value
    removed = await record.remove_preference(kind, gone)
    return {"status": "success", name: gone, "removed": removed, kind: (await record.preferences()).get(kind, [])}


def _error(message: str) -> dict[str, Any]:
    return {"status": "error", "error_message": message}
