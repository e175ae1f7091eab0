"""What a session may be called: a title is one clean line, an id is something a person can type to mean this session.

What is stored keeps to it at every door that takes a name; what older versions let in is only shown.
"""

import unicodedata

from storage.harmless import printable

LAST = "last"
"""Means the session used last, and is no session's id."""
TITLE_LENGTH = 200
ID_LENGTH = 128
"""Characters of an id in ADK's tables."""
NAME_LENGTH = 128
"""Characters of what an agent, a tool or a model is called."""
UNNAMED = "unnamed"
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols without a shape."""


def one_clean_line(text: str) -> str:
    """A text as one line, without halves of characters and what a terminal would obey or not show."""
    whole = " ".join(text.split()).encode("utf-8", "ignore").decode()
    return " ".join(printable(whole).split())


def title(text: str) -> str:
    """A title as it is kept; empty when there is nothing in it to be seen."""
    line = one_clean_line(text)[:TITLE_LENGTH].rstrip()
    return line if any(map(_has_shape, line)) else ""


def name(text: str) -> str:
    """What an agent, a tool or a model is called in the record: a model may write anything there."""
    shown = text if text.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in text)
    return shown.strip()[:NAME_LENGTH].rstrip() or UNNAMED


def is_id(text: str) -> bool:
    """Whether a text can be a session's id: printable, not too long, and nothing that means something else."""
    visible = text.isprintable() and text == text.strip() and 0 < len(text) <= ID_LENGTH
    return visible and _BLANK.isdisjoint(text) and not text.startswith("-") and text.casefold() != LAST


def can_be_meant(text: str) -> bool:
    """Whether a text can be what a person calls a session by: an empty beginning would mean every one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(text.strip()) and len(text) <= max(TITLE_LENGTH, ID_LENGTH)


def _has_shape(character: str) -> bool:
    return character not in _BLANK and unicodedata.category(character) not in {"Cf", "Zs"}
