"""Entries as they are read: one value under one key of a scope. One that has expired is not there.

What is read within a transaction that writes stays the text that it is (`Stored`); whoever asked makes the value of it
outside, and it is a copy of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, NamedTuple, Self, TypeVar

from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute
from storage.memory.keys import within
from storage.memory.scopes import IN_SCOPE, Scope
from storage.memory.values import decoded

Item = TypeVar("Item")

COLUMNS = "key, value, version, strategy, metadata, created_at, created_by, updated_at, updated_by, expires_at"
LIVES = "(expires_at IS NULL OR expires_at > :at)"
"""What holds for entries that are there."""
_IN = f"FROM memory_entries WHERE {IN_SCOPE}"
FIND = f"SELECT {COLUMNS} {_IN} AND key = :key"
"""An entry, though it has expired."""
_GET = f"{FIND} AND {LIVES}"
_SOME = 250
"""Keys that one statement asks for."""
MOST = 1000
"""Entries or keys that are given at once."""


class Stored(NamedTuple):
    """A row of an entry; value and metadata as JSON."""

    key: str
    value: str
    version: int
    strategy: str
    metadata: str
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    expires_at: datetime | None

    @classmethod
    def of(cls, row: Sequence[Any]) -> Self:
        """As a statement has returned it."""
        key, value, version, strategy, metadata, created_at, created_by, updated_at, updated_by, expires_at = row
        expires = None if expires_at is None else as_utc(expires_at)
        made, changed = as_utc(created_at), as_utc(updated_at)
        return cls(key, value, version, strategy, metadata, made, created_by, changed, updated_by, expires)

    def lives(self, at: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires_at is None or self.expires_at > at


@dataclass(frozen=True, slots=True)
class Entry:
    """One value, and what is known of it. The value is a copy: changing it changes nothing else.

    Attributes:
        version: 1 when it is created, one more with each change; one that was deleted or has expired begins again.
        strategy: How it was created: later writers cannot ask for less.
        metadata: What its writers say of it.
        expires_at: From when on it is not there; None for never.
    """

    scope: Scope
    key: str
    value: Any
    version: int
    strategy: str
    metadata: dict[str, Any]
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    expires_at: datetime | None

    @classmethod
    def of(cls, scope: Scope, stored: Stored) -> Self:
        """The entry of a row."""
        key, value, version, strategy, metadata, created_at, created_by, updated_at, updated_by, expires_at = stored
        created, updated = (created_at, created_by), (updated_at, updated_by)
        return cls(scope, key, decoded(value), version, strategy, decoded(metadata), *created, *updated, expires_at)


class Page(list[Item], Generic[Item]):
    """Some of what there is, in order.

    Attributes:
        next: The key to go on `after`; None when nothing follows.
    """

    def __init__(self, items: Sequence[Item], next: str | None = None) -> None:
        super().__init__(items)
        self.next = next


def get(execute: Execute, scope: Scope, key: str, at: datetime) -> Stored | None:
    """One entry."""
    rows = execute(_GET, {**scope.values, "key": key, "at": at})
    return Stored.of(rows[0]) if rows else None


def get_many(execute: Execute, scope: Scope, keys: Sequence[str], at: datetime) -> list[Stored]:
    """Those entries that are there."""
    found: list[Stored] = []
    for first in range(0, len(keys), _SOME):
        names = {f"key{number}": key for number, key in enumerate(keys[first : first + _SOME])}
        listed = ", ".join(f":{each}" for each in names)
        values = {**scope.values, "at": at, **names}
        found += map(Stored.of, execute(f"SELECT {COLUMNS} {_IN} AND key IN ({listed}) AND {LIVES}", values))
    return found


def page(
    execute: Execute, scope: Scope, at: datetime, prefix: str = "", after: str | None = None, limit: int | None = None
) -> list[Stored]:
    """The entries whose keys begin so and come after one, in order of their keys; all of them without a limit."""
    return [Stored.of(row) for row in _rows(COLUMNS, execute, scope, at, prefix, after, limit)]


def keys(
    execute: Execute, scope: Scope, at: datetime, prefix: str = "", after: str | None = None, limit: int | None = None
) -> list[str]:
    """The keys of the same."""
    return [row[0] for row in _rows("key", execute, scope, at, prefix, after, limit)]


def count(execute: Execute, scope: Scope, at: datetime, prefix: str = "") -> int:
    """How many there are."""
    where, values = within(prefix)
    ((found,),) = execute(f"SELECT COUNT(*) {_IN}{where} AND {LIVES}", {**scope.values, "at": at, **values})
    return int(found)


def _rows(
    columns: str, execute: Execute, scope: Scope, at: datetime, prefix: str, after: str | None, limit: int | None
) -> Sequence[Sequence[Any]]:
    where, named = within(prefix, after)
    most, values = ("", {}) if limit is None else (" LIMIT :limit", {"limit": limit})
    return execute(
        f"SELECT {columns} {_IN}{where} AND {LIVES} ORDER BY key{most}", {**scope.values, "at": at, **named, **values}
    )
