"""What a person sees of memory: their own rooms of entries, and what is kept of them, over all agents and plans.

Whose it is is the tenant and the user; a room that has no user is one of all of the tenant, and seen too. Entries come
in the order of their names, by the index of their key; what was said, known and learnt comes newest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.knowledge import fulltext, interactions
from storage.knowledge.fulltext import INTERACTIONS, KNOWLEDGE, SKILLS, Within
from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute
from storage.memory import feed
from storage.memory.entries import COLUMNS, LIVES, Entry, Stored
from storage.memory.scopes import Scope

_SEEN = "tenant = :tenant AND user_id IN ('', :user_id)"
_TEXT = "lower(scope_id || '/' || key || ' ' || value)"
_NEWEST = {INTERACTIONS: "id DESC", KNOWLEDGE: "updated_at DESC, id DESC", SKILLS: "updated_at DESC, id DESC"}
_CHANGED = {INTERACTIONS: "at", KNOWLEDGE: "updated_at", SKILLS: "updated_at"}


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are, and when the last of them was changed; None where there are none."""

    count: int
    latest: datetime | None


def entries(
    execute: Execute,
    tenant: str,
    user_id: str,
    kinds: Sequence[str],
    at: datetime,
    words: Sequence[str] = (),
    limit: int = 20,
    offset: int = 0,
) -> list[Entry]:
    """Entries of some kinds of scopes, by name: all, or those in whose name or value all the words are."""
    where, values = _among(tenant, user_id, kinds, at, words)
    rows = execute(
        f"SELECT scope, scope_id, user_id, {COLUMNS} FROM memory_entries WHERE {where}"
        " ORDER BY scope_id, key, scope, user_id LIMIT :limit OFFSET :offset",
        {**values, "limit": limit, "offset": offset},
    )
    return [Entry.of(Scope(tenant, row[0], row[1], row[2]), Stored.of(row[3:])) for row in rows]


def count_entries(
    execute: Execute, tenant: str, user_id: str, kinds: Sequence[str], at: datetime, words: Sequence[str] = ()
) -> Counted:
    """How many of the same there are."""
    where, values = _among(tenant, user_id, kinds, at, words)
    return _counted(execute(f"SELECT COUNT(*), MAX(updated_at) FROM memory_entries WHERE {where}", values))


def said(tenant: str, user_id: str) -> Within:
    """What was said between a user and any agent."""
    return Within(INTERACTIONS, "tenant = :tenant AND user_id = :user_id", {"tenant": tenant, "user_id": user_id})


def learnt(tenant: str, user_id: str) -> Within:
    """What any agent of a user can do."""
    return Within(SKILLS, _SEEN, {"tenant": tenant, "user_id": user_id})


def newest(execute: Execute, within: Within, limit: int, offset: int = 0) -> list[int]:
    """The numbers of a page of rows, the newest first."""
    table = within.remembered
    rows = execute(
        f"SELECT id FROM {table.table} WHERE {within.clause} ORDER BY {_NEWEST[table]} LIMIT :limit OFFSET :offset",
        {**within.values, "limit": limit, "offset": offset},
    )
    return [int(id_) for (id_,) in rows]


def count(execute: Execute, within: Within) -> Counted:
    """How many rows there are."""
    table = within.remembered
    query = f"SELECT COUNT(*), MAX({_CHANGED[table]}) FROM {table.table} WHERE {within.clause}"
    return _counted(execute(query, within.values))


def forget_said(execute: Execute, dialect: str, tenant: str, user_id: str, id: int, at: datetime) -> bool:
    """Deletes one thing that was said, and every word of it; False when it is not there."""
    gone = execute(
        "DELETE FROM interactions WHERE tenant = :tenant AND user_id = :user_id AND id = :id RETURNING agent_id",
        {"tenant": tenant, "user_id": user_id, "id": id},
    )
    for (agent,) in gone:
        fulltext.merge(execute, dialect, INTERACTIONS.index)
        feed.post(execute, tenant, user_id, interactions.TOPIC, str(id), "deleted", {"agent_id": agent}, at)
    return bool(gone)


def _among(
    tenant: str, user_id: str, kinds: Sequence[str], at: datetime, words: Sequence[str]
) -> tuple[str, dict[str, Any]]:
    scopes = {f"scope{number}": kind for number, kind in enumerate(kinds)}
    named = {f"word{number}": word.lower() for number, word in enumerate(words)}
    listed = ", ".join(f":{name}" for name in scopes)
    has = "".join(f" AND replace({_TEXT}, :{name}, '') <> {_TEXT}" for name in named)
    values = {"tenant": tenant, "user_id": user_id, "at": at, **scopes, **named}
    return f"{_SEEN} AND scope IN ({listed}) AND {LIVES}{has}", values


def _counted(rows: Sequence[Sequence[Any]]) -> Counted:
    ((number, latest),) = rows
    return Counted(int(number), None if latest is None else as_utc(latest))
