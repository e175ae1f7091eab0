"""What ADK promises of events, checked alike of its own session service and of ours."""

import time
from typing import Any

import pytest
from google.adk.events import Event, EventActions
from google.adk.events.event_actions import EventCompaction
from google.adk.sessions import Session
from google.genai import types

from tests.storage.adk.door import Door, changing, said
from tests.storage.support import call_part, response_part


async def test_every_field_of_an_event_comes_back(door: Door) -> None:
    session = await door.make("s")
    event = Event(
        invocation_id="turn",
        author="agent",
        branch="agent@1.other",
        content=types.Content(
            role="model",
            parts=[
                types.Part(text="text"),
                types.Part(text="hmm", thought=True, thought_signature=b"\x00\xff"),
                types.Part.from_bytes(data=b"\x00image\xff", mime_type="image/png"),
                call_part("call", "look", deep={"a": [1, None, 1.5]}),
                response_part("call", "look", found="ü"),
            ],
        ),
        actions=EventActions(
            skip_summarization=True,
            state_delta={"mine": 1},
            artifact_delta={"file": 0},
            transfer_to_agent="other",
            escalate=True,
            compaction=EventCompaction(
                start_timestamp=1.5, end_timestamp=2.5, compacted_content=types.Content(role="model", parts=[])
            ),
        ),
        long_running_tool_ids={"call"},
        grounding_metadata=types.GroundingMetadata(search_entry_point=types.SearchEntryPoint(sdk_blob=b"blob")),
        usage_metadata=types.GenerateContentResponseUsageMetadata(prompt_token_count=1, candidates_token_count=2),
        finish_reason=types.FinishReason.MAX_TOKENS,
        model_version="scripted",
        custom_metadata={"ours": [1, {"deep": None}]},
        turn_complete=True,
        partial=False,
        error_code="code",
        error_message="message",
        interrupted=True,
        timestamp=1234.567891,
    )
    await door.add(session, event)
    assert (await door.again()).events == [event] == session.events


@pytest.mark.parametrize(
    "part",
    [
        types.Part(text=""),
        types.Part(text="\N{SNOWMAN} \U0001f600\n\t\x00\x1b"),
        types.Part(text="x" * 1_000_000),
        types.Part.from_bytes(data=bytes(range(256)), mime_type="application/octet-stream"),
        types.Part.from_uri(file_uri="gs://x/y.png", mime_type="image/png"),
        types.Part(executable_code=types.ExecutableCode(code="1", language=types.Language.PYTHON)),
        types.Part(code_execution_result=types.CodeExecutionResult(outcome=types.Outcome.OUTCOME_OK, output="1")),
    ],
    ids=lambda part: part.model_dump_json(exclude_none=True)[:30],
)
async def test_every_kind_of_part_comes_back(door: Door, part: types.Part) -> None:
    event = Event(invocation_id="turn", author="agent", content=types.Content(role="model", parts=[part]))
    await door.add(await door.make("s"), event)
    assert (await door.again()).events == [event]


async def test_an_event_without_content_is_an_event(door: Door) -> None:
    bare = [Event(author="user"), Event(invocation_id="turn", author="agent", error_code="500"), changing(a=1)]
    await door.add(await door.make("s"), *bare)
    assert (await door.again()).events == bare


async def test_a_whole_session_comes_back_as_it_is_in_hand(door: Door) -> None:
    session = await door.make("s", mine=1)
    await door.add(session, said("one"), changing(mine=2, user__ours=3), said("two", "agent"))
    assert await door.get() == session


async def test_a_piece_of_an_answer_is_not_stored(door: Door) -> None:
    session = await door.make("s")
    piece = said("hel", "agent", partial=True, actions=EventActions(state_delta={"mine": 1}))
    assert await door.service.append_event(session, piece) is piece
    assert (session.events, (await door.again()).events, (await door.again()).state) == ([], [], {})
    await door.add(session, said("hello", "agent"))
    assert len((await door.again()).events) == 1


async def test_the_event_that_was_added_is_returned(door: Door) -> None:
    event = said()
    assert await door.service.append_event(await door.make("s"), event) is event


async def test_an_event_is_added_once(door: Door) -> None:
    session, event = await door.make("s"), said()
    await door.add(session, event)
    with pytest.raises(Exception, match="UNIQUE"):
        await door.add(session, event)
    assert len((await door.again()).events) == 1
    await door.add(await door.again(), said("next"))


async def test_events_come_back_in_the_order_of_their_times(door: Door) -> None:
    at = time.time()
    await door.add(await door.make("s"), *(said(str(number), timestamp=at + number) for number in range(20)))
    assert [event.timestamp for event in (await door.again()).events] == [at + number for number in range(20)]


async def test_events_of_one_moment_come_back_in_one_order(door: Door) -> None:
    await door.add(await door.make("s"), *(said(id=id_, timestamp=1_000.0) for id_ in ("c", "a", "b")))
    assert [event.id for event in (await door.again()).events] == ["a", "b", "c"]
    assert [event.id for event in (await door.again(num_recent_events=2)).events] == ["b", "c"]


@pytest.fixture
async def five(door: Door) -> Session:
    session = await door.make("s")
    await door.add(session, *(said(str(number), timestamp=float(number), id=str(number)) for number in range(1, 6)))
    return session


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({}, "12345"),
        ({"num_recent_events": 3}, "345"),
        ({"num_recent_events": 0}, ""),
        ({"num_recent_events": 99}, "12345"),
        ({"after_timestamp": 4.0}, "45"),
        ({"after_timestamp": 4.000001}, "5"),
        ({"after_timestamp": 50.0}, ""),
        ({"after_timestamp": 0.0}, "12345"),
        ({"after_timestamp": 4.0, "num_recent_events": 3}, "45"),
        ({"after_timestamp": 2.0, "num_recent_events": 1}, "5"),
    ],
)
async def test_some_of_the_events_are_read(door: Door, config: dict[str, Any], found: str) -> None:
    session = await door.again(**config)
    assert "".join(event.id for event in session.events) == found


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("config", [{"num_recent_events": 0}, {"num_recent_events": 1}, {"after_timestamp": 50.0}])
async def test_a_session_that_was_read_in_part_can_go_on(door: Door, config: dict[str, Any]) -> None:
    part = await door.again(**config)
    await door.add(part, said("6", timestamp=6.0, id="6"), changing(mine=1))
    whole = await door.again()
    assert ([event.id for event in whole.events[:6]], whole.state) == (["1", "2", "3", "4", "5", "6"], {"mine": 1})
