"""Entries that go: deleted, cleaned up, expired. Their values go with them, out of their history too.

All of it is one transaction: nobody sees an entry that is gone with values in its history, or the other way round.
"""

import json
from datetime import datetime

from storage.ledger.statements import Execute
from storage.memory import history
from storage.memory.changing import DELETED, EXPIRED
from storage.memory.entries import COLUMNS, FIND, Stored
from storage.memory.scopes import IN_SCOPE, Scope

NOBODY = ""
"""Who removes what has expired."""
_DELETE = f"DELETE FROM memory_entries WHERE {IN_SCOPE}"
_EXPIRED = f"SELECT {COLUMNS} FROM memory_entries WHERE {IN_SCOPE} AND expires_at <= :at ORDER BY key"
_COUNT = f"SELECT COUNT(*) FROM memory_entries WHERE {IN_SCOPE}"
_TELL_HISTORY = (
    "INSERT INTO memory_history (tenant, user_id, scope, scope_id, key, version, change, value, redacted, changed_by,"
    " changed_at) SELECT tenant, user_id, scope, scope_id, key, version, :change, NULL, :redacted, :by, :at"
    f" FROM memory_entries WHERE {IN_SCOPE} ORDER BY key"
)
_NEWEST = "SELECT COALESCE(MAX(id), 0) FROM memory_history"
_TELL_FEED = (
    "INSERT INTO changes (tenant, user_id, topic, key, kind, facts, at)"
    " SELECT tenant, user_id, :topic, key, change, CAST(:before AS TEXT) || CAST(version AS TEXT)"
    " || CAST(:between AS TEXT) || CAST(id AS TEXT) || '}', changed_at"
    f" FROM memory_history WHERE {IN_SCOPE} AND id > :newest ORDER BY id"
)


def delete(execute: Execute, scope: Scope, key: str, by: str, at: datetime) -> bool:
    """Removes one entry; returns whether it was there."""
    found = present(execute, scope, key, at)
    if found is None:
        return False
    remove(execute, scope, found, DELETED, by, at)
    return True


def present(execute: Execute, scope: Scope, key: str, at: datetime) -> Stored | None:
    """The entry that is there; one that has expired is removed first."""
    rows = execute(FIND, {**scope.values, "key": key})
    found = Stored.of(rows[0]) if rows else None
    if found is None or found.lives(at):
        return found
    remove(execute, scope, found, EXPIRED, NOBODY, at)
    return None


def remove(execute: Execute, scope: Scope, stored: Stored, change: str, by: str, at: datetime) -> None:
    """Removes an entry that is known to be there, and its values."""
    execute(f"{_DELETE} AND key = :key", {**scope.values, "key": stored.key})
    history.blank(execute, scope, stored.key)
    history.record(execute, scope, stored.key, stored.version, change, None, by, at)


def cleanup(execute: Execute, scope: Scope, by: str, at: datetime) -> int:
    """Removes all entries of a scope, in a few statements however many there are; returns how many were there."""
    for row in execute(_EXPIRED, {**scope.values, "at": at}):
        remove(execute, scope, Stored.of(row), EXPIRED, NOBODY, at)
    ((count,),) = execute(_COUNT, scope.values)
    if count:
        history.blank(execute, scope)
        _tell(execute, scope, by, at)
        execute(_DELETE, scope.values)
    return int(count)


def _tell(execute: Execute, scope: Scope, by: str, at: datetime) -> None:
    """As `history.record` for each of them."""
    ((newest,),) = execute(_NEWEST, {})
    execute(_TELL_HISTORY, {**scope.values, "change": DELETED, "redacted": True, "by": by, "at": at})
    name, agent = (json.dumps(text, ensure_ascii=False) for text in (scope.id, by))
    facts = {"before": f'{{"scope_id":{name},"version":', "between": f',"agent":{agent},"history":'}
    execute(_TELL_FEED, {**scope.values, **facts, "topic": scope.topic, "newest": newest})
