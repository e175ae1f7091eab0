from conversation.conversation import Change, Undone
from record.wording import printable
from terminal.show.undone import undone_lines


def said(*changes: Change) -> list[str]:
    return [line.plain for line in undone_lines(Undone(("one", "two"), changes))]


def test_what_was_taken_back_is_told() -> None:
    assert said() == ["Undid 2 turns:", "  > one", "  > two"]


def test_what_turns_changed_for_good_is_told_in_words() -> None:
    changes = (
        Change("add_to_stock_watchlist", {"ticker": "nvda"}, "NVDA was put on your watchlist"),
        Change("remember", {"value": "Ada"}, "Ada\x1b[2J is remembered"),
    )
    assert said(*changes)[3:] == [
        "What the agents learned in it stays; /preferences changes it:",
        "  NVDA was put on your watchlist",
        "  " + printable("Ada\x1b[2J is remembered"),
    ]


def test_there_may_be_nothing_to_take_back() -> None:
    assert [line.plain for line in undone_lines(Undone((), ()))] == ["There is nothing to undo."]
