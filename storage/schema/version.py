"""Our tables' version, and how a database gets to it: Alembic migrations, then the views made anew.

Alembic is imported only when there is something to migrate; it would be a tenth of a second of every start.
"""

from importlib import resources
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from storage.errors import StorageError
from storage.schema.views import create_views

MIGRATIONS = Path(str(resources.files("storage") / "migrations"))
HEAD = "0005"
"""The newest migration; a test holds it to the files in `migrations/versions`."""


def is_current(conn: Connection) -> bool:
    """Whether the database has exactly the tables of this program.

    Raises:
        StorageError: It was written by a newer version.
    """
    found = version(conn)
    if found is not None and found > HEAD:
        raise StorageError(
            f"the database is of a newer version ({found}; this program knows {HEAD})",
            "Update the program, or name another database with --db.",
        )
    return found == HEAD


def version(conn: Connection) -> str | None:
    """The migration the database is at, or None when it has none of our tables."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(conn: Connection) -> None:
    """Migrates to `HEAD` and makes the views, in the caller's transaction."""
    if is_current(conn):
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
    create_views(conn)
