"""Prefixes as ranges."""

from hypothesis import given
from hypothesis import strategies as st

from storage.memory.keys import end_of, matches, within

TEXTS = st.text(st.sampled_from("ab\ud7ff\ue000\U0010ffff"), max_size=4)


@given(TEXTS, TEXTS)
def test_a_text_begins_so_when_it_is_in_the_range(prefix: str, text: str) -> None:
    end = end_of(prefix)
    assert text.startswith(prefix) == (text >= prefix and (not end or text < end))


@given(TEXTS, st.none() | TEXTS, TEXTS)
def test_a_range_begins_after_a_key(prefix: str, after: str | None, text: str) -> None:
    sql, values = within(prefix, after)
    low = values.get("low", "")
    above = text > low if " > :low" in sql else text >= low
    below = text < values["high"] if "high" in values else True
    assert (above and below) == (text.startswith(prefix) and (after is None or text > after))


def test_a_pattern_is_a_key_or_a_beginning() -> None:
    assert [matches(pattern, "plan:1") for pattern in ("*", "plan*", "plan:1", "plan:1*", "plan", "*1", "x*")] == [
        True,
        True,
        True,
        True,
        False,
        False,
        False,
    ]
