"""The hook that keeps the ledger: it runs inside the transaction in which ADK writes an event.

`install` puts it in place, for the process and whatever its databases. `SessionService` and `LedgerPlugin` call it,
those of `adk web` and `adk run` too. A database without our tables is left alone: what was written there is caught up
when it is opened (`catchup.py`).
"""

from datetime import UTC
from typing import Any

from sqlalchemy import Connection, event, inspect

from storage.adk.private import stored_event
from storage.ledger.entries import entries
from storage.ledger.posting import on, post
from storage.process import this_process
from storage.schema.tables import turns
from storage.scope import SessionKey, TurnKey

_HAS_LEDGER = "persistent_multi_agent.ledger"


def install() -> None:
    """From now on events that ADK's own service writes in this process are in the ledger; again does nothing more."""
    if not event.contains(stored_event(), "after_insert", _keep_ledger):
        event.listen(stored_event(), "after_insert", _keep_ledger)


def _keep_ledger(_mapper: Any, conn: Connection, stored: Any) -> None:
    if stored.event_data is None or not _has_ledger(conn):
        return
    key = TurnKey(SessionKey(stored.app_name, stored.user_id, stored.session_id), stored.invocation_id)
    post(on(conn), key, [stored.timestamp.replace(tzinfo=UTC)], entries(stored.event_data), this_process())


def _has_ledger(conn: Connection) -> bool:
    """Whether the database has our tables; asked once for each connection to it."""
    if not conn.info.get(_HAS_LEDGER):
        conn.info[_HAS_LEDGER] = inspect(conn).has_table(turns.name)
    return bool(conn.info[_HAS_LEDGER])
