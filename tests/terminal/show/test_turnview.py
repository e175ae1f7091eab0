from collections.abc import Sequence

import pytest

from conversation.events import (
    AnswerCut,
    DelegationFinished,
    DelegationStarted,
    Reply,
    SessionOpened,
    TextDelta,
    ToolCalled,
    TurnError,
    TurnEvent,
)
from terminal.show.turnview import TurnView
from tests.terminal.talking import answered, finished, screen, stream

JOKE: Sequence[TurnEvent] = (
    SessionOpened("session-1", False),
    DelegationStarted("d1", "funny_nerd", "Tell me a joke about Python."),
    ToolCalled("t1", "funny_nerd", "get_nerd_joke", {"topic": "python"}, "completed", 0.01),
    DelegationFinished("d1", "funny_nerd", "completed", 0.21),
    TextDelta("funny_nerd", "Why **not**?"),
    Reply("Why **not**?", ("funny_nerd",)),
    finished(),
)


async def shown(events: Sequence[TurnEvent], width: int = 60, *, verbose: bool = False, terminal: bool = False) -> str:
    console, out = screen(width, terminal=terminal)
    await TurnView(console, verbose).show(stream(events))
    return out.getvalue()


async def test_a_turn_leaves_its_delegations_who_answered_and_the_answer() -> None:
    lines = (await shown(JOKE)).splitlines()
    assert lines == ["✓ funny_nerd · Tell me a joke about Python. · 0.2 s", "", "funny_nerd", "Why not?", ""]


async def test_the_answer_and_how_the_turn_ended_are_given_back() -> None:
    console, _ = screen()
    reply, ended = await TurnView(console).show(stream(JOKE))
    assert (reply, ended) == (JOKE[-2], JOKE[-1])


async def test_tool_calls_and_costs_are_shown_only_when_verbose() -> None:
    assert "get_nerd_joke" not in await shown(JOKE)
    verbose = await shown(JOKE, verbose=True)
    assert "✓ funny_nerd · get_nerd_joke(topic='python') · 0.0 s" in verbose
    assert "scripted · 1 call · 10 + 3 tokens · 0.2 s" in verbose


async def test_agents_that_answer_together_are_all_named() -> None:
    assert "stock_analyst + news_analyst" in await shown(answered("Both.", "stock_analyst", "news_analyst"))


async def test_a_failed_turn_says_what_is_wrong_and_what_to_do() -> None:
    events: list[TurnEvent] = [
        SessionOpened("session-1", False),
        DelegationStarted("d1", "funny_nerd", "A joke"),
        DelegationFinished("d1", "funny_nerd", "failed", 1.0),
        TurnError("the model took too long", "Send it again."),
        finished("failed"),
    ]
    lines = (await shown(events)).splitlines()
    assert lines == ["✗ funny_nerd · A joke · 1.0 s", "The model took too long", "Send it again.", ""]


async def test_a_stopped_turn_keeps_what_was_written_so_far() -> None:
    events: list[TurnEvent] = [
        DelegationStarted("d1", "funny_nerd", "A joke"),
        TextDelta("manager", "It was a dark "),
        finished("cancelled"),
    ]
    lines = (await shown(events)).splitlines()
    assert lines == ["- funny_nerd · A joke · stopped", "", "manager", "It was a dark", "Stopped.", ""]


async def test_an_answer_that_is_not_whole_is_shown_and_said_to_be_so() -> None:
    events: list[TurnEvent] = [
        TextDelta("manager", "Let me see.", True),
        TextDelta("manager", "Half", True),
        Reply("Half", ("manager",)),
        AnswerCut("the answer is not whole", "Ask for less."),
        finished(),
    ]
    lines = (await shown(events)).splitlines()
    assert lines == ["manager", "Half", "The answer is not whole", "Ask for less.", ""]


async def test_words_before_a_delegation_do_not_stay() -> None:
    events: list[TurnEvent] = [TextDelta("manager", "Let me ask."), *JOKE]
    assert "Let me ask" not in await shown(events)


@pytest.mark.parametrize("width", [40, 60, 100, 200])
async def test_no_line_is_wider_than_the_screen(width: int) -> None:
    task = "Compare the prices of Apple, Microsoft and Alphabet over the last 60 days in 日本語, please"
    events: list[TurnEvent] = [
        DelegationStarted("d1", "stock_analyst", task),
        DelegationFinished("d1", "stock_analyst", "completed", 125.0),
        *answered("word " * 80, "stock_analyst"),
    ]
    text = await shown(events, width)
    assert max(map(len, text.splitlines())) <= width
    assert "2 min 5 s" in text


async def test_a_long_answer_is_on_the_terminal_exactly_once_at_the_end() -> None:
    long = "\n\n".join(f"paragraph-{number}" for number in range(60))
    text = await shown(answered(long), terminal=True)
    final = text[text.rindex("manager") :].splitlines()
    assert [line for line in final if line.startswith("paragraph")] == long.split("\n\n")


async def test_escape_sequences_in_an_answer_do_not_reach_the_terminal() -> None:
    text = await shown(answered("\x1b[2Jgone \x1b]0;title\x07"), terminal=True)
    assert "\x1b[2J" not in text
    assert "\x1b]0" not in text
