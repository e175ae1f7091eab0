"""The documented session state: assembled from the ledger, in exactly the shape that `state --json` prints, and read
where another program has given it to ADK."""

from collections.abc import Mapping, Sequence
from typing import Any

from storage.database import Database
from storage.preference_kinds import PreferenceKind
from storage.queries import preferences, turns
from storage.queries.sessions import SessionInfo
from storage.scope import SessionKey, User

_NAME, _PREFERENCES, _FAVORITE = "user_name", "user_preferences", "favorite_agent"
_LISTS = ("joke_preferences", "stock_watchlist", "nerd_topics")
"""The kinds of preferences that the documented shape names; others follow them, each as a list."""
_MOST_STATED = 100
"""Values of a kind that are read of a state."""
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


def states(state: Mapping[str, Any]) -> bool:
    """Whether a state says anything of its user in the documented shape."""
    return bool(state.get(_NAME) or state.get(_PREFERENCES))


def stated(state: Mapping[str, Any], kinds: Sequence[PreferenceKind]) -> list[tuple[PreferenceKind, list[str]]]:
    """What a state in the documented shape says of its user, as it is kept; what is not valid is left out."""
    held = state.get(_PREFERENCES)
    given = {**(held if isinstance(held, Mapping) else {}), _NAME: state.get(_NAME)}
    found = [(kind, _kept(kind, given.get(kind.name))) for kind in kinds]
    return [(kind, values) for kind, values in found if values]


def _kept(kind: PreferenceKind, value: Any) -> list[str]:
    values = value[:_MOST_STATED] if isinstance(value, list) and not kind.single else [value]
    kept: dict[str, None] = {}
    for each in values:
        try:
            kept |= {kind.kept(each): None} if isinstance(each, str) else {}
        except ValueError:  # it is none of this kind
            continue
    return list(kept)
