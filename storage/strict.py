"""What comes in, as texts and strict JSON that every database stores and every reader takes.

A terminal or a model may hand over NUL and halves of characters, and a tool may return anything that Python has. None
of it may end a turn when it is stored, or keep an exported session from being read in again: all of it is changed where
it comes in.
"""

import math
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

_DEEPEST = 100
_LARGEST = 2**1023
"""Beyond it no number of JSON is read back by everybody."""
_INSTEAD = "\ufffd"
MESSAGE_LENGTH = 1_000_000
"""Characters of a message, and of whatever else a person types or pipes in to be read at once."""


def encodable(text: str) -> str:
    """The text with U+FFFD for NUL and for half of a character; two halves that belong together are joined."""
    if text.isascii() and "\0" not in text:
        return text
    text = text.replace("\0", _INSTEAD)
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def strict(value: Any) -> Any:
    """The value as strict JSON: texts that can be encoded, keys that are texts, no NaN, nothing but JSON's own types.

    Raises:
        ValueError: There is no JSON for it: bytes that are no text, an object, a circle, or what is too deep or large.
    """
    return _strict(value, _DEEPEST)


def _strict(value: Any, depth: int) -> Any:
    if depth < 0:
        raise ValueError(f"it is nested more than {_DEEPEST} deep")
    match value:
        case str():
            return encodable(value)
        case None | bool():
            return value
        case int():
            return _number(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case Mapping():
            return {_key(key): _strict(item, depth - 1) for key, item in value.items()}
        case list() | tuple() | AbstractSet():
            return [_strict(item, depth - 1) for item in value]
        case _:
            return _strict(_plain(value), depth - 1)


def _number(value: int) -> int:
    if abs(value) > _LARGEST:
        raise ValueError("it holds a number that is too large")
    return int(value)


def _key(key: Any) -> str:
    match key:
        case str():
            return encodable(key)
        case None | bool() | int() | float():
            return str(key)
        case _:
            raise ValueError(f"it has a key that is no text ({type(key).__name__})")


def _plain(value: Any) -> Any:
    """Times, paths, dataclasses, pydantic's models and the like, as pydantic writes them."""
    from pydantic_core import PydanticSerializationError, to_jsonable_python  # a prompt needs only the text above

    try:
        return to_jsonable_python(value)
    except (PydanticSerializationError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"it holds what is no JSON ({type(value).__name__})") from error
