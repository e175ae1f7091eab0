"""Plans as records: made, found, moved from one status to the next, and deleted with all that was kept for them.

A plan's status goes only where it may, and what has ended stays so. The ids of sessions and parents are taken as they
are given: who they name may be made later, or never. Each change is told in the feed, in its transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute
from storage.memory import feed, removing, sessions
from storage.memory.arguments import optional, page
from storage.memory.errors import BadNameError, BadValueError, ConflictError, NotThereError
from storage.memory.scopes import WORKING, Scope, name
from storage.memory.values import MOST_VALUE, decoded, encoded, encoded_dict
from storage.names import one_clean_line
from storage.plans import actions
from storage.plans.statuses import ENDED, RUNNING, first, known, refuse_illegal

TOPIC = actions.TOPIC
CLEANUP = "cleanup"
GOAL_LENGTH = 4_000
"""Characters of what a plan is for."""
_ERROR_LENGTH = 1_000
_BY = "plans"
"""Who removes a plan's working memory, as its history tells."""
_MINE = "tenant = :tenant AND user_id = :user_id"


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan, as its row has it.

    Attributes:
        goal_event: Event, or words, that say what it is for.
        on_complete: `cleanup` when its working memory goes as it ends.
    """

    tenant_id: str
    user_id: str
    plan_id: str
    session_id: str | None
    parent_plan_id: str | None
    goal_event: str | None
    goal_data: dict[str, Any]
    status: str
    result: Any
    error: str | None
    on_complete: str | None
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None

    @property
    def id(self) -> str:
        """What it is called by."""
        return self.plan_id


_NAMES = [field.name.replace("tenant_id", "tenant") for field in fields(Plan)]
_SELECT = f"SELECT {', '.join(_NAMES)} FROM plans"
_INSERT = f"INSERT INTO plans ({', '.join(_NAMES)}) VALUES ({', '.join(f':{each}' for each in _NAMES)})"


def create(
    execute: Execute,
    tenant: str,
    user_id: str,
    at: datetime,
    *,
    plan_id: str | None = None,
    session_id: str | None = None,
    parent_plan_id: str | None = None,
    goal_event: str | None = None,
    goal_data: Mapping[str, Any] | None = None,
    status: str = RUNNING,
    on_complete: str | None = None,
) -> Plan:
    """Makes a plan, which is `running` unless it is told to be `pending`; without an id it is given one.

    Raises:
        ConflictError: The tenant has a plan of that id.
        MemoryRefusedError: It cannot be made so.
    """
    plan_id = str(uuid4()) if plan_id is None else name("plan", plan_id)
    if plan_id == parent_plan_id:
        raise BadNameError("the parent of a plan must be another one")
    if on_complete not in (None, CLEANUP):
        raise BadValueError(f"on_complete must be {CLEANUP!r} or left out, not {on_complete!r}")
    values = {
        **_user(tenant, user_id),
        "plan_id": plan_id,
        "session_id": optional("session", session_id),
        "parent_plan_id": optional("parent", parent_plan_id),
        "goal_event": optional("goal", goal_event, longest=GOAL_LENGTH),
        "goal_data": encoded_dict(goal_data or {}, "goal_data", MOST_VALUE),
        "status": first(status),
        "result": None,
        "error": None,
        "on_complete": on_complete,
        "created_at": at,
        "updated_at": at,
        "ended_at": None,
    }
    if not execute(f"{_INSERT} ON CONFLICT (tenant, plan_id) DO NOTHING RETURNING plan_id", values):
        raise ConflictError(f"there is a plan {plan_id!r} already")
    sessions.touch(execute, tenant, user_id, session_id, at)
    facts = {"status": status, "session_id": session_id, "parent_plan_id": parent_plan_id}
    feed.post(execute, tenant, user_id, TOPIC, plan_id, "created", facts, at)
    return _plan([values[each] for each in _NAMES])


def get(execute: Execute, tenant: str, user_id: str, plan_id: str) -> Plan | None:
    """One plan of a user."""
    found = execute(f"{_SELECT} WHERE {_MINE} AND plan_id = :plan_id", _values(tenant, user_id, plan_id))
    return _plan(found[0]) if found else None


def listing(
    execute: Execute,
    tenant: str,
    user_id: str,
    *,
    status: str | None = None,
    session_id: str | None = None,
    parent_plan_id: str | None = None,
    limit: int = 20,
    offset: int = 0,
) -> list[Plan]:
    """A user's plans, the one changed last first; of a status, of a session, below a parent where they are named.

    Raises:
        BadValueError: There is no such page.
        StatusError: There is no such status.
    """
    named = {
        "status": None if status is None else known(status),
        "session_id": optional("session", session_id),
        "parent_plan_id": optional("parent", parent_plan_id),
    }
    asked = {column: value for column, value in named.items() if value is not None}
    where = " AND ".join([_MINE, *(f"{column} = :{column}" for column in asked)])
    found = execute(
        f"{_SELECT} WHERE {where} ORDER BY updated_at DESC, plan_id LIMIT :limit OFFSET :offset",
        {**_user(tenant, user_id), **asked, **page(limit, offset)},
    )
    return [_plan(row) for row in found]


def below(execute: Execute, tenant: str, user_id: str, plan_id: str) -> list[Plan]:
    """All plans below one, and those below these, the oldest first; each once, though they be parents in a circle."""
    # The first row need not be there: a parent is whatever its children call so.
    tree = (
        f"SELECT plan_id FROM plans WHERE {_MINE} AND parent_plan_id = :plan_id"
        " UNION SELECT p.plan_id FROM plans p JOIN tree ON p.parent_plan_id = tree.plan_id"
        " WHERE p.tenant = :tenant AND p.user_id = :user_id"
    )
    found = execute(
        f"WITH RECURSIVE tree (plan_id) AS ({tree}) {_SELECT} WHERE {_MINE}"
        " AND plan_id IN (SELECT plan_id FROM tree) AND plan_id <> :plan_id ORDER BY created_at, plan_id",
        _values(tenant, user_id, plan_id),
    )
    return [_plan(row) for row in found]


def update_status(
    execute: Execute,
    tenant: str,
    user_id: str,
    plan_id: str,
    status: str,
    at: datetime,
    *,
    result: Any = None,
    error: str | None = None,
) -> Plan:
    """Moves a plan to another status, with what it has led to, or why it failed. The one it has changes nothing.

    Raises:
        NotThereError: The user has no such plan.
        StatusError: There is no such status, or it may not follow the one that the plan has.
        BadValueError: There is no JSON for the result.
    """
    known(status)
    plan = _found(execute, tenant, user_id, plan_id)
    if plan.status == status:
        return plan
    refuse_illegal(plan_id, plan.status, status)
    values = {
        **_values(tenant, user_id, plan_id),
        "status": status,
        "at": at,
        "ended_at": at if status in ENDED else None,
        "result": None if result is None else encoded(result, "the result"),
        "error": None if error is None else one_clean_line(error)[:_ERROR_LENGTH],
    }
    execute(
        "UPDATE plans SET status = :status, updated_at = :at, ended_at = :ended_at,"
        f" result = COALESCE(:result, result), error = COALESCE(:error, error) WHERE {_MINE} AND plan_id = :plan_id",
        values,
    )
    feed.post(execute, tenant, user_id, TOPIC, plan_id, "updated", {"status": status, "before": plan.status}, at)
    if status in ENDED and plan.on_complete == CLEANUP:
        removing.cleanup(execute, _working(tenant, user_id, plan_id), by=_BY, at=at)
    return _found(execute, tenant, user_id, plan_id)


def delete(execute: Execute, tenant: str, user_id: str, plan_id: str, at: datetime) -> bool:
    """Deletes a plan with its working memory and its actions, which go even where nobody has created it; those below it
    stay. Returns whether there was one."""
    values = _values(tenant, user_id, plan_id)
    gone = execute(f"DELETE FROM plans WHERE {_MINE} AND plan_id = :plan_id RETURNING plan_id", values)
    removing.cleanup(execute, _working(tenant, user_id, plan_id), by=_BY, at=at)
    actions.remove(execute, tenant, user_id, plan_id)
    if gone:
        feed.post(execute, tenant, user_id, TOPIC, plan_id, "deleted", {}, at)
    return bool(gone)


def _found(execute: Execute, tenant: str, user_id: str, plan_id: str) -> Plan:
    plan = get(execute, tenant, user_id, plan_id)
    if plan is None:
        raise NotThereError(f"there is no plan {plan_id!r}")
    return plan


def _working(tenant: str, user_id: str, plan_id: str) -> Scope:
    return Scope(tenant, WORKING, plan_id, user_id)


def _user(tenant: str, user_id: str) -> dict[str, Any]:
    return {"tenant": name("tenant", tenant), "user_id": name("user", user_id)}


def _values(tenant: str, user_id: str, plan_id: str) -> dict[str, Any]:
    return {**_user(tenant, user_id), "plan_id": name("plan", plan_id)}


def _plan(row: Sequence[Any]) -> Plan:
    plan = Plan(*row)
    return replace(
        plan,
        goal_data=decoded(str(plan.goal_data)),
        result=None if plan.result is None else decoded(plan.result),
        created_at=as_utc(plan.created_at),
        updated_at=as_utc(plan.updated_at),
        ended_at=plan.ended_at and as_utc(plan.ended_at),
    )
