"""Whose entries: a scope is a room of keys that belongs to a tenant, and to a user of it or to all of them.

A scope that exists is one that the database can keep: its names are checked when it is made.
"""

from dataclasses import dataclass
from typing import Any

from storage.memory.errors import BadNameError
from storage.schema.memory import KEY_LENGTH, NAME_LENGTH

SHARED = "shared"
"""What all agents of a tenant may write."""
WORKING = "working"
"""What is needed while a plan is worked on; the scope's id is the plan's."""
AGENT = "agent"
"""What an agent keeps for itself; the scope's id is the agent's."""
STATE = "state"
"""The state of an agent; the scope's id is the agent's."""
KINDS = (SHARED, WORKING, AGENT, STATE)

IN_SCOPE = "tenant = :tenant AND user_id = :user_id AND scope = :scope AND scope_id = :scope_id"
"""What holds for the rows of the scope that `Scope.values` names."""


@dataclass(frozen=True, slots=True)
class Scope:
    """One room of keys.

    Attributes:
        tenant: Whose it is.
        kind: `shared`, `working`, `agent` or `state`.
        id: The plan, or the agent; empty for what is shared.
        user_id: The user of the tenant; empty where it is all of the tenant's.
    """

    tenant: str
    kind: str
    id: str = ""
    user_id: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadNameError(f"there is no kind of memory called {self.kind!r}", f"There are {', '.join(KINDS)}.")
        name("tenant", self.tenant)
        name("user", self.user_id, empty=True)
        name("plan" if self.kind == WORKING else "agent", self.id, empty=self.kind == SHARED)

    @property
    def values(self) -> dict[str, Any]:
        """The parameters that name it."""
        return {"tenant": self.tenant, "user_id": self.user_id, "scope": self.kind, "scope_id": self.id}

    @property
    def topic(self) -> str:
        """What its changes are called in the feed."""
        return topic(self.kind)


def topic(kind: str) -> str:
    """What the changes of a kind of scopes are called in the feed."""
    return f"memory.{kind}"


def name(what: str, text: str, *, empty: bool = False, longest: int = NAME_LENGTH) -> str:
    """The text, when it can be a name.

    Raises:
        BadNameError: It is no text, too long, empty or blank, or holds what no database keeps.
    """
    if _kept(what, text, empty, longest).isspace():
        raise BadNameError(f"the name of {_a(what)} must not be blank")
    return text


def _kept(what: str, text: str, empty: bool, longest: int) -> str:
    if not isinstance(text, str):
        raise BadNameError(f"the name of {_a(what)} must be text, not {type(text).__name__}")
    if not text and not empty:
        raise BadNameError(f"the name of {_a(what)} must not be empty")
    if len(text) > longest:
        raise BadNameError(f"the name of {_a(what)} has {len(text)} characters, and may have {longest}")
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise BadNameError(f"the name of {_a(what)} holds half of a character")
    if "\0" in text:
        raise BadNameError(f"the name of {_a(what)} holds a NUL character")
    return text


def key(text: str) -> str:
    """The text, when it can be a key; a key may be blank.

    Raises:
        BadNameError: As `name`.
    """
    return _kept("key", text, False, KEY_LENGTH)


def prefix(text: str) -> str:
    """The text, when keys can begin so, or come after it.

    Raises:
        BadNameError: As `name`.
    """
    return _kept("key", text, True, KEY_LENGTH)


def _a(what: str) -> str:
    return f"an {what}" if what[0] in "aeio" else f"a {what}"
