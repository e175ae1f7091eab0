"""What agents may call to read and write durable state: thin typed functions, no SQL, no agents."""

from state_tools.clock import get_current_time
from state_tools.delegation import track_agent_delegation
from state_tools.lookup import recall
from state_tools.preferences import (
    CHANGING_TOOLS,
    add_joke_preference,
    add_to_stock_watchlist,
    get_user_preferences,
    remove_from_stock_watchlist,
    remove_joke_preference,
    set_favorite_agent,
    update_user_preferences,
)
from state_tools.record import Record
from state_tools.reports import get_agent_performance_stats, get_conversation_summary

STATE_TOOLS = (
    track_agent_delegation,
    update_user_preferences,
    get_user_preferences,
    add_to_stock_watchlist,
    remove_from_stock_watchlist,
    add_joke_preference,
    remove_joke_preference,
    set_favorite_agent,
    get_conversation_summary,
    recall,
    get_agent_performance_stats,
    get_current_time,
)
"""The manager's own tools."""

__all__ = ["CHANGING_TOOLS", "STATE_TOOLS", "Record", *(tool.__name__ for tool in STATE_TOOLS)]
