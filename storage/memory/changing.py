"""What can be done to a value: pure functions from the JSON that is there to the JSON that takes its place.

Each is done within the transaction that has read the value, so it is quick: what is added to a list is added to its
text. History is told what was added, not what came of it: a list of a thousand additions is a thousand rows of one.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

from storage.memory.errors import BadValueError, WrongTypeError
from storage.memory.values import decoded, encoded, kind_of, recoded

CREATED = "created"
UPDATED = "updated"
INCREMENTED = "incremented"
APPENDED = "appended"
EXTENDED = "extended"
MERGED = "merged"
DELETED = "deleted"
EXPIRED = "expired"
ADDED = (APPENDED, EXTENDED, MERGED)
"""Changes of which history has what was added; of the others it has the new value."""
GONE = (DELETED, EXPIRED)
"""Changes after which the entry is not there."""
Number: TypeAlias = int | float


class Change(NamedTuple):
    """What comes of a change.

    Attributes:
        value: The new value, as JSON.
        kind: What history calls the change.
        told: What history keeps of it, as JSON.
    """

    value: str
    kind: str
    told: str


Changing: TypeAlias = Callable[[str, bool], Change]
"""From the JSON that is there, and whether its writers merge, to what takes its place."""


class Operation(NamedTuple):
    """What is done to the value under a key.

    Attributes:
        absent: The JSON that it becomes where there is none.
        change: What it becomes where there is one.
    """

    absent: str
    change: Changing


def setting(text: str, *, deep: bool) -> Operation:
    """The new value takes the place of the old one, or is merged into it where the entry's writers merge."""

    def change(before: str, merges: bool) -> Change:
        if merges and before[0] == text[0] == "{":
            return _merged(before, text, deep)
        return Change(text, UPDATED, text)

    return Operation(text, change)


def incrementing(key: str, delta: Number) -> Operation:
    """A number grows.

    Raises:
        BadValueError: By no number.
    """
    number(delta, "delta")

    def change(before: str, _: bool) -> Change:
        after = _sum(key, before, delta)
        return Change(after, INCREMENTED, after)

    return Operation(encoded(delta), change)


def incrementing_fields(key: str, deltas: Mapping[str, Number]) -> Operation:
    """Numbers in a dict grow, each by its own; one that is not there begins at 0.

    Raises:
        BadValueError: By no number.
    """
    for field, delta in deltas.items():
        number(delta, field)

    def change(before: str, _: bool) -> Change:
        present = _object(key, before)
        grown = {
            field: decoded(_sum(f"{key}.{field}", recoded(present.get(field, 0)), delta))
            for field, delta in deltas.items()
        }
        return Change(recoded({**present, **grown}), MERGED, recoded(grown))

    return Operation(encoded(dict(deltas)), change)


def appending(key: str, text: str) -> Operation:
    """A list gets one more item."""
    return Operation(f"[{text}]", lambda before, _: Change(_joined(key, before, text), APPENDED, text))


def extending(key: str, text: str) -> Operation:
    """A list gets the items of another one."""
    return Operation(text, lambda before, _: Change(_joined(key, before, text[1:-1]), EXTENDED, text))


def updating(key: str, text: str) -> Operation:
    """A dict gets the fields of another one."""

    def change(before: str, _: bool) -> Change:
        _object(key, before)
        return _merged(before, text, deep=False)

    return Operation(text, change)


def number(value: Any, what: str) -> None:
    """Raises `BadValueError` when a value is no number; a bool is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise BadValueError(f"{what} must be a number, not {type(value).__name__}")


def _sum(key: str, before: str, delta: Number) -> str:
    if kind_of(before) != "a number":
        raise WrongTypeError(key, kind_of(before), "a number")
    try:
        return recoded(decoded(before) + delta, "the sum")
    except OverflowError as error:
        raise BadValueError(f"the sum of {key!r} and {delta} is too large") from error


def _joined(key: str, before: str, items: str) -> str:
    if before[0] != "[":
        raise WrongTypeError(key, kind_of(before), "a list")
    return f"[{items}]" if before == "[]" else f"{before[:-1]},{items}]" if items else before


def _object(key: str, before: str) -> dict[str, Any]:
    if before[0] != "{":
        raise WrongTypeError(key, kind_of(before), "a dict")
    found: dict[str, Any] = decoded(before)
    return found


def _merged(before: str, text: str, deep: bool) -> Change:
    old, new = decoded(before), decoded(text)
    return Change(recoded(_union(old, new) if deep else {**old, **new}), MERGED, text)


def _union(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return old | {
        key: _union(old[key], value) if isinstance(value, dict) and isinstance(old.get(key), dict) else value
        for key, value in new.items()
    }
