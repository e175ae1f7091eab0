"""The documented session state: assembled from the ledger, in exactly the shape that `state --json` prints."""

from typing import Any

from storage.database import Database
from storage.queries import preferences, turns
from storage.queries.sessions import SessionInfo
from storage.scope import SessionKey

_ALL = 1_000_000
"""The state document is whole: it is the one list that is not paged."""


async def document(database: Database, key: SessionKey, info: SessionInfo) -> dict[str, Any]:
    """The five keys of a session's state; lists are oldest first, times ISO 8601 in UTC."""
    known = await preferences.of_user(database, key.user)
    history = await turns.history(database, key, limit=_ALL)
    handed_over = await turns.recent_delegations(database, key.user, limit=_ALL, session_id=key.session_id)
    return {
        "user_name": next(iter(known.get(preferences.USER_NAME, [])), key.user_id),
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


def preference_document(known: dict[str, list[str]]) -> dict[str, Any]:
    """A user's preferences in the documented shape, of `preferences.of_user`."""
    return {
        "favorite_agent": next(iter(known.get(preferences.FAVORITE_AGENT, [])), None),
        "joke_preferences": known.get(preferences.JOKE_PREFERENCES, []),
        "stock_watchlist": known.get(preferences.STOCK_WATCHLIST, []),
        "nerd_topics": known.get(preferences.NERD_TOPICS, []),
    }
