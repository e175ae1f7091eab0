"""What agents may call to read and write durable state: thin typed functions, no SQL, no agents.

The manager has `own_tools` in any team, and what the members bring: each is a `StateTool`, data that says what a call
changes. So are the kinds of preferences (`kinds.py`).
"""

from collections.abc import Sequence

from state_tools.clock import get_current_time
from state_tools.delegation import track_agent_delegation
from state_tools.kinds import NERD_TOPICS, USER_NAME, PreferenceKind, favorite_agent
from state_tools.lookup import recall
from state_tools.memory import MEMORY_TOOLS
from state_tools.preferences import favorite_tool, get_user_preferences, update_tool
from state_tools.record import Record
from state_tools.reports import get_agent_performance_stats, get_conversation_summary
from state_tools.tool import StateTool

STATE_TOOLS = (
    StateTool(track_agent_delegation),
    StateTool(get_user_preferences),
    StateTool(get_conversation_summary),
    StateTool(recall),
    StateTool(get_agent_performance_stats),
    StateTool(get_current_time),
    *MEMORY_TOOLS,
)
"""Tools that are the same for every team."""


def own_kinds(agents: Sequence[str]) -> tuple[PreferenceKind, ...]:
    """The kinds of preferences that any team of these agents has."""
    return USER_NAME, favorite_agent(agents), NERD_TOPICS


def own_tools(kinds: Sequence[PreferenceKind]) -> tuple[StateTool, ...]:
    """The manager's tools in a team that has these kinds."""
    favorite = next(kind for kind in kinds if kind.name == "favorite_agent")
    return (
        StateTool(update_tool(kinds), "{preference} became {value}"),
        StateTool(favorite_tool(favorite), "{agent_name} became your favorite agent"),
        *STATE_TOOLS,
    )


__all__ = ["STATE_TOOLS", "PreferenceKind", "Record", "StateTool", "own_kinds", "own_tools"]
