"""Values as a person types them: JSON where it is JSON, and else a text; what is known and learnt is always a text."""

import json
from typing import Any

from record import documents
from record.memory_items import Item, ScopeName
from storage.memory.errors import BadValueError

_TEXTS = ("semantic", "procedural", "episodic")


def typed(scope: ScopeName, text: str) -> Any:
    """What is meant by a word or two on a command line: `42`, `"42"`, `{"a": 1}`, or any words."""
    if scope in _TEXTS:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def editable(item: Item) -> tuple[str, str]:
    """What an editor is given of an item, and the ending of its file: as JSON where it is no text."""
    if item.scope in _TEXTS:
        return str(item.value), ".md"
    return f"{documents.dumps(item.value)}\n", ".json"


def edited(item: Item, text: str) -> Any:
    """What an editor has made of it.

    Raises:
        BadValueError: It was JSON, and is none any more.
    """
    if item.scope in _TEXTS:
        return text.strip()
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadValueError(
            f"that is no JSON ({error}); nothing was changed", "A text stands in double quotes."
        ) from error
