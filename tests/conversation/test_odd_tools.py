"""A turn ends and says how, whatever its tools take and return, and however often they are called."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from google.adk.agents import LlmAgent
from google.adk.models import LlmRequest

from conversation.conversation import Conversation
from settings import Settings
from tests.conversation.odd import Opened, Steps, all_running, check_end, odd_member, takes
from tests.conversation.support import of_type, reply, status, told
from tests.scripted import RawModel, call_as, is_manager, responses, said_last, said_whole
from tests.storage.support import file_of, rows

pytestmark = pytest.mark.usefixtures("quiet")


class Thing:
    """What has no JSON."""


RESULTS: dict[str, Any] = {
    "keys that are numbers": {1: {2: 3}},
    "keys that are pairs": {(1, 2): 3},
    "bytes": b"\xff\xfe",
    "no number": {"price": float("nan"), "high": float("inf")},
    "a set": {"tags": {"a"}},
    "a time": {"at": datetime(2026, 1, 2)},
    "an object": Thing(),
    "an object within": {"thing": Thing()},
    "half a character": {"text": "a\ud800", "\udfff": 1},
    "a huge number": 10**5000,
    "nothing": None,
    "a text": "fine",
}


def nested() -> dict[str, Any]:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"a": deep}
    return deep


RESULTS["what is too deep"] = nested()


RESULTS["a circle"] = RESULTS.setdefault("circle", [])
RESULTS["circle"].append(RESULTS["circle"])


@pytest.mark.parametrize("name", RESULTS)
async def test_whatever_a_tool_returns_reaches_the_model_as_json(
    odd: Opened, settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    async def returns(*_: object) -> Any:
        return RESULTS[name]

    monkeypatch.setattr("state_tools.record.Record.preferences", returns)
    monkeypatch.setattr("state_tools.preferences.preference_document", lambda known: known)
    monkeypatch.setattr("state_tools.preferences.user_name", lambda *_: "ada")
    seen: list[Any] = []

    def script(request: LlmRequest) -> Steps:
        if said_last(request) == "hello":
            return [said_whole("hello yourself")]
        if answers := responses(request):
            seen.extend(answers)
            return [said_whole("done")]
        return [said_whole(call_as(None, "get_user_preferences"))]

    async with odd(script) as conversation:
        events = await takes(conversation, settings)
    assert (status(events), reply(events)) == ("completed", "done")
    assert json.dumps(seen, allow_nan=False, ensure_ascii=False).encode()
    (called,) = of_type(events, "tool_call")
    (row,) = rows(file_of(settings.database_url), "SELECT * FROM tool_calls")
    assert called["status"] == row["status"]


class Boom(Exception):
    pass


def breaking(conversation: Conversation, **callbacks: Any) -> None:
    """Gives an agent callbacks of its own, as a person who extends the team would."""
    manager = conversation.app.runner.agent
    assert isinstance(manager, LlmAgent)
    agent = manager.find_agent("funny_nerd")
    assert agent is not None
    for name, callback in callbacks.items():
        setattr(agent, name, callback)


def raises(*_: Any, **__: Any) -> None:
    raise Boom("the callback is broken")


@pytest.mark.parametrize(
    "callback", ["after_tool_callback", "before_tool_callback", "before_agent_callback", "after_model_callback"]
)
@pytest.mark.parametrize("names", [("funny_nerd",), ("funny_nerd", "stock_analyst")])
async def test_an_agent_that_fails_outside_its_model_is_a_failed_delegation(
    odd: Opened, settings: Settings, callback: str, names: tuple[str, ...]
) -> None:
    def member(request: LlmRequest) -> Steps:
        calls = "list_joke_topics" in request.tools_dict and not responses(request)
        return [said_whole(call_as(None, "list_joke_topics")) if calls else said_whole("fine")]

    async with odd(odd_member(member, *names)) as conversation:
        breaking(conversation, **{callback: raises})
        events = await takes(conversation, settings)
    alone = len(names) == 1
    assert status(events) == ("failed" if alone else "completed")
    assert ["the callback is broken"] * alone == [event["message"] for event in of_type(events, "error")]
    if not alone:
        assert json.loads(reply(events).removeprefix("they said "))[0] == {"error": "the callback is broken"}
    handed = rows(file_of(settings.database_url), "SELECT * FROM delegations WHERE agent_name = 'funny_nerd'")
    assert [(row["status"], row["error"]) for row in handed] == [("failed", "the callback is broken")]


async def test_state_that_has_no_json_is_no_failure(odd: Opened, settings: Settings) -> None:
    def writes(callback_context: Any, **_: Any) -> None:
        callback_context.state["odd"] = {1: "a\ud800"}
        callback_context.state["object"] = Thing()

    async with odd(odd_member(lambda _: [said_whole("ha")])) as conversation:
        breaking(conversation, before_agent_callback=writes)
        events = await takes(conversation, settings)
    assert (status(events), reply(events)) == ("completed", "ha")
    (session,) = rows(file_of(settings.database_url), "SELECT state FROM sessions")
    assert json.loads(session["state"])["odd"] == {"1": "a\ufffd"}


@pytest.mark.parametrize("id_", ["same", "", "a@b", "a.b", "x" * 300, "é"])
async def test_calls_with_one_id_are_each_run_and_recorded(odd: Opened, settings: Settings, id_: str) -> None:
    """In one reply, in a later reply of the turn, in an agent at the same time, and in the next turn."""

    def script(request: LlmRequest) -> Steps:
        said = said_last(request)
        if not is_manager(request):
            if responses(request):
                return [said_whole(f"did {said}")]
            return (
                [said_whole(call_as(id_, "get_current_time"))]
                if "get_current_time" in request.tools_dict
                else [said_whole("did it")]
            )
        if said == "hello":
            return [said_whole("hello yourself")]
        rounds = sum(bool(part.function_response) for content in request.contents for part in content.parts or [])
        if said.startswith("go"):
            return [
                said_whole(
                    call_as(id_, "funny_nerd", request="first"),
                    call_as(id_, "funny_nerd", request="second"),
                    call_as(id_, "add_joke_preference", topic="math"),
                    call_as(id_, "add_joke_preference", topic="python"),
                )
            ]
        if rounds % 5 == 4:
            return [said_whole(call_as(id_, "add_joke_preference", topic="linux"))]
        return [said_whole("done")]

    async with odd(script) as conversation:
        for _ in range(2):
            events = await told(conversation, "go")
            assert check_end(events, settings) == "completed"
            started = of_type(events, "delegation_started")
            assert [event["task"] for event in started] == ["first", "second"]
            finished = of_type(events, "delegation_finished")
            assert sorted(event["id"] for event in finished) == sorted(event["id"] for event in started)
            assert [event["args"]["topic"] for event in of_type(events, "tool_call")] == ["math", "python", "linux"]
    file = file_of(settings.database_url)
    assert [row["n"] for row in rows(file, "SELECT COUNT(*) n FROM delegations")] == [4]
    assert [row["n"] for row in rows(file, "SELECT COUNT(*) n FROM tool_calls")] == [6]
    assert all_running(settings) == []


@pytest.mark.parametrize("agent", ["manager", "funny_nerd"])
@pytest.mark.parametrize("limit", [3, 25])
async def test_calls_for_ever_end_at_a_limit_that_can_be_set(
    settings: Settings, made_database: Path, agent: str, limit: int
) -> None:
    def script(request: LlmRequest) -> Steps:
        if said_last(request) == "hello":
            return [said_whole("hello yourself")]
        if agent == "funny_nerd" and is_manager(request):
            return [said_whole(call_as(None, "funny_nerd", request="do it"))]
        name = "get_current_time" if agent == "manager" else "list_joke_topics"
        return [said_whole(call_as(None, name))]

    assert settings.turn_model_calls == 25
    limited = Settings(**{**settings.model_dump(), "turn_model_calls": limit})
    async with Conversation.open(limited, models=lambda _: RawModel(script=script)) as conversation:
        events = await takes(conversation, settings)
    (error,) = of_type(events, "error")
    assert (status(events), events[-1]["model_calls"]) == ("failed", limit)
    assert str(limit) in error["message"] and "TURN_MODEL_CALLS" in error["hint"]


ARGUMENTS: dict[str, dict[str, Any]] = {
    "an object for a text": {"ticker": {"a": [1]}},
    "a list for a text": {"ticker": ["NVDA"]},
    "a number for a text": {"ticker": 5},
    "null": {"ticker": None},
    "none": {},
    "another name": {"symbol": "NVDA"},
    "one too many": {"ticker": "NVDA", "note": "x"},
    "no number": {"ticker": float("nan")},
    "no JSON": {"ticker": Thing()},
}


@pytest.mark.parametrize("name", ARGUMENTS)
async def test_arguments_of_the_wrong_type_are_refused_with_an_error_for_the_model(
    odd: Opened, settings: Settings, name: str
) -> None:
    seen: list[dict[str, Any]] = []

    def script(request: LlmRequest) -> Steps:
        if said_last(request) == "hello":
            return [said_whole("hello yourself")]
        seen.extend(responses(request))
        return [said_whole("done") if seen else said_whole(call_as(None, "add_to_stock_watchlist", **ARGUMENTS[name]))]

    async with odd(script) as conversation:
        events = await takes(conversation, settings)
    assert status(events) == "completed"
    assert seen[0]["status"] == "error" and "ticker" in seen[0]["error_message"]
    assert rows(file_of(settings.database_url), "SELECT * FROM preferences") == []
    (call,) = of_type(events, "tool_call")
    assert call["status"] == "failed"


@pytest.mark.parametrize("arguments", [{}, {"request": None}, {"request": {"a": 1}}, {"request": " "}, {"task": "x"}])
async def test_a_delegation_without_a_task_in_words_is_told_to_the_manager(
    odd: Opened, settings: Settings, arguments: dict[str, Any]
) -> None:
    def script(request: LlmRequest) -> Steps:
        assert is_manager(request)
        if said_last(request) == "hello":
            return [said_whole("hello yourself")]
        if answers := responses(request):
            return [said_whole(answers[0]["error_message"])]
        return [said_whole(call_as(None, "funny_nerd", **arguments))]

    async with odd(script) as conversation:
        events = await takes(conversation, settings)
    assert "request" in reply(events)
    assert [row["status"] for row in rows(file_of(settings.database_url), "SELECT * FROM delegations")] == ["failed"]
