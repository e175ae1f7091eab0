"""The raw client's working memory: what a plan needs while it is worked on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from memory.opened import Opened
from storage.memory.errors import NotThereError
from storage.memory.scopes import WORKING, Scope


@dataclass(frozen=True, slots=True)
class PlanState:
    """One value of a plan."""

    tenant_id: str
    user_id: str
    plan_id: str
    key: str
    value: Any
    updated_at: datetime

    @property
    def id(self) -> str:
        """What it is called by."""
        return f"{self.plan_id}/{self.key}"


@dataclass(frozen=True, slots=True)
class Deleted:
    """What was deleted of a plan.

    Attributes:
        success: Always: what is not there is no failure.
        deleted: Whether there was anything.
        count_deleted: How many values there were.
    """

    count_deleted: int
    success: bool = True

    @property
    def deleted(self) -> bool:
        return self.count_deleted > 0

    @property
    def message(self) -> str:
        """The same in words."""
        return f"{self.count_deleted} value{'' if self.count_deleted == 1 else 's'} deleted"


class PlanStates(Opened):
    """Values of plans, which nobody need have created."""

    async def set_plan_state(self, plan_id: str, key: str, value: Any, tenant_id: str, user_id: str) -> PlanState:
        """Keeps a value, in place of the one that is there."""
        written = await self.store.set(_scope(tenant_id, plan_id, user_id), key, value, by=user_id)
        return PlanState(tenant_id, user_id, plan_id, key, written.entry.value, written.entry.updated_at)

    async def get_plan_state(self, plan_id: str, key: str, tenant_id: str, user_id: str) -> PlanState:
        """A value; `WorkflowState.get` has a default instead of the error.

        Raises:
            NotThereError: There is none.
        """
        entry = await self.store.get(_scope(tenant_id, plan_id, user_id), key)
        if entry is None:
            raise NotThereError(f"the plan {plan_id!r} has nothing called {key!r}")
        return PlanState(tenant_id, user_id, plan_id, key, entry.value, entry.updated_at)

    async def delete_plan_state(self, plan_id: str, tenant_id: str, user_id: str, key: str | None = None) -> Deleted:
        """Deletes a value, or all of the plan's when no key is named."""
        scope = _scope(tenant_id, plan_id, user_id)
        if key is None:
            return Deleted(await self.store.cleanup(scope, by=user_id))
        return Deleted(int(await self.store.delete(scope, key, by=user_id)))


def _scope(tenant_id: str, plan_id: str, user_id: str) -> Scope:
    return Scope(tenant_id, WORKING, plan_id, user_id)
