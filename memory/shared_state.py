"""A door onto what all agents of a tenant share: the store, with those who want to hear of its changes.

Subscribers read the feed after the change is durable: nobody who writes waits for them, and one who was away goes on
where they left. What was removed before they came arrives without its values, and says so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from memory.door import HasStore
from memory.feed import POLL, Follower, follow
from memory.store import Store, Written
from storage.memory import arguments, changing, keys
from storage.memory.changing import Number
from storage.memory.entries import Entry, Page
from storage.memory.errors import BadValueError
from storage.memory.feed import Change
from storage.memory.history import Past
from storage.memory.scopes import SHARED, Scope
from storage.memory.scopes import key as checked_key
from storage.memory.scopes import name as checked_name
from storage.memory.statistics import Statistics
from storage.memory.writing import KEEP, LAST_WRITE_WINS, Keep

EVENT_TYPES = (changing.CREATED, changing.UPDATED, changing.DELETED, changing.EXPIRED)


@dataclass(frozen=True, slots=True)
class StateEvent:
    """One change of what is shared.

    Attributes:
        id: Of the feed, in order; a subscription goes on after it.
        type: `created`, `updated`, `deleted` or `expired`.
        change: How exactly: what is `updated` may be `incremented`, `appended`, `extended` or `merged`.
        agent_id: Who did it; empty of what has expired.
        value: The new value; of `appended`, `extended` and `merged` what was added; None where it is gone.
        redacted: Whether the value was removed, by now, because the entry was.
    """

    id: int
    type: str
    change: str
    key: str
    agent_id: str
    at: datetime
    version: int
    value: Any
    redacted: bool


class SharedState:
    """What the agents of a tenant share."""

    def __init__(self, memory: HasStore, tenant_id: str, agent_id: str) -> None:
        """Args: the memory, whose it is, and who writes."""
        self._store = memory.store
        self._scope = Scope(tenant_id, SHARED)
        self._agent = checked_name("agent", agent_id)

    async def get(self, key: str, default: Any = None) -> Any:
        """A value, which may be None; `default` when it is not there."""
        entry = await self.get_entry(key)
        return entry.value if entry else default

    async def get_entry(self, key: str) -> Entry | None:
        """A value with its version, authors and times; None when it is not there."""
        return await self._store.get(self._scope, key)

    async def set(
        self,
        key: str,
        value: Any,
        ttl_seconds: float | Keep | None = KEEP,
        *,
        strategy: str = LAST_WRITE_WINS,
        deep: bool = False,
        expected_version: int | None = None,
        metadata: Mapping[str, Any] | Keep = KEEP,
    ) -> Written:
        """As `Store.set`."""
        return await self._store.set(
            self._scope,
            key,
            value,
            by=self._agent,
            strategy=strategy,
            deep=deep,
            expected_version=expected_version,
            ttl_seconds=ttl_seconds,
            metadata=metadata,
        )

    async def delete(self, key: str) -> bool:
        """Removes a value; returns whether it was there."""
        return await self._store.delete(self._scope, key, by=self._agent)

    async def list_keys(self, prefix: str = "", limit: int = 100, after: str | None = None) -> Page[str]:
        """The keys that begin so, in order; the page's `next` is the key to go on after."""
        return await self._store.keys(self._scope, prefix, limit, after)

    async def count(self, prefix: str = "") -> int:
        """How many keys begin so."""
        return await self._store.count(self._scope, prefix)

    async def increment(self, key: str, delta: Number = 1) -> Any:
        """As `Store.increment`."""
        return await self._store.increment(self._scope, key, delta, by=self._agent)

    async def append(self, key: str, item: Any) -> list[Any]:
        """As `Store.append`."""
        return await self._store.append(self._scope, key, item, by=self._agent)

    async def extend(self, key: str, items: Sequence[Any]) -> list[Any]:
        """As `Store.extend`."""
        return await self._store.extend(self._scope, key, items, by=self._agent)

    async def update_dict(self, key: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """As `Store.update_dict`."""
        return await self._store.update_dict(self._scope, key, fields, by=self._agent)

    async def events(self, since: datetime | None = None, key_pattern: str = "*", limit: int = 100) -> Sequence[Past]:
        """The newest changes later than `since`, the oldest of them first; reading is no change."""
        return await self._store.events(self._scope, key_pattern, since, limit)

    async def statistics(self) -> Statistics:
        """What is shared, in numbers."""
        return await self._store.statistics(self._scope)

    def subscribe(
        self,
        pattern: str = "*",
        event_types: Collection[str] = EVENT_TYPES,
        *,
        after: int | None = None,
        poll: float = POLL,
    ) -> "Subscription":
        """Changes as they come: `async with shared.subscribe("plan-*") as events: async for event in events: ...`

        Args:
            pattern: One key, `prefix*`, or `*` for all.
            event_types: Of `created`, `updated`, `deleted` and `expired`.
            after: The id of the last event that is known. Without it only what comes from now on, where now is the
                beginning of `async with`, or of the first step without it.
            poll: Seconds between two looks.

        Raises:
            BadNameError, BadValueError: There is no such pattern, no such type, or no such event.
        """
        checked_key(pattern)
        if after is not None:
            arguments.whole("after", after)
        if odd := [each for each in event_types if each not in EVENT_TYPES]:
            raise BadValueError(f"there are no events of type {odd[0]!r}", f"There are {', '.join(EVENT_TYPES)}.")
        scope = self._scope
        follower = follow(self._store.database, scope.tenant, "", after=after, topics=[scope.topic], poll=poll)
        return Subscription(self._store, scope, follower, pattern, frozenset(event_types))


class Subscription:
    """An iterator over events that does not end. A step that is cancelled has taken nothing."""

    def __init__(
        self, store: Store, scope: Scope, follower: Follower, pattern: str, event_types: Collection[str]
    ) -> None:
        self._store = store
        self._scope = scope
        self._follower = follower
        self._pattern = pattern
        self._types = event_types

    async def __aenter__(self) -> Self:
        await self._follower.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is left open."""

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StateEvent:
        while True:
            change = await self._follower.__anext__()
            if keys.matches(self._pattern, change.key) and _type(change.kind) in self._types:
                return await self._event(change)

    async def _event(self, change: Change) -> StateEvent:
        number = change.facts["history"]
        past = (await self._store.past(self._scope, [number])).get(number)
        value, redacted = (past.value, past.redacted) if past else (None, True)
        return StateEvent(
            change.id,
            _type(change.kind),
            change.kind,
            change.key,
            change.facts["agent"],
            change.at,
            change.facts["version"],
            value,
            redacted,
        )


def _type(change: str) -> str:
    return change if change in EVENT_TYPES else changing.UPDATED
