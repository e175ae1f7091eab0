"""What is kept fits, and what does not fit is told by its name."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.memory import arguments, scopes
from storage.memory.errors import BadNameError, BadValueError, TooLargeError
from storage.memory.values import decoded, encoded_dict

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), _JSON, max_size=4))
def test_a_dict_comes_back_as_it_was(value: dict[str, Any]) -> None:
    assert decoded(encoded_dict(value, "metadata")) == value


@pytest.mark.parametrize("value", [["a"], "a", 1, None])
def test_metadata_is_a_dict(value: Any) -> None:
    with pytest.raises(BadValueError, match=rf"^metadata must be a dict, not {type(value).__name__}$"):
        encoded_dict(value, "metadata")


def test_metadata_may_take_as_much_wherever_it_is() -> None:
    with pytest.raises(TooLargeError, match=r"^metadata takes 16,392 bytes, and may take 16,384$"):
        encoded_dict({"a": "x" * 16_384}, "metadata")


@given(st.text())
def test_a_text_is_kept_so_that_every_database_takes_it(value: str) -> None:
    if value.strip():
        kept = arguments.words("content", value)
        assert "\0" not in kept and kept.encode()
    else:
        with pytest.raises(BadValueError, match=r"^content must not be empty$"):
            arguments.words("content", value)


@given(st.integers())
def test_a_limit_is_between_one_and_the_most(value: int) -> None:
    if 1 <= value <= 50:
        assert arguments.limit(value, 50) == value
    else:
        with pytest.raises(BadValueError, match=rf"^limit must be 1 to 50, not {value}$"):
            arguments.limit(value, 50)


@pytest.mark.parametrize("value", ["1", True, 1.0, None])
def test_what_is_no_number_is_no_page(value: Any) -> None:
    with pytest.raises(BadValueError, match=r"^limit must be 1 to 100, not "):
        arguments.page(value)
    with pytest.raises(BadValueError, match=r"^offset must be 0 or more, not "):
        arguments.page(1, value)


@pytest.mark.parametrize("value", ["no", "", 0, 1, None])
def test_yes_and_no_are_said_as_such(value: Any) -> None:
    with pytest.raises(BadValueError, match=rf"^is_public must be True or False, not {type(value).__name__}$"):
        arguments.flag("is_public", value)


def test_a_tag_is_kept_once() -> None:
    assert decoded(arguments.tags("tags", ["a", "b", "a"])) == ["a", "b"]


@pytest.mark.parametrize("blank", [" ", "\t\n", "\u3000"])
def test_a_name_is_not_blank_and_a_key_may_be(blank: str) -> None:
    for what in ("tenant", "user", "skill"):
        with pytest.raises(BadNameError, match=rf"^the name of a {what} must not be blank$"):
            scopes.name(what, blank, empty=True)
    assert scopes.key(blank) == scopes.prefix(blank) == blank
