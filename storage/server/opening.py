"""A database of PostgreSQL: how it is opened, and what may not be in it.

The server may be anybody's, and others may have tables in the same database: those are left alone, unless they are
called as ours are. A password is in no message.
"""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import URL, Connection, inspect, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

import launch
from storage.adk.words import OBJECTS, SCHEMA_VERSION
from storage.dialects import masked
from storage.errors import StorageError
from storage.ledger.posting import as_utc
from storage.schema import version
from storage.schema.declared import metadata
from storage.schema.views import VIEWS

_DRIVERS = ("postgres", "postgresql", "postgresql+psycopg")
_GIVE = "Give postgresql://USER:PASSWORD@HOST/DATABASE."
_OURS = {"alembic_version", "turns", "preferences", "session_info"}
_ADK = set(OBJECTS)
_ANOTHER = "Name another database, or a schema of its own with ?options=-csearch_path%3DSCHEMA at the end of the URL."
_OLDEST = (13,)
_NAMED = 3
"""How many of its tables another program's database is told by."""
_CONNECTING = {
    "connect_timeout": "10",
    "client_encoding": "utf8",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
"""What libpq is told, unless the URL says otherwise: who does not answer is given up."""
_KEPT = 1
"""Connections that the engine keeps open when nobody uses them: what is read there is long."""
READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""A transaction that sees one consistent state, and changes nothing."""

CLOCK = "clock_timestamp() AT TIME ZONE 'UTC'"
"""The server's time, as its tables keep times."""


class Clock:
    """The server's time, by which all go who write there: as it was told last, and what has passed since by a clock
    that nobody sets. It is told with each transaction that writes, and costs no question of its own."""

    def __init__(self) -> None:
        self._told, self._since = datetime.now(UTC), _passed()

    def tell(self, at: datetime) -> None:
        """Takes the server's time, just read."""
        self._told, self._since = as_utc(at), _passed()

    def now(self) -> datetime:
        """The time."""
        return self._told + timedelta(seconds=_passed() - self._since)


def _passed() -> float:
    """Seconds of a clock that goes on while the machine sleeps, where it has one."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def engine(url: str, busy_timeout: float) -> AsyncEngine:
    """The engine for a URL; nothing is connected yet.

    Raises:
        StorageError: The URL is none of PostgreSQL, or its driver is not installed.
    """
    address = _address(url)
    try:
        from psycopg import AsyncClientCursor
    except ImportError as error:
        install = launch.pip_install("psycopg[binary]")
        raise StorageError("PostgreSQL needs psycopg, which is not installed", f"Install it with: {install}") from error
    told = {name: value for name, value in _CONNECTING.items() if name not in address.query}
    # A parameter is sent as it would be written: a statement may use it in several places, as several types, as SQLite
    # has it.
    how = {**told, "cursor_factory": AsyncClientCursor}
    return create_async_engine(
        address, connect_args=how, pool_size=_KEPT, pool_timeout=busy_timeout, pool_pre_ping=True
    )


def told(address: URL) -> dict[str, Any]:
    """What the driver is told for a connection without an engine, to the same database as one with that URL."""
    from psycopg import ClientCursor

    _, named = address.set(drivername="postgresql+psycopg").get_dialect()().create_connect_args(address)
    return {**_CONNECTING, **named, "cursor_factory": ClientCursor}


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StorageError(f"not a database URL: {masked(url)}", _GIVE) from error
    if address.drivername.lower() not in _DRIVERS:
        raise StorageError(f"{address.drivername} is not supported", _GIVE)
    return address.set(drivername="postgresql+psycopg")


def time_of(conn: Connection) -> datetime:
    """The server's time."""
    return as_utc(conn.execute(text(f"SELECT {CLOCK}")).scalar_one())


def refuse_foreign(conn: Connection, name: str) -> None:
    """Raises StorageError, in one line, when our tables do not belong in the database; it is left as it is.

    Args:
        conn: A connection to it.
        name: What a person calls it.
    """
    _refuse_unfit(conn, name)
    found = set(inspect(conn).get_table_names()) | set(inspect(conn).get_view_names())
    if found >= _OURS:
        return
    adks = _refuse_other_adk(conn, name, found)
    others = sorted(found & {"alembic_version", *metadata.tables, *VIEWS, *(() if adks else _ADK)})[:_NAMED]
    if others:
        raise StorageError(f"{name} is a database of another program (tables {', '.join(others)})", _ANOTHER)


def _refuse_unfit(conn: Connection, name: str) -> None:
    if (conn.dialect.server_version_info or _OLDEST) < _OLDEST:
        raise StorageError(f"{name} is a PostgreSQL older than {_OLDEST[0]}", "Use a newer one.")
    encoding, schema = conn.execute(text("SELECT current_setting('server_encoding'), current_schema()")).one()
    if encoding != "UTF8":
        raise StorageError(f"{name} keeps texts as {encoding}", "Make a database with ENCODING 'UTF8'.")
    if schema is None:
        raise StorageError(f"{name} has no schema that its search_path names", "Make one, or name another.")


def _refuse_other_adk(conn: Connection, name: str, found: set[str]) -> bool:
    """Whether tables are there that ADK has made as ours refer to them."""
    if "adk_internal_metadata" not in found:
        return False
    made = conn.execute(text("SELECT value FROM adk_internal_metadata WHERE key = 'schema_version'")).scalar()
    if made not in (None, SCHEMA_VERSION):
        raise StorageError(f"{name} was made by a newer version of ADK", _ANOTHER)
    return True


def load_adk() -> None:
    """Imports what `upgrade` needs, which takes too long for a transaction."""
    from storage.adk import tables  # noqa: F401


def upgrade(conn: Connection) -> None:
    """As `version.upgrade`; ADK's tables are made first, to which ours refer: here that must be there."""
    from storage.adk import tables

    conn.execute(text("SET LOCAL statement_timeout = 0"))  # all that is there may have to be written anew
    tables.make(conn)
    version.upgrade(conn)
