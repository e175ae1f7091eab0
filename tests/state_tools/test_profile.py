"""What instructions say about the user."""

from hypothesis import given
from hypothesis import strategies as st

from state_tools.profile import SNAPSHOT, about_user, snapshot
from storage.queries.preferences import KINDS


def test_nothing_is_said_of_a_stranger() -> None:
    assert about_user({}) == about_user({SNAPSHOT: None}) == about_user({SNAPSHOT: snapshot({})}) == ""


def test_everything_that_is_known_is_a_line() -> None:
    known = {
        "user_name": ["Sam"],
        "favorite_agent": ["funny_nerd"],
        "joke_preferences": ["python", "math"],
        "stock_watchlist": ["NVDA"],
        "nerd_topics": ["databases"],
    }
    assert about_user({SNAPSHOT: snapshot(known)}) == (
        "The user's name is Sam.\n"
        "The user's favorite agent: funny_nerd.\n"
        "The user's favorite joke topics: python, math.\n"
        "The user's stock watchlist: NVDA.\n"
        "The user's interests: databases."
    )


@given(st.dictionaries(st.sampled_from(KINDS), st.lists(st.text(min_size=1), min_size=1, max_size=3)))
def test_a_snapshot_has_one_shape_and_no_more_lines_than_kinds(known: dict[str, list[str]]) -> None:
    held = snapshot(known)
    assert set(held) == set(KINDS)
    assert all(value in about_user({SNAPSHOT: held}) for kind in known for value in known[kind][:1])
