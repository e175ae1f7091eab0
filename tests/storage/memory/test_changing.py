"""What can be done to a value, as pure functions."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.memory import changing
from storage.memory.errors import TooLargeError
from storage.memory.values import decoded, encoded, fitting

TEXTS = st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
LISTS = st.lists(VALUES, max_size=3)
DICTS = st.dictionaries(TEXTS, VALUES, max_size=3)


@given(LISTS, VALUES, LISTS)
def test_a_list_grows_by_its_text(before: list[Any], item: Any, items: list[Any]) -> None:
    one = changing.appending("key", encoded(item)).change(encoded(before), False)
    assert (decoded(one.value), one.kind, decoded(one.told)) == ([*before, item], "appended", item)
    more = changing.extending("key", encoded(items)).change(encoded(before), False)
    assert (decoded(more.value), more.kind, decoded(more.told)) == ([*before, *items], "extended", items)
    assert one.value == encoded([*before, item])
    assert decoded(changing.appending("key", encoded(item)).absent) == [item]


@given(DICTS, DICTS)
def test_a_dict_gets_the_fields_of_another_one(before: dict[str, Any], fields: dict[str, Any]) -> None:
    done = changing.updating("key", encoded(fields)).change(encoded(before), False)
    assert (decoded(done.value), decoded(done.told)) == ({**before, **fields}, fields)
    assert list(decoded(done.value)) == list({**before, **fields})


def test_a_deep_merge_unites_dicts_within_dicts_and_nothing_else() -> None:
    before = {"a": {"x": {"p": 1}, "y": [1]}, "b": 1, "c": {"k": 1}}
    after = {"a": {"x": {"q": 2}, "y": [2]}, "b": {"n": 1}, "c": 0}
    done = changing.setting(encoded(after), deep=True).change(encoded(before), True)
    assert decoded(done.value) == {"a": {"x": {"p": 1, "q": 2}, "y": [2]}, "b": {"n": 1}, "c": 0}


@given(VALUES)
def test_a_value_is_kept_as_small_as_json_can_be(value: Any) -> None:
    assert json.loads(encoded(value)) == value
    assert " " not in encoded([1, {"a": 2}])


def test_a_text_is_measured_in_bytes() -> None:
    assert fitting("ab", "it", 2) == "ab"
    for text in ("abc", "éa"):
        with pytest.raises(TooLargeError, match="it takes 3 bytes, and may take 2"):
            fitting(text, "it", 2)
