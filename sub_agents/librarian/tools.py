"""What the librarian may call. It reads the asking person's record and nobody else's, and never the turn that asks."""

import re
from collections import Counter
from typing import Any

from google.adk.tools.tool_context import ToolContext

from state_tools.record import Record
from state_tools.reports import turn_summary

MOST = 50
"""How many rows one call gives at most."""
_NO_WORDS = frozenset(
    {"a", "about", "all", "an", "and", "any", "anything", "are", "ask", "asked", "at", "chat", "conversation", "did"}
    | {"do", "ever", "find", "for", "from", "had", "have", "i", "in", "is", "it", "know", "last", "me", "mention"}
    | {"mentioned", "my", "of", "on", "or", "our", "said", "say", "search", "talk", "talked", "tell", "that", "the"}
    | {"time", "to", "told", "was", "we", "were", "what", "when", "where", "who", "with", "you", "your"}
)
"""Words of a question that say nothing about what to look for."""


def search_words(query: str) -> list[str]:
    """The words of `query` worth looking for, without a plural's s, so that "jokes" finds a joke.

    A query of nothing but small words is looked for as it is.
    """
    words = re.findall(r"\w+", query.casefold())
    telling = [word for word in words if len(word) > 1 and word not in _NO_WORDS] or words
    return list(dict.fromkeys(_singular(word) for word in telling))


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


def _within(limit: int) -> int:
    return max(1, min(limit, MOST))


async def search_record(query: str, limit: int = 5, *, tool_context: ToolContext) -> dict[str, Any]:
    """Finds what this person and the team said about something, in all sessions, the best match first.

    Args:
        query: the words to look for, such as "NVDA watchlist".
        limit: how many turns to give, from 1 to 50.

    Returns:
        The turns in `matches`, each with the time, what the person said, what was answered and by which agents. When no
        turn has all of the words, those with the most of them, and a `note` that says so. None is a success as well.
    """
    words = search_words(query)
    if not words:
        return {"status": "error", "error_message": "Name a word or two to look for."}
    record = Record.of(tool_context)
    matches = [turn_summary(turn) for turn in await record.search_turns(words, _within(limit))]
    note = ""
    if not matches and len(words) > 1:
        matches = await _with_some_of(words, _within(limit), record)
        note = "No turn has all of these words; these have some of them." if matches else ""
    return {"status": "success", "query": query, "matches": matches, "note": note}


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


async def _with_some_of(words: list[str], limit: int, record: Record) -> list[dict[str, Any]]:
    """The turns with the most of the words, equal ones the newest first."""
    found = {word: await record.search_turns([word], limit) for word in words}
    hits = Counter(turn.invocation_id for turns in found.values() for turn in turns)
    turns = {turn.invocation_id: turn for turns in found.values() for turn in turns}.values()
    best = sorted(turns, key=lambda turn: (hits[turn.invocation_id], turn.started_at), reverse=True)
    return [turn_summary(turn) for turn in best[:limit]]
