"""The history of entries: one row a change, added and never changed, but that its value goes with the entry's.

What is deleted, cleaned up or expired leaves its rows without values: that something was there is known, what it was is
not. Each change is told to the feed, which names its row here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute
from storage.memory import feed
from storage.memory.keys import Condition
from storage.memory.scopes import IN_SCOPE, Scope
from storage.memory.values import decoded

_ADD = (
    "INSERT INTO memory_history (tenant, user_id, scope, scope_id, key, version, change, value, redacted, changed_by,"
    " changed_at) VALUES (:tenant, :user_id, :scope, :scope_id, :key, :version, :change, :value, :redacted, :by, :at)"
)
_BLANK = f"UPDATE memory_history SET value = NULL, redacted = :yes WHERE {IN_SCOPE} AND value IS NOT NULL"
_BLANK_KEY = f"{_BLANK} AND key = :key"
_COLUMNS = "id, key, version, change, value, redacted, changed_by, changed_at"
_OF_SCOPE = f"SELECT {_COLUMNS} FROM memory_history WHERE {IN_SCOPE}"


@dataclass(frozen=True, slots=True)
class Past:
    """One change of an entry.

    Attributes:
        id: Its number; later changes have greater ones.
        version: The entry's after the change; of one that is gone, its last.
        change: `created`, `updated`, `incremented`, `appended`, `extended`, `merged`, `deleted` or `expired`.
        value: The new value; of `appended`, `extended` and `merged` what was added.
        redacted: Whether the value was removed, because the entry was.
        by: The agent that changed it; empty where nobody did.
    """

    id: int
    scope: Scope
    key: str
    version: int
    change: str
    value: Any
    redacted: bool
    by: str
    at: datetime


def record(
    execute: Execute, scope: Scope, key: str, version: int, change: str, value: str | None, by: str, at: datetime
) -> None:
    """Keeps one change, and tells the feed; without a value, where it is gone."""
    execute(
        _ADD,
        {
            **scope.values,
            "key": key,
            "version": version,
            "change": change,
            "value": value,
            "redacted": value is None,
            "by": by,
            "at": at,
        },
    )
    facts = {"scope_id": scope.id, "version": version, "agent": by}
    feed.post_with_history(execute, scope.tenant, scope.user_id, scope.topic, key, change, facts, at)


def blank(execute: Execute, scope: Scope, key: str | None = None) -> None:
    """Removes the values of a key, or of all keys of the scope."""
    named = {} if key is None else {"key": key}
    execute(_BLANK if key is None else _BLANK_KEY, {**scope.values, "yes": True, **named})


def after(execute: Execute, scope: Scope, key: str | None, after_id: int, limit: int) -> list[Past]:
    """The changes after one, oldest first; of one key or of all."""
    named = {} if key is None else {"key": key}
    which = "" if key is None else " AND key = :key"
    rows = execute(
        f"{_OF_SCOPE}{which} AND id > :after ORDER BY id LIMIT :limit",
        {**scope.values, "after": after_id, "limit": limit, **named},
    )
    return [_past(scope, row) for row in rows]


def last(execute: Execute, scope: Scope, keys: Condition, since: datetime | None, limit: int) -> list[Past]:
    """The newest changes of some keys, and later than a time where one is given; the oldest of them first."""
    where, named = keys
    later, times = ("", {}) if since is None else (" AND changed_at > :since", {"since": since})
    values = {**scope.values, **named, **times, "limit": limit}
    rows = execute(f"{_OF_SCOPE}{where}{later} ORDER BY id DESC LIMIT :limit", values)
    return [_past(scope, row) for row in reversed(rows)]


def numbered(execute: Execute, scope: Scope, numbers: Sequence[int]) -> dict[int, Past]:
    """Those of some changes that are still kept, by their numbers."""
    if not numbers:
        return {}
    names = {f"id{position}": number for position, number in enumerate(numbers)}
    rows = execute(
        f"{_OF_SCOPE} AND id IN ({', '.join(f':{each}' for each in names)})",
        {**scope.values, **names},
    )
    return {row[0]: _past(scope, row) for row in rows}


def _past(scope: Scope, row: Sequence[Any]) -> Past:
    number, key, version, change, value, redacted, by, at = row
    found = None if value is None else decoded(value)
    return Past(number, scope, key, version, change, found, bool(redacted), by, as_utc(at))
