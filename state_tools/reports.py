"""Tools that answer from the record: what was talked about, and how the agents did."""

from typing import Any

from google.adk.tools import ToolContext

from state_tools.record import Record
from storage.queries import sessions, turns
from storage.queries.turns import Turn
from storage.stats import figures
from storage.stats.filter import StatsFilter


async def get_conversation_summary(tool_context: ToolContext, limit: int = 5) -> dict[str, Any]:
    """Sums up this conversation: how many turns, since when, which agents took part, and the last exchanges.

    Args:
        limit: How many of the last exchanges to give, 1 to 50.
    """
    record = Record.of(tool_context)
    recent = await record.recent_turns(min(max(limit, 1), 50), session_only=True)
    info = await sessions.find(record.database, record.user, record.turn.session.session_id)
    first = await turns.first(record.database, record.turn.session)
    here = StatsFilter(session_id=record.turn.session.session_id)
    counted = await figures.totals(record.database, record.user, here)
    earlier = counted.turns - counted.undone - 1
    team = await figures.agent_stats(record.database, record.user, here)
    return {
        "status": "success",
        "session_turns": earlier,
        "started": info.created_at.isoformat(timespec="seconds"),
        "first_message": first.user_input if first and earlier > 0 else None,
        "agents": {agent.agent_name: agent.delegations for agent in team},
        "recent": [turn_summary(turn) for turn in reversed(recent)],
    }


async def get_agent_performance_stats(tool_context: ToolContext) -> dict[str, Any]:
    """Tells how each agent did for this user: delegations, completed, failed, typical and slow times, last use."""
    return {
        "status": "success",
        "agents": [
            {
                "agent_name": agent.agent_name,
                "delegations": agent.delegations,
                "completed": agent.completed,
                "failed": agent.failed,
                "success_rate": agent.success_rate,
                "median_seconds": agent.median_seconds,
                "p95_seconds": agent.p95_seconds,
                "last_used": agent.last_used.isoformat(timespec="seconds"),
            }
            for agent in await Record.of(tool_context).agent_stats()
        ],
    }


def turn_summary(turn: Turn) -> dict[str, Any]:
    """A turn as tools tell it to a model."""
    return {
        "when": turn.started_at.isoformat(timespec="seconds"),
        "session_id": turn.session_id,
        "user_input": turn.user_input,
        "agent_response": turn.agent_response,
        "status": turn.status,
        "agents": list(turn.agents),
    }
