"""What was done for a plan: one row an action, so that agents who tell theirs at once cannot lose each other's."""

from dataclasses import dataclass
from datetime import datetime

from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that was done."""

    id: int
    name: str
    agent_id: str
    at: datetime


def record(
    execute: Execute, tenant: str, user_id: str, plan_id: str, action: str, at: datetime, *, agent_id: str
) -> Action:
    """Adds an action to those of a plan."""
    ((id_,),) = execute(
        "INSERT INTO plan_actions (tenant, user_id, plan_id, action, agent_id, at)"
        " VALUES (:tenant, :user_id, :plan_id, :action, :agent_id, :at) RETURNING id",
        {"tenant": tenant, "user_id": user_id, "plan_id": plan_id, "action": action, "agent_id": agent_id, "at": at},
    )
    return Action(id_, action, agent_id, at)


def of_plan(execute: Execute, tenant: str, user_id: str, plan_id: str) -> list[Action]:
    """All actions of a plan, oldest first."""
    rows = execute(
        "SELECT id, action, agent_id, at FROM plan_actions"
        " WHERE tenant = :tenant AND user_id = :user_id AND plan_id = :plan_id ORDER BY id",
        {"tenant": tenant, "user_id": user_id, "plan_id": plan_id},
    )
    return [Action(id_, name, agent_id, as_utc(at)) for id_, name, agent_id, at in rows]
