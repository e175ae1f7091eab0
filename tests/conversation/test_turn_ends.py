"""A turn always ends and says how, whatever its models, agents and tools do; and the next one works."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

import hypothesis
import pytest
from google.adk.agents import LlmAgent
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.genai import types
from google.genai.types import FinishReason
from hypothesis import strategies as st

from conversation import turn as turn_module
from conversation.conversation import Conversation
from settings import Settings
from storage.queries import turns
from storage.queries.session_document import document
from storage.queries.sessions import get
from tests.conversation.support import Told, of_type, reply, status, told
from tests.scripted import RawModel, call_as, is_manager, responses, said_last, said_piece, said_whole
from tests.storage.support import file_of, rows

Steps: TypeAlias = Iterable[LlmResponse | BaseException]
Odd: TypeAlias = Callable[[LlmRequest], Steps]
THOUGHT = types.Part(text="hmm", thought=True)


def a_bare_code(message: str) -> bool:
    return " " not in message.strip()


def odd_manager(odd: Odd) -> Odd:
    """The manager says odd things until it is told "hello"."""

    def script(request: LlmRequest) -> Steps:
        return [said_whole("hello yourself")] if said_last(request) == "hello" else odd(request)

    return script


def odd_member(odd: Odd, *names: str) -> Odd:
    """Agents say odd things; the manager delegates to them, and tells what they answered."""

    def script(request: LlmRequest) -> Steps:
        if not is_manager(request):
            return odd(request)
        if answers := responses(request):
            return [said_whole(f"they said {json.dumps(answers)}")]
        if said_last(request) == "hello":
            return [said_whole("hello yourself")]
        return [said_whole(*(call_as(None, name, request="do it") for name in names or ("funny_nerd",)))]

    return script


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """What ADK logs of broken models has halves of characters, which no report of a test takes."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


Opened: TypeAlias = Callable[[Odd], AbstractAsyncContextManager[Conversation]]


@pytest.fixture
def odd(settings: Settings, made_database: Path) -> Opened:
    return lambda script: Conversation.open(settings, models=lambda _: RawModel(script=script))


def turn_rows(settings: Settings) -> list[dict[str, Any]]:
    return rows(file_of(settings.database_url), "SELECT * FROM turns ORDER BY number")


def all_running(settings: Settings) -> list[dict[str, Any]]:
    """A tool over which its agent failed never ends, and is told as such in the statistics; all else does."""
    tables = ("turns", "delegations")
    return [
        row
        for table in tables
        for row in rows(file_of(settings.database_url), f"SELECT * FROM {table} WHERE status = 'running'")
    ]


def answer_of(events: Told) -> str:
    """What a program that follows the pieces has at the end."""
    text = ""
    for event in of_type(events, "text"):
        text = event["delta"] if event["start"] else text + event["delta"]
    return text


def check_end(events: Told, settings: Settings) -> str:
    """What holds for every turn; returns how it ended."""
    ended = status(events)
    assert ended in ("completed", "failed", "cancelled")
    row = turn_rows(settings)[-1]
    assert row["status"] == ended and row["invocation_id"] == events[-1]["turn_id"]
    assert all_running(settings) == []
    for event in of_type(events, "error", "cut"):
        assert not a_bare_code(event["message"]) and event["hint"]
        assert event["message"] == row["error"]
    assert len(of_type(events, "error")) == (ended == "failed")
    assert len(of_type(events, "cut")) == (ended == "completed" and row["error"] is not None)
    assert len(of_type(events, "reply")) == (ended == "completed")
    if ended == "completed":
        assert reply(events) == row["agent_response"] == answer_of(events)
        assert reply(events).strip() and "Error running sub-agent" not in reply(events)
    started = [event["id"] for event in of_type(events, "delegation_started")]
    assert len(set(started)) == len(started)
    json.dumps(events, ensure_ascii=False, allow_nan=False).encode()
    return ended


async def takes(conversation: Conversation, settings: Settings, text: str = "go") -> Told:
    """One odd turn, and one that is not, which must work."""
    async with asyncio.timeout(20):
        events = await told(conversation, text)
        check_end(events, settings)
        after = await told(conversation, "hello")
    assert (check_end(after, settings), reply(after)) == ("completed", "hello yourself")
    return events


NOTHINGS: dict[str, list[LlmResponse | BaseException]] = {
    "nothing at all": [],
    "pieces only": [said_piece("half a "), said_piece("word")],
    "cancelled by itself": [asyncio.CancelledError()],
    "pieces, then cancelled by itself": [said_piece("half"), asyncio.CancelledError()],
    "no parts": [said_whole()],
    "parts of None": [LlmResponse(content=types.Content(role="model"))],
    "no content": [LlmResponse()],
    "an empty text": [said_whole("")],
    "blanks": [said_whole(" \n\t ")],
    "blanks, at the end": [said_whole(" \n\t ", finish_reason=FinishReason.STOP)],
    "a thought": [said_whole(THOUGHT)],
    "a thought, at the end": [said_whole(THOUGHT, finish_reason=FinishReason.STOP)],
    "an error without a word": [RuntimeError()],
    "an error of one word": [KeyError("x")],
    "an error with half a character": [RuntimeError("a \ud800 b")],
}


@pytest.mark.parametrize("steps", NOTHINGS.values(), ids=NOTHINGS.keys())
async def test_a_model_that_says_nothing_fails_the_turn_with_a_sentence(
    odd: Opened, settings: Settings, steps: list[LlmResponse | BaseException]
) -> None:
    async with odd(odd_manager(lambda _: steps)) as conversation:
        assert status(await takes(conversation, settings)) == "failed"


@pytest.mark.parametrize("steps", NOTHINGS.values(), ids=NOTHINGS.keys())
async def test_an_agent_that_says_nothing_fails_the_turn_when_it_was_the_only_one(
    odd: Opened, settings: Settings, steps: list[LlmResponse | BaseException]
) -> None:
    async with odd(odd_member(lambda _: steps)) as conversation:
        events = await takes(conversation, settings)
    assert status(events) == "failed"
    assert [event["status"] for event in of_type(events, "delegation_finished")] in (["failed"], [])
    handed = rows(file_of(settings.database_url), "SELECT * FROM delegations")
    assert [row["status"] for row in handed] == ["failed"] and handed[0]["error"]


@pytest.mark.parametrize("name", [name for name in NOTHINGS if "cancelled" not in name])
async def test_one_of_two_agents_that_says_nothing_is_told_to_the_manager_as_an_error(
    odd: Opened, settings: Settings, name: str
) -> None:
    def member(request: LlmRequest) -> Steps:
        return NOTHINGS[name] if "get_stock_price" in request.tools_dict else [said_whole("ha")]

    async with odd(odd_member(member, "funny_nerd", "stock_analyst")) as conversation:
        events = await takes(conversation, settings)
    assert status(events) == "completed"
    funny, failed = json.loads(reply(events).removeprefix("they said "))
    assert funny == {"result": "ha"} and list(failed) == ["error"] and not a_bare_code(failed["error"])
    ended = {event["agent"]: event["status"] for event in of_type(events, "delegation_finished")}
    assert ended == {"funny_nerd": "completed", "stock_analyst": "failed"}


CODES = sorted(
    {reason.value for reason in FinishReason} - {"STOP", "FINISH_REASON_UNSPECIFIED"}
    | {"UNKNOWN_ERROR", "429", "JAILBREAK"}
)


@pytest.mark.parametrize(
    ("wrap", "code"), [*((odd_manager, code) for code in CODES), (odd_member, "SAFETY"), (odd_member, "UNKNOWN_ERROR")]
)
async def test_a_model_that_stops_without_text_says_why_in_a_sentence(
    odd: Opened, settings: Settings, code: str, wrap: Callable[[Odd], Odd]
) -> None:
    async with odd(wrap(lambda _: [LlmResponse(error_code=code)])) as conversation:
        events = await takes(conversation, settings)
    (error,) = of_type(events, "error")
    assert code in error["message"]
    if code in ("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "RECITATION", "MAX_TOKENS"):
        assert "send the message again" not in error["hint"].lower()


@pytest.mark.parametrize("code", ["MAX_TOKENS", "SAFETY", "OTHER", "NEW_REASON"])
@pytest.mark.parametrize("fields", [("finish_reason",), ("error_code",), ("error_code", "finish_reason")])
async def test_a_text_that_was_cut_is_shown_and_said_to_be_cut(
    odd: Opened, settings: Settings, code: str, fields: tuple[str, ...]
) -> None:
    values = {field: code for field in fields if field != "finish_reason" or code in FinishReason.__members__}
    whole = said_whole("half an answer", **values)
    if not values:
        return
    for wrap in (odd_manager, odd_member):
        async with odd(wrap(lambda _: [said_piece("half "), whole])) as conversation:
            events = await takes(conversation, settings)
            (turn, *_) = (await turns.history(conversation.database, conversation.key, limit=9))[1:]
            info = await get(conversation.database, conversation.key)
            assert info is not None
            state = await document(conversation.database, conversation.key, info)
        assert (status(events), reply(events)) == ("completed", "half an answer")
        (cut,) = of_type(events, "cut")
        assert code in cut["message"] and "not whole" in cut["message"]
        assert turn.error == cut["message"]
        assert state["conversation_history"][-2]["error"] == cut["message"]
        assert "error" not in state["conversation_history"][-1]
    handed = rows(file_of(settings.database_url), "SELECT status, error FROM delegations")
    assert [(row["status"], row["error"]) for row in handed] == [("completed", cut["message"])]


async def test_the_manager_is_told_that_one_of_two_answers_was_cut(odd: Opened, settings: Settings) -> None:
    def member(request: LlmRequest) -> Steps:
        cut = "get_stock_price" in request.tools_dict
        return [said_whole("25", finish_reason=FinishReason.MAX_TOKENS) if cut else said_whole("ha")]

    async with odd(odd_member(member, "funny_nerd", "stock_analyst")) as conversation:
        events = await takes(conversation, settings)
    funny, price = json.loads(reply(events).removeprefix("they said "))
    assert funny == {"result": "ha"}
    assert price["result"] == "25" and "MAX_TOKENS" in price["note"]


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
    monkeypatch.setattr("state_tools.preferences.next", lambda *_: "ada", raising=False)
    monkeypatch.setattr("state_tools.preferences.iter", lambda *_: (), raising=False)
    monkeypatch.setattr("state_tools.preferences.USER_NAME", "x")
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
    manager = conversation._runner.agent
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


async def test_halves_of_characters_are_no_failure_wherever_they_come_from(odd: Opened, settings: Settings) -> None:
    def script(request: LlmRequest) -> Steps:
        if said_last(request) == "hello":
            return [said_whole("hello yourself")]
        if responses(request):
            return [said_piece("a\ud83d"), said_piece("\ude00b"), said_whole("a\ud83d\ude00b \udfff")]
        return (
            [
                said_whole(
                    call_as("id\ud800", "funny_nerd", request="a \ud800 joke"),
                    call_as("id\ud800", "add_joke_preference", topic="py\ud800thon"),
                    call_as("x\udfff", "no\ud800tool", **{"a\ud800": ["\ud800"]}),
                )
            ]
            if is_manager(request)
            else [said_whole("ha \ud800")]
        )

    async with odd(script) as conversation:
        events = await takes(conversation, settings, "say \ud83d\ude00 \ud800")
    assert (status(events), reply(events)) == ("completed", "a\U0001f600b \ufffd")
    assert turn_rows(settings)[0]["user_input"] == "say \U0001f600 \ufffd"


async def test_a_user_or_session_with_half_a_character_is_usable(settings: Settings, made_database: Path) -> None:
    odd_user = Settings(**{**settings.model_dump(), "chat_user": "ad\udca0a"})
    async with Conversation.open(odd_user, models=lambda _: RawModel(script=odd_manager(lambda _: []))) as conversation:
        assert status(await told(conversation, "hello")) == "completed"
        conversation.switch("s\ud800")
        assert status(await told(conversation, "hello")) == "completed"


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


async def test_a_word_before_a_call_is_no_part_of_the_reply(odd: Opened, settings: Settings) -> None:
    def script(request: LlmRequest) -> Steps:
        if said_last(request) == "hello":
            return [said_whole("hello yourself")]
        if responses(request):
            return [said_piece("It is "), said_piece("late."), said_whole("It is late.")]
        return [said_piece("Let me look."), said_whole("Let me look.", call_as(None, "get_current_time"))]

    async with odd(script) as conversation:
        events = await takes(conversation, settings)
    assert reply(events) == answer_of(events) == "It is late."
    assert [event["start"] for event in of_type(events, "text")] == [True, True, False]


@pytest.mark.parametrize(
    ("steps", "answer"),
    [
        ([said_whole("one"), said_whole("two")], "two"),
        ([said_whole("one"), said_whole("two"), said_whole("three")], "three"),
        ([said_piece("o"), said_piece("ne"), said_whole("one"), said_piece("two"), said_whole("two")], "two"),
        ([said_whole("one"), said_piece("never ended")], "one"),
        ([said_piece("something else"), said_whole("one")], "one"),
        ([said_whole("one"), said_whole()], "one"),
        ([said_whole("one"), said_whole(" ")], "one"),
        ([said_whole("one"), said_whole(THOUGHT)], "one"),
        ([said_whole(""), said_whole("one")], "one"),
        ([said_whole(THOUGHT), said_whole("one")], "one"),
        ([said_whole("one"), said_whole("two", finish_reason=FinishReason.MAX_TOKENS)], "two"),
        ([said_whole("one", finish_reason=FinishReason.MAX_TOKENS), said_whole("two")], "two"),
        ([said_whole("one"), LlmResponse(error_code="SAFETY")], None),
        ([said_whole("one"), RuntimeError("it broke afterwards")], None),
    ],
)
@pytest.mark.parametrize("names", [(), ("funny_nerd",), ("funny_nerd", "stock_analyst")])
async def test_what_is_told_last_is_what_is_recorded(
    odd: Opened,
    settings: Settings,
    steps: list[LlmResponse | BaseException],
    answer: str | None,
    names: tuple[str, ...],
) -> None:
    """Of the manager, of its only agent, and of two, which are told to it."""
    async with odd(odd_member(lambda _: steps, *names) if names else odd_manager(lambda _: steps)) as conversation:
        events = await takes(conversation, settings)
    if len(names) == 2:
        answers = json.loads(reply(events).removeprefix("they said "))
        assert [each.get("result") for each in answers] == [answer] * 2
    else:
        assert [event["text"] for event in of_type(events, "reply")] == [answer][: answer is not None]
    handed = rows(file_of(settings.database_url), "SELECT status FROM delegations")
    assert {row["status"] for row in handed} <= {"completed" if answer else "failed"}


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


class Deaf(BaseLlm):
    """Goes on when it is cancelled, until it is let go; then it still wants to answer."""

    model: str = "scripted"
    entered: Any
    let_go: Any
    by_member: bool = False

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        if said_last(llm_request) == "hello":
            yield said_whole("hello yourself")
        elif self.by_member and is_manager(llm_request):
            yield said_whole(call_as(None, "funny_nerd", request="do it"))
        else:
            self.entered.set()
            while not self.let_go.is_set():
                try:
                    await self.let_go.wait()
                except asyncio.CancelledError:
                    continue
            yield said_piece("far ")
            yield said_whole("far too late", call_as(None, "add_joke_preference", topic="late"))


@pytest.mark.parametrize("by_member", [False, True])
@pytest.mark.parametrize("how", ["timeout", "cancel", "leave"])
async def test_a_model_that_ignores_that_it_is_cancelled_does_not_keep_the_turn(
    settings: Settings, made_database: Path, monkeypatch: pytest.MonkeyPatch, how: str, by_member: bool
) -> None:
    monkeypatch.setattr(turn_module, "_CANCEL_GRACE", 0.2)
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    before = asyncio.all_tasks()
    entered, let_go = asyncio.Event(), asyncio.Event()
    model = Deaf(entered=entered, let_go=let_go, by_member=by_member)
    try:
        async with asyncio.timeout(10), Conversation.open(settings, models=lambda _: model) as conversation:
            conversation.turn_timeout = 0.2 if how == "timeout" else 60
            running = asyncio.create_task(told(conversation, "go"))
            await entered.wait()
            if how == "cancel":
                conversation.cancel()
            if how == "leave":
                running.cancel()
            await asyncio.wait([running])
            expected = "failed" if how == "timeout" else "cancelled"
            assert turn_rows(settings)[0]["status"] == expected
            if how != "leave":
                assert check_end(running.result(), settings) == expected
            conversation.turn_timeout = 60
            after = await told(conversation, "hello")
            assert (check_end(after, settings), reply(after)) == ("completed", "hello yourself")
            kept = whole(settings)
            let_go.set()
            for _ in range(50):
                await asyncio.sleep(0)
            assert whole(settings) == kept
            assert status(await told(conversation, "hello")) == "completed"
    finally:
        let_go.set()
    left = asyncio.all_tasks() - before
    await asyncio.wait(left, timeout=5) if left else None
    assert heard == []


def whole(settings: Settings) -> list[Any]:
    file = file_of(settings.database_url)
    tables = ("events", "turns", "delegations", "tool_calls", "preferences")
    return [rows(file, f"SELECT * FROM {table}") for table in tables]


async def test_what_comes_of_a_turn_that_was_ended_without_it_is_not_kept(
    settings: Settings, made_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_module, "_CANCEL_GRACE", 0.1)
    before = asyncio.all_tasks()
    model = Deaf(entered=asyncio.Event(), let_go=asyncio.Event())
    async with asyncio.timeout(10), Conversation.open(settings, models=lambda _: model) as conversation:
        conversation.turn_timeout = 0.1
        assert status(await told(conversation, "go")) == "failed"
        kept = whole(settings)
        model.let_go.set()
        await asyncio.wait(asyncio.all_tasks() - before, timeout=5)
        assert conversation.database.log is not None
        await conversation.database.log.settled()
        assert whole(settings) == kept
        conversation.turn_timeout = 60
        assert status(await told(conversation, "hello")) == "completed"


async def test_a_conversation_with_a_model_that_never_stops_can_be_closed(
    settings: Settings, made_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_module, "_CANCEL_GRACE", 0.1)
    entered, let_go = asyncio.Event(), asyncio.Event()
    model = Deaf(entered=entered, let_go=let_go)
    try:
        async with asyncio.timeout(5):
            async with Conversation.open(settings, models=lambda _: model) as conversation:
                conversation.turn_timeout = 0.1
                assert status(await told(conversation, "go")) == "failed"
    finally:
        let_go.set()


PARTS = st.sampled_from(["fine", "", " \n", "\ud800", "half \ud83d", "\x1b[31m", "x" * 500])
REASONS = st.sampled_from([None, "STOP", "MAX_TOKENS", "SAFETY", "OTHER", "MALFORMED_FUNCTION_CALL"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
CALLS = st.builds(
    lambda id_, name, args: call_as(id_, name, **args),
    st.sampled_from([None, "", "a", "a", "b\ud800", "c@d"]),
    st.sampled_from(
        ["funny_nerd", "stock_analyst", "add_to_stock_watchlist", "recall", "get_stock_price", "no_tool", "\ud800", ""]
    ),
    st.dictionaries(
        st.sampled_from(["request", "ticker", "query", "limit", "x"]),
        st.just("NVDA") | st.just("do it") | VALUES,
        max_size=2,
    ),
)
WHOLE = st.builds(
    lambda parts, reason: said_whole(*parts, finish_reason=reason),
    st.lists(PARTS | CALLS | st.just(THOUGHT), max_size=3),
    REASONS,
)
STEP = (
    WHOLE
    | st.builds(said_piece, PARTS)
    | st.builds(lambda code: LlmResponse(error_code=code), st.sampled_from(["SAFETY", "OTHER", "429", "NO"]))
    | st.sampled_from([RuntimeError(), ValueError("it broke down"), TimeoutError(), asyncio.CancelledError()])
)


@hypothesis.settings(max_examples=40, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(script=st.lists(st.lists(STEP, max_size=3), min_size=1, max_size=5))
async def test_every_turn_ends_and_says_how(settings: Settings, made_database: Path, script: list[list[Any]]) -> None:
    left = list(script)

    def play(request: LlmRequest) -> Steps:
        if said_last(request) == "hello" and is_manager(request):
            return [said_whole("hello yourself")]
        return left.pop(0) if left else [said_whole("the end")]

    async with Conversation.open(settings, models=lambda _: RawModel(script=play), new=True) as conversation:
        async with asyncio.timeout(20):
            events = await told(conversation, "go")
            row = await turns.history(conversation.database, conversation.key, limit=1)
            assert row[0].status == status(events) in ("completed", "failed", "cancelled")
            assert all_running(settings) == []
            for event in of_type(events, "error", "cut"):
                assert re.search(r"\S \S", event["message"]) and event["hint"]
                assert event["message"] == row[0].error
            assert len(of_type(events, "reply")) == (status(events) == "completed")
            if of_type(events, "reply"):
                assert reply(events) == answer_of(events) == row[0].agent_response
                assert "Error running sub-agent" not in reply(events)
            started = sorted(event["id"] for event in of_type(events, "delegation_started"))
            assert len(set(started)) == len(started)
            json.dumps(events, ensure_ascii=False, allow_nan=False).encode()
            after = await told(conversation, "hello")
            assert (status(after), reply(after)) == ("completed", "hello yourself")
