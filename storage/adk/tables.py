"""ADK's tables, made in the transaction at hand, with their version."""

from sqlalchemy import Connection

from storage.adk import private
from storage.events.writes import set_version
from storage.ledger.posting import on


def make(conn: Connection) -> None:
    """Makes those that are missing, as ADK does."""
    private.make_tables(conn)
    set_version(on(conn), private.latest_version())
