"""A plan's status goes only where it may: said here once more, and held against whatever is tried."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from storage.database import Database
from storage.ledger.statements import Execute
from storage.memory import feed
from storage.memory.errors import StatusError
from storage.plans import records
from storage.plans.statuses import STATUSES, refuse_illegal

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
LEGAL = {
    ("pending", "running"),
    ("pending", "cancelled"),
    ("pending", "failed"),
    ("running", "paused"),
    ("running", "completed"),
    ("running", "failed"),
    ("running", "cancelled"),
    ("paused", "running"),
    ("paused", "failed"),
    ("paused", "cancelled"),
}
"""Read from the page; `statuses.py` has it in another form."""


@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("status", STATUSES)
def test_P4_only_legal_transitions(before: str, status: str) -> None:
    if (before, status) in LEGAL:
        refuse_illegal("p", before, status)
    else:
        with pytest.raises(StatusError, match=f"'p' is {before} and cannot become {status}"):
            refuse_illegal("p", before, status)


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(begins=st.sampled_from(["pending", "running"]), tried=st.lists(st.sampled_from(STATUSES), max_size=12))
async def test_P4_whatever_is_tried_a_plan_goes_the_legal_way(
    database: Database, begins: str, tried: list[str]
) -> None:
    def live(execute: Execute) -> None:
        plan = records.create(execute, "acme", "ada", AT, status=begins)
        told = [("created", begins)]
        for step, status in enumerate(tried, 1):
            at = AT + timedelta(seconds=step)
            before = plan
            if status != plan.status and (plan.status, status) not in LEGAL:
                with pytest.raises(StatusError):
                    records.update_status(execute, "acme", "ada", plan.plan_id, status, at)
            else:
                plan = records.update_status(execute, "acme", "ada", plan.plan_id, status, at)
                if status != before.status:
                    told.append(("updated", status))
                    assert plan.updated_at == at
            assert records.get(execute, "acme", "ada", plan.plan_id) == plan
            assert (plan.ended_at is not None) == (plan.status in ("completed", "failed", "cancelled"))
        changes = [each for each in feed.after(execute, "acme", "ada", 0, limit=10_000) if each.key == plan.plan_id]
        assert [(each.kind, each.facts["status"]) for each in changes] == told

    await database.do(live, writes=True)
