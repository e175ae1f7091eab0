"""What a file is, before anything is written to it: a record of ours, a database of ADK's, or something else.

It is asked through SQLite, which only reads. ADK has three kinds of files. The tables of its `DatabaseSessionService`
are those that we add ours to; the other two have tables of the same names and other columns, and are imported.
"""

import shlex
import sqlite3
from contextlib import closing
from enum import Enum
from pathlib import Path

import launch
from storage.adk.words import SCHEMA_VERSION
from storage.errors import StorageError

_OURS = {"alembic_version", "turns", "preferences", "session_info"}
_ADK = {"sessions", "events"}
_NAMED = 3
"""How many of its tables another program's database is told by."""


class Kind(Enum):
    """What a file is.

    `ADK` is a database of ADK's `DatabaseSessionService`, `ADK_PICKLED` one of its first schema, `ADK_SQLITE` one of
    its `SqliteSessionService`.
    """

    EMPTY = "empty"
    OURS = "ours"
    ADK = "adk"
    ADK_PICKLED = "adk pickled"
    ADK_SQLITE = "adk sqlite"
    OTHER = "other"


_MADE_BY = {
    Kind.ADK_PICKLED: "{} was made by an old version of ADK",
    Kind.ADK_SQLITE: "{} was made by ADK's SqliteSessionService",
}


def kind_of(connection: sqlite3.Connection) -> Kind:
    """What the database is that a connection is open on.

    Raises:
        sqlite3.Error: It cannot be read, or is no database.
    """
    tables = _tables(connection)
    if tables >= _ADK:
        columns = {str(row[1]) for row in connection.execute("PRAGMA table_info(events)")}
        if "actions" in columns and "event_data" not in columns:
            return Kind.ADK_PICKLED
        if "event_data" in columns:
            return Kind.ADK if "adk_internal_metadata" in tables else Kind.ADK_SQLITE
    if tables >= _OURS:
        return Kind.OURS
    if tables or connection.execute("PRAGMA application_id").fetchone()[0]:
        return Kind.OTHER
    return Kind.EMPTY


def refuse_foreign(file: Path, address: str, busy_timeout: float) -> None:
    """Raises StorageError, in one line, when the file is none that our tables belong in; it is left as it is.

    Args:
        file: What a person calls it.
        address: SQLite's own address of it.
        busy_timeout: Seconds to wait for others to let go of it.
    """
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=busy_timeout)) as connection:
            kind = kind_of(connection)
            version = _adk_version(connection) if kind is Kind.ADK else None
            tables = sorted(filter(_is_plain, _tables(connection)))[:_NAMED]
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_NOTADB:
            raise
        raise StorageError(f"{file} is not a database", "Name another file with --db.") from error
    if kind in _MADE_BY:
        command = f"{launch.command()} sessions import --from-adk {shlex.quote(str(file))}"
        raise StorageError(_MADE_BY[kind].format(file), f"Read its sessions into a record of yours with: {command}")
    if kind is Kind.OTHER:
        named = f" (tables {', '.join(tables)})" if tables else ""
        raise StorageError(f"{file} is a database of another program{named}", "Name another file with --db.")
    if version not in (None, SCHEMA_VERSION):
        raise StorageError(f"{file} was made by a newer version of ADK", "Name another file with --db.")


def _tables(connection: sqlite3.Connection) -> set[str]:
    named = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    return {str(row[0]) for row in connection.execute(named)}


def _adk_version(connection: sqlite3.Connection) -> str | None:
    found = connection.execute("SELECT value FROM adk_internal_metadata WHERE key = 'schema_version'").fetchone()
    return str(found[0]) if found else None


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isidentifier()
