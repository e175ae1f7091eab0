"""Semantic memory: what is known, by a user alone or by all of the tenant.

What is stored again takes the place of what its owner has stored under the same external id, or, without one, with the
same content: one row each. Only its owner changes it, makes it public or private again, and deletes it; what others
have made public is read. Two users may call their own private knowledge alike; a public name is its owner's in the
tenant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from storage.knowledge.fulltext import KNOWLEDGE, Within, rows
from storage.knowledge.vectors import Vector
from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute
from storage.memory import arguments, feed
from storage.memory.errors import BadValueError, MemoryRefusedError
from storage.memory.scopes import name
from storage.memory.values import decoded, encoded_dict

TOPIC = "memory.semantic"
PUBLIC = ""
"""The user of a row that all of the tenant may find."""
_COLUMNS = "id, tenant, user_id, owner, external_id, content, metadata, tags, source, created_at, updated_at"
_MINE = f"tenant = :tenant AND user_id IN ('{PUBLIC}', :owner) AND owner = :owner"
"""A row is its owner's or the public's: named, the database finds the row by the indexes that begin so."""
_PRIVATE = "tenant = :tenant AND user_id = :user_id"
_FOUND = f"tenant = :tenant AND user_id IN ('{PUBLIC}', :user_id)"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One thing that is known.

    Attributes:
        user_id: Who has stored it.
        score: How well it matches, from 1 down; None where nothing was searched.
    """

    id: int
    tenant_id: str
    user_id: str
    is_public: bool
    external_id: str | None
    content: str
    metadata: dict[str, Any]
    tags: list[str]
    source: str | None
    created_at: datetime
    updated_at: datetime
    score: float | None = None

    @property
    def key(self) -> str:
        """What the feed calls it."""
        return self.external_id or str(self.id)

    @property
    def feed_user(self) -> str:
        """Whose feed it is in."""
        return PUBLIC if self.is_public else self.user_id

    @property
    def facts(self) -> dict[str, Any]:
        """What the feed says of it; by the owner's name, which comes first, its rows are found when they are erased."""
        return {"owner": self.user_id, "id": self.id}


def store(
    execute: Execute,
    tenant: str,
    owner: str,
    content: str,
    *,
    external_id: str | None = None,
    is_public: bool = False,
    metadata: Mapping[str, Any] | None = None,
    tags: Sequence[str] | None = None,
    source: str | None = None,
    vector: Vector | None = None,
    at: datetime,
) -> Knowledge:
    """Keeps what is known, in the place of what its owner has stored so before.

    Args:
        execute: Runs statements in a transaction.
        tenant: Whose it is.
        owner: Which of its users stores it.
        content: What is known.
        external_id: What its owner calls it.
        is_public: Whether all of the tenant may find it from now on.
        metadata: What its owner says of it; None leaves what was said before.
        tags: Words it is filed under; None leaves those of before.
        source: Where it is from; None leaves what was said before.
        vector: What an embedder makes of the content.
        at: When it is stored.

    Raises:
        MemoryRefusedError: Something is missing or too large, or the name is that of what another user has made public.
    """
    values = {
        "tenant": name("tenant", tenant),
        "owner": name("user", owner),
        "user_id": PUBLIC if arguments.flag("is_public", is_public) else owner,
        "external_id": arguments.optional("external_id", external_id),
        "content": arguments.words("content", content),
        "metadata": None if metadata is None else encoded_dict(metadata, "metadata"),
        "tags": None if tags is None else arguments.tags("tags", tags),
        "source": None if source is None else arguments.words("source", source),
        "vector": vector.data if vector else None,
        "vector_model": vector.model if vector else None,
        "at": at,
    }
    values["content_hash"] = sha256(str(values["content"]).encode()).hexdigest()
    before = _before(execute, values)
    _refuse_taken(execute, values)
    made = _update(execute, values, before) if before else _insert(execute, values)
    _tell(execute, made, before, at)
    return made


def get(
    execute: Execute, tenant: str, user_id: str, *, id: int | None = None, external_id: str | None = None
) -> Knowledge | None:
    """What a user may find, by its number or external id, their own before what is public; None when there is none.

    Raises:
        MemoryRefusedError: Neither can be one, neither is given, or both are.
    """
    scope = within(tenant, user_id)
    which, named = _one(id, external_id)
    found = execute(
        f"SELECT {_COLUMNS} FROM knowledge WHERE {scope.clause} AND {which}"
        " ORDER BY CASE WHEN owner = :user_id THEN 0 ELSE 1 END LIMIT 1",
        {**scope.values, "named": named},
    )
    return _knowledge(found[0]) if found else None


def newest(
    execute: Execute, tenant: str, user_id: str, *, include_public: bool = True, limit: int = 20
) -> list[Knowledge]:
    """What a user knows, what was changed last first; 1 to 100."""
    scope = within(tenant, user_id, include_public=include_public)
    found = execute(
        f"SELECT {_COLUMNS} FROM knowledge WHERE {scope.clause} ORDER BY updated_at DESC, id DESC LIMIT :limit",
        {**scope.values, "limit": arguments.limit(limit)},
    )
    return [_knowledge(row) for row in found]


def delete(
    execute: Execute, tenant: str, owner: str, *, id: int | None = None, external_id: str | None = None, at: datetime
) -> bool:
    """Deletes what its owner has stored, by its number or its external id; False when it is not there.

    The words are gone from the index when `fulltext.merge` was called in the same transaction.

    Raises:
        MemoryRefusedError: Neither can be one, neither is given, or both are.
    """
    which, named = _one(id, external_id)
    gone = execute(
        f"DELETE FROM knowledge WHERE {_MINE} AND {which} RETURNING {_COLUMNS}",
        {"tenant": name("tenant", tenant), "owner": name("user", owner), "named": named},
    )
    for each in map(_knowledge, gone):
        feed.post(execute, tenant, each.feed_user, TOPIC, each.key, "deleted", each.facts, at)
    return bool(gone)


def within(tenant: str, user_id: str, *, include_public: bool = True) -> Within:
    """What a user may find: what they have stored for themselves, and what is public in the tenant."""
    values = {"tenant": name("tenant", tenant), "user_id": name("user", user_id)}
    clause = _FOUND if arguments.flag("include_public", include_public) else _PRIVATE
    return Within(KNOWLEDGE, clause, values)


def read(execute: Execute, scope: Within, scores: Mapping[int, float]) -> list[Knowledge]:
    """What was found, in its order and with its scores; what is gone meanwhile is left out."""
    return [_knowledge(row, score) for row, score in rows(execute, scope, _COLUMNS, scores)]


def _one(id: int | None, external_id: str | None) -> tuple[str, int | str]:
    """What holds for the one row that is meant, and its parameter `named`."""
    if (id is None) == (external_id is None):
        raise MemoryRefusedError("what is meant is named by its id, or by its external_id")
    if external_id is not None:
        return "external_id = :named", name("external_id", external_id)
    if type(id) is not int:
        raise BadValueError(f"id must be a number, not {type(id).__name__}")
    return "id = :named", id


def _before(execute: Execute, values: Mapping[str, Any]) -> Knowledge | None:
    same = (
        "external_id = :external_id"
        if values["external_id"] is not None
        else "external_id IS NULL AND content_hash = :content_hash"
    )
    found = execute(f"SELECT {_COLUMNS} FROM knowledge WHERE {_MINE} AND {same} LIMIT 1", values)
    return _knowledge(found[0]) if found else None


def _refuse_taken(execute: Execute, values: Mapping[str, Any]) -> None:
    taken = values["user_id"] == PUBLIC and execute(
        f"SELECT 1 FROM knowledge WHERE tenant = :tenant AND user_id = '{PUBLIC}' AND external_id = :external_id"
        " AND owner <> :owner",
        values,
    )
    if taken:
        raise MemoryRefusedError(
            f"another user of this tenant has made {values['external_id']!r} public",
            "Give what you store another external_id, or keep it private.",
        )


def _insert(execute: Execute, values: Mapping[str, Any]) -> Knowledge:
    (row,) = execute(
        "INSERT INTO knowledge (tenant, user_id, owner, external_id, content_hash, content, metadata, tags, source,"
        " created_at, updated_at, vector, vector_model) VALUES (:tenant, :user_id, :owner, :external_id,"
        " :content_hash, :content, COALESCE(:metadata, '{}'), COALESCE(:tags, '[]'), :source, :at, :at, :vector,"
        f" :vector_model) RETURNING {_COLUMNS}",
        values,
    )
    return _knowledge(row)


def _update(execute: Execute, values: Mapping[str, Any], before: Knowledge) -> Knowledge:
    (row,) = execute(
        "UPDATE knowledge SET user_id = :user_id, content_hash = :content_hash, content = :content,"
        " metadata = COALESCE(:metadata, metadata), tags = COALESCE(:tags, tags), source = COALESCE(:source, source),"
        " updated_at = :at, vector = :vector, vector_model = :vector_model"
        f" WHERE {_MINE} AND id = :id RETURNING {_COLUMNS}",
        {**values, "id": before.id},
    )
    return _knowledge(row)


def _tell(execute: Execute, made: Knowledge, before: Knowledge | None, at: datetime) -> None:
    """Who may not find it any more is told that it is gone."""
    if before and before.is_public and not made.is_public:
        feed.post(execute, made.tenant_id, PUBLIC, TOPIC, made.key, "deleted", made.facts, at)
    kind = "updated" if before else "created"
    feed.post(execute, made.tenant_id, made.feed_user, TOPIC, made.key, kind, made.facts, at)


def _knowledge(row: Sequence[Any], score: float | None = None) -> Knowledge:
    id_, tenant, user_id, owner, external_id, content, metadata, tags, source, created_at, updated_at = row
    said, filed = decoded(metadata), decoded(tags)
    public = user_id == PUBLIC
    created, updated = as_utc(created_at), as_utc(updated_at)
    return Knowledge(id_, tenant, owner, public, external_id, content, said, filed, source, created, updated, score)
