"""All that is kept of a user, or of a tenant, erased in one transaction: each table by its own eraser.

A table that has none must be nobody's, with a reason; a test lists all tables of a database and finds no other. The
record of the chat goes too, of every app that has written to the database. Rows of the feed and of histories go with
their owner: who reads the feed misses nothing that they could still know. What others are told of a public piece of
knowledge goes with whoever stored it.

Nobody is erased while a turn of theirs runs: its later events would be refused, as their session is gone, but what its
tools keep beside it would come back.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import Connection, inspect

from storage.knowledge import fulltext, knowledge
from storage.leases import Owner, others
from storage.ledger.posting import on
from storage.ledger.statements import RUNS, Execute
from storage.memory.errors import MemoryRefusedError
from storage.memory.scopes import name
from storage.memory.values import encoded
from storage.scope import LOCAL, User

Eraser: TypeAlias = Callable[[Execute, str, str | None], int]
"""Erases what a table has of a user of a tenant, or of all of the tenant; returns how many rows those were."""


def erase(conn: Connection, tenant: str, user_id: str | None) -> dict[str, int]:
    """Erases all that is kept of a user; of a whole tenant, what all of it share too, when no user is named.

    Args:
        conn: In a transaction.
        tenant: The tenant.
        user_id: The user.

    Returns:
        How many rows each table had of theirs.

    Raises:
        MemoryRefusedError: A program that may be alive runs a turn of theirs; nothing was erased.
        BadNameError: There is nobody of that name.
    """
    name("tenant", tenant)
    if user_id is not None:
        name("user", user_id)
    execute = on(conn)
    there = set(inspect(conn).get_table_names())
    _refuse_running(execute, tenant, user_id)
    erased = {table: eraser(execute, tenant, user_id) for table, eraser in ERASERS.items() if table in there}
    fulltext.merge(execute, conn.dialect.name, *there.intersection(FULL_TEXT))
    return erased


def _refuse_running(execute: Execute, tenant: str, user_id: str | None) -> None:
    where, values = _stored(tenant, user_id)
    found = {owner for (owner,) in execute(f"SELECT COALESCE(owner, '') FROM turns WHERE {RUNS} AND {where}", values)}
    for owner in others(execute, None, None) if found else ():
        if owner.name in found and not owner.is_gone():
            raise MemoryRefusedError(
                f"a turn of {_who(tenant, user_id)} is running in {_where(owner)}; nothing was erased",
                "Wait for its answer, or cancel it. If that program is dead, open a chat of the user: it finds out.",
            )


def _who(tenant: str, user_id: str | None) -> str:
    return f"the tenant {tenant!r}" if user_id is None else repr(user_id)


def _where(owner: Owner) -> str:
    process = owner.process
    return f"process {process.pid} of {process.machine.partition('/')[0]}" if process else "another program"


def _stored(tenant: str, user_id: str | None) -> tuple[str, dict[str, Any]]:
    """What holds for rows of the record, which have tenant and user in one text; in whichever app."""
    if user_id is not None:
        return "user_id = :adk_id", {"adk_id": User("", user_id, tenant).adk_id}
    beginning = User("", "", tenant).adk_id if tenant != LOCAL else f"{LOCAL}/"
    values = {"beginning": beginning, "length": len(beginning)}
    plain = " OR user_id NOT LIKE '%/%'" if tenant == LOCAL else ""
    return f"(substr(user_id, 1, :length) = :beginning{plain})", values


def _of_record(table: str) -> Eraser:
    return lambda execute, tenant, user_id: _erase(execute, table, *_stored(tenant, user_id))


def _of_memory(table: str, whose: str = "user_id = :user_id", **named: object) -> Eraser:
    """Of a table with a column for the tenant, and one or more for a user."""

    def erase(execute: Execute, tenant: str, user_id: str | None) -> int:
        if user_id is None:
            return _erase(execute, table, "tenant = :tenant", {"tenant": tenant})
        values = {**named, "tenant": tenant, "user_id": user_id}
        return _erase(execute, table, f"tenant = :tenant AND ({whose})", values)

    return erase


def _of_feed(execute: Execute, tenant: str, user_id: str | None) -> int:
    """What all of the tenant are told of what the user has made public goes too."""
    told = f"user_id = '{knowledge.PUBLIC}' AND topic = '{knowledge.TOPIC}' AND substr(facts, 1, :length) = :told"
    beginning = f'{{"owner":{encoded(user_id or "")},'
    erase = _of_memory("changes", f"user_id = :user_id OR ({told})", told=beginning, length=len(beginning))
    return erase(execute, tenant, user_id)


def _erase(execute: Execute, table: str, where: str, values: Mapping[str, Any]) -> int:
    ((count,),) = execute(f"SELECT COUNT(*) FROM {table} WHERE {where}", values)
    if count:  # without ADK's tables SQLite deletes from none that refers to them, as they are empty
        execute(f"DELETE FROM {table} WHERE {where}", values)
    return int(count)


_RECORD = ("tool_calls", "delegations", "turns", "session_info", "events", "sessions", "user_states")
"""A session after what refers to it, so that each table is counted by itself."""

ERASERS: Mapping[str, Eraser] = {
    **{table: _of_record(table) for table in (*_RECORD, "preferences", "shown_items")},
    **{
        table: _of_memory(table)
        for table in (
            "memory_entries",
            "memory_history",
            "memory_sessions",
            "plans",
            "plan_actions",
            "interactions",
            "skills",
        )
    },
    "knowledge": _of_memory("knowledge", "user_id = :user_id OR owner = :user_id"),
    "changes": _of_feed,
}
"""Table -> what erases its rows, in this order."""

FULL_TEXT: Mapping[str, str] = {
    "turn_search": "turns",
    "turn_pieces": "turns",
    **{each.index: each.table for each in fulltext.ALL},
}
"""Full-text index of SQLite -> the table that its triggers follow. A word that was deleted stands in an index, with a
note that it is gone, until its parts are merged."""

NOBODYS: Mapping[str, str] = {
    "adk_internal_metadata": "the version of ADK's tables",
    "alembic_version": "the version of ours",
    "app_states": "what all users of an app share",
    "leases": "programs, which run turns of anybody",
    "schema_info": "which programs may work with the tables",
    "turn_piece_terms": "reads the index `turn_pieces`, and holds nothing",
}
"""Table without an eraser -> why: what it holds is no user's."""
