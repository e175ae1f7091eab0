"""What counts as seen, on a screen and in `--json` output that was cut short."""

import json

from tests.crash.seen import Book, Seen, in_lines, on_screen, reduced

ANSWERED = [
    {"type": "session", "session_id": "s", "resumed": False},
    {"type": "delegation_started", "id": "d", "agent": "funny_nerd", "task": "a joke"},
    {"type": "tool_call", "id": "t", "agent": "funny_nerd", "tool": "x", "args": {}, "status": "failed", "seconds": 0},
    {"type": "reply", "text": "ha", "agents": ["funny_nerd"]},
    {"type": "turn", "turn_id": "e", "status": "completed"},
]


def output(*events: object) -> str:
    return "".join(f"{json.dumps(event)}\n" for event in events)


def test_each_turn_has_its_message_and_what_was_told_of_it() -> None:
    calls = {"d": "running", "t": "failed"}
    whole = Seen("one", session_id="s", turn_id="e", status="completed", reply="ha", calls=calls)
    assert in_lines(output(*ANSWERED, ANSWERED[0]), ["one", "two"]) == [whole, Seen("two", session_id="s")]


def test_a_line_that_was_cut_short_was_not_seen() -> None:
    assert in_lines(output(*ANSWERED[:4])[:-1], ["one"])[0].reply is None


def test_an_answer_on_a_screen_counts_when_the_next_prompt_is_there() -> None:
    screen = ["> a joke", "Welcome back, ada.", "✓ funny_nerd · a joke. · 0.1 s", "funny_nerd", "A tab", "walked."]
    assert on_screen(screen, "a joke") == Seen("a joke", delegated=("funny_nerd",))
    assert on_screen([*screen, ">", "a joke · offline"], "a joke").rendered == reduced("**A tab** walked.")


def test_what_was_not_sent_was_not_seen() -> None:
    assert not on_screen([">", "offline"], "a joke").anything


def test_a_link_is_seen_without_its_address() -> None:
    assert reduced("**[Old news](https://example.com/x)** (Courier)") == "OldnewsCourier"


def test_what_somebody_deleted_is_not_expected_any_more() -> None:
    book = Book(in_lines(output(*ANSWERED), ["one"]))
    book.forget({"other"})
    assert len(book.seen) == 1
    book.forget({"s"})
    assert book.seen == []
