"""The calls of seed 001's snippets, as they stand there, and whose work they are."""

import asyncio
import uuid

import pytest

from memory import MemoryClient
from memory.context import bind, bound, create_plan, create_session, list_plans
from storage.database import Database

tenant_id, user_id = "acme", "ada"


@pytest.fixture
def memory(database: Database) -> MemoryClient:
    return MemoryClient(database)


async def test_seed_001_research_project(memory: MemoryClient) -> None:
    with bind(memory, tenant_id, user_id):
        session_id = "research-project-123"
        plan1_id = str(uuid.uuid4())
        await create_plan(plan1_id, session_id=session_id, goal="literature_review")
        plan2_id = str(uuid.uuid4())
        await create_plan(plan2_id, session_id=session_id, goal="data_analysis")
        plan3_id = str(uuid.uuid4())
        await create_plan(plan3_id, session_id=session_id, goal="write_report")
        plans = await list_plans(session_id=session_id)
    assert [plan.goal_event for plan in plans] == ["write_report", "data_analysis", "literature_review"]
    assert [plan.plan_id for plan in plans] == [plan3_id, plan2_id, plan1_id]
    assert {(plan.tenant_id, plan.user_id, plan.status) for plan in plans} == {("acme", "ada", "running")}


async def test_seed_001_plan_with_substeps(memory: MemoryClient) -> None:
    with bind(memory, tenant_id, user_id):
        main_plan_id = str(uuid.uuid4())
        plan1 = await create_plan(plan_id=str(uuid.uuid4()), parent_plan_id=main_plan_id, goal="step1")
    assert await memory.list_plans(tenant_id, user_id, parent_plan_id=main_plan_id) == [plan1]


async def test_seed_001_session_and_plans(memory: MemoryClient) -> None:
    with bind(memory, tenant_id, user_id):
        session_id = "project-789"
        await create_session(session_id, name="Q1 Product Launch")
        research_plan = await create_plan(session_id=session_id, goal_event="research.market")
        design_plan = await create_plan(session_id=session_id, goal_event="design.prototype")
        plans = await list_plans(session_id=session_id)
    assert plans == [design_plan, research_plan]
    session = await memory.get_session(session_id, tenant_id, user_id)
    assert (session.name, session.last_interaction) == ("Q1 Product Launch", design_plan.created_at)


async def test_seed_001_all_queries_are_filtered(memory: MemoryClient) -> None:
    with bind(memory, tenant_id, user_id):
        mine = await create_plan(goal="mine")
        theirs = await create_plan(goal="theirs", tenant_id="other", user_id="eve")
        plans = await list_plans(tenant_id=tenant_id, user_id=user_id)
        assert plans == [mine] == await list_plans()
        assert await list_plans(tenant_id="other", user_id="eve") == [theirs]
        assert await list_plans(user_id="eve") == []


async def test_B4_what_is_said_wins_over_what_is_bound(memory: MemoryClient) -> None:
    with bind(memory, "acme", "ada", session_id="here", plan_id="p") as here:
        assert bound() == here and here.plan_id == "p"
        assert (await create_plan()).session_id == "here"
        assert (await create_plan(session_id="there")).session_id == "there"
        theirs = await create_plan(user_id="eve")
        assert (theirs.tenant_id, theirs.user_id, theirs.session_id) == ("acme", "eve", None)
        assert (await create_session("s", tenant_id="other")).tenant_id == "other"
        assert len(await list_plans()) == 2
        assert len(await list_plans(session_id="here")) == 1


async def test_B4_outside_nothing_is_bound(memory: MemoryClient) -> None:
    with bind(memory, "acme", "ada"):
        pass
    for call in (create_plan(), create_session("s"), list_plans(tenant_id="acme", user_id="ada")):
        with pytest.raises(ValueError, match="no memory is bound"):
            await call


async def test_tasks_have_what_is_bound_of_their_own(memory: MemoryClient) -> None:
    async def work(user_id: str) -> str:
        with bind(memory, "acme", user_id):
            await create_session(f"of-{user_id}")
            return (await create_plan()).user_id

    users = [f"user{number}" for number in range(5)]
    with bind(memory, "acme", "ada"):
        assert await asyncio.gather(*map(work, users)) == users
        assert (await create_plan()).user_id == "ada"


async def test_what_is_bound_within_is_undone_when_it_fails(memory: MemoryClient) -> None:
    with bind(memory, "acme", "ada"):
        with pytest.raises(RuntimeError), bind(memory, "acme", "eve"):
            raise RuntimeError
        assert bound().user_id == "ada"
