"""Words in the form in which they are compared, and texts that read well."""

import pytest

from models.offline.compose import addressed, clipped, day, joined, listed, plural, table
from models.offline.language.text import normal


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("What's NVDA's price?", "what is nvda price"),
        ("DON\u2019T add it!", "do not add it"),
        ("coca-cola & pepsi", "coca cola and pepsi"),
        ("gimme a joke plz", "give me a joke please"),
        ('he said "tell me a joke" twice', "he said twice"),
        ("funny_nerd", "funny nerd"),
    ],
)
def test_words_are_compared_without_case_contractions_and_quotes(typed: str, compared: str) -> None:
    assert normal(typed) == compared


def test_lists_and_plurals() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert [plural(0, "joke"), plural(1, "joke"), plural(2, "joke")] == ["no jokes", "1 joke", "2 jokes"]


def test_a_table_is_markdown_with_its_bars_escaped() -> None:
    assert table(["A", "B"], [["x|y", "1"]]) == "| A | B |\n| --- | ---: |\n| x\\|y | 1 |"


def test_dates_are_read_or_left_as_they_are() -> None:
    assert day("2026-03-05T10:00:00+00:00") == "5 March 2026"
    assert day("soon") == "soon"


def test_long_texts_are_cut_at_a_word() -> None:
    assert clipped("one two three", 9) == "one two…"


def test_short_answers_run_on_and_blocks_stand_apart() -> None:
    assert joined(["Done.", "Noted.", "Noted.", "- a\n- b"]) == "Done. Noted.\n\n- a\n- b"


def test_the_name_is_used_now_and_then_and_always_in_the_same_places() -> None:
    used = [addressed("Noted: you like math jokes.", "Ada", str(seed)) for seed in range(40)]
    assert 3 < sum(text.startswith("Ada, noted") for text in used) < 20
    assert used == [addressed("Noted: you like math jokes.", "Ada", str(seed)) for seed in range(40)]
