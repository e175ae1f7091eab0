"""Values as the JSON that is kept: what comes back equals what was given, and is the caller's own copy.

What JSON would change on its way is refused: NaN, keys that are no texts (of which two could become one), objects,
halves of characters. A tuple comes back as a list. The texts are always made here, so that one can be added to by
its ends.
"""

import json
from collections.abc import Mapping
from typing import Any

from storage.memory.errors import BadValueError, TooLargeError

MOST_VALUE = 1024 * 1024
"""Bytes of a value, as JSON in UTF-8."""
MOST_STATE = 16 * 1024
"""Bytes of an agent's state."""
MOST_METADATA = 16 * 1024
"""Bytes of what is said of an entry, or of anything else that is kept."""
_DEEPEST = 100
_PLAIN = frozenset({str, int, float, bool, type(None)})


def encoded(value: Any, what: str = "the value", most: int = MOST_VALUE) -> str:
    """The value as JSON.

    Args:
        value: What is to be kept.
        what: What a person calls it.
        most: Bytes that it may take.

    Raises:
        BadValueError: There is no JSON from which it would come back.
        TooLargeError: It takes more bytes.
    """
    try:
        _check(value, "", _DEEPEST)
    except ValueError as error:
        raise BadValueError(f"{what} cannot be kept as JSON: {error}") from error
    return recoded(value, what, most)


def encoded_dict(value: Mapping[str, Any], what: str, most: int = MOST_METADATA) -> str:
    """As `encoded`, of what must be a dictionary."""
    if not isinstance(value, Mapping):
        raise BadValueError(f"{what} must be a dict, not {type(value).__name__}")
    return encoded(dict(value), what, most)


def recoded(value: Any, what: str = "the value", most: int = MOST_VALUE) -> str:
    """As `encoded`, of a value that is made of such as were decoded."""
    try:
        return fitting(json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")), what, most)
    except UnicodeEncodeError as error:
        raise BadValueError(f"{what} holds half of a character") from error
    except (ValueError, TypeError, OverflowError) as error:  # NaN; a number of more digits than Python reads
        raise BadValueError(f"{what} cannot be kept as JSON: {error}") from error


def fitting(text: str, what: str, most: int = MOST_VALUE) -> str:
    """The text, when it takes at most so many bytes.

    Raises:
        TooLargeError: It takes more.
    """
    size = len(text) if text.isascii() else len(text.encode())
    if size > most:
        raise TooLargeError(f"{what} takes {size:,} bytes, and may take {most:,}", "Keep it in parts.")
    return text


def decoded(text: str) -> Any:
    """The value that was kept as this text."""
    return json.loads(text)


def kind_of(text: str) -> str:
    """What a kept text holds, as Python calls it."""
    names = {'"': "text", "[": "a list", "{": "a dict", "t": "a bool", "f": "a bool", "n": "null"}
    return names.get(text[0], "a number")


def _check(value: Any, place: str, depth: int) -> None:
    """Raises `ValueError` for what JSON would change; what it cannot have at all, it refuses by itself."""
    if isinstance(value, dict):
        items: Any = value.items()
        if odd := [key for key in value if not isinstance(key, str)]:
            raise ValueError(f"a key must be text, not {type(odd[0]).__name__}{place and f' (in {place[1:]})'}")
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    else:
        return
    if not depth:
        raise ValueError(f"it is nested more than {_DEEPEST} deep")
    for name, item in items:
        if item.__class__ not in _PLAIN:
            _check(item, f"{place}.{name}", depth - 1)
