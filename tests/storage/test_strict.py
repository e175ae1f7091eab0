"""Whatever comes in is strict JSON afterwards, or is refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.strict import encodable, strict

KEYS = st.text(max_size=5) | st.integers() | st.booleans() | st.none() | st.floats()
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=5)
    | st.binary(max_size=3)
    | st.datetimes()
    | st.uuids()
    | st.complex_numbers(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS | st.tuples(KEYS), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(ANYTHING)
def test_what_is_kept_is_json_for_everybody(value: Any) -> None:
    try:
        kept = strict(value)
    except ValueError as error:
        assert " " in str(error)
        return
    written = json.dumps(kept, allow_nan=False, ensure_ascii=False)
    assert json.loads(written.encode()) == kept == strict(kept)


@given(st.text(st.characters(), max_size=20))
def test_a_text_can_be_encoded_and_one_that_could_stays_as_it_is(text: str) -> None:
    kept = encodable(text)
    kept.encode()
    assert kept == encodable(kept)
    assert (kept == text) is ("\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text))


def test_two_halves_of_a_character_are_joined_and_what_nobody_stores_is_seen_to_have_been_there() -> None:
    assert encodable("a\ud83d\ude00b\ud83d\0") == "a\U0001f600b\ufffd\ufffd"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ({1: {2: 3}}, {"1": {"2": 3}}),
        ({"price": float("nan")}, {"price": None}),
        ((1, {2}), [1, [2]]),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00Z"),
    ],
)
def test_what_json_has_only_in_another_form_is_kept_so(value: Any, kept: Any) -> None:
    assert strict(value) == kept


@pytest.mark.parametrize("value", [b"\xff", object(), int, {(1, 2): 3}, 10**400, {"deep": [object()]}])
def test_what_has_no_json_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="it "):
        strict(value)


def test_a_circle_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="deep"):
        strict(circle)
