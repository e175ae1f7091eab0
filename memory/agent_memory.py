"""A door onto what one agent keeps: its state, a few fields that it counts and notes, and its memory, by keys.

The two do not meet: a memory called `state` is a memory. An agent has them for all of a tenant, or, with a user, for
each user apart.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeAlias

from memory.door import HasStore
from storage.memory.changing import Number
from storage.memory.entries import Page
from storage.memory.scopes import AGENT, STATE, Scope, name
from storage.memory.writing import KEEP, Keep

_KEY = "state"
State: TypeAlias = dict[str, Any]


class AgentMemory:
    """State and memory of one agent."""

    def __init__(self, memory: HasStore, agent_id: str, tenant_id: str, user_id: str | None = None) -> None:
        """Args: the memory, the agent, whose it is; without a user, it is all of the tenant's."""
        self._store = memory.store
        self._agent = agent_id
        user = "" if user_id is None else name("user", user_id)
        self._state = Scope(tenant_id, STATE, agent_id, user)
        self._memory = Scope(tenant_id, AGENT, agent_id, user)

    async def get_state(self) -> State:
        """All fields; empty of a new agent."""
        entry = await self._store.get(self._state, _KEY)
        return entry.value if entry else {}

    async def get_state_value(self, key: str, default: Any = None) -> Any:
        """One field, which may be None; `default` when it is not there."""
        return (await self.get_state()).get(key, default)

    async def update_state(self, /, **fields: Any) -> State:
        """Sets some fields and leaves the others; returns all. Agents who do so at once lose nothing."""
        return await self._store.update_dict(self._state, _KEY, fields, by=self._agent)

    async def increment_state(self, /, **deltas: Number) -> State:
        """Adds to some fields, 0 where they are not there; returns all."""
        return await self._store.increment_fields(self._state, _KEY, deltas, by=self._agent)

    async def change_state(self, function: Callable[[State], State | Awaitable[State]]) -> State:
        """Puts in place of the state what a function makes of it; returns that.

        The function is called again when the state was changed meanwhile, so it must do nothing else. One that returns
        no dict changes nothing.
        """
        state: State = await self._store.change(self._state, _KEY, function, {}, by=self._agent)
        return state

    async def get_memory(self, key: str) -> Any:
        """A value, which may be None.

        Raises:
            KeyError: It is not there.
        """
        entry = await self._store.get(self._memory, key)
        if entry is None:
            raise KeyError(f"agent {self._agent!r} has no memory called {key!r}")
        return entry.value

    async def set_memory(self, key: str, value: Any, ttl_seconds: float | Keep | None = KEEP) -> None:
        """Keeps a value; `ttl_seconds` says when it expires."""
        await self._store.set(self._memory, key, value, by=self._agent, ttl_seconds=ttl_seconds)

    async def list_memory(self, prefix: str = "", limit: int = 100, after: str | None = None) -> Page[str]:
        """The keys that begin so, in order; the page's `next` is the key to go on after."""
        return await self._store.keys(self._memory, prefix, limit, after)

    async def delete_memory(self, key: str) -> bool:
        """Removes a value; returns whether it was there."""
        return await self._store.delete(self._memory, key, by=self._agent)
