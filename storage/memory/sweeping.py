"""What time removes: entries that have expired, and the oldest of history and feed.

Each function does one batch in the transaction at hand, so that others wait for the write lock briefly, and says how
much it has done. What one process has removed, another one does not find: any number of them may sweep.
"""

from dataclasses import dataclass
from datetime import datetime

from storage.ledger.statements import Execute
from storage.memory.changing import EXPIRED
from storage.memory.entries import COLUMNS, Stored
from storage.memory.removing import NOBODY, remove
from storage.memory.scopes import Scope

BATCH = 100
"""Entries that one transaction removes."""
ROWS = 1000
"""Rows of history, or of the feed, that one transaction removes."""
_DUE = "FROM memory_entries WHERE expires_at <= :at"
_EXPIRED = f"SELECT tenant, scope, scope_id, user_id, {COLUMNS} {_DUE} ORDER BY expires_at LIMIT {BATCH}"


@dataclass(frozen=True, slots=True)
class Log:
    """A table that only grows, but for what is forgotten: its name, and where it has the time of a row."""

    table: str
    at: str


LOGS = (Log("memory_history", "changed_at"), Log("changes", "at"))


def is_due(execute: Execute, at: datetime) -> bool:
    """Whether an entry has expired; for a transaction that only reads."""
    return bool(execute(f"SELECT 1 {_DUE} LIMIT 1", {"at": at}))


def expire(execute: Execute, at: datetime) -> int:
    """Removes some entries that have expired."""
    rows = execute(_EXPIRED, {"at": at})
    for tenant, kind, id_, user_id, *row in rows:
        remove(execute, Scope(tenant, kind, id_, user_id), Stored.of(row), EXPIRED, NOBODY, at)
    return len(rows)


def is_old(execute: Execute, log: Log, before: datetime) -> bool:
    """Whether a log begins with rows of before then: it is in the order of the changes, and its times in that of the
    clocks of those who made them; for a transaction that only reads."""
    first = f"SELECT id, {log.at} AS at FROM {log.table} ORDER BY id LIMIT 1"
    return bool(execute(f"SELECT 1 FROM ({first}) AS first WHERE at < :before", {"before": before}))


def forget_old(execute: Execute, log: Log, before: datetime) -> int:
    """Removes some rows of before then, of those that it begins with."""
    some = f"SELECT id, {log.at} AS at FROM {log.table} ORDER BY id LIMIT {ROWS}"
    old = f"SELECT id FROM ({some}) AS first WHERE at < :before"
    return len(execute(f"DELETE FROM {log.table} WHERE id IN ({old}) RETURNING id", {"before": before}))


def too_many(execute: Execute, log: Log, most: int) -> list[tuple[str, int]]:
    """Tenants that have more rows than that, with the newest that is too many; for a transaction that only reads."""
    counted = execute(f"SELECT tenant, COUNT(*) FROM {log.table} GROUP BY tenant", {})
    tenants = [tenant for tenant, count in counted if count > most]
    newest = f"SELECT id FROM {log.table} WHERE tenant = :tenant ORDER BY id DESC LIMIT 1 OFFSET :most"
    found = ((tenant, execute(newest, {"tenant": tenant, "most": most})) for tenant in tenants)
    return [(tenant, rows[0][0]) for tenant, rows in found if rows]


def forget_up_to(execute: Execute, log: Log, tenant: str, newest: int) -> int:
    """Removes some of a tenant's rows up to one."""
    return _forget(execute, log, "tenant = :tenant AND id <= :newest ORDER BY id", {"tenant": tenant, "newest": newest})


def _forget(execute: Execute, log: Log, where: str, values: dict[str, object]) -> int:
    some = f"SELECT id FROM {log.table} WHERE {where} LIMIT {ROWS}"
    return len(execute(f"DELETE FROM {log.table} WHERE id IN ({some}) RETURNING id", values))
