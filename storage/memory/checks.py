"""What may be remembered, held at the door: names, texts, JSON, and how many one may ask for."""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from storage.memory.errors import BadNameError, MemoryRefusedError, TooLargeError
from storage.schema.memory import NAME_LENGTH
from storage.strict import encodable, strict

MOST_BYTES = 1024 * 1024
"""Bytes of a text, and of the JSON that goes with it."""


def name(field: str, value: str) -> str:
    """A name as it is kept; `field` says of what.

    Raises:
        BadNameError: It is missing, blank or too long.
    """
    if not isinstance(value, str) or not value.strip():
        raise BadNameError(f"{field} is required")
    return _short(field, encodable(value))


def optional_name(field: str, value: str | None) -> str | None:
    """As `name`, of one that may be missing, but not blank."""
    return None if value is None else name(field, value)


def _short(field: str, value: str) -> str:
    if len(value) > NAME_LENGTH:
        raise BadNameError(f"{field} may take {NAME_LENGTH} characters, and takes {len(value)}")
    return value


def content(field: str, value: str) -> str:
    """A text as it is kept.

    Raises:
        MemoryRefusedError: It is missing, blank or too large.
    """
    if not isinstance(value, str) or not value.strip():
        raise MemoryRefusedError(f"{field} is required")
    return _bounded(field, encodable(value))


def as_json(field: str, value: Mapping[str, Any]) -> str:
    """An object as the JSON that is kept.

    Raises:
        MemoryRefusedError: It is none, there is no JSON for it, or it is too large.
    """
    if not isinstance(value, Mapping):
        raise MemoryRefusedError(f"{field} is a dictionary, and no {type(value).__name__}")
    return _dumped(field, value)


def words_as_json(field: str, value: Sequence[str]) -> str:
    """A list of texts as the JSON that is kept, each once.

    Raises:
        MemoryRefusedError: It is none, or too large.
    """
    if isinstance(value, str) or not all(isinstance(each, str) for each in value):
        raise MemoryRefusedError(f"{field} is a list of texts")
    return _dumped(field, list(dict.fromkeys(value)))


def _dumped(field: str, value: Any) -> str:
    try:
        return _bounded(field, json.dumps(strict(value), ensure_ascii=False))
    except ValueError as error:
        raise MemoryRefusedError(f"{field} cannot be kept: {error}") from error


def _bounded(field: str, text: str) -> str:
    taken = len(text.encode())
    if taken > MOST_BYTES:
        raise TooLargeError(f"{field} may take {MOST_BYTES} bytes, and takes {taken}")
    return text


def one_of(field: str, value: str, known: Collection[str]) -> str:
    """One of some words.

    Raises:
        MemoryRefusedError: It is none of them.
    """
    if value not in known:
        raise MemoryRefusedError(f"{field} is {', '.join(known)}; {value!r} is none of them")
    return value


def limit(value: int, most: int) -> int:
    """How many one asks for.

    Raises:
        MemoryRefusedError: None, or more than are given at once.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise MemoryRefusedError(f"limit is 1 to {most}, and not {value!r}")
    return value
