"""Summaries that are extracted from the record."""

from datetime import UTC, datetime

from conversation.summary import extract
from storage.queries.turns import Turn


def turn(number: int, text: str) -> Turn:
    at = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
    answer = ("s", f"i{number}", number, f"e{number}", text, f"an answer to {text}", "completed", at)
    return Turn(*answer, 0.1, "scripted", 1, 10, 3, None, ("funny_nerd",))


async def test_it_tells_how_the_session_began_however_often_it_was_summarised() -> None:
    first = await extract("", [turn(1, "hello"), turn(2, "a joke")])
    assert "It began on 2026-11-21 with: hello" in first
    second = await extract(first, [turn(3, "another"), turn(4, "stop")])
    third = await extract(second, [turn(5, "go on")])
    assert third.splitlines() == [
        "Summary of turns 1 to 5 of this conversation.",
        "It began on 2026-11-21 with: hello",
        "- The user said: go on Answer (funny_nerd): an answer to go on",
    ]


async def test_it_stays_short_whatever_was_said() -> None:
    text = await extract("", [turn(number, "word " * 500) for number in range(1, 50)])
    assert len(text) < 4_000
    assert "turns 1 to 49" in text
