"""What the librarian finds in the record, on real sessions and events."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from google.adk.events import Event, EventActions
from google.adk.tools.tool_context import ToolContext
from google.genai import types

from settings import APP_NAME
from state_tools.lookup import search_words
from storage.adk.service import SessionService
from storage.ledger.entries import DELEGATIONS
from sub_agents.librarian.tools import recent_turns, search_record, who_did_what
from tests.conftest import USER
from tests.scripted import call

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
Say = Callable[..., Awaitable[None]]


@pytest.fixture
def say(service: SessionService, tool_context: ToolContext) -> Say:
    """Records an exchange as turn `number`, at that minute; with `agent`, one that was delegated to it."""

    async def record(number: int, question: str, answer: str, agent: str = "", user: str = USER) -> None:
        session_id = "session-1" if user == USER else f"session-of-{user}"
        session = await service.get_session(app_name=APP_NAME, user_id=user, session_id=session_id)
        if session is None:
            session = await service.create_session(app_name=APP_NAME, user_id=user, session_id=session_id)
        second = START.timestamp() + 60 * number
        contents: list[tuple[str, types.Part, dict[str, list[str]] | None]] = [
            ("user", types.Part(text=question), None)
        ]
        if agent:
            handed = call(agent, request=question)
            assert handed.function_call is not None
            handed.function_call.id = f"call-{user}-{number}"
            returned = types.FunctionResponse(id=f"call-{user}-{number}", name=agent, response={"result": answer})
            mark = {DELEGATIONS: [f"call-{user}-{number}"]}
            contents += [
                (APP_NAME, handed, mark),
                (APP_NAME, types.Part(function_response=returned), mark),
            ]
        contents.append((APP_NAME, types.Part(text=answer), None))
        for offset, (author, part, metadata) in enumerate(contents):
            event = Event(
                author=author,
                invocation_id=f"turn-{user}-{number}",
                content=types.Content(role="user" if author == "user" else "model", parts=[part]),
                timestamp=second + offset,
                custom_metadata=metadata,
                actions=EventActions(),
            )
            await service.append_event(session, event)

    return record


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("What did we say about NVDA?", ["nvda"]),
        ("jokes on physics", ["joke", "physic"]),
        ("the watchlist, and the WATCHLIST again", ["watchlist", "again"]),
        ("what did I say", ["what", "did", "i", "say"]),
        ("apple's price", ["apple", "price"]),
        ("?!", []),
    ],
)
def test_a_query_is_reduced_to_its_telling_words(query: str, words: list[str]) -> None:
    assert search_words(query) == words


async def test_a_search_finds_the_word_in_questions_and_answers(tool_context: ToolContext, say: Say) -> None:
    await say(1, "price of NVDA", "NVDA is at 196.94", agent="stock_analyst")
    await say(2, "tell me a joke", "A tab walked in.")
    await say(3, "put it on my watchlist", "nvda is on your watchlist.")
    answer = await search_record("what did I ask about NVDA?", tool_context=tool_context)
    assert answer["status"] == "success"
    matches = {match["user_input"]: match for match in answer["matches"]}
    assert matches.keys() == {"put it on my watchlist", "price of NVDA"}
    assert matches["price of NVDA"] == {
        "when": "2026-11-20T12:01:00+00:00",
        "session_id": "session-1",
        "user_input": "price of NVDA",
        "agent_response": "NVDA is at 196.94",
        "status": "completed",
        "agents": ["stock_analyst"],
    }
    assert answer["note"] == ""


async def test_when_no_turn_has_all_words_those_with_most_come_first(tool_context: ToolContext, say: Say) -> None:
    await say(1, "a joke about python and tabs", "A tab walked in.")
    await say(2, "a joke about java", "Two Integers of 127.")
    answer = await search_record("joke about python snakes", tool_context=tool_context)
    assert [match["user_input"] for match in answer["matches"]] == ["a joke about python and tabs", "a joke about java"]
    assert "some of them" in answer["note"]


async def test_a_search_without_result_is_a_success(tool_context: ToolContext, say: Say) -> None:
    await say(1, "hello", "Hello!")
    answer = await search_record("submarine warfare", tool_context=tool_context)
    assert (answer["status"], answer["matches"], answer["note"]) == ("success", [], "")


async def test_a_search_for_nothing_is_an_error(tool_context: ToolContext) -> None:
    assert (await search_record(" ?", tool_context=tool_context))["status"] == "error"


async def test_nobody_else_s_record_is_read(tool_context: ToolContext, say: Say) -> None:
    await say(1, "my secret plan", "Noted.", agent="funny_nerd", user="eve")
    assert (await search_record("secret", tool_context=tool_context))["matches"] == []
    assert (await recent_turns(tool_context=tool_context))["turns"] == []
    assert (await who_did_what(tool_context=tool_context))["delegations"] == []


@pytest.mark.parametrize(("limit", "expected"), [(2, ["three", "two"]), (0, ["three"]), (99, ["three", "two", "one"])])
async def test_the_last_exchanges_come_newest_first(
    tool_context: ToolContext, say: Say, limit: int, expected: list[str]
) -> None:
    for number, text in enumerate(("one", "two", "three"), 1):
        await say(number, text, f"{text}!")
    answer = await recent_turns(limit, tool_context=tool_context)
    assert [turn["user_input"] for turn in answer["turns"]] == expected


async def test_delegations_tell_who_did_what_and_how_it_went(tool_context: ToolContext, say: Say) -> None:
    await say(1, "price of NVDA", "NVDA is at 196.94", agent="stock_analyst")
    await say(2, "a joke", "A tab walked in.", agent="funny_nerd")
    answer = await who_did_what(tool_context=tool_context)
    assert [each["agent_name"] for each in answer["delegations"]] == ["funny_nerd", "stock_analyst"]
    assert answer["delegations"][1] == {
        "when": "2026-11-20T12:01:01+00:00",
        "agent_name": "stock_analyst",
        "task": "price of NVDA",
        "status": "completed",
        "seconds": 1.0,
    }


async def test_the_delegations_of_the_asking_turn_are_left_out(
    service: SessionService, tool_context: ToolContext, say: Say
) -> None:
    await say(1, "a joke", "A tab walked in.", agent="funny_nerd")
    session = await service.get_session(app_name=APP_NAME, user_id=USER, session_id="session-1")
    assert session is not None
    handed = call("librarian", request="who did what?")
    assert handed.function_call is not None
    handed.function_call.id = "call-now"
    await service.append_event(
        session,
        Event(
            author=APP_NAME,
            invocation_id=tool_context.invocation_id,
            content=types.Content(role="model", parts=[handed]),
            custom_metadata={DELEGATIONS: ["call-now"]},
        ),
    )
    answer = await who_did_what(tool_context=tool_context)
    assert [each["agent_name"] for each in answer["delegations"]] == ["funny_nerd"]
