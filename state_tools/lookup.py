"""Looking up what was said earlier, in this session and in all others of the same user."""

import re
from typing import Any

from google.adk.tools import ToolContext

from state_tools.record import Record
from state_tools.reports import turn_summary

MOST = 50
"""How many turns one call gives at most."""
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


async def recall(query: str, tool_context: ToolContext, limit: int = 5) -> dict[str, Any]:
    """Finds what was said earlier about something, in this conversation and in all others of this user.

    Use it when the user refers to something that is not in the conversation as you see it: an older turn, another
    session, "that joke last month".

    Args:
        query: The words to look for, such as "recursion joke".
        limit: How many turns to give, 1 to 50.

    Returns:
        The turns in `matches`, the best first, each with the time, the session, what the user said, what was answered
        and by which agents. When no turn has all of the words, those that come nearest, and a `note` that says so.
    """
    words = search_words(query)
    if not words:
        return {"status": "error", "error_message": "Name a word or two to look for."}
    record = Record.of(tool_context)
    most = max(1, min(limit, MOST))
    matches = [turn_summary(turn) for turn in await record.search_turns(words, most)]
    note = ""
    if not matches:
        matches = [turn_summary(turn) for turn in await record.resembling_turns(words, query, most)]
        note = "No turn has all of these words; these have some of them, or may mean the same." if matches else ""
    return {"status": "success", "query": query, "matches": matches, "note": note}
