"""Plans that have ended, and what they needed while they were worked on."""

from collections.abc import Sequence
from datetime import datetime

from storage.ledger.statements import Execute
from storage.memory import removing
from storage.memory.scopes import WORKING, Scope

_SOME = "LIMIT 20"
"""Plans whose memory one transaction removes."""


def with_memory(execute: Execute, after: datetime | None, before: datetime) -> list[Scope]:
    """The working memory of some plans that ended before then, and not before `after`."""
    rows = execute(
        "SELECT p.tenant, p.plan_id, p.user_id FROM plans p WHERE p.ended_at < :before"
        f" AND p.ended_at >= COALESCE(:after, p.ended_at) AND EXISTS (SELECT 1 FROM memory_entries e"
        " WHERE e.tenant = p.tenant AND e.user_id = p.user_id AND e.scope = :scope AND e.scope_id = p.plan_id)"
        f" ORDER BY p.ended_at, p.plan_id {_SOME}",
        {"before": before, "after": after, "scope": WORKING},
    )
    return [Scope(tenant, WORKING, plan_id, user_id) for tenant, plan_id, user_id in rows]


def clean_up(execute: Execute, plans: Sequence[Scope], at: datetime) -> int:
    """Removes it; returns how many entries that were."""
    return sum(removing.cleanup(execute, scope, removing.NOBODY, at) for scope in plans)
