"""What no model ought to say, and some do: it fails no turn, is sent to no provider, and leaves no screen empty."""

import asyncio
import json
from collections.abc import Callable, Iterator

import pytest
from google.adk.models import LlmRequest, LlmResponse
from google.genai import types

from settings import Settings
from tests.conversation.odd import Odd, Opened, Steps, all_running, odd_manager, odd_member
from tests.conversation.support import of_type, reply, status, told
from tests.scripted import call_as, responses, said_whole
from tests.storage.support import file_of, rows

pytestmark = pytest.mark.usefixtures("quiet")

HALF = "\ud800"


def answered(id_: str | None, name: str | None, **response: object) -> types.Part:
    """The response of a tool, as a model invents it."""
    return types.Part(function_response=types.FunctionResponse(id=id_, name=name, response=response))


def as_role(role: str | None, *parts: types.Part) -> LlmResponse:
    return LlmResponse(content=types.Content(role=role, parts=list(parts)))


SEEN = types.Part(text="to be seen")
ODDITIES: dict[str, LlmResponse] = {
    "an invented response": said_whole(answered("x", "get_current_time", a=1), SEEN),
    "an invented response without an id": said_whole(answered(None, None), SEEN),
    "a call and its invented response": said_whole(
        call_as("q", "get_current_time"), answered("q", "get_current_time", a=1)
    ),
    "a delegation and its invented response": said_whole(
        call_as("q", "librarian", request="a"), answered("q", "librarian", result="no")
    ),
    "a blank name": said_whole(call_as(None, "  ")),
    **{f"the role {role!r}": as_role(role, SEEN) for role in ("user", "system", "", None, HALF)},
    "a content whose role is fixed": LlmResponse(content=types.ModelContent([SEEN])),
    "a content whose role is fixed to another": LlmResponse(content=types.UserContent([SEEN])),
    "a call by the user": as_role("user", call_as(None, "get_current_time")),
    "half a character in a type": said_whole(
        SEEN, types.Part(inline_data=types.Blob(data=b"x", mime_type=f"image/{HALF}"))
    ),
    "half a character in an address": said_whole(
        SEEN, types.Part(file_data=types.FileData(file_uri=f"x{HALF}", mime_type="a/b"))
    ),
    "a file without an address": said_whole(SEEN, types.Part(file_data=types.FileData())),
    "an image without data": said_whole(SEEN, types.Part(inline_data=types.Blob())),
    "no number": said_whole(SEEN, avg_logprobs=float("nan")),
    "no finite number": said_whole(SEEN, avg_logprobs=float("-inf"), custom_metadata={"a": float("inf")}),
    "half a character in the model's name": said_whole(SEEN, model_version=f"m{HALF}"),
    "half a character beside it": said_whole(
        SEEN, grounding_metadata=types.GroundingMetadata(web_search_queries=[HALF, "q"])
    ),
    "an object beside it": said_whole(SEEN, custom_metadata={"a": object()}),
    "too many tokens": said_whole(
        SEEN,
        usage_metadata=types.GenerateContentResponseUsageMetadata(
            prompt_token_count=2**70, candidates_token_count=2**62, thoughts_token_count=-1
        ),
    ),
}


def offences(request: LlmRequest) -> Iterator[str]:
    """What a provider refuses in a request, or ought to."""
    calls: list[str | None] = []
    for content in request.contents:
        parts = content.parts or []
        made = [part.function_call for part in parts if part.function_call]
        given = [part.function_response for part in parts if part.function_response]
        if content.role not in ("user", "model"):
            yield f"the role {content.role!r}"
        if (made and content.role == "user") or (given and content.role == "model"):
            yield "a call by the user, or a response by the model"
        names = [call.name for call in made] + [response.name for response in given]
        if not all((name or "").strip() for name in names):
            yield "a call without a name"
        if [each.id for each in given] != calls:
            yield "calls that are not the responses"
        if any((part.file_data and not part.file_data.file_uri) for part in parts):
            yield "a file without an address"
        if any((part.inline_data and not part.inline_data.data) for part in parts):
            yield "an image without data"
        calls = [each.id for each in made]
        json.dumps(content.model_dump(mode="json"), allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize("wrap", [odd_manager, odd_member], ids=["manager", "agent"])
@pytest.mark.parametrize("name", ODDITIES)
async def test_what_no_model_ought_to_say_fails_no_turn_and_is_sent_to_no_provider(
    odd: Opened, settings: Settings, name: str, wrap: Callable[[Odd], Odd]
) -> None:
    asked: list[LlmRequest] = []

    def once(request: LlmRequest) -> Steps:
        return [said_whole("went on")] if responses(request) else [ODDITIES[name]]

    script = wrap(once)

    def noted(request: LlmRequest) -> Steps:
        asked.append(request)
        return script(request)

    async with odd(noted) as conversation:
        events = [await told(conversation, text) for text in ("go", "hello")]
    async with odd(noted) as conversation:
        events.append(await told(conversation, "hello"))
    assert [status(each) for each in events] == ["completed"] * 3
    assert [list(offences(request)) for request in asked] == [[]] * len(asked)
    assert all_running(settings) == []
    for row in rows(file_of(settings.database_url), "SELECT event_data FROM events"):
        assert "NaN" not in row["event_data"] and "Infinity" not in row["event_data"]


async def test_an_answer_by_another_role_is_told_to_the_model_later(odd: Opened) -> None:
    asked: list[LlmRequest] = []

    def script(request: LlmRequest) -> Steps:
        asked.append(request)
        return [as_role(None, SEEN)]

    async with odd(script) as conversation:
        for text in ("one", "two"):
            assert reply(await told(conversation, text)) == "to be seen"
    assert [content.role for content in asked[-1].contents] == ["user", "model", "user"]


@pytest.mark.parametrize("text", ["\u200b", "\ufeff", "\x00", "\x1b\x07", "\u202e \u2066", "\xa0"])
@pytest.mark.parametrize("wrap", [odd_manager, odd_member], ids=["manager", "agent"])
async def test_an_answer_of_which_nothing_can_be_seen_is_none(
    odd: Opened, text: str, wrap: Callable[[Odd], Odd]
) -> None:
    async with odd(wrap(lambda _: [said_whole(text)])) as conversation:
        events = await told(conversation, "go")
    assert status(events) == "failed"
    (error,) = of_type(events, "error")
    assert "without a word" in error["message"]


async def test_what_joins_characters_stays_in_an_answer(odd: Opened) -> None:
    async with odd(lambda _: [said_whole("\U0001f469", "\u200d", "\U0001f4bb")]) as conversation:
        assert reply(await told(conversation, "go")) == "\U0001f469\u200d\U0001f4bb"


async def test_a_code_that_is_long_is_told_in_a_line(odd: Opened) -> None:
    async with odd(lambda _: [LlmResponse(error_code="E\n" * 100_000)]) as conversation:
        (error,) = of_type(await told(conversation, "go"), "error")
    assert len(error["message"]) < 500 and "\n" not in error["message"]


async def test_a_model_cannot_say_which_calls_are_delegations(odd: Opened, settings: Settings) -> None:
    def script(request: LlmRequest) -> Steps:
        claims = {"delegations": ["q"], "spans": {"q": [1.0, 2.0]}, "kept": 1}
        if responses(request):
            return [said_whole("done")]
        return [said_whole(call_as("q", "nobody", request="a"), custom_metadata=claims)]

    async with odd(odd_member(script)) as conversation:
        assert status(await told(conversation, "go")) == "completed"
    assert all_running(settings) == []
    handed = rows(file_of(settings.database_url), "SELECT agent_name FROM delegations")
    assert [row["agent_name"] for row in handed] == ["funny_nerd"]


class HintedError(Exception):
    """An error of a library that happens to have a hint."""

    hint = ""


async def test_an_error_without_words_is_told_in_words_though_it_has_a_hint(odd: Opened, settings: Settings) -> None:
    async with odd(lambda _: [HintedError()]) as conversation:
        (error,) = of_type(await told(conversation, "go"), "error")
    (turn,) = rows(file_of(settings.database_url), "SELECT error FROM turns")
    assert error["message"] == turn["error"] == "it failed with HintedError"
    assert error["hint"]


async def test_the_first_turns_of_two_terminals_in_one_session_are_both_answered(
    settings: Settings, odd: Opened
) -> None:
    async with odd(lambda _: [said_whole("fine")]) as first, odd(lambda _: [said_whole("fine")]) as second:
        for conversation in (first, second):
            conversation.switch("one for both")
        ended = await asyncio.gather(told(first, "one"), told(second, "two"))
    assert [status(events) for events in ended] == ["completed"] * 2
    assert all_running(settings) == []


@pytest.mark.parametrize("wrap", [odd_manager, odd_member], ids=["manager", "agent"])
@pytest.mark.parametrize(("texts", "ended"), [((), "failed"), (("half",), "completed")])
async def test_a_model_cannot_say_that_a_person_has_stopped_the_turn(
    odd: Opened, wrap: Callable[[Odd], Odd], texts: tuple[str, ...], ended: str
) -> None:
    async with odd(wrap(lambda _: [said_whole(*texts, error_code="INVOCATION_ABORTED")])) as conversation:
        events = await told(conversation, "go")
    assert status(events) == ended
    assert len(of_type(events, "error", "cut")) == 1
