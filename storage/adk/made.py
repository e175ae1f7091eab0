"""A session that ADK's `create_session` has made: it is in the ledger before its first event.

What the state that it was given says of its user, in the documented shape, becomes a part of the preferences in the
transaction in which the ledger learns of the session, and never again: what the user says later stands.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection

from storage.ledger.posting import begin_session, on
from storage.preference_kinds import DOCUMENTED, PreferenceKind
from storage.queries.preferences import take
from storage.queries.session_document import stated, states
from storage.scope import SessionKey

Kinds: TypeAlias = Callable[[], Sequence[PreferenceKind]]
"""Gives the kinds of preferences; asked only when a state says something."""


def documented() -> Sequence[PreferenceKind]:
    """The kinds of the documented shape, in which any agent may be the favorite one."""
    return DOCUMENTED


def know(conn: Connection, key: SessionKey, at: datetime, given: Sequence[Mapping[str, Any]], kinds: Kinds) -> None:
    """Puts a session into the ledger that is not there yet.

    Args:
        conn: In a transaction.
        key: The session.
        at: When it was made.
        given: What its state says, and what that of its user does; the first that tells a name stands.
        kinds: The kinds of preferences that are taken.
    """
    begin_session(on(conn), key, at)
    for state in filter(states, given):
        take(conn, key, stated(state, kinds()), at)
