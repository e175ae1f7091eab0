from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from record.wording import duration, one_line, plural, printable, when, without_marks

BERLIN = timezone(timedelta(hours=2))
NOW = datetime(2026, 10, 30, 14, 0, tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(seconds=-5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=2), "today 12:00"),
        (timedelta(hours=15), "yesterday 23:00"),
        (timedelta(days=3), "Tuesday 14:00"),
        (timedelta(days=30), "30 Sep 14:00"),
        (timedelta(days=700), "29 Nov 2024"),
    ],
)
def test_a_moment_is_told_in_words_and_local_time(ago: timedelta, said: str) -> None:
    assert when((NOW - ago).astimezone(UTC), NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, ""), (0.0, "0.0 s"), (0.24, "0.2 s"), (9.97, "10 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s")],
)
def test_a_duration_is_short(seconds: float | None, said: str) -> None:
    assert duration(seconds) == said


def test_one_line_folds_line_ends_and_cuts_by_columns_not_characters() -> None:
    assert one_line("a\n  b", 10) == "a b"
    assert one_line("abcdefgh", 5) == "abcd…"
    assert one_line("日本語日本語", 7) == "日本語…"


@pytest.mark.parametrize(
    ("text", "width", "cut"),
    [
        ("日本語日本語", 6, "日本 …"),
        ("한국어 텍스트", 9, "한국어  …"),
        ("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 5, "👩‍👩‍👧👩‍👩‍👧…"),
        ("❤️‍🔥1️⃣🏳️‍🌈x", 6, "❤️‍🔥1️⃣ …"),
        ("👍🏽👍🏽", 3, "👍🏽…"),
        ("e\u0301e\u0301e\u0301", 2, "e\u0301…"),
        ("🇩🇪🇫🇷", 2, " …"),
        ("葛󠄀葛󠄀", 4, "葛󠄀葛󠄀"),
    ],
)
def test_what_is_cut_is_never_a_half_of_what_one_sees(text: str, width: int, cut: str) -> None:
    assert one_line(text, width) == cut


SEEN = ["a", " ", "é", "e\u0301", "日", "한", "👩", "👍🏽", "❤️", "☺", "1️⃣", "👩‍👩‍👧", "ไ", "ท"]
"""What one sees as one character, and what the console counts as we do."""


@given(st.lists(st.sampled_from(SEEN), max_size=12).map("".join), st.integers(1, 12))
def test_what_is_cut_is_as_the_screen_counts_columns(text: str, width: int) -> None:
    assert cell_len(one_line(text, width)) <= width


def test_no_control_character_survives() -> None:
    assert printable("a\x1b[31mred\x07\r\x9b2J\tb\n") == "a[31mred2J\tb\n"


def test_marks_of_markdown_are_left_out_of_a_preview() -> None:
    text = "# Prices\n\n**AAPL** costs `1`\nnow.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```"
    assert without_marks(text) == "Prices AAPL costs 1 now. a b 1 2 code"


def test_counts_have_a_plural_and_thousands() -> None:
    assert [plural(count, "turn") for count in (0, 1, 1200)] == ["0 turns", "1 turn", "1,200 turns"]
