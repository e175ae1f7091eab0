"""The raw client: one database, every call says whose it is, and what comes back has the fields that the seeds read."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from memory import MemoryClient, WorkflowState
from settings import Settings
from storage.database import Database
from storage.errors import StorageError
from storage.memory.errors import BadNameError, BadValueError, ConflictError, NotThereError, StatusError
from tests.storage.support import file_of

MINE: dict[str, Any] = {"tenant_id": "acme", "user_id": "ada"}
EVE: dict[str, Any] = {"tenant_id": "acme", "user_id": "eve"}
OTHER: dict[str, Any] = {"tenant_id": "other", "user_id": "ada"}


@pytest.fixture
def memory(database: Database) -> MemoryClient:
    return MemoryClient(database)


async def test_a_url_is_opened_and_closed(settings: Settings) -> None:
    async with MemoryClient.open(settings.database_url) as memory:
        await memory.create_plan("p", **MINE)
        assert memory.store and memory.database.file == file_of(settings.database_url)
    async with MemoryClient.open(settings.database_url) as memory:
        assert (await memory.get_plan("p", **MINE)).status == "running"


async def test_without_a_url_it_is_the_settings_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", str(tmp_path / "mine.db"))
    memory = MemoryClient()
    assert not (tmp_path / "mine.db").exists()
    for _ in range(2):
        async with memory as entered:
            assert entered is memory and memory.database.file == tmp_path / "mine.db"
            await memory.list_plans(**MINE)
        with pytest.raises(StorageError, match="the memory is not open"):
            await memory.list_plans(**MINE)


async def test_it_can_be_used_as_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", str(tmp_path / "mine.db"))
    memory = MemoryClient()
    made = [memory.set_plan_state(plan_id="p", key=str(key), value=key, **MINE) for key in range(8)]
    await asyncio.gather(*made)
    assert await WorkflowState(memory, "p", "acme", "ada").snapshot() == {str(key): key for key in range(8)}
    await memory.close()
    with pytest.raises(StorageError, match="the memory is not open"):
        await memory.list_plans(**MINE)
    async with memory:
        assert (await memory.get_plan_state("p", "7", **MINE)).value == 7


async def test_what_erases_may_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", str(tmp_path / "mine.db"))
    memory = MemoryClient()
    assert sum((await memory.erase_user("acme", "ada")).values()) == 0
    await memory.close()


async def test_a_database_that_others_opened_stays_open(database: Database) -> None:
    async with MemoryClient(database) as memory:
        await memory.create_plan("p", **MINE)
    assert await memory.get_plan("p", **MINE)


@pytest.mark.parametrize("value", ["text", 42, 1.5, True, None, [], {}, "", {"tasks": [1, {"priority": 1}]}])
async def test_values_of_a_plan_come_back(memory: MemoryClient, value: Any) -> None:
    written = await memory.set_plan_state(plan_id="p", key="k", value=value, **MINE)
    response = await memory.get_plan_state("p", "k", **MINE)
    assert response.value == value and type(response.value) is type(value)
    assert response == written
    assert (response.id, response.tenant_id, response.user_id) == ("p/k", "acme", "ada")
    assert (response.plan_id, response.key) == ("p", "k")


async def test_a_value_that_is_absent_is_an_error_of_the_raw_client(memory: MemoryClient) -> None:
    await memory.set_plan_state("p", "k", 1, **MINE)
    for plan_id, key, whose in (("p", "other", MINE), ("q", "k", MINE), ("p", "k", EVE), ("p", "k", OTHER)):
        with pytest.raises(NotThereError, match=f"the plan '{plan_id}' has nothing called '{key}'"):
            await memory.get_plan_state(plan_id, key, **whose)


async def test_one_value_or_all_of_a_plan_s_are_deleted(memory: MemoryClient) -> None:
    for key in ("a", "b", "c"):
        await memory.set_plan_state("p", key, 1, **MINE)
    await memory.set_plan_state("q", "a", 1, **MINE)
    assert (await memory.delete_plan_state("p", **EVE)).count_deleted == 0
    one = await memory.delete_plan_state("p", **MINE, key="a")
    assert (one.success, one.deleted, one.message) == (True, True, "1 value deleted")
    again = await memory.delete_plan_state("p", **MINE, key="a")
    assert (again.success, again.deleted) == (True, False)
    assert [(await memory.delete_plan_state("p", **MINE)).count_deleted for _ in range(2)] == [2, 0]
    assert (await memory.get_plan_state("q", "a", **MINE)).value == 1


async def test_P1_P2_plans_are_made_and_listed(memory: MemoryClient) -> None:
    plan = await memory.create_plan("p", "research.goal", {"topic": "AI"}, **MINE)
    assert (plan.plan_id, plan.status, plan.session_id, plan.parent_plan_id) == ("p", "running", None, None)
    assert (plan.goal_event, plan.goal_data, plan.created_at) == ("research.goal", {"topic": "AI"}, plan.updated_at)
    for number in range(25):
        await memory.create_plan(session_id="s" if number % 2 else None, **MINE)
    assert len(await memory.list_plans(**MINE)) == 20
    assert len(await memory.list_plans(**MINE, limit=100)) == 26
    assert len(await memory.list_plans(**MINE, session_id="s")) == 12
    assert await memory.list_plans(**MINE, status="paused") == []
    assert (await memory.list_plans(**MINE, limit=1))[0].updated_at > plan.updated_at
    for limit in (0, 101):
        with pytest.raises(BadValueError, match="limit must be 1 to 100"):
            await memory.list_plans(**MINE, limit=limit)


async def test_P3_a_plan_is_unique_in_its_tenant(memory: MemoryClient) -> None:
    await memory.create_plan("p", **MINE)
    for whose in (MINE, EVE):
        with pytest.raises(ConflictError):
            await memory.create_plan("p", **whose)
    assert (await memory.create_plan("p", **OTHER)).tenant_id == "other"


async def test_P4_a_plan_s_status_follows_and_goes_no_other_way(memory: MemoryClient) -> None:
    await memory.create_plan("p", **MINE, status="pending")
    for status in ("running", "paused", "running"):
        assert (await memory.update_plan_status("p", status, **MINE)).status == status
    assert (await memory.update_plan_status("p", "completed", **MINE, result=[1])).result == [1]
    for status in ("foo", "running"):
        with pytest.raises(StatusError):
            await memory.update_plan_status("p", status, **MINE)
    assert [plan.plan_id for plan in await memory.list_plans(**MINE, status="completed")] == ["p"]
    with pytest.raises(NotThereError):
        await memory.update_plan_status("p", "running", **EVE)


async def test_P6_a_plan_moves_its_session(memory: MemoryClient) -> None:
    for session_id in ("a", "b"):
        await memory.create_session(session_id, name="Q1", metadata={"n": 1}, **MINE)
    assert [each.session_id for each in await memory.list_sessions(**MINE)] == ["b", "a"]
    await memory.create_plan(session_id="a", **MINE)
    assert [each.session_id for each in await memory.list_sessions(**MINE)] == ["a", "b"]
    session = await memory.get_session("a", **MINE)
    assert (session.name, session.metadata) == ("Q1", {"n": 1})
    assert session.last_interaction > session.created_at
    assert await memory.delete_session("a", **MINE)
    with pytest.raises(NotThereError, match="there is no session 'a'"):
        await memory.get_session("a", **MINE)


async def test_P7_plans_of_a_tree_and_their_memory(memory: MemoryClient) -> None:
    await memory.create_plan("main", session_id="s", **MINE)
    await memory.create_plan("part", session_id="s", parent_plan_id="main", **MINE)
    await memory.create_plan("piece", session_id="s", parent_plan_id="part", **MINE)
    assert [plan.plan_id for plan in await memory.list_plans(**MINE, parent_plan_id="main")] == ["part"]
    assert [plan.plan_id for plan in await memory.plans_below("main", **MINE)] == ["part", "piece"]
    await memory.set_plan_state("main", "k", 1, **MINE)
    with pytest.raises(NotThereError):
        await memory.get_plan_state("part", "k", **MINE)


async def test_a_plan_is_deleted_once(memory: MemoryClient) -> None:
    await memory.create_plan("p", **MINE)
    await memory.set_plan_state("p", "k", 1, **MINE)
    assert not await memory.delete_plan("p", **EVE)
    assert [await memory.delete_plan("p", **MINE) for _ in range(2)] == [True, False]
    for gone in (memory.get_plan("p", **MINE), memory.get_plan_state("p", "k", **MINE)):
        with pytest.raises(NotThereError):
            await gone


async def test_P8_a_user_and_then_a_tenant_are_erased(memory: MemoryClient) -> None:
    for whose in (MINE, EVE, OTHER):
        await memory.create_plan(session_id="s", **whose)
        await memory.set_plan_state("p", "k", 1, **whose)
    erased = await memory.erase_user(**MINE)
    assert (erased["plans"], erased["memory_entries"], erased["memory_history"]) == (1, 1, 1)
    assert [len(await memory.list_plans(**whose)) for whose in (MINE, EVE, OTHER)] == [0, 1, 1]
    assert (await memory.erase_tenant("acme"))["plans"] == 1
    assert [len(await memory.list_plans(**whose)) for whose in (EVE, OTHER)] == [0, 1]


async def test_whose_it_is_must_be_said(memory: MemoryClient) -> None:
    unsaid: list[dict[str, Any]] = [MINE | {"tenant_id": ""}, MINE | {"user_id": ""}]
    for whose in unsaid:
        for refused in (memory.create_plan(**whose), memory.list_plans(**whose), memory.list_sessions(**whose)):
            with pytest.raises(BadNameError):
                await refused
