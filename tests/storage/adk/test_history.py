"""What a finished turn is told as in later ones: what ADK would tell, and nothing that a provider refuses."""

import re
from collections.abc import Sequence

import pytest
from google.adk.events import Event
from google.adk.flows.llm_flows.contents import _get_contents
from google.genai import types
from hypothesis import given
from hypothesis import strategies as st

from storage.adk.history import said, visible
from tests.storage.support import Turn, call_part, response_part

THOUGHT = types.Part(text="hmm", thought=True)
SIGNED = types.Part(text="hmm", thought=True, thought_signature=b"s")
SIGNATURE = types.Part(thought_signature=b"s")
IMAGE = types.Part.from_bytes(data=b"x", mime_type="image/png")


def content(*parts: types.Part | str, role: str | None = "model") -> types.Content:
    return types.Content(role=role, parts=[types.Part(text=part) if isinstance(part, str) else part for part in parts])


@pytest.mark.parametrize(
    "nothing",
    [
        types.Content(role="model"),
        types.Content(role="model", parts=[]),
        content(""),
        content(" \n\t"),
        content("", "  "),
        content(types.Part()),
        content(THOUGHT),
        content(THOUGHT, THOUGHT),
        content(SIGNED),
        content(SIGNATURE),
        content(THOUGHT, " "),
        content("said by nobody", role=None),
        content("", role="user"),
    ],
    ids=lambda nothing: nothing.model_dump_json(exclude_none=True),
)
def test_a_content_in_which_nothing_can_be_seen_is_left_out(nothing: types.Content) -> None:
    assert visible(nothing) is None
    assert said([content("hello", role="user"), nothing, None]) == [content("hello", role="user")]


@pytest.mark.parametrize(
    ("whole", "kept"),
    [
        (content(THOUGHT, "hello"), content("hello")),
        (content("one", "\n", "two"), content("one", "\n", "two")),
        (content(" ", THOUGHT, IMAGE), content(IMAGE)),
        (content("hello", SIGNATURE), content("hello", SIGNATURE)),
        (content(types.Part(text="hello", thought_signature=b"s")),) * 2,
        (content(types.Part(executable_code=types.ExecutableCode(code="1", language=types.Language.PYTHON))),) * 2,
    ],
)
def test_what_can_be_seen_stays_as_it_was_said(whole: types.Content, kept: types.Content) -> None:
    assert visible(whole) == kept


def test_a_call_stays_with_its_response_even_as_a_thought() -> None:
    thought = call_part("1", "look")
    thought.thought = True
    told = [content(thought, THOUGHT, " "), content(response_part("1", "look", found=1), role="user")]
    assert said(told) == [content(thought), told[1]]


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ([content("see", call_part("1", "a"))], [content("see")]),
        ([content(call_part("1", "a"))], []),
        ([content(" ", call_part("1", "a"))], []),
        ([content(THOUGHT, call_part("1", "a"))], []),
        ([content(response_part("1", "a"), role="user")], []),
        ([content(response_part("1", "a"), role="user"), content(call_part("1", "a"))], []),
    ],
)
def test_a_call_and_a_response_without_each_other_are_left_out(
    told: list[types.Content], kept: list[types.Content]
) -> None:
    assert said(told) == kept


def test_an_id_that_is_used_again_pairs_each_call_with_its_own_response() -> None:
    call, response = content(call_part("1", "a")), content(response_part("1", "a"), role="user")
    assert said([call, response, call, response]) == [call, response, call, response]
    assert said([call, response, call]) == [call, response]
    both = content(call_part("1", "a"), call_part("1", "b"))
    answers = content(response_part("1", "a"), response_part("1", "b"), role="user")
    assert said([both, answers]) == [both, answers]


@pytest.mark.parametrize("name", ["adk_framework", "adk_request_credential", "adk_request_confirmation"])
def test_what_adk_asks_of_itself_is_told_to_no_model(name: str) -> None:
    asked = [content(call_part("1", name)), content(response_part("1", name), role="user")]
    assert said([*asked, content("done")]) == [content("done")]


PARTS = st.sampled_from(
    [
        types.Part(text="hello"),
        types.Part(text=""),
        types.Part(text=" "),
        THOUGHT,
        SIGNED,
        SIGNATURE,
        IMAGE,
        types.Part(),
    ]
)
STEPS = st.lists(
    st.one_of(
        st.lists(PARTS, max_size=3),
        st.sampled_from(["call", "pair", "response", "error", "sub-agent"]),
    ),
    max_size=6,
)


def played(steps: Sequence[list[types.Part] | str]) -> list[Event]:
    turn = Turn()
    turn.user("go on")
    for number, step in enumerate(steps):
        match step:
            case "call":
                turn.model(call_part(f"c{number}", "look"), "looking")
            case "pair":
                turn.model(call_part(f"c{number}", "look"))
                turn.tools(response_part(f"c{number}", "look", found=number))
            case "response":
                turn.tools(response_part(f"c{number}", "look"))
            case "error":
                turn.bare(error_code="500", error_message="broken")
            case "sub-agent":
                turn.model(call_part(f"c{number}", "funny_nerd"))
                turn.model("ha", author="funny_nerd", of=f"c{number}")
                turn.tools(response_part(f"c{number}", "funny_nerd", result="ha"))
            case list():
                turn.model(*step)
    return turn.made


@given(steps=STEPS)
def test_of_any_turn_it_is_what_adk_tells_without_thoughts_and_blanks(steps: list[list[types.Part] | str]) -> None:
    events = played(steps)
    adks = [kept for told in _get_contents(None, events, "manager") if (kept := visible(told))]
    ours = said(event.content for event in events if not event.branch)
    assert ours == adks
    assert all(content.parts for content in ours)
    assert not re.search(r'"thought":true', "".join(content.model_dump_json() for content in ours))
