"""All that a database has of one person, deleted through SQLite: others may have it open."""

from sqlalchemy import Connection, delete, exists, inspect, or_, select

from storage.database import Database
from storage.errors import StorageError
from storage.schema.tables import preferences, sessions, shown_items, user_states
from storage.scope import User


async def begin_anew(database: Database, user: User) -> None:
    """Deletes a person's whole record, preferences included, from a database that is theirs alone.

    Raises:
        StorageError: It has a record of somebody else; nothing was deleted.
    """
    await database.write(lambda conn: _begin_anew(conn, user))


def _begin_anew(conn: Connection, user: User) -> None:
    held = [table for table in (sessions, user_states, preferences, shown_items) if inspect(conn).has_table(table.name)]
    for table in held:
        other = or_(table.c.app_name != user.app_name, table.c.user_id != user.adk_id)
        if conn.execute(select(exists().where(other))).scalar():
            raise StorageError(
                f"the database has a record of somebody else than {user.user_id!r}; nothing was deleted",
                "Name another file with --db.",
            )
    for table in held:
        conn.execute(delete(table).where(table.c.app_name == user.app_name, table.c.user_id == user.adk_id))
