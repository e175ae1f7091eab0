"""Tools that answer from the record, without the turn that asks."""

import pytest
from google.adk.agents import LlmAgent
from google.adk.agents.invocation_context import InvocationContext
from google.adk.sessions import InMemorySessionService
from google.adk.tools import ToolContext

from settings import APP_NAME
from state_tools.record import NoRecordError, Record
from state_tools.reports import get_agent_performance_stats, get_conversation_summary
from storage.adk.service import SessionService
from tests.storage.support import ADA, EVE, START, Turn, delegated_turn, exchange, store


@pytest.fixture
async def asked(service: SessionService, tool_context: ToolContext) -> ToolContext:
    """The context of a tool in the third turn of a session, with turns elsewhere and of somebody else."""
    await store(service, delegated_turn("turn-a", START))
    await store(service, exchange("hello", "hi", "turn-b", START + 100))
    await store(service, exchange("elsewhere", "yes", "turn-c", START + 200), "session-2")
    await store(service, exchange("secret", "psst", "turn-d", START + 300), "session-1", EVE)
    asking = Turn("turn-1", START + 400)
    asking.user("what have we talked about?")
    await store(service, asking.made)
    return tool_context


async def test_a_summary_tells_the_earlier_turns_the_oldest_first(asked: ToolContext) -> None:
    found = await get_conversation_summary(asked)
    assert found == {
        "status": "success",
        "session_turns": 2,
        "started": "2026-01-02T03:04:05+00:00",
        "first_message": "a joke and a price",
        "agents": {"funny_nerd": 1, "stock_analyst": 1},
        "recent": [
            {
                "when": "2026-01-02T03:04:05+00:00",
                "session_id": "session-1",
                "user_input": "a joke and a price",
                "agent_response": "ha, and 250",
                "status": "completed",
                "agents": found["recent"][0]["agents"],
            },
            {
                "when": "2026-01-02T03:05:45+00:00",
                "session_id": "session-1",
                "user_input": "hello",
                "agent_response": "hi",
                "status": "completed",
                "agents": [],
            },
        ],
    }
    assert sorted(found["recent"][0]["agents"]) == ["funny_nerd", "stock_analyst"]


@pytest.mark.parametrize(("limit", "told"), [(1, ["hello"]), (0, ["hello"]), (-3, ["hello"]), (10**9, None)])
async def test_a_summary_gives_as_many_exchanges_as_asked(
    asked: ToolContext, limit: int, told: list[str] | None
) -> None:
    found = await get_conversation_summary(asked, limit=limit)
    assert [turn["user_input"] for turn in found["recent"]] == (told or ["a joke and a price", "hello"])
    assert found["session_turns"] == 2


async def test_a_summary_of_the_first_turn_has_nothing_to_tell(
    service: SessionService, tool_context: ToolContext
) -> None:
    await store(service, exchange("what have we talked about?")[:1])
    found = await get_conversation_summary(tool_context)
    assert (found["session_turns"], found["first_message"], found["agents"], found["recent"]) == (0, None, {}, [])


async def test_the_agents_performance_is_told_for_this_user(asked: ToolContext) -> None:
    found = await get_agent_performance_stats(asked)
    assert found == {
        "status": "success",
        "agents": [
            {
                "agent_name": agent,
                "delegations": 1,
                "completed": 1,
                "failed": 0,
                "success_rate": 1.0,
                "median_seconds": seconds,
                "p95_seconds": seconds,
                "last_used": "2026-01-02T03:04:06+00:00",
            }
            for agent, seconds in (("funny_nerd", 3.0), ("stock_analyst", 4.0))
        ],
    }


async def test_without_delegations_there_is_no_performance(tool_context: ToolContext) -> None:
    assert await get_agent_performance_stats(tool_context) == {"status": "success", "agents": []}


async def test_the_record_gives_earlier_turns_of_all_sessions_or_of_this_one(asked: ToolContext) -> None:
    record = Record.of(asked)
    assert record.user == ADA
    assert [turn.user_input for turn in await record.recent_turns(9)] == ["elsewhere", "hello", "a joke and a price"]
    assert [turn.user_input for turn in await record.recent_turns(9, session_only=True)] == [
        "hello",
        "a joke and a price",
    ]
    assert [turn.user_input for turn in await record.recent_turns(1)] == ["elsewhere"]


async def test_the_record_is_searched_without_the_asking_turn(asked: ToolContext) -> None:
    record = Record.of(asked)
    assert [turn.user_input for turn in await record.search_turns(["PRICE", "joke"], 9)] == ["a joke and a price"]
    assert [turn.user_input for turn in await record.search_turns(["250"], 9)] == ["a joke and a price"]
    assert await record.search_turns(["talked"], 9) == []
    assert await record.search_turns(["secret"], 9) == []
    assert await record.search_turns([], 9) == []


async def test_the_record_gives_delegations_and_what_was_shown(asked: ToolContext) -> None:
    record = Record.of(asked)
    assert {d.agent_name for d in await record.recent_delegations(9)} == {"funny_nerd", "stock_analyst"}
    assert await record.last_seen("jokes/") is None
    assert (await record.pick_unseen("jokes/python", ["p1", "p2"])).item == "p1"
    assert await record.last_seen("jokes/") == ("jokes/python", "p1")


async def test_without_a_database_there_is_no_record() -> None:
    service = InMemorySessionService()
    session = await service.create_session(app_name=APP_NAME, user_id="ada")
    context = InvocationContext(
        session_service=service, invocation_id="turn-1", agent=LlmAgent(name=APP_NAME), session=session
    )
    with pytest.raises(NoRecordError, match="not kept in a database"):
        Record.of(ToolContext(context))
