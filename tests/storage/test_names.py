"""What a session may be called: what a person can see, and type."""

import pytest

from storage import names


@pytest.mark.parametrize("text", ["\u3164", "\u200b", "\u2800 \uffa0", "\u200d\u2060", " \t\n", "\x1b\u202e"])
def test_a_name_without_anything_to_be_seen_is_none(text: str) -> None:
    assert names.title(text) == ""
    assert not names.is_id(text)


@pytest.mark.parametrize("text", ["👩‍👩‍👧", "a\u200cb", "한국어", "e\u0301", "-"])
def test_what_scripts_and_emoji_need_stays_in_a_title(text: str) -> None:
    assert names.title(text) == text


@pytest.mark.parametrize(
    "text", ["a\x1b \nb", "\u202ea\u2066 b\u2069", "a\u200b \xadb", "a\U000e0041\u2028\ufeffb", "a\r\ud800b"]
)
def test_what_nobody_can_see_is_no_part_of_a_title(text: str) -> None:
    assert names.title(text) == "a b"
