"""What may be remembered of a user: kinds of preferences, as data.

A kind says what it is called, whether there is one value or many, and how a value is written. A member of the team, or
another package, adds its own (docs/agents.md); what is kept of a kind that nobody knows any more stays and is shown.
Always holds: a value that is kept is one line of at most 100 characters that can be seen.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from storage import names

_TICKER = re.compile(r"[A-Z][A-Z0-9]{0,9}([.-][A-Z0-9]{1,4})?")
_LONGEST = 100


class Suggestion(NamedTuple):
    """A value that a kind may have, and a note beside it."""

    value: str
    note: str = ""


@dataclass(frozen=True)
class PreferenceKind:
    """One kind of preference.

    Attributes:
        name: As it is kept, and as tools and commands name it: "stock_watchlist".
        label: What it is called in a sentence; the name with spaces when left out.
        single: Whether a new value replaces the one before, or joins the others.
        clean: How a value is written; it may raise ValueError with a sentence for a person.
        suggestions: Values to choose from, where a person types.
    """

    name: str
    label: str = ""
    single: bool = False
    clean: Callable[[str], str] = str
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def shown(self) -> str:
        """What it is called in a sentence."""
        return self.label or self.name.replace("_", " ")

    def kept(self, value: str) -> str:
        """The value as it is kept.

        Raises:
            ValueError: It is empty, or none of this kind; `str()` is a sentence for a person.
        """
        text = _one_line(self.clean(_one_line(value)))
        if not text:
            raise ValueError("Nothing to remember was given.")
        return text


def ticker(value: str) -> str:
    """A ticker symbol, in capitals.

    Raises:
        ValueError: It is none.
    """
    text = value.lstrip("$").upper()
    if not _TICKER.fullmatch(text):
        raise ValueError(f"{value!r} is not a ticker symbol; give one such as NVDA.")
    return text


def _agent(value: str) -> str:
    """What an agent may be called; whether there is one called so, a team knows."""
    text = value.casefold().replace(" ", "_")
    if not text.isidentifier():
        raise ValueError(f"{value!r} is no agent's name.")
    return text


USER_NAME = PreferenceKind("user_name", label="name", single=True)
NERD_TOPICS = PreferenceKind("nerd_topics", clean=str.lower)
JOKE_PREFERENCES = PreferenceKind("joke_preferences", clean=str.lower)
STOCK_WATCHLIST = PreferenceKind("stock_watchlist", clean=ticker)
DOCUMENTED = (
    USER_NAME,
    PreferenceKind("favorite_agent", single=True, clean=_agent),
    JOKE_PREFERENCES,
    STOCK_WATCHLIST,
    NERD_TOPICS,
)
"""The kinds that the documented shape of the state names, for who knows no team."""


def _one_line(value: str) -> str:
    return names.title(value)[:_LONGEST].rstrip()
