"""What each kind of event means for the ledger."""

from datetime import UTC, datetime
from typing import Any

import pytest
from google.adk.events import Event, EventActions
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from storage.ledger.entries import (
    CallEnded,
    DelegationStarted,
    Entry,
    ModelCalled,
    ToolCallStarted,
    TurnEnded,
    TurnStarted,
    entries,
)
from tests.storage.support import START, Turn, call_part, delegating, response_part


def meaning(event: Event, *known: str) -> list[Entry]:
    return entries(event.model_dump(exclude_none=True, mode="json"), known)


def time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


NOW = time(START)
CALLED = ModelCalled("scripted", 10, 3)


def test_a_message_of_the_user_starts_a_turn() -> None:
    event = Turn().user("hello")
    assert meaning(event) == [TurnStarted(NOW, event.id, "hello")]


def test_the_pieces_of_a_message_are_one_input() -> None:
    event = Turn().user("hello ")
    assert event.content is not None and event.content.parts is not None
    event.content.parts.append(types.Part(text="world"))
    assert meaning(event) == [TurnStarted(NOW, event.id, "hello world")]


def test_a_text_of_the_root_agent_ends_the_turn_and_counts_a_model_call() -> None:
    event = Turn().model("hi")
    assert meaning(event) == [CALLED, TurnEnded(NOW, "completed", event.id, "hi", None)]


def test_thoughts_are_no_answer_but_cost_tokens() -> None:
    thought = types.Part(text="hmm", thought=True)
    event = Turn().model(thought, "hi")
    event.usage_metadata = types.GenerateContentResponseUsageMetadata(
        prompt_token_count=7, candidates_token_count=2, thoughts_token_count=5
    )
    assert meaning(event) == [ModelCalled("scripted", 7, 7), TurnEnded(NOW, "completed", event.id, "hi", None)]
    assert meaning(Turn().model(thought)) == [CALLED]


def test_a_piece_of_a_streamed_text_means_nothing() -> None:
    assert meaning(Turn().model("h", partial=True)) == []


def test_a_summary_of_older_events_means_nothing() -> None:
    event = Turn().model("we talked")
    stored = event.model_dump(exclude_none=True, mode="json")
    stored["actions"]["compaction"] = {"start_timestamp": 1.0, "end_timestamp": 2.0}
    assert entries(stored) == []


def test_a_call_that_the_event_names_a_delegation_starts_one() -> None:
    event = Turn().model(call_part("c1", "funny_nerd", request="a joke"), **delegating("c1"))
    assert meaning(event) == [CALLED, DelegationStarted("c1", NOW, "manager", "funny_nerd", "a joke", reported=False)]


def test_a_call_that_the_caller_knows_to_be_a_delegation_starts_one() -> None:
    event = Turn().model(call_part("c1", "funny_nerd", request="a joke"))
    assert DelegationStarted("c1", NOW, "manager", "funny_nerd", "a joke", reported=False) in meaning(event, "c1")


def test_any_other_call_is_a_tool_call_with_its_arguments() -> None:
    event = Turn().model(call_part("c1", "get_stock_price", ticker="AAPL"), author="stock_analyst", of="d1")
    assert meaning(event) == [
        CALLED,
        ToolCallStarted("c1", NOW, "stock_analyst", "get_stock_price", {"ticker": "AAPL"}),
    ]


def test_a_text_beside_calls_does_not_end_the_turn() -> None:
    event = Turn().model("Let me see.", call_part("c1", "funny_nerd", request="a joke"), **delegating("c1"))
    assert not any(isinstance(entry, TurnEnded) for entry in meaning(event))


def test_a_reported_delegation_is_a_tool_call_and_a_delegation() -> None:
    event = Turn().model(call_part("c1", "track_agent_delegation", agent_name="bob", task="dig"))
    assert meaning(event) == [
        CALLED,
        ToolCallStarted("c1", NOW, "manager", "track_agent_delegation", {"agent_name": "bob", "task": "dig"}),
        DelegationStarted("c1", NOW, "manager", "bob", "dig", reported=True),
    ]


def test_a_report_without_an_agent_is_only_a_tool_call() -> None:
    event = Turn().model(call_part("c1", "track_agent_delegation", task="dig"))
    assert [type(entry) for entry in meaning(event)] == [ModelCalled, ToolCallStarted]


def test_a_response_completes_its_call_with_the_times_the_plugin_measured() -> None:
    spans: dict[str, Any] = {"custom_metadata": {"spans": {"c1": [START - 2, START - 1]}}}
    event = Turn().tools(response_part("c1", "get_stock_price", status="success"), **spans)
    assert meaning(event) == [CallEnded("c1", False, "completed", time(START - 2), time(START - 1), None)]


def test_a_response_without_measured_times_ends_when_its_event_was_made() -> None:
    event = Turn().tools(response_part("c1", "get_stock_price", status="success"))
    assert meaning(event) == [CallEnded("c1", False, "completed", None, NOW, None)]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"error": "broken"}, "broken"),
        ({"status": "error", "error_message": "no such ticker"}, "no such ticker"),
        ({"status": "error"}, "error"),
    ],
)
def test_a_response_that_tells_an_error_fails_its_call(answer: dict[str, Any], error: str) -> None:
    event = Turn().tools(response_part("c1", "tool", **answer))
    assert meaning(event) == [CallEnded("c1", False, "failed", None, NOW, error)]


def test_the_text_of_a_delegated_agent_completes_its_delegation_and_not_the_turn() -> None:
    assert meaning(Turn().model("ha", author="funny_nerd", of="c1")) == [
        CALLED,
        CallEnded("c1", True, "completed", None, NOW, None),
    ]


def test_an_error_of_a_delegated_agent_fails_its_delegation() -> None:
    event = Turn().bare(author="funny_nerd", of="c1", error_code="500", error_message="overloaded")
    assert meaning(event) == [CallEnded("c1", True, "failed", None, NOW, "overloaded")]


def test_the_answer_of_a_lone_delegation_ends_it_and_the_turn() -> None:
    event = Turn().tools(response_part("c1", "funny_nerd", result="ha"), types.Part(text="ha"), **delegating("c1"))
    assert meaning(event) == [
        CallEnded("c1", True, "completed", None, NOW, None),
        TurnEnded(NOW, "completed", event.id, "ha", None),
    ]


def test_an_error_of_the_root_agent_fails_the_turn() -> None:
    event = Turn().bare(error_code="429", error_message="slow down")
    assert meaning(event) == [TurnEnded(NOW, "failed", event.id, None, "slow down")]
    nameless = Turn().bare(error_code="429")
    assert meaning(nameless) == [TurnEnded(NOW, "failed", nameless.id, None, "the model stopped: 429")]


def test_a_text_with_an_error_is_an_answer_that_is_not_whole() -> None:
    event = Turn().model("half", error_code="MAX_TOKENS", error_message="it was cut")
    assert meaning(event)[1:] == [TurnEnded(NOW, "completed", event.id, "half", "it was cut")]
    delegated = Turn().model("half", author="funny_nerd", of="c1", error_code="MAX_TOKENS", error_message="it was cut")
    assert meaning(delegated)[1:] == [CallEnded("c1", True, "completed", None, NOW, "it was cut")]


def test_blanks_are_no_answer() -> None:
    assert meaning(Turn().model(" \n")) == [CALLED]
    assert meaning(Turn().model(" ", author="funny_nerd", of="c1")) == [CALLED]


def test_a_call_without_a_name_is_a_call() -> None:
    event = Turn().model(types.Part(function_call=types.FunctionCall(id="c1", args={})))
    assert meaning(event) == [CALLED, ToolCallStarted("c1", NOW, "manager", "unnamed", {})]


def test_an_abort_cancels_the_turn() -> None:
    event = Turn().bare(error_code="INVOCATION_ABORTED", error_message="Invocation was aborted by client.")
    assert meaning(event) == [TurnEnded(NOW, "cancelled", event.id, None, None)]


def test_an_abort_that_answers_open_calls_cancels_them() -> None:
    event = Turn().tools(response_part("c1", "tool", error="aborted"), error_code="INVOCATION_ABORTED")
    assert meaning(event)[0] == CallEnded("c1", False, "cancelled", None, NOW, "aborted")
    assert isinstance(meaning(event)[-1], TurnEnded)


def test_an_event_of_a_state_change_alone_means_nothing() -> None:
    assert meaning(Turn().bare(actions=EventActions(state_delta={"user:x": 1}))) == []


texts = st.text(max_size=12)
ids = st.sampled_from(["c1", "c2", "c3"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
arguments = st.dictionaries(st.sampled_from(["request", "agent_name", "task", "ticker"]), json_values, max_size=3)
answers = st.dictionaries(st.sampled_from(["error", "status", "error_message", "result"]), json_values, max_size=3)
names = st.sampled_from(["funny_nerd", "track_agent_delegation", "get_stock_price"])
parts = st.one_of(
    st.builds(types.Part, text=texts, thought=st.none() | st.booleans()),
    st.builds(types.Part, function_call=st.builds(types.FunctionCall, id=ids, name=names, args=st.none() | arguments)),
    st.builds(
        types.Part,
        function_response=st.builds(types.FunctionResponse, id=ids, name=names, response=st.none() | answers),
    ),
    st.just(types.Part(inline_data=types.Blob(data=b"x", mime_type="image/png"))),
)
counts = st.none() | st.integers(0, 10_000)
usages = st.builds(
    types.GenerateContentResponseUsageMetadata,
    prompt_token_count=counts,
    candidates_token_count=counts,
    thoughts_token_count=counts,
)
contents = st.builds(
    types.Content, role=st.sampled_from(["user", "model", None]), parts=st.none() | st.lists(parts, max_size=4)
)
marks = st.fixed_dictionaries(
    {},
    optional={
        "delegations": st.lists(ids, max_size=3),
        "spans": st.dictionaries(ids, st.tuples(st.floats(0, 2e9), st.floats(0, 2e9)), max_size=3),
        "other": json_values,
    },
)
events = st.builds(
    Event,
    invocation_id=st.just("turn-1"),
    author=st.sampled_from(["user", "manager", "funny_nerd"]),
    timestamp=st.floats(0, 2e9),
    content=st.none() | contents,
    partial=st.none() | st.booleans(),
    branch=st.sampled_from([None, "", "manager", "funny_nerd@c1", "manager@x.funny_nerd@c2"]),
    usage_metadata=st.none() | usages,
    model_version=st.none() | texts,
    error_code=st.sampled_from([None, "429", "INVOCATION_ABORTED"]),
    error_message=st.none() | texts,
    custom_metadata=st.none() | marks,
    actions=st.builds(EventActions, rewind_before_invocation_id=st.sampled_from([None, "turn-0"])),
)


@given(event=events, known=st.sets(ids))
def test_every_well_formed_event_has_a_meaning(event: Event, known: set[str]) -> None:
    found = entries(event.model_dump(exclude_none=True, mode="json"), known)
    assert sum(isinstance(entry, TurnStarted | TurnEnded) for entry in found) <= 1
    assert sum(isinstance(entry, ModelCalled) for entry in found) <= 1
    assert found == entries(event.model_dump(exclude_none=True, mode="json"), known)
