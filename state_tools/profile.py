"""What instructions say about the user, from the small snapshot that ADK's state holds; the ledger is the truth."""

from collections.abc import Mapping
from typing import Any, Protocol

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


class State(Protocol):
    """ADK's state, or a mapping."""

    def get(self, key: str, /) -> Any: ...


def name_of(state: State) -> str | None:
    """What the user is called, where they have said it."""
    return (state.get(SNAPSHOT) or {}).get(USER_NAME)


def about_user(state: State) -> str:
    """Lines for an instruction: the user's name and what they like; empty when nothing is known."""
    known: Mapping[str, Any] = state.get(SNAPSHOT) or {}
    lines = [f"The user's name is {known[USER_NAME]}."] if known.get(USER_NAME) else []
    for key, label in _LABELS.items():
        if value := known.get(key):
            lines.append(f"The user's {label}: {value if isinstance(value, str) else ', '.join(value)}.")
    return "\n".join(lines)
