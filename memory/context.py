"""Whose work is at hand: bound once, for all that is called within it, so that no call need say it again.

What a call says itself wins over what is bound; what neither says is an error, never somebody else's.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from memory.client import MemoryClient
from storage.memory.sessions import Session
from storage.plans.records import Plan
from storage.plans.statuses import RUNNING


@dataclass(frozen=True, slots=True)
class Bound:
    """What is bound: the memory, whose the work is, and where it is done."""

    memory: MemoryClient
    tenant_id: str
    user_id: str
    session_id: str | None = None
    plan_id: str | None = None


_BOUND: ContextVar[Bound | None] = ContextVar("bound", default=None)


@contextmanager
def bind(
    memory: MemoryClient, tenant_id: str, user_id: str, *, session_id: str | None = None, plan_id: str | None = None
) -> Iterator[Bound]:
    """Binds the work within, in this task and those that it starts, until its end."""
    bound = Bound(memory, tenant_id, user_id, session_id, plan_id)
    token = _BOUND.set(bound)
    try:
        yield bound
    finally:
        _BOUND.reset(token)


def bound() -> Bound:
    """What is bound.

    Raises:
        ValueError: Nothing is.
    """
    found = _BOUND.get()
    if found is None:
        raise ValueError("no memory is bound: call this within `with bind(memory, tenant_id, user_id)`")
    return found


async def create_plan(
    plan_id: str | None = None,
    goal_event: str | None = None,
    goal_data: Mapping[str, Any] | None = None,
    *,
    tenant_id: str | None = None,
    user_id: str | None = None,
    session_id: str | None = None,
    parent_plan_id: str | None = None,
    goal: str | None = None,
    status: str = RUNNING,
    on_complete: str | None = None,
) -> Plan:
    """As `MemoryClient.create_plan`, for the user that is bound, and in their session, unless others are named."""
    here = bound()
    whose = _whose(here, tenant_id, user_id)
    own = whose == _whose(here, None, None)
    return await here.memory.create_plan(
        plan_id,
        goal_event,
        goal_data,
        **whose,
        session_id=here.session_id if session_id is None and own else session_id,
        parent_plan_id=parent_plan_id,
        goal=goal,
        status=status,
        on_complete=on_complete,
    )


async def create_session(
    session_id: str,
    name: str | None = None,
    metadata: Mapping[str, Any] | None = None,
    *,
    tenant_id: str | None = None,
    user_id: str | None = None,
) -> Session:
    """As `MemoryClient.create_session`, for the user that is bound unless another is named."""
    here = bound()
    return await here.memory.create_session(
        session_id, **_whose(here, tenant_id, user_id), name=name, metadata=metadata
    )


async def list_plans(
    status: str | None = None,
    session_id: str | None = None,
    limit: int = 20,
    *,
    tenant_id: str | None = None,
    user_id: str | None = None,
    parent_plan_id: str | None = None,
    offset: int = 0,
) -> list[Plan]:
    """As `MemoryClient.list_plans`, for the user that is bound unless another is named: of all sessions, unless one is
    named."""
    here = bound()
    return await here.memory.list_plans(
        **_whose(here, tenant_id, user_id),
        status=status,
        session_id=session_id,
        limit=limit,
        parent_plan_id=parent_plan_id,
        offset=offset,
    )


def _whose(here: Bound, tenant_id: str | None, user_id: str | None) -> dict[str, str]:
    return {
        "tenant_id": here.tenant_id if tenant_id is None else tenant_id,
        "user_id": here.user_id if user_id is None else user_id,
    }
