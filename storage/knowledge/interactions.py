"""Episodic memory: what was said between a user and an agent, which nobody changes afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.knowledge.fulltext import INTERACTIONS, Within, rows
from storage.knowledge.vectors import Vector
from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute
from storage.memory import arguments, feed, sessions
from storage.memory.scopes import name
from storage.memory.values import decoded, encoded_dict

ROLES = ("user", "assistant", "system", "tool")
TOPIC = "memory.episodic"
_COLUMNS = "id, tenant, user_id, agent_id, session_id, role, content, metadata, at"
_SCOPE = "tenant = :tenant AND user_id = :user_id AND agent_id = :agent_id"


@dataclass(frozen=True, slots=True)
class Interaction:
    """One thing that was said.

    Attributes:
        score: How well it matches, from 1 down; None where nothing was searched.
    """

    id: int
    tenant_id: str
    user_id: str
    agent_id: str
    session_id: str | None
    role: str
    content: str
    metadata: dict[str, Any]
    created_at: datetime
    score: float | None = None


def log(
    execute: Execute,
    tenant: str,
    user_id: str,
    agent_id: str,
    role: str,
    content: str,
    *,
    metadata: Mapping[str, Any] | None = None,
    session_id: str | None = None,
    vector: Vector | None = None,
    at: datetime,
) -> Interaction:
    """Keeps what was said, and moves its session's last interaction.

    Args:
        execute: Runs statements in a transaction.
        tenant: Whose it is.
        user_id: Which of its users took part.
        agent_id: Which agent did.
        role: Who spoke, one of `ROLES`.
        content: What was said.
        metadata: What the agent says of it.
        session_id: Which session it was in; it need not be there.
        vector: What an embedder makes of the content.
        at: When it was said.

    Raises:
        MemoryRefusedError: The role is none, a name or the content is missing, or something is too large.
    """
    values = {
        **_scope(tenant, user_id, agent_id),
        "session_id": arguments.optional("session", session_id),
        "role": arguments.one_of("role", role, ROLES),
        "content": arguments.words("content", content),
        "metadata": encoded_dict(metadata or {}, "metadata"),
        "at": at,
        "vector": vector.data if vector else None,
        "vector_model": vector.model if vector else None,
    }
    (row,) = execute(
        "INSERT INTO interactions (tenant, user_id, agent_id, session_id, role, content, metadata, at, vector,"
        " vector_model) VALUES (:tenant, :user_id, :agent_id, :session_id, :role, :content, :metadata, :at, :vector,"
        f" :vector_model) RETURNING {_COLUMNS}",
        values,
    )
    made = _interaction(row)
    feed.post(execute, tenant, user_id, TOPIC, str(made.id), "created", {"agent_id": agent_id, "role": role}, at)
    if made.session_id is not None:
        sessions.touch(execute, tenant, user_id, made.session_id, at)
    return made


def recent(execute: Execute, tenant: str, user_id: str, agent_id: str, limit: int = 10) -> list[Interaction]:
    """What was said last between the user and the agent, the newest first; 1 to 100.

    Raises:
        MemoryRefusedError: A name is missing, or the limit is beyond its bounds.
    """
    newest = execute(
        f"SELECT {_COLUMNS} FROM interactions WHERE {_SCOPE} ORDER BY id DESC LIMIT :limit",
        {**_scope(tenant, user_id, agent_id), "limit": arguments.limit(limit)},
    )
    return [_interaction(row) for row in newest]


def within(tenant: str, user_id: str, agent_id: str) -> Within:
    """What a search may find: what was said between the user and the agent."""
    return Within(INTERACTIONS, _SCOPE, _scope(tenant, user_id, agent_id))


def read(execute: Execute, scope: Within, scores: Mapping[int, float]) -> list[Interaction]:
    """What was found, in its order and with its scores; what is gone meanwhile is left out."""
    return [_interaction(row, score) for row, score in rows(execute, scope, _COLUMNS, scores)]


def _scope(tenant: str, user_id: str, agent_id: str) -> dict[str, Any]:
    return {
        "tenant": name("tenant", tenant),
        "user_id": name("user", user_id),
        "agent_id": name("agent", agent_id),
    }


def _interaction(row: Sequence[Any], score: float | None = None) -> Interaction:
    id_, tenant, user_id, agent_id, session_id, role, content, metadata, at = row
    said = decoded(metadata)
    return Interaction(id_, tenant, user_id, agent_id, session_id, role, content, said, as_utc(at), score)
