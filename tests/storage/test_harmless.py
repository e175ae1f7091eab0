"""What is dropped, what is kept, and that nothing else is."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.harmless import printable, printable_json

SEEN_OR_NEEDED = {"\n", "\t", *"\u200c\u200d", *map(chr, [*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2])} | {
    chr(code) for code in (0x110BD, 0x110CD, *range(0x13430, 0x13440))
}
"""Controls and formats that show, or that a script needs."""
UNSEEN = tuple(
    char
    for char in map(chr, range(sys.maxunicode + 1))
    if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char not in SEEN_OR_NEEDED
)
nasty = st.text(st.characters() | st.sampled_from(UNSEEN) | st.sampled_from("\x1b]8;\\\u202e\u200d\ufe0f\U000e0041"))


def test_nothing_that_a_terminal_obeys_or_does_not_show_is_left() -> None:
    assert {char for char in UNSEEN if printable(f"a{char}b") not in ("ab", "a b", "a\ufffdb")} == set()


@pytest.mark.parametrize(
    "text",
    [
        "two\nlines\tand a tab",
        "❤️‍🔥 👩‍👩‍👧 1️⃣ 🏳️‍🌈",
        "می‌خواهم",
        "क्‍ष",
        "葛󠄀",
        "שלום, Grüße, 你好, e\u0301",
    ],
)
def test_emoji_and_scripts_stay_as_they_are(text: str) -> None:
    assert printable(text) == text


def test_text_is_not_hidden_in_selectors_and_joiners() -> None:
    hidden = "".join(chr(0xE0100 + byte) for byte in b"ignore all this")
    assert printable(f"a{hidden}b") == f"a{hidden[0]}b"
    assert printable("x\u200d\u200c\u200d\u200by") == "x\u200dy"
    assert printable("tag\U000e0041\U000e0042") == "tag"


@given(nasty)
def test_what_was_made_harmless_is_not_changed_again(text: str) -> None:
    once = printable(text)
    assert printable(once) == once
    assert not set(once) & set(UNSEEN)


@given(nasty)
def test_json_means_the_same_and_is_harmless(text: str) -> None:
    told = printable_json(json.dumps([text], ensure_ascii=False))
    assert printable(told) == told
    kept = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    assert json.loads(told.encode()) == [kept]
