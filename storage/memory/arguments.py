"""Arguments of calls, held at the door: names that may be left out, texts, words, and which page of a list."""

from collections.abc import Collection, Sequence

from storage.memory.errors import BadValueError
from storage.memory.scopes import name
from storage.memory.values import encoded, fitting
from storage.schema.memory import NAME_LENGTH
from storage.strict import encodable

MOST = 100
"""Rows of a page."""


def optional(what: str, text: str | None, *, longest: int = NAME_LENGTH) -> str | None:
    """As `scopes.name`, of what may be left out."""
    return None if text is None else name(what, text, longest=longest)


def words(what: str, text: str) -> str:
    """What was said or is known, as it is kept: with U+FFFD for what no database takes.

    Raises:
        BadValueError: It is no text, or blank.
        TooLargeError: It is larger than a value may be.
    """
    if not isinstance(text, str):
        raise BadValueError(f"{what} must be text, not {type(text).__name__}")
    if not text.strip():
        raise BadValueError(f"{what} must not be empty")
    return fitting(encodable(text), what)


def tags(what: str, texts: Sequence[str]) -> str:
    """A list of texts as the JSON that is kept, each once.

    Raises:
        BadValueError: It is none.
        TooLargeError: It is larger than a value may be.
    """
    if not isinstance(texts, (list, tuple)) or not all(isinstance(each, str) for each in texts):
        raise BadValueError(f"{what} must be a list of texts")
    return encoded(list(dict.fromkeys(texts)), what)


def one_of(what: str, word: str, known: Collection[str]) -> str:
    """One of some words.

    Raises:
        BadValueError: It is none of them.
    """
    if word not in known:
        raise BadValueError(f"{what} must be one of {', '.join(known)}, not {word!r}")
    return word


def flag(what: str, value: bool) -> bool:
    """Yes or no, said as such: a text such as "no" would count as yes.

    Raises:
        BadValueError: It is neither.
    """
    if not isinstance(value, bool):
        raise BadValueError(f"{what} must be True or False, not {type(value).__name__}")
    return value


def limit(value: int, most: int = MOST) -> int:
    """How many rows one asks for.

    Raises:
        BadValueError: None, or more than are given at once.
    """
    if type(value) is not int or not 1 <= value <= most:
        raise BadValueError(f"limit must be 1 to {most:,}, not {value!r}")
    return value


def whole(what: str, value: int) -> int:
    """A number of rows, or of one row.

    Raises:
        BadValueError: It is none.
    """
    if type(value) is not int or value < 0:
        raise BadValueError(f"{what} must be 0 or more, not {value!r}")
    return value


def page(most: int, offset: int = 0) -> dict[str, int]:
    """The parameters of a page of a list.

    Raises:
        BadValueError: There is no such page.
    """
    return {"limit": limit(most), "offset": whole("offset", offset)}
