"""The one store of memory: entries by scope and key, over the database that holds everything else.

Each method is one visit to the database, and each that writes is one transaction that holds the database's write lock
from its beginning: what it reads is what it changes, however many processes write. Values are made to JSON and back
outside of it. No lock is held while a caller's function runs (`change`).

An outage is raised, and is never mistaken for what is absent: `None` where nothing is, an entry whose value is `None`
where null was kept. What is refused is a `MemoryRefusedError`; nothing was changed then.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from inspect import isawaitable
from typing import Any, TypeAlias, TypeVar

from memory.visit import visit
from storage.database import Database
from storage.ledger.statements import Execute
from storage.memory import arguments, changing, entries, history, removing, statistics, writing
from storage.memory.changing import Number, Operation
from storage.memory.entries import Entry, Page, Stored
from storage.memory.errors import BadValueError, ConflictError, TooLargeError
from storage.memory.history import Past
from storage.memory.keys import matching
from storage.memory.scopes import Scope, name
from storage.memory.scopes import key as checked_key
from storage.memory.scopes import prefix as checked_prefix
from storage.memory.statistics import Statistics
from storage.memory.values import decoded, encoded, encoded_dict
from storage.memory.writing import KEEP, LAST_WRITE_WINS, Keep, Terms

Result = TypeVar("Result")
Function: TypeAlias = Callable[[Any], Any | Awaitable[Any]]
"""From a value to the one that takes its place."""

Items: TypeAlias = list[Any]
"""A list, by a name of its own: the store has a method that is called so."""
Pasts: TypeAlias = list[Past]

TRIES = 200
"""How often `change` begins anew when others were quicker."""
_LONGEST_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Written:
    """What has come of `set`.

    Attributes:
        entry: What stands now.
        applied: Whether it is what was written; not, when a first writer has won.
    """

    entry: Entry
    applied: bool


class Store:
    """Entries of a database. Every method begins with the scope; who writes is `by`, an agent."""

    def __init__(self, database: Database, *, now: Callable[[], datetime] | None = None) -> None:
        """Args: where they are, and the clock by which they expire; the database's when left out."""
        self.database = database
        self.now = now or database.now

    async def get(self, scope: Scope, key: str) -> Entry | None:
        """One entry; None when it is not there."""
        checked_key(key)
        found = await self._do(lambda execute: entries.get(execute, scope, key, self.now()))
        return Entry.of(scope, found) if found else None

    async def get_many(self, scope: Scope, keys: Sequence[str]) -> dict[str, Entry]:
        """Those of some entries that are there, in the order of `keys`."""
        wanted = list(dict.fromkeys(map(checked_key, keys)))
        _refuse_many(len(wanted))
        found = await self._do(lambda execute: entries.get_many(execute, scope, wanted, self.now()))
        there = {stored.key: Entry.of(scope, stored) for stored in found}
        return {key: there[key] for key in wanted if key in there}

    async def list(self, scope: Scope, prefix: str = "", limit: int = 100, after: str | None = None) -> Page[Entry]:
        """Entries in the order of their keys: those that begin with `prefix`, `after` a key."""
        _check_page(prefix, limit, after)
        rows = await self._do(lambda do: entries.page(do, scope, self.now(), prefix, after, limit + 1))
        following = rows[limit - 1].key if len(rows) > limit else None
        return Page([Entry.of(scope, stored) for stored in rows[:limit]], following)

    async def keys(self, scope: Scope, prefix: str = "", limit: int = 100, after: str | None = None) -> Page[str]:
        """The keys of the same."""
        _check_page(prefix, limit, after)
        found = await self._do(lambda do: entries.keys(do, scope, self.now(), prefix, after, limit + 1))
        return Page(found[:limit], found[limit - 1] if len(found) > limit else None)

    async def snapshot(self, scope: Scope) -> dict[str, Any]:
        """All keys and values of one moment."""
        found = await self._do(lambda execute: entries.page(execute, scope, self.now()))
        return {stored.key: decoded(stored.value) for stored in found}

    async def count(self, scope: Scope, prefix: str = "") -> int:
        """How many there are."""
        checked_prefix(prefix)
        return await self._do(lambda execute: entries.count(execute, scope, self.now(), prefix))

    async def set(
        self,
        scope: Scope,
        key: str,
        value: Any,
        *,
        by: str,
        strategy: str = LAST_WRITE_WINS,
        deep: bool = False,
        expected_version: int | None = None,
        ttl_seconds: float | Keep | None = KEEP,
        metadata: Mapping[str, Any] | Keep = KEEP,
    ) -> Written:
        """Creates an entry, or writes over it.

        Args:
            scope: Whose.
            key: What it is called.
            value: Anything that JSON has.
            by: Who writes.
            strategy: What is to be done when it is there: `last_write_wins` replaces it, `first_write_wins` leaves it,
                `merge` puts the fields of one dict over those of another (and replaces what is no dict), `reject`
                raises. An entry keeps the strategy that it was created with, and the stricter of the two holds: what
                was created with `merge` is merged, with `first_write_wins` left and with `reject` refused, whatever a
                later writer asks for, with an expected version or without. It can be deleted.
            deep: Whether dicts within dicts are merged too.
            expected_version: Write only when it has this version, 0 for when it is not there. An entry that was
                deleted, or has expired, begins at 1 again.
            ttl_seconds: When it expires; None for never. Without, a new entry never does, and one that is there goes
                on as it was.
            metadata: What is said of it, a dict. Without, what was said of it holds.

        Raises:
            ConflictError: It is there and must not be, or has another version.
            TooLargeError, BadNameError, BadValueError: It cannot be kept.
        """
        terms = _terms(by, strategy, expected_version, ttl_seconds, metadata)
        operation = changing.setting(encoded(value), deep=deep)
        checked_key(key)
        put = await self._write(lambda execute: writing.put(execute, scope, key, operation, terms, self.now()))
        return Written(Entry.of(scope, put.stored), put.applied)

    async def set_many(
        self,
        scope: Scope,
        values: Mapping[str, Any],
        *,
        by: str,
        strategy: str = LAST_WRITE_WINS,
        ttl_seconds: float | Keep | None = KEEP,
    ) -> dict[str, Entry]:
        """As `set`, all of them or none; one whose first writer has won is a conflict here.

        Raises:
            ConflictError: As `set`: none was written.
        """
        _refuse_many(len(values))
        terms = _terms(by, strategy, None, ttl_seconds, KEEP)
        texts = {checked_key(key): changing.setting(encoded(value), deep=False) for key, value in values.items()}

        def write(execute: Execute) -> Sequence[Stored]:
            at = self.now()
            return [writing.change(execute, scope, key, operation, terms, at) for key, operation in texts.items()]

        return {stored.key: Entry.of(scope, stored) for stored in await self._write(write)}

    async def delete(self, scope: Scope, key: str, *, by: str) -> bool:
        """Removes an entry, and its values from its history; returns whether it was there."""
        checked_key(key)
        name("agent", by)
        return await self._write(lambda execute: removing.delete(execute, scope, key, by, self.now()))

    async def cleanup(self, scope: Scope, *, by: str) -> int:
        """Removes all entries of a scope as `delete` does, at once; returns how many were there."""
        name("agent", by)
        return await self._write(lambda execute: removing.cleanup(execute, scope, by, self.now()))

    async def increment(self, scope: Scope, key: str, delta: Number = 1, *, by: str) -> Any:
        """Adds to a number, which is 0 where it is not there; returns the new one.

        Raises:
            WrongTypeError: It is no number.
            ConflictError: It was created with `first_write_wins` or `reject`.
        """
        return await self._change(scope, key, changing.incrementing(key, delta), by)

    async def increment_fields(
        self, scope: Scope, key: str, deltas: Mapping[str, Number], *, by: str
    ) -> dict[str, Any]:
        """Adds to several numbers of a dict; returns the dict. Raises as `increment`."""
        found: dict[str, Any] = await self._change(scope, key, changing.incrementing_fields(key, deltas), by)
        return found

    async def append(self, scope: Scope, key: str, item: Any, *, by: str) -> Items:
        """Adds an item to a list, which is empty where it is not there; returns the list. Raises as `increment`."""
        found: Items = await self._change(scope, key, changing.appending(key, encoded(item, "the item")), by)
        return found

    async def extend(self, scope: Scope, key: str, items: Sequence[Any], *, by: str) -> Items:
        """Adds the items of a list to another one; returns that. Raises as `increment`."""
        if not isinstance(items, (list, tuple)):
            raise BadValueError(f"items must be a list, not {type(items).__name__}")
        found: Items = await self._change(scope, key, changing.extending(key, encoded(items, "the items")), by)
        return found

    async def update_dict(self, scope: Scope, key: str, fields: Mapping[str, Any], *, by: str) -> dict[str, Any]:
        """Sets fields of a dict, which is empty where it is not there; returns the dict. Raises as `increment`."""
        if not isinstance(fields, dict):
            raise BadValueError(f"fields must be a dict, not {type(fields).__name__}")
        found: dict[str, Any] = await self._change(scope, key, changing.updating(key, encoded(fields)), by)
        return found

    async def change(self, scope: Scope, key: str, function: Function, default: Any = None, *, by: str) -> Any:
        """Puts in place of a value what a function makes of it; returns what stands then.

        The function, which may be awaited, runs outside of any transaction: when another one was quicker meanwhile, it
        is called again with the new value. An entry that was created with `merge` gets what it returns merged.

        Args:
            scope: Whose.
            key: What it is called.
            function: Gets a copy of its own.
            default: What it gets where there is no entry.
            by: Who writes.

        Raises:
            ConflictError: Others were quicker each time; or as `increment`.
        """
        fallback = encoded(default, "the default")
        checked_key(key)
        for number in range(TRIES):
            seen = await self._do(lambda execute: entries.get(execute, scope, key, self.now()))
            result = function(decoded(seen.value if seen else fallback))
            text = encoded(await result if isawaitable(result) else result)
            changed = await self._change_if(scope, key, seen, changing.setting(text, deep=False), by)
            if changed:
                return decoded(changed.value)
            await asyncio.sleep(random.random() * min(number / 1000, _LONGEST_PAUSE))
        raise ConflictError(f"{key!r} was changed by others each time, {TRIES} times", "Try again.")

    async def history(self, scope: Scope, key: str | None = None, after: int = 0, limit: int = 100) -> Pasts:
        """The changes of a key, or of all keys, oldest first: those `after` the one of that number."""
        _check_page("", limit, None)
        arguments.whole("after", after)
        if key is not None:
            checked_key(key)
        return await self._do(lambda execute: history.after(execute, scope, key, after, limit))

    async def events(self, scope: Scope, pattern: str = "*", since: datetime | None = None, limit: int = 100) -> Pasts:
        """The newest changes of the keys that a pattern names, the oldest of them first; later than `since`."""
        _check_page("", limit, None)
        keys = matching(checked_key(pattern))
        if since is not None and not (isinstance(since, datetime) and since.tzinfo):
            raise BadValueError("since must be a datetime that says its time zone")
        return await self._do(lambda execute: history.last(execute, scope, keys, since, limit))

    async def past(self, scope: Scope, numbers: Sequence[int]) -> dict[int, Past]:
        """Those of some changes that are still kept, by the numbers that the feed names."""
        return await self._do(lambda execute: history.numbered(execute, scope, numbers))

    async def statistics(self, scope: Scope) -> Statistics:
        """What the scope holds."""
        dialect = self.database.engine.dialect.name
        return await self._do(lambda execute: statistics.of_scope(execute, scope, self.now(), dialect))

    async def _change_if(
        self, scope: Scope, key: str, seen: Stored | None, operation: Operation, by: str
    ) -> Stored | None:
        """Changes an entry that still is as it was seen; its version alone does not say so, were it made anew."""
        terms = Terms(name("agent", by))

        def change(execute: Execute) -> Stored | None:
            at = self.now()
            present = removing.present(execute, scope, key, at)
            as_seen = present[:3] == seen[:3] if present and seen else present is seen
            return writing.change(execute, scope, key, operation, terms, at) if as_seen else None

        return await self._write(change)

    async def _change(self, scope: Scope, key: str, operation: Operation, by: str) -> Any:
        checked_key(key)
        terms = Terms(name("agent", by))
        stored = await self._write(lambda execute: writing.change(execute, scope, key, operation, terms, self.now()))
        return decoded(stored.value)

    async def _write(self, work: Callable[[Execute], Result]) -> Result:
        return await visit(self.database, work, writes=True)

    async def _do(self, work: Callable[[Execute], Result]) -> Result:
        return await visit(self.database, work)


def _terms(
    by: str, strategy: str, expected: int | None, ttl: float | Keep | None, metadata: Mapping[str, Any] | Keep
) -> Terms:
    text = KEEP if metadata is KEEP else encoded_dict(metadata, "metadata")
    return Terms(name("agent", by), strategy, expected, ttl, text)


def _check_page(prefix: str, limit: int, after: str | None) -> None:
    arguments.limit(limit, entries.MOST)
    checked_prefix(prefix)
    checked_prefix("" if after is None else after)


def _refuse_many(count: int) -> None:
    if count > entries.MOST:
        raise TooLargeError(f"{count:,} keys are too many at once: there may be {entries.MOST:,}")
