"""A tool for durable state, as data: the function that a model calls, and what a call has changed, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from state_tools.kinds import PreferenceKind


@dataclass(frozen=True)
class StateTool:
    """One of the manager's tools.

    Attributes:
        call: The function; a model reads its name and its docstring.
        changes: What a call has changed, with its arguments in braces: "{game} is remembered". It is told when the turn
            is undone, because the change stays. Empty for a tool that only reads.
        kind: The kind whose values its arguments are: they are told as they are kept.
    """

    call: Callable[..., Any]
    changes: str = ""
    kind: PreferenceKind | None = None

    @property
    def name(self) -> str:
        return self.call.__name__

    def told(self, arguments: Mapping[str, Any]) -> str:
        """What a call with these arguments has changed."""
        values = {name: self._as_kept(value) for name, value in arguments.items()}
        try:
            return self.changes.format(**values)
        except (KeyError, IndexError):  # it was called with other arguments once
            return f"{self.name}({', '.join(f'{name}={value}' for name, value in values.items())})"

    def _as_kept(self, value: Any) -> str:
        try:
            return self.kind.kept(value) if self.kind and isinstance(value, str) else str(value)
        except ValueError:
            return str(value)
