"""What is kept fits, and what does not fit is told by its name."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.memory import checks
from storage.memory.errors import MemoryRefusedError

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), _JSON, max_size=4))
def test_json_comes_back_as_it_was(value: dict[str, Any]) -> None:
    again = json.loads(checks.as_json("metadata", value))
    assert again.keys() == value.keys()


@given(st.text())
def test_a_text_is_kept_so_that_every_database_takes_it(value: str) -> None:
    if value.strip():
        kept = checks.content("content", value)
        assert "\0" not in kept and kept.encode()
    else:
        with pytest.raises(MemoryRefusedError):
            checks.content("content", value)


@given(st.integers())
def test_a_limit_is_between_one_and_the_most(value: int) -> None:
    if 1 <= value <= 50:
        assert checks.limit(value, 50) == value
    else:
        with pytest.raises(MemoryRefusedError, match="limit is 1 to 50"):
            checks.limit(value, 50)


def test_a_tag_is_kept_once() -> None:
    assert json.loads(checks.words_as_json("tags", ["a", "b", "a"])) == ["a", "b"]


@pytest.mark.parametrize("value", [["a"], "a", 1])
def test_metadata_is_a_dictionary(value: Any) -> None:
    with pytest.raises(MemoryRefusedError, match="metadata is a dictionary"):
        checks.as_json("metadata", value)
