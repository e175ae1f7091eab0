"""What was done for a plan: one row an action, so that agents who tell theirs at once cannot lose each other's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute
from storage.memory import feed
from storage.memory.arguments import page
from storage.memory.scopes import name
from storage.schema.memory import KEY_LENGTH

TOPIC = "plans"
_OF_PLAN = "tenant = :tenant AND user_id = :user_id AND plan_id = :plan_id"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that was done.

    Attributes:
        id: Its place among all actions of the database.
        name: What was done, such as `research.completed`.
        agent_id: Who did it; empty where nobody has said.
    """

    id: int
    name: str
    agent_id: str
    at: datetime


def record(
    execute: Execute, tenant: str, user_id: str, plan_id: str, action: str, at: datetime, *, agent_id: str = ""
) -> Action:
    """Adds an action to those of a plan, whether or not somebody has created that.

    Raises:
        BadNameError: A name cannot be.
    """
    values = {
        **_plan(tenant, user_id, plan_id),
        "action": name("action", action, longest=KEY_LENGTH),
        "agent_id": name("agent", agent_id, empty=True),
        "at": at,
    }
    ((id_,),) = execute(
        "INSERT INTO plan_actions (tenant, user_id, plan_id, action, agent_id, at)"
        " VALUES (:tenant, :user_id, :plan_id, :action, :agent_id, :at) RETURNING id",
        values,
    )
    feed.post(execute, tenant, user_id, TOPIC, plan_id, "action", {"id": id_, "agent_id": agent_id}, at)
    return Action(id_, action, agent_id, at)


def of_plan(
    execute: Execute, tenant: str, user_id: str, plan_id: str, *, after: int = 0, limit: int | None = None
) -> list[Action]:
    """The actions of a plan, the oldest first: all of them, or at most `limit` that come after the one with an id.

    Raises:
        BadValueError: There is no such page.
    """
    values = {**_plan(tenant, user_id, plan_id), "after": after}
    query = f"SELECT id, action, agent_id, at FROM plan_actions WHERE {_OF_PLAN} AND id > :after ORDER BY id"
    if limit is None:
        return [_action(row) for row in execute(query, values)]
    return [_action(row) for row in execute(f"{query} LIMIT :limit", {**values, "limit": page(limit)["limit"]})]


def remove(execute: Execute, tenant: str, user_id: str, plan_id: str) -> int:
    """Deletes the actions of a plan; returns how many they were."""
    return len(execute(f"DELETE FROM plan_actions WHERE {_OF_PLAN} RETURNING id", _plan(tenant, user_id, plan_id)))


def _plan(tenant: str, user_id: str, plan_id: str) -> dict[str, Any]:
    return {"tenant": tenant, "user_id": user_id, "plan_id": name("plan", plan_id)}


def _action(row: Sequence[Any]) -> Action:
    return Action(row[0], row[1], row[2], as_utc(row[3]))
