"""A door onto working memory: what the agents of one plan put together while they work on it.

It is scoped by tenant, user and plan. Every method that reads and writes is one operation in the database, so that
agents who do so at once lose nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from memory.door import HasStore
from memory.visit import visit
from storage.memory.changing import Number
from storage.memory.scopes import WORKING, Scope, name
from storage.memory.writing import KEEP, Keep
from storage.plans import actions
from storage.plans.actions import Action

NOBODY_KNOWN = "unknown"
"""The agent that has done what nobody says they have done."""


class WorkflowState:
    """The state of one plan."""

    def __init__(
        self, memory: HasStore, plan_id: str, tenant_id: str, user_id: str, agent_id: str = NOBODY_KNOWN
    ) -> None:
        """Args: the memory, the plan, whose it is, and who writes; nobody needs to have created the plan."""
        self._store = memory.store
        self._scope = Scope(tenant_id, WORKING, plan_id, name("user", user_id))
        self._agent = name("agent", agent_id)

    async def set(self, key: str, value: Any, ttl_seconds: float | Keep | None = KEEP) -> None:
        """Keeps a value; `ttl_seconds` says when it expires."""
        await self._store.set(self._scope, key, value, by=self._agent, ttl_seconds=ttl_seconds)

    async def get(self, key: str, default: Any = None) -> Any:
        """A value, which may be None; `default` when it is not there."""
        entry = await self._store.get(self._scope, key)
        return entry.value if entry else default

    async def has(self, key: str) -> bool:
        """Whether it is there, be it None."""
        return await self._store.get(self._scope, key) is not None

    async def delete(self, key: str) -> bool:
        """Removes a value; returns whether it was there."""
        return await self._store.delete(self._scope, key, by=self._agent)

    async def cleanup(self) -> int:
        """Removes all values of the plan; returns how many. Its actions are no values: they stay."""
        return await self._store.cleanup(self._scope, by=self._agent)

    async def increment(self, key: str, delta: Number = 1) -> Any:
        """Adds to a number, 0 when it is not there; returns the new one."""
        return await self._store.increment(self._scope, key, delta, by=self._agent)

    async def append(self, key: str, item: Any) -> list[Any]:
        """Adds an item to a list, empty when it is not there; returns the list."""
        return await self._store.append(self._scope, key, item, by=self._agent)

    async def extend(self, key: str, items: Sequence[Any]) -> list[Any]:
        """Adds items to a list, empty when it is not there; returns the list."""
        return await self._store.extend(self._scope, key, items, by=self._agent)

    async def update_dict(self, key: str, updates: Mapping[str, Any]) -> dict[str, Any]:
        """Sets fields of a dict, empty when it is not there; returns the dict."""
        return await self._store.update_dict(self._scope, key, updates, by=self._agent)

    async def snapshot(self) -> dict[str, Any]:
        """All keys and values, as they are at one moment."""
        return await self._store.snapshot(self._scope)

    async def record_action(self, action: str) -> None:
        """Adds what was done to the actions of the plan."""
        plan, agent, now = self._plan, self._agent, self._store.now
        await visit(
            self._store.database,
            lambda execute: actions.record(execute, *plan, action, now(), agent_id=agent),
            writes=True,
        )

    async def get_action_history(self) -> list[str]:
        """The names of the actions, oldest first."""
        return [action.name for action in await self.get_actions()]

    async def get_actions(self) -> Sequence[Action]:
        """The actions with their time and agent, oldest first."""
        return await visit(self._store.database, lambda execute: actions.of_plan(execute, *self._plan))

    @property
    def _plan(self) -> tuple[str, str, str]:
        return self._scope.tenant, self._scope.user_id, self._scope.id
