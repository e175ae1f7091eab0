"""The raw client's plans, as records."""

from collections.abc import Mapping
from typing import Any

from memory.opened import Opened
from storage.memory.errors import NotThereError
from storage.plans import records
from storage.plans.records import Plan
from storage.plans.statuses import RUNNING


class PlanRecords(Opened):
    """Plans of a user; parents and sessions are named by ids that nobody need have created."""

    async def create_plan(
        self,
        plan_id: str | None = None,
        goal_event: str | None = None,
        goal_data: Mapping[str, Any] | None = None,
        *,
        tenant_id: str,
        user_id: str,
        session_id: str | None = None,
        parent_plan_id: str | None = None,
        goal: str | None = None,
        status: str = RUNNING,
        on_complete: str | None = None,
    ) -> Plan:
        """Makes a plan.

        Args:
            plan_id: Its id; without, it is given one.
            goal_event: Event, or words, that say what it is for.
            goal_data: What belongs to that.
            tenant_id: Whose it is.
            user_id: Whose it is.
            session_id: The session it is made in.
            parent_plan_id: The plan it is a part of.
            goal: Another word for `goal_event`.
            status: `running`, or `pending`.
            on_complete: `cleanup` to have its working memory go as it ends.

        Raises:
            ConflictError: The tenant has a plan of that id.
            MemoryRefusedError: It cannot be made so.
        """
        event = goal if goal_event is None else goal_event
        return await self._write(
            lambda execute, at: records.create(
                execute,
                tenant_id,
                user_id,
                at,
                plan_id=plan_id,
                session_id=session_id,
                parent_plan_id=parent_plan_id,
                goal_event=event,
                goal_data=goal_data,
                status=status,
                on_complete=on_complete,
            )
        )

    async def get_plan(self, plan_id: str, tenant_id: str, user_id: str) -> Plan:
        """One plan.

        Raises:
            NotThereError: There is none.
        """
        found = await self._read(lambda execute: records.get(execute, tenant_id, user_id, plan_id))
        if found is None:
            raise NotThereError(f"there is no plan {plan_id!r}")
        return found

    async def list_plans(
        self,
        tenant_id: str,
        user_id: str,
        status: str | None = None,
        session_id: str | None = None,
        limit: int = 20,
        *,
        parent_plan_id: str | None = None,
        offset: int = 0,
    ) -> list[Plan]:
        """A page of 1 to 100 plans, the one changed last first; of a status, of a session, of a parent where named."""
        return await self._read(
            lambda execute: records.listing(
                execute,
                tenant_id,
                user_id,
                status=status,
                session_id=session_id,
                parent_plan_id=parent_plan_id,
                limit=limit,
                offset=offset,
            )
        )

    async def plans_below(self, plan_id: str, tenant_id: str, user_id: str) -> list[Plan]:
        """All plans that are parts of one, and those that are parts of these, the oldest first."""
        return await self._read(lambda execute: records.below(execute, tenant_id, user_id, plan_id))

    async def update_plan_status(
        self, plan_id: str, status: str, tenant_id: str, user_id: str, *, result: Any = None, error: str | None = None
    ) -> Plan:
        """Moves a plan to a status that may follow its own, with what it has led to, or why it failed.

        Raises:
            NotThereError: There is no such plan.
            StatusError: There is no such status, or it may not follow.
        """
        return await self._write(
            lambda execute, at: records.update_status(
                execute, tenant_id, user_id, plan_id, status, at, result=result, error=error
            )
        )

    async def delete_plan(self, plan_id: str, tenant_id: str, user_id: str) -> bool:
        """Deletes a plan with its working memory and its actions; returns whether there was one."""
        return await self._write(lambda execute, at: records.delete(execute, tenant_id, user_id, plan_id, at))
