"""What the librarian may call. It reads the asking person's record and nobody else's, and never the turn that asks."""

from typing import Any

from google.adk.tools.tool_context import ToolContext

from state_tools.lookup import MOST, recall
from state_tools.record import Record
from state_tools.reports import turn_summary


async def search_record(query: str, limit: int = 5, *, tool_context: ToolContext) -> dict[str, Any]:
    """Finds what this person and the team said about something, in all sessions, the best match first.

    Args:
        query: the words to look for, such as "NVDA watchlist".
        limit: how many turns to give, from 1 to 50.

    Returns:
        The turns in `matches`, each with the time, what the person said, what was answered and by which agents. When no
        turn has all of the words, those that come nearest, and a `note` that says so. None is a success as well.
    """
    return await recall(query, tool_context, limit)


async def recent_turns(limit: int = 5, *, tool_context: ToolContext) -> dict[str, Any]:
    """Gives this person's last exchanges with the team, over all sessions, the newest first.

    Args:
        limit: how many turns to give, from 1 to 50.
    """
    found = await Record.of(tool_context).recent_turns(_within(limit))
    return {"status": "success", "turns": [turn_summary(turn) for turn in found]}


async def who_did_what(limit: int = 10, *, tool_context: ToolContext) -> dict[str, Any]:
    """Tells which agent was given which task, when, whether it was completed, and in how many seconds; newest first.

    Args:
        limit: how many delegations to give, from 1 to 50.
    """
    record = Record.of(tool_context)
    # The turn that asks has delegations too, rarely more than these.
    found = await record.recent_delegations(_within(limit) + MOST)
    earlier = [each for each in found if each.invocation_id != record.turn.invocation_id][: _within(limit)]
    return {
        "status": "success",
        "delegations": [
            {
                "when": each.started_at.isoformat(timespec="seconds"),
                "agent_name": each.agent_name,
                "task": each.task,
                "status": each.status,
                "seconds": each.seconds,
            }
            for each in earlier
        ],
    }


def _within(limit: int) -> int:
    return max(1, min(limit, MOST))
