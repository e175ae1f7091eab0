"""The hook that keeps the ledger: it runs inside the transaction in which ADK writes an event, or makes a session.

`install` puts it in place, for the process and whatever its databases. `SessionService` and `LedgerPlugin` call it,
those of `adk web` and `adk run` too. A database without our tables is left alone: what was written there is caught up
when it is opened (`catchup.py`).
"""

from datetime import UTC
from typing import Any

from sqlalchemy import Connection, event, inspect

from storage.adk.made import documented, know
from storage.adk.private import given_to_user, kinds_of, stored_event, stored_session
from storage.ledger.entries import entries
from storage.ledger.posting import on, post
from storage.process import this_process
from storage.schema.tables import turns
from storage.scope import SessionKey, TurnKey

_HAS_LEDGER = "persistent_multi_agent.ledger"


def install() -> None:
    """From now on what ADK's own service writes in this process is in the ledger; again does nothing more."""
    for stored, keep in ((stored_event(), _keep_ledger), (stored_session(), _keep_session)):
        if not event.contains(stored, "after_insert", keep):
            event.listen(stored, "after_insert", keep)


def _keep_ledger(_mapper: Any, conn: Connection, stored: Any) -> None:
    if stored.event_data is None or not _has_ledger(conn):
        return
    key = TurnKey(SessionKey(stored.app_name, stored.user_id, stored.session_id), stored.invocation_id)
    post(on(conn), key, [stored.timestamp.replace(tzinfo=UTC)], entries(stored.event_data), this_process())


def _keep_session(_mapper: Any, conn: Connection, stored: Any) -> None:
    if _has_ledger(conn):
        key = SessionKey(stored.app_name, stored.user_id, stored.id)
        given = (stored.state, given_to_user(stored))
        know(conn, key, stored.create_time.replace(tzinfo=UTC), given, kinds_of(stored) or documented)


def _has_ledger(conn: Connection) -> bool:
    """Whether the database has our tables; asked once for each connection to it."""
    if not conn.info.get(_HAS_LEDGER):
        conn.info[_HAS_LEDGER] = inspect(conn).has_table(turns.name)
    return bool(conn.info[_HAS_LEDGER])
