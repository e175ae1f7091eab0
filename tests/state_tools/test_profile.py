"""What instructions say about the user."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state_tools import own_kinds
from state_tools.kinds import JOKE_PREFERENCES, STOCK_WATCHLIST
from state_tools.profile import SNAPSHOT, about_user, snapshot

KINDS = (*own_kinds(["funny_nerd"]), JOKE_PREFERENCES, STOCK_WATCHLIST)
NAMES = [kind.name for kind in KINDS]


@pytest.mark.parametrize("state", [{}, {SNAPSHOT: None}, {SNAPSHOT: snapshot({})}])
def test_nothing_is_said_of_a_stranger(state: dict[str, Any]) -> None:
    assert about_user(state, KINDS) == ""


def test_everything_that_is_known_is_a_line() -> None:
    known = {
        "user_name": ["Sam"],
        "favorite_agent": ["funny_nerd"],
        "joke_preferences": ["python", "math"],
        "stock_watchlist": ["NVDA"],
        "nerd_topics": ["databases"],
    }
    assert about_user({SNAPSHOT: snapshot(known)}, KINDS) == (
        "The user's name is Sam.\n"
        "The user's favorite agent is funny_nerd.\n"
        "The user's nerd topics: databases.\n"
        "The user's joke preferences: python, math.\n"
        "The user's stock watchlist: NVDA."
    )


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.text(min_size=1), min_size=1, max_size=3)))
def test_a_snapshot_has_one_shape_and_no_more_lines_than_kinds(known: dict[str, list[str]]) -> None:
    held = snapshot(known)
    assert set(held) == set(NAMES)
    assert all(value in about_user({SNAPSHOT: held}, KINDS) for kind in known for value in known[kind][:1])
