"""What can be counted of a scope."""

from dataclasses import dataclass
from datetime import datetime

from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute
from storage.memory.changing import EXPIRED
from storage.memory.entries import LIVES
from storage.memory.scopes import IN_SCOPE, Scope

_BYTES = {"sqlite": "LENGTH(CAST(value AS BLOB))", "postgresql": "OCTET_LENGTH(value)"}
"""Dialect -> the bytes of a value."""
_ENTRIES = f"FROM memory_entries WHERE {IN_SCOPE} AND {LIVES}"
_DEAD = f"SELECT COUNT(*) FROM memory_entries WHERE {IN_SCOPE} AND expires_at <= :at"
_EVENTS = f"SELECT COUNT(*) FROM memory_history WHERE {IN_SCOPE}"
_SWEPT = f"SELECT COUNT(*), MAX(changed_at) FROM memory_history WHERE {IN_SCOPE} AND change = '{EXPIRED}'"


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a scope holds.

    Attributes:
        total_keys: Keys that are there.
        total_events: Changes that are in its history.
        expired_keys: Keys that have expired, as far back as the history goes.
        memory_usage_bytes: What the values take, as JSON.
        last_cleanup: When a key was removed last because it had expired; None where none was.
    """

    total_keys: int
    total_events: int
    expired_keys: int
    memory_usage_bytes: int
    last_cleanup: datetime | None


def of_scope(execute: Execute, scope: Scope, at: datetime, dialect: str) -> Statistics:
    """What a scope holds now, in a database of that dialect."""
    values = {**scope.values, "at": at}
    ((keys, size),) = execute(f"SELECT COUNT(*), COALESCE(SUM({_BYTES[dialect]}), 0) {_ENTRIES}", values)
    ((dead,),) = execute(_DEAD, values)
    ((events,),) = execute(_EVENTS, scope.values)
    ((swept, last),) = execute(_SWEPT, scope.values)
    return Statistics(int(keys), int(events), int(dead + swept), int(size), None if last is None else as_utc(last))
