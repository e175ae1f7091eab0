"""Sessions that agents make, to group their plans; and those of the chat, which answer as such under their ids.

A session of the chat is read from its record and has no row here: what is told of it cannot differ from that. Where an
agent's session and one of the chat are called alike, the agent's is meant, as it was made on purpose.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute
from storage.memory import feed
from storage.memory.arguments import optional, page
from storage.memory.errors import ConflictError
from storage.memory.scopes import name
from storage.memory.values import decoded, encoded_dict
from storage.scope import User

TOPIC = "sessions"
_MINE = "tenant = :tenant AND user_id = :user_id"
_CHAT = "app_name = :app_name AND user_id = :adk_id"
_COLUMNS = "session_id, name, metadata, created_at, last_interaction, 0 AS chat"
_OF_CHAT = "session_id, title, '{}', created_at, last_event_at, 1"
_NEWEST = "ORDER BY last_interaction DESC, session_id"
_BY_LAST_EVENT = "ORDER BY last_event_at DESC, session_id"


@dataclass(frozen=True, slots=True)
class Session:
    """One session.

    Attributes:
        last_interaction: When a plan or an interaction of it was made last; of the chat, when something was said.
        chat: Whether it is one of the chat.
    """

    tenant_id: str
    user_id: str
    session_id: str
    name: str | None
    metadata: dict[str, Any]
    created_at: datetime
    last_interaction: datetime
    chat: bool = False

    @property
    def id(self) -> str:
        """What it is called by."""
        return self.session_id


def create(
    execute: Execute,
    tenant: str,
    user_id: str,
    session_id: str,
    at: datetime,
    *,
    app_name: str,
    title: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Session:
    """Makes a session.

    Raises:
        ConflictError: The tenant has one of that id, or the user's chat has.
        MemoryRefusedError: It cannot be called so, or its metadata cannot be kept.
    """
    values = _values(tenant, user_id, session_id, app_name)
    values |= {"title": optional("session", title), "at": at}
    values["metadata"] = encoded_dict(metadata or {}, "metadata")
    taken = execute(f"SELECT 1 FROM session_info WHERE {_CHAT} AND session_id = :session_id", values)
    made = taken or execute(
        "INSERT INTO memory_sessions (tenant, user_id, session_id, name, metadata, created_at, last_interaction)"
        " VALUES (:tenant, :user_id, :session_id, :title, :metadata, :at, :at)"
        " ON CONFLICT (tenant, session_id) DO NOTHING RETURNING session_id",
        values,
    )
    if taken or not made:
        raise ConflictError(f"there is a session {session_id!r} already")
    feed.post(execute, tenant, user_id, TOPIC, session_id, "created", {}, at)
    return Session(tenant, user_id, session_id, title, decoded(values["metadata"]), at, at)


def get(execute: Execute, tenant: str, user_id: str, session_id: str, *, app_name: str) -> Session | None:
    """One session of a user."""
    found = execute(
        f"SELECT {_COLUMNS} FROM memory_sessions WHERE {_MINE} AND session_id = :session_id"
        f" UNION ALL SELECT {_OF_CHAT} FROM session_info WHERE {_CHAT} AND session_id = :session_id ORDER BY chat",
        _values(tenant, user_id, session_id, app_name),
    )
    return _session(tenant, user_id, found[0]) if found else None


def listing(
    execute: Execute, tenant: str, user_id: str, *, app_name: str, limit: int = 20, offset: int = 0
) -> list[Session]:
    """A user's sessions, the one last used first.

    Raises:
        BadValueError: There is no such page.
    """
    # Each part is read by its own index, and no further than the page reaches.
    made = f"SELECT {_COLUMNS} FROM memory_sessions WHERE {_MINE} {_NEWEST} LIMIT :reach"
    alike = "SELECT 1 FROM memory_sessions m WHERE m.tenant = :tenant AND m.user_id = :user_id"
    only = f"NOT EXISTS ({alike} AND m.session_id = session_info.session_id)"
    said = f"SELECT {_OF_CHAT} FROM session_info WHERE {_CHAT} AND {only} {_BY_LAST_EVENT} LIMIT :reach"
    values = {**_user(tenant, user_id, app_name), **page(limit, offset), "reach": limit + offset}
    found = execute(
        f"SELECT * FROM (SELECT * FROM ({made}) AS made UNION ALL SELECT * FROM ({said}) AS said) AS both_kinds"
        f" {_NEWEST} LIMIT :limit OFFSET :offset",
        values,
    )
    return [_session(tenant, user_id, row) for row in found]


def touch(execute: Execute, tenant: str, user_id: str, session_id: str | None, at: datetime) -> None:
    """Tells that a plan or an interaction was made in a session: never back in time, and nothing where it is no
    session of the user's. The chat's own follow their record."""
    execute(
        f"UPDATE memory_sessions SET last_interaction = :at WHERE {_MINE} AND session_id = :session_id"
        " AND last_interaction < :at",
        {"tenant": tenant, "user_id": user_id, "session_id": session_id, "at": at},
    )


def delete(execute: Execute, tenant: str, user_id: str, session_id: str, at: datetime) -> bool:
    """Deletes a session that agents have made; its plans stay. Returns False where there is none, as for the chat's."""
    gone = execute(
        f"DELETE FROM memory_sessions WHERE {_MINE} AND session_id = :session_id RETURNING session_id",
        {"tenant": name("tenant", tenant), "user_id": name("user", user_id), "session_id": name("session", session_id)},
    )
    if gone:
        feed.post(execute, tenant, user_id, TOPIC, session_id, "deleted", {}, at)
    return bool(gone)


def _user(tenant: str, user_id: str, app_name: str) -> dict[str, Any]:
    adk_id = User(app_name, name("user", user_id), name("tenant", tenant)).adk_id
    return {"tenant": tenant, "user_id": user_id, "app_name": app_name, "adk_id": adk_id}


def _values(tenant: str, user_id: str, session_id: str, app_name: str) -> dict[str, Any]:
    return {**_user(tenant, user_id, app_name), "session_id": name("session", session_id)}


def _session(tenant: str, user_id: str, row: Sequence[Any]) -> Session:
    id_, called, metadata, created_at, last, chat = row
    return Session(tenant, user_id, id_, called, decoded(metadata), as_utc(created_at), as_utc(last), bool(chat))
