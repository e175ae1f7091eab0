"""How much is remembered of a user, and shared with them, at the moment: memory has no period."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from storage.knowledge import browsing, knowledge
from storage.ledger.posting import on
from storage.memory.scopes import KINDS
from storage.scope import User


def remembered(conn: Connection, user: User, at: datetime) -> Mapping[str, int]:
    """Values that agents keep and share, facts, what was said to agents, and skills: how many of each."""
    execute, whose = on(conn), (user.tenant, user.user_id)
    return {
        "entries": browsing.count_entries(execute, *whose, KINDS, at).count,
        "facts": browsing.count(execute, knowledge.within(*whose)).count,
        "interactions": browsing.count(execute, browsing.said(*whose)).count,
        "skills": browsing.count(execute, browsing.learnt(*whose)).count,
    }
