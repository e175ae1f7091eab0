"""The feed: what has changed, in the order of the commits, for whoever waits for it.

A row is written in the transaction of what it tells. That transaction holds the database's one write lock, so a row
that can be seen is never followed by one with a smaller number: who has read up to a number has read all before it. A
row has small facts; values are read from where they are kept, and are gone there when they were removed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.ledger.posting import as_utc
from storage.ledger.statements import Execute

_POST = (
    "INSERT INTO changes (tenant, user_id, topic, key, kind, facts, at)"
    " VALUES (:tenant, :user_id, :topic, :key, :kind, :facts, :at)"
)
_POST_WITH_HISTORY = (
    "INSERT INTO changes (tenant, user_id, topic, key, kind, facts, at) VALUES (:tenant, :user_id, :topic, :key, :kind,"
    " CAST(:facts AS TEXT) || CAST((SELECT MAX(id) FROM memory_history) AS TEXT) || '}', :at)"
)
"""Who writes is the only one, so the newest row of the history is that of the change: it need not be asked for."""
_NEWEST = "SELECT COALESCE(MAX(id), 0) FROM changes"
_COLUMNS = "id, user_id, topic, key, kind, facts, at"
_AFTER = (
    f"SELECT {_COLUMNS} FROM changes WHERE tenant = :tenant AND id > :after AND id <= :up_to"
    " AND (user_id = :user_id OR user_id = '')"
)
_LAST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the feed.

    Attributes:
        id: Its place; later ones are greater.
        user_id: Whose it is; empty where it is all of the tenant's.
        topic: What has changed: `memory.shared`, `plans`, and so on.
        key: Which of them.
        kind: How: `created`, `updated`, `deleted`, and so on.
        facts: What is small and of use to all.
    """

    id: int
    tenant: str
    user_id: str
    topic: str
    key: str
    kind: str
    facts: dict[str, Any]
    at: datetime


def post(
    execute: Execute, tenant: str, user_id: str, topic: str, key: str, kind: str, facts: dict[str, Any], at: datetime
) -> None:
    """Tells what the transaction at hand changes."""
    execute(_POST, _values(tenant, user_id, topic, key, kind, at) | {"facts": _json(facts)})


def post_with_history(
    execute: Execute, tenant: str, user_id: str, topic: str, key: str, kind: str, facts: dict[str, Any], at: datetime
) -> None:
    """As `post`, of a change whose row in the history was written just before: `history` is its number."""
    told = f'{_json(facts).removesuffix("}")},"history":'
    execute(_POST_WITH_HISTORY, _values(tenant, user_id, topic, key, kind, at) | {"facts": told})


def newest(execute: Execute) -> int:
    """The number of the newest row, whoever's it is; 0 when there is none."""
    ((found,),) = execute(_NEWEST, {})
    return int(found)


def after(
    execute: Execute,
    tenant: str,
    user_id: str,
    after_id: int,
    topics: Sequence[str] = (),
    limit: int = 100,
    up_to: int | None = None,
) -> list[Change]:
    """What a user is told, oldest first.

    Args:
        execute: Runs the statement.
        tenant: The user's.
        user_id: The user, who is also told what is all of the tenant's; empty for nothing else than that.
        after_id: What was read last; 0 for all there is.
        topics: Of these only; all without.
        limit: At most so many rows.
        up_to: The last row that is looked at; without, there is none.
    """
    names = {f"topic{number}": topic for number, topic in enumerate(topics)}
    which = f" AND topic IN ({', '.join(f':{each}' for each in names)})" if names else ""
    values = {
        "tenant": tenant,
        "user_id": user_id,
        "after": after_id,
        "up_to": _LAST if up_to is None else up_to,
        "limit": limit,
        **names,
    }
    rows = execute(f"{_AFTER}{which} ORDER BY id LIMIT :limit", values)
    return [_change(tenant, row) for row in rows]


def _change(tenant: str, row: Sequence[Any]) -> Change:
    number, user_id, topic, key, kind, facts, at = row
    return Change(number, tenant, user_id, topic, key, kind, json.loads(facts), as_utc(at))


def _values(tenant: str, user_id: str, topic: str, key: str, kind: str, at: datetime) -> dict[str, Any]:
    return {"tenant": tenant, "user_id": user_id, "topic": topic, "key": key, "kind": kind, "at": at}


def _json(facts: dict[str, Any]) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
