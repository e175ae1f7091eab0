"""A turn always ends and says how, whatever its models, agents and tools do; and the next one works."""

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from google.adk.models import LlmRequest, LlmResponse
from google.genai import types
from google.genai.types import FinishReason
from hypothesis import strategies as st

from conversation.conversation import Conversation
from settings import Settings
from storage.queries import turns
from storage.queries.session_document import document
from storage.queries.sessions import get
from tests.conversation.odd import (
    STEP,
    THOUGHT,
    Odd,
    Opened,
    Steps,
    a_bare_code,
    all_running,
    answer_of,
    in_turn,
    odd_manager,
    odd_member,
    takes,
    turn_rows,
)
from tests.conversation.support import of_type, reply, status, told
from tests.scripted import RawModel, call_as, is_manager, responses, said_last, said_piece, said_whole
from tests.storage.support import file_of, rows

pytestmark = pytest.mark.usefixtures("quiet")


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


@pytest.mark.slow
@hypothesis.settings(max_examples=40, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(script=st.lists(st.lists(STEP, max_size=3), min_size=1, max_size=5))
async def test_every_turn_ends_and_says_how(settings: Settings, made_database: Path, script: list[list[Any]]) -> None:
    async with Conversation.open(settings, models=lambda _: RawModel(script=in_turn(script)), new=True) as conversation:
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
