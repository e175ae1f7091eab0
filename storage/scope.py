"""Whose rows: every query of the ledger is scoped by an app and a user, most by a session as well."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class User:
    """One person's record in one app."""

    app_name: str
    user_id: str


@dataclass(frozen=True, slots=True)
class SessionKey:
    """One session of one user, as ADK keys it."""

    app_name: str
    user_id: str
    session_id: str

    @property
    def user(self) -> User:
        return User(self.app_name, self.user_id)


@dataclass(frozen=True, slots=True)
class TurnKey:
    """One turn of one session; a turn is what ADK calls an invocation."""

    session: SessionKey
    invocation_id: str
