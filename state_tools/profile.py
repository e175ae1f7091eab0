"""What instructions say about the user, from the small snapshot that ADK's state holds; the ledger is the truth."""

from collections.abc import Mapping
from typing import Any

from storage.queries.preferences import USER_NAME
from storage.queries.session_document import preference_document

SNAPSHOT = "user:preferences"
"""Key in ADK's state: the preferences in the documented shape, and the name."""

_LABELS = {
    "favorite_agent": "favorite agent",
    "joke_preferences": "favorite joke topics",
    "stock_watchlist": "stock watchlist",
    "nerd_topics": "interests",
}


def snapshot(known: Mapping[str, list[str]]) -> dict[str, Any]:
    """What ADK's state is told, of `Record.preferences()`."""
    return {USER_NAME: next(iter(known.get(USER_NAME, [])), None), **preference_document(dict(known))}


def about_user(state: Mapping[str, Any]) -> str:
    """Lines for an instruction: the user's name and what they like; empty when nothing is known."""
    known: Mapping[str, Any] = state.get(SNAPSHOT) or {}
    lines = [f"The user's name is {known[USER_NAME]}."] if known.get(USER_NAME) else []
    for key, label in _LABELS.items():
        if value := known.get(key):
            lines.append(f"The user's {label}: {value if isinstance(value, str) else ', '.join(value)}.")
    return "\n".join(lines)
