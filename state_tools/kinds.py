"""The kinds of preferences that are ours, and the one whose values a team knows; what a kind is, storage says."""

from collections.abc import Sequence

from storage.preference_kinds import JOKE_PREFERENCES as JOKE_PREFERENCES
from storage.preference_kinds import NERD_TOPICS as NERD_TOPICS
from storage.preference_kinds import STOCK_WATCHLIST as STOCK_WATCHLIST
from storage.preference_kinds import USER_NAME as USER_NAME
from storage.preference_kinds import PreferenceKind as PreferenceKind
from storage.preference_kinds import Suggestion as Suggestion


def favorite_agent(agents: Sequence[str]) -> PreferenceKind:
    """The kind whose value is one of these agents."""
    known = {name.casefold(): name for name in agents}

    def clean(value: str) -> str:
        if not value:
            raise ValueError("No agent was named.")
        if (name := value.casefold().replace(" ", "_")) not in known:
            raise ValueError(f"There is no agent {value!r}; there are {', '.join(agents)}.")
        return known[name]

    return PreferenceKind("favorite_agent", single=True, clean=clean, suggestions=tuple(map(Suggestion, agents)))
