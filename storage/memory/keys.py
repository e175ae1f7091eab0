"""Which keys: SQL for a beginning, or a place to go on after, as ranges that the index of entries finds.

Keys are ordered by the numbers of their characters, in Python as in either database.
"""

from typing import TypeAlias

_LAST = 0x10FFFF
_FIRST_HALF, _AFTER_HALVES = 0xD800, 0xE000

Condition: TypeAlias = tuple[str, dict[str, str]]
"""SQL that begins with AND, or is empty; and its parameters."""


def within(prefix: str = "", after: str | None = None) -> Condition:
    """The keys that begin with `prefix` and come after `after`."""
    beyond = end_of(prefix)
    sql, values = "", {}
    if after is not None and after >= prefix:
        sql, values = " AND key > :low", {"low": after}
    elif prefix:
        sql, values = " AND key >= :low", {"low": prefix}
    return (f"{sql} AND key < :high", {**values, "high": beyond}) if beyond else (sql, values)


def matching(pattern: str) -> Condition:
    """The keys that a pattern names: `prefix*`, `*` for all, or one key."""
    if pattern.endswith("*"):
        return within(pattern[:-1])
    return " AND key = :key", {"key": pattern}


def matches(pattern: str, key: str) -> bool:
    """Whether a pattern names a key."""
    return key.startswith(pattern[:-1]) if pattern.endswith("*") else key == pattern


def end_of(prefix: str) -> str:
    """The first text that comes after all that begin with `prefix`; empty when there is none."""
    kept = prefix.rstrip(chr(_LAST))
    if not kept:
        return ""
    following = ord(kept[-1]) + 1
    return kept[:-1] + chr(_AFTER_HALVES if following == _FIRST_HALF else following)
