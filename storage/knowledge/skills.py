"""Procedural memory: what an agent can do, and when that is of use. One row for each name of an agent.

A skill of no agent is one of all the agents of its user; one of no user, which only a caller who is trusted stores, is
one of all users of the tenant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.knowledge.fulltext import SKILLS, Within, rows
from storage.knowledge.vectors import Vector
from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute
from storage.memory import arguments, feed, scopes
from storage.memory.values import decoded, encoded_dict

TOPIC = "memory.procedural"
_COLUMNS = "id, tenant, user_id, agent_id, name, context, content, metadata, created_at, updated_at"
_OWN = "tenant = :tenant AND user_id = :user_id AND agent_id = :agent_id"
_FOUND = "tenant = :tenant AND user_id IN ('', :user_id) AND agent_id IN ('', :agent_id)"


@dataclass(frozen=True, slots=True)
class Skill:
    """One thing that agents can do.

    Attributes:
        context: When it is of use.
        content: How it is done.
        score: How well it matches, from 1 down; None where nothing was searched.
    """

    id: int
    tenant_id: str
    user_id: str
    agent_id: str
    name: str
    context: str
    content: str
    metadata: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    score: float | None = None


def store(
    execute: Execute,
    tenant: str,
    user_id: str,
    agent_id: str,
    name: str,
    context: str,
    content: str,
    *,
    metadata: Mapping[str, Any] | None = None,
    vector: Vector | None = None,
    at: datetime,
) -> Skill:
    """Keeps a skill, in the place of the agent's skill of that name.

    Args:
        execute: Runs statements in a transaction.
        tenant: Whose it is.
        user_id: Which of its users' agents can do it; empty for all.
        agent_id: Which agent can; empty for all.
        name: What it is called.
        context: When it is of use.
        content: How it is done.
        metadata: What its writer says of it; None leaves what was said before.
        vector: What an embedder makes of name and context.
        at: When it is stored.

    Raises:
        MemoryRefusedError: Something is missing or too large.
    """
    values = {
        **_scope(tenant, user_id, agent_id),
        "name": scopes.name("skill", name),
        "context": arguments.words("context", context),
        "content": arguments.words("content", content),
        "metadata": None if metadata is None else encoded_dict(metadata, "metadata"),
        "vector": vector.data if vector else None,
        "vector_model": vector.model if vector else None,
        "at": at,
    }
    known = execute(f"SELECT id FROM skills WHERE {_OWN} AND name = :name", values)
    (row,) = execute(_UPDATE if known else _INSERT, values)
    made = _skill(row)
    _tell(execute, made, "updated" if known else "created", at)
    return made


_INSERT = (
    "INSERT INTO skills (tenant, user_id, agent_id, name, context, content, metadata, created_at, updated_at, vector,"
    " vector_model) VALUES (:tenant, :user_id, :agent_id, :name, :context, :content, COALESCE(:metadata, '{}'), :at,"
    f" :at, :vector, :vector_model) RETURNING {_COLUMNS}"
)
_UPDATE = (
    "UPDATE skills SET context = :context, content = :content, metadata = COALESCE(:metadata, metadata),"
    " updated_at = :at, vector = :vector, vector_model = :vector_model"
    f" WHERE {_OWN} AND name = :name RETURNING {_COLUMNS}"
)


def get(execute: Execute, tenant: str, user_id: str, agent_id: str, name: str) -> Skill | None:
    """An agent's skill, or None when it has none of that name."""
    values = {**_scope(tenant, user_id, agent_id), "name": scopes.name("skill", name)}
    found = execute(f"SELECT {_COLUMNS} FROM skills WHERE {_OWN} AND name = :name", values)
    return _skill(found[0]) if found else None


def of_agent(execute: Execute, tenant: str, user_id: str, agent_id: str, limit: int = 20) -> list[Skill]:
    """What an agent can do, what was changed last first; 1 to 100."""
    scope = within(tenant, user_id, agent_id)
    found = execute(
        f"SELECT {_COLUMNS} FROM skills WHERE {scope.clause} ORDER BY updated_at DESC, id DESC LIMIT :limit",
        {**scope.values, "limit": arguments.limit(limit)},
    )
    return [_skill(row) for row in found]


def delete(execute: Execute, tenant: str, user_id: str, agent_id: str, name: str, at: datetime) -> bool:
    """Deletes an agent's skill; False when it has none of that name.

    The words are gone from the index when `fulltext.merge` was called in the same transaction.
    """
    values = {**_scope(tenant, user_id, agent_id), "name": scopes.name("skill", name)}
    gone = execute(f"DELETE FROM skills WHERE {_OWN} AND name = :name RETURNING {_COLUMNS}", values)
    for row in gone:
        _tell(execute, _skill(row), "deleted", at)
    return bool(gone)


def within(tenant: str, user_id: str, agent_id: str) -> Within:
    """What a search may find: what the agent can do."""
    return Within(SKILLS, _FOUND, _scope(tenant, user_id, agent_id))


def read(execute: Execute, scope: Within, scores: Mapping[int, float]) -> list[Skill]:
    """What was found, in its order and with its scores; what is gone meanwhile is left out."""
    return [_skill(row, score) for row, score in rows(execute, scope, _COLUMNS, scores)]


def _scope(tenant: str, user_id: str, agent_id: str) -> dict[str, Any]:
    return {
        "tenant": scopes.name("tenant", tenant),
        "user_id": scopes.name("user", user_id, empty=True),
        "agent_id": scopes.name("agent", agent_id, empty=True),
    }


def _tell(execute: Execute, skill: Skill, kind: str, at: datetime) -> None:
    facts = {"id": skill.id, "agent_id": skill.agent_id}
    feed.post(execute, skill.tenant_id, skill.user_id, TOPIC, skill.name, kind, facts, at)


def _skill(row: Sequence[Any], score: float | None = None) -> Skill:
    id_, tenant, user_id, agent_id, name, context, content, metadata, created_at, updated_at = row
    created, updated = as_utc(created_at), as_utc(updated_at)
    return Skill(id_, tenant, user_id, agent_id, name, context, content, decoded(metadata), created, updated, score)
