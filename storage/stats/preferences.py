"""What the agents know about a user, with when and where it was stated."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.database import Database
from storage.schema.tables import preferences
from storage.scope import User


@dataclass(frozen=True, slots=True)
class HeldPreference:
    """One value of one kind."""

    kind: str
    value: str
    created_at: datetime
    session_id: str | None


async def held(database: Database, user: User) -> list[HeldPreference]:
    """All that is held of a user, by kind, the oldest first."""
    query = (
        select(preferences.c.kind, preferences.c.value, preferences.c.created_at, preferences.c.session_id)
        .where(preferences.c.app_name == user.app_name, preferences.c.user_id == user.adk_id)
        .order_by(preferences.c.kind, preferences.c.created_at, preferences.c.value)
    )
    async with database.read() as conn:
        return [HeldPreference(*row) for row in (await conn.execute(query)).all()]
