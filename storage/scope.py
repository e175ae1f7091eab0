"""Whose rows: every query of the ledger is scoped by an app and a user, most by a session as well.

A user is somebody within a tenant. ADK knows only apps and users: in its tables, and in the column `user_id` of ours,
which refer to them, tenant and user stand as one text. Every query compares that text, and no two users have the same.
"""

from dataclasses import dataclass
from typing import Self

from storage.errors import StorageError

LOCAL = "local"
"""The tenant of the chat, unless it is told another."""
MAX_ADK_ID = 128
"""Characters of a user that ADK's tables take."""


@dataclass(frozen=True, slots=True)
class User:
    """One person's record in one app.

    Attributes:
        user_id: As the person is called within the tenant; a query compares `adk_id`.
    """

    app_name: str
    user_id: str
    tenant: str = LOCAL

    @property
    def adk_id(self) -> str:
        """The user as it is stored: of `local` as it is, unless it holds a `/`; else `tenant/user`, each escaped."""
        if self.tenant == LOCAL and "/" not in self.user_id:
            return self.user_id
        return f"{_escaped(self.tenant)}/{_escaped(self.user_id)}"

    @classmethod
    def stored(cls, app_name: str, adk_id: str) -> Self:
        """The user that is stored so.

        Raises:
            StorageError: None is: another program has written that.
        """
        tenant, _, user_id = adk_id.rpartition("/")
        found = cls(app_name, _plain(user_id), _plain(tenant)) if "/" in adk_id else cls(app_name, adk_id)
        if found.adk_id != adk_id:
            raise StorageError(
                f"{adk_id!r} is no user of this record",
                "A user with a tenant is tenant/user; % and / in either are written %25 and %2F.",
            )
        return found


@dataclass(frozen=True, slots=True)
class SessionKey:
    """One session of one user, as ADK keys it.

    Attributes:
        user_id: The user as it is stored: `User.adk_id`.
    """

    app_name: str
    user_id: str
    session_id: str

    @classmethod
    def of(cls, user: User, session_id: str) -> Self:
        """A session of a user."""
        return cls(user.app_name, user.adk_id, session_id)

    @property
    def user(self) -> User:
        return User.stored(self.app_name, self.user_id)


@dataclass(frozen=True, slots=True)
class TurnKey:
    """One turn of one session; a turn is what ADK calls an invocation."""

    session: SessionKey
    invocation_id: str


def _escaped(part: str) -> str:
    return part.replace("%", "%25").replace("/", "%2F")


def _plain(part: str) -> str:
    return part.replace("%2F", "/").replace("%25", "%")
