"""Our tables' version, and how a database gets to it: Alembic migrations, then the views made anew.

A version first adds, and a later one takes away: beside its version a database keeps the oldest one whose program may
go on working with it. So a program works with tables that are newer than itself, and leaves them as they are.

Alembic is imported only when there is something to migrate; it would be a tenth of a second of every start.
"""

from importlib import resources
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from storage.errors import StorageError
from storage.schema.views import create_views

MIGRATIONS = Path(str(resources.files("storage") / "migrations"))
HEAD = "0008"
"""The newest migration; a test holds it to the files in `migrations/versions`."""


def is_current(conn: Connection) -> bool:
    """Whether the database has the tables of this program, or newer ones that it may go on working with.

    Raises:
        StorageError: A newer version has made the tables, and this one may not.
    """
    found = version(conn)
    if found is None or found <= HEAD:
        return found == HEAD
    oldest = conn.execute(text("SELECT compatible_from FROM schema_info")).scalar()
    if oldest is None or oldest > HEAD:
        raise StorageError(
            f"the database is of a newer version ({found}; this program knows {HEAD})",
            "Update the program, or name another database with --db.",
        )
    return True


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
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    command.upgrade(config, HEAD)
    newest = ScriptDirectory.from_config(config).get_revision(HEAD)
    conn.execute(text("DELETE FROM schema_info"))
    conn.execute(text("INSERT INTO schema_info VALUES (:oldest)"), {"oldest": newest.module.compatible_from})
    create_views(conn)
