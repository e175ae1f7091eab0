"""The documented session state: assembled from the ledger, in exactly the shape that `state --json` prints."""

from collections.abc import Mapping, Sequence
from typing import Any

from storage.database import Database
from storage.queries import preferences, turns
from storage.queries.sessions import SessionInfo
from storage.scope import SessionKey, User

_NAME, _FAVORITE = "user_name", "favorite_agent"
_LISTS = ("joke_preferences", "stock_watchlist", "nerd_topics")
"""The kinds of preferences that the documented shape names; others follow them, each as a list."""
_ALL = 1_000_000
"""The state document is whole: it is the one list that is not paged."""


async def document(database: Database, key: SessionKey, info: SessionInfo) -> dict[str, Any]:
    """The five keys of a session's state; lists are oldest first, times ISO 8601 in UTC."""
    known = await preferences.of_user(database, key.user)
    history = await turns.history(database, key, limit=_ALL)
    handed_over = await turns.recent_delegations(database, key.user, limit=_ALL, session_id=key.session_id)
    return {
        "user_name": user_name(known, key.user),
        "conversation_history": [
            {
                "timestamp": turn.started_at.isoformat(),
                "user_input": turn.user_input,
                "agent_response": turn.agent_response,
                "event_id": turn.event_id,
                **({"error": turn.error} if turn.error else {}),
            }
            for turn in reversed(history)
        ],
        "agent_delegations": [
            {
                "timestamp": delegation.started_at.isoformat(),
                "agent_name": delegation.agent_name,
                "task": delegation.task,
                "status": delegation.status,
            }
            for delegation in reversed(handed_over)
        ],
        "user_preferences": preference_document(known),
        "session_metadata": {
            "created_at": info.created_at.isoformat(),
            "last_activity": info.last_event_at.isoformat(),
            "total_interactions": info.turns,
        },
    }


def user_name(known: Mapping[str, Sequence[str]], user: User) -> str:
    """What a user is called: as they have said, or by the id."""
    return next(iter(known.get(_NAME, [])), user.user_id)


def preference_document(known: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """A user's preferences in the documented shape, of `preferences.of_user`; then what else is known, by name."""
    others = sorted(set(known) - {_NAME, _FAVORITE, *_LISTS})
    favorite = next(iter(known.get(_FAVORITE, [])), None)
    return {_FAVORITE: favorite, **{kind: list(known.get(kind, [])) for kind in (*_LISTS, *others)}}
