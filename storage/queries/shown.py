"""What a user has been shown, so that an agent does not tell the same joke twice before the others had their turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, delete, insert, select

from storage.database import Database
from storage.schema.tables import shown_items
from storage.scope import User


@dataclass(frozen=True, slots=True)
class Pick:
    """The item to show, how many of the collection are left after it, and whether it began anew."""

    item: str
    remaining: int
    restarted: bool


async def pick(database: Database, user: User, collection: str, candidates: Sequence[str]) -> Pick:
    """Takes the first candidate not shown to the user yet; when all were, forgets that and starts over.

    Raises:
        ValueError: There are no candidates.
    """
    if not candidates:
        raise ValueError(f"nothing to pick from in {collection!r}")
    mine = and_(
        shown_items.c.app_name == user.app_name,
        shown_items.c.user_id == user.adk_id,
        shown_items.c.collection == collection,
    )

    def pick(conn: Connection) -> Pick:
        seen = set(conn.execute(select(shown_items.c.item).where(mine)).scalars())
        fresh = [item for item in candidates if item not in seen]
        if restarted := not fresh:
            conn.execute(delete(shown_items).where(mine))
            fresh = list(candidates)
        conn.execute(
            insert(shown_items).values(
                app_name=user.app_name,
                user_id=user.adk_id,
                collection=collection,
                item=fresh[0],
                shown_at=datetime.now(UTC),
            )
        )
        return Pick(fresh[0], len(fresh) - 1, restarted)

    return await database.write(pick)


async def last(database: Database, user: User, prefix: str) -> tuple[str, str] | None:
    """The collection and item shown last, of the collections that begin with `prefix`."""
    query = (
        select(shown_items.c.collection, shown_items.c.item)
        .where(
            shown_items.c.app_name == user.app_name,
            shown_items.c.user_id == user.adk_id,
            shown_items.c.collection.startswith(prefix, autoescape=True),
        )
        .order_by(shown_items.c.shown_at.desc())
        .limit(1)
    )
    async with database.read() as conn:
        row = (await conn.execute(query)).first()
    return (row[0], row[1]) if row else None
