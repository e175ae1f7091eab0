"""The raw memory client and the `WorkflowState` helper, side by side, on a database that is made for the demo.

    python -m examples.working_memory.memory_api_demo

The raw client is told in every call whose memory it is; the helper is told once.
"""

import asyncio
import tempfile
from pathlib import Path

from memory import MemoryClient, WorkflowState

PLAN, TENANT, USER = "plan-1", "acme", "ada"
FINDINGS = {"findings": ["agents forget", "databases do not"]}


async def raw(memory: MemoryClient) -> None:
    """Every call names the plan, the tenant and the user."""
    print("1. The raw client")
    await memory.set_plan_state(plan_id=PLAN, key="research_data", value=FINDINGS, tenant_id=TENANT, user_id=USER)
    response = await memory.get_plan_state(PLAN, "research_data", tenant_id=TENANT, user_id=USER)
    print(f"   research_data: {response.value}")
    deleted = await memory.delete_plan_state(PLAN, TENANT, USER, "research_data")
    print(f"   deleted: {deleted.count_deleted}")


async def helper(memory: MemoryClient) -> None:
    """The same, and what the raw client has no call for."""
    print("2. The helper")
    state = WorkflowState(memory, PLAN, tenant_id=TENANT, user_id=USER, agent_id="researcher")
    await state.set("research_data", FINDINGS)
    print(f"   research_data: {await state.get('research_data')}")
    print(f"   draft, which is not there: {await state.get('draft', 'no draft yet')}")
    await state.record_action("research.completed")
    await state.record_action("draft.completed")
    print(f"   actions: {await state.get_action_history()}")


async def together(memory: MemoryClient) -> None:
    """Twenty agents count at once, and none of them is lost: each increment is one operation in the database."""
    print("3. Twenty agents at once")
    state = WorkflowState(memory, PLAN, TENANT, USER)
    await asyncio.gather(*(state.increment("done") for _ in range(20)))
    print(f"   done: {await state.get('done')}")


async def cleanup(memory: MemoryClient) -> None:
    """What is sensitive goes at once, and all of it when the plan is done; the actions stay."""
    print("4. Cleaning up")
    state = WorkflowState(memory, PLAN, TENANT, USER)
    await state.set("api_key", "secret")
    print(f"   api_key deleted: {await state.delete('api_key')}, again: {await state.delete('api_key')}")
    print(f"   the rest: {await state.cleanup()} entries")
    print(f"   actions: {await state.get_action_history()}")


async def main() -> None:
    """All four, on a database that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        async with MemoryClient.open(f"sqlite+aiosqlite:///{Path(folder) / 'demo.db'}") as memory:
            for part in (raw, helper, together, cleanup):
                await part(memory)


if __name__ == "__main__":
    asyncio.run(main())
