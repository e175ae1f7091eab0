"""A value that is remembered is one line that can be seen, of whatever kind it is."""

import pytest

from state_tools.kinds import JOKE_PREFERENCES, NERD_TOPICS, STOCK_WATCHLIST, USER_NAME, favorite_agent


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Ada\u202e\u2066 L\u200f\u061c", "Ada L"),
        ("A\u200bd\xada\ufeff", "Ada"),
        ("Ada\U000e0041\U000e0042", "Ada"),
        (" \x1b[2JAda\r\n\u2028B\x9b ", "[2JAda B"),
        ("Ada\ud800", "Ada"),
        ("👩\u200d💻 क\u094d\u200dष", "👩\u200d💻 क\u094d\u200dष"),
    ],
)
def test_a_value_is_one_line_that_can_be_seen(given: str, kept: str) -> None:
    assert USER_NAME.kept(given) == kept
    assert [kind.kept(given) for kind in (NERD_TOPICS, JOKE_PREFERENCES)] == [kept.lower()] * 2
    assert STOCK_WATCHLIST.kept("$nv\u202eda\u200b") == "NVDA"
    assert favorite_agent(["funny_nerd"]).kept("funny\u200b \u202enerd") == "funny_nerd"


@pytest.mark.parametrize("given", ["", " \n", "\u202e", "\u200b\u200d", "\u3164", "\U000e0041"])
def test_a_value_without_anything_to_be_seen_is_none(given: str) -> None:
    for kind in (USER_NAME, NERD_TOPICS, JOKE_PREFERENCES, STOCK_WATCHLIST, favorite_agent(["funny_nerd"])):
        with pytest.raises(ValueError):
            kind.kept(given)
