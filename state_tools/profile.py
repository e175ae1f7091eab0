"""What instructions say about the user, from the small snapshot that ADK's state holds; the ledger is the truth."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from state_tools.kinds import USER_NAME, PreferenceKind
from storage.queries.session_document import preference_document

SNAPSHOT = "user:preferences"
"""Key in ADK's state: the preferences in the documented shape, and the name."""


def snapshot(known: Mapping[str, list[str]]) -> dict[str, Any]:
    """What ADK's state is told, of `Record.preferences()`."""
    name = next(iter(known.get(USER_NAME.name, [])), None)
    return {USER_NAME.name: name, **preference_document(known)}


class State(Protocol):
    """ADK's state, or a mapping."""

    def get(self, key: str, /) -> Any: ...


def name_of(state: State) -> str | None:
    """What the user is called, where they have said it."""
    return (state.get(SNAPSHOT) or {}).get(USER_NAME.name)


def about_user(state: State, kinds: Sequence[PreferenceKind]) -> str:
    """Lines for an instruction: the user's name and what they like; empty when nothing is known."""
    known: Mapping[str, Any] = state.get(SNAPSHOT) or {}
    held = [(kind, known[kind.name]) for kind in kinds if known.get(kind.name)]
    return "\n".join(_line(kind, [value] if isinstance(value, str) else value) for kind, value in held)


def _line(kind: PreferenceKind, values: Sequence[str]) -> str:
    return f"The user's {kind.shown}{' is' if kind.single else ':'} {', '.join(values)}."
