"""What a call cannot do without: one statement on the same table, by the database's own driver, and nothing else.

A statement is a transaction of its own, and durable when it writes. It is called, which a program does whose one thread
may wait for the disk; and it is awaited, as it must be where an event loop may not: SQLite on a thread of its own,
PostgreSQL through its driver's asynchronous connection.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from storage.ledger.posting import stamp
from storage.memory.keys import end_of
from storage.memory.scopes import IN_SCOPE, Scope

Rows: TypeAlias = Sequence[Sequence[Any]]
Statement: TypeAlias = tuple[str, Mapping[str, Any]]

_GET = f"SELECT value FROM memory_entries WHERE {IN_SCOPE} AND key = :key"
_LIST = (
    f"SELECT key, value FROM memory_entries WHERE {IN_SCOPE} AND key >= :low AND key < :high ORDER BY key LIMIT :limit"
)
_SET = (
    "INSERT INTO memory_entries (tenant, user_id, scope, scope_id, key, value, version, strategy, metadata, created_at,"
    " created_by, updated_at, updated_by) VALUES (:tenant, :user_id, :scope, :scope_id, :key, :value, 1,"
    " 'last_write_wins', '{}', :at, :by, :at, :by) ON CONFLICT (tenant, user_id, scope, scope_id, key) DO UPDATE SET"
    " value = excluded.value, version = memory_entries.version + 1, updated_at = excluded.updated_at,"
    " updated_by = excluded.updated_by"
)


@dataclass(frozen=True, slots=True)
class Bare:
    """A database, open twice over.

    Attributes:
        called: Runs a statement and returns its rows.
        awaited: The same, without holding up the event loop.
    """

    called: Callable[[str, Mapping[str, Any]], Rows]
    awaited: Callable[[str, Mapping[str, Any]], Awaitable[Rows]]


def getting(scope: Scope, key: str) -> Statement:
    """One value by its key."""
    return _GET, {**scope.values, "key": key}


def setting(scope: Scope, key: str, value: str, by: str) -> Statement:
    """One value is written over, or made."""
    return _SET, {**scope.values, "key": key, "value": value, "at": datetime.now(UTC), "by": by}


def listing(scope: Scope, prefix: str, limit: int) -> Statement:
    """The first keys that begin so, with their values."""
    return _LIST, {**scope.values, "low": prefix, "high": end_of(prefix), "limit": limit}


@asynccontextmanager
async def sqlite(file: Path) -> AsyncIterator[Bare]:
    """A file, with a write-ahead log and `synchronous=FULL`."""
    with closing(_connection(file)) as one, closing(_connection(file)) as other, ThreadPoolExecutor(1) as thread:
        loop = asyncio.get_running_loop()
        yield Bare(
            lambda statement, values: _run(one, statement, values),
            lambda statement, values: loop.run_in_executor(thread, _run, other, statement, values),
        )


@asynccontextmanager
async def postgres(url: str) -> AsyncIterator[Bare]:
    """A database of a server; what is executed more than a few times is prepared there by the driver itself."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as one:
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as other:

            def called(statement: str, values: Mapping[str, Any]) -> Rows:
                cursor = one.execute(_PYFORMAT[statement], values)
                return cursor.fetchall() if cursor.description else []

            async def awaited(statement: str, values: Mapping[str, Any]) -> Rows:
                cursor = await other.execute(_PYFORMAT[statement], values)
                return await cursor.fetchall() if cursor.description else []

            yield Bare(called, awaited)


def copy_to_postgres(file: Path, url: str, tables: Sequence[str]) -> None:
    """Copies the rows of some empty tables, and has the server look at them as it would itself a minute later."""
    import psycopg

    with closing(sqlite3.connect(file)) as source, psycopg.connect(url) as target:
        for table in tables:
            read = source.execute(f"SELECT * FROM {table}")
            columns = ", ".join(name for name, *_ in read.description)
            with target.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in read:
                    copy.write_row([None if each is None else str(each) for each in row])
            if "id" in columns.split(", "):
                target.execute(f"SELECT setval(pg_get_serial_sequence(%s, 'id'), max(id)) FROM {table}", [table])
        target.commit()
        target.autocommit = True
        target.execute("VACUUM ANALYZE")


def _connection(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    return connection


def _run(connection: sqlite3.Connection, statement: str, values: Mapping[str, Any]) -> Rows:
    at = values.get("at")
    return connection.execute(statement, {**values, "at": stamp(at)} if at else values).fetchall()


def _pyformat(statement: str) -> str:
    """With parameters as psycopg names them."""
    return re.sub(r":(\w+)", r"%(\1)s", statement)


_PYFORMAT = {statement: _pyformat(statement) for statement in (_GET, _SET, _LIST)}
