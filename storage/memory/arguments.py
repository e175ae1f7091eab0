"""What may be left out, and which pages there are, of plans, sessions and actions."""

from storage.memory.errors import BadValueError
from storage.memory.scopes import name
from storage.schema.memory import NAME_LENGTH

MOST = 100
"""Rows of a page."""


def optional(what: str, text: str | None, *, longest: int = NAME_LENGTH) -> str | None:
    """As `scopes.name`, of what may be left out."""
    return None if text is None else name(what, text, longest=longest)


def page(limit: int, offset: int = 0) -> dict[str, int]:
    """The parameters of a page of a list.

    Raises:
        BadValueError: There is no such page.
    """
    if not 1 <= limit <= MOST:
        raise BadValueError(f"limit must be 1 to {MOST}, not {limit}")
    if offset < 0:
        raise BadValueError(f"offset must be 0 or more, not {offset}")
    return {"limit": limit, "offset": offset}
