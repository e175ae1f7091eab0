"""The program with one thing broken on purpose, below all of its code: in the `sqlite3` module that it imports.

commit  now and then a transaction is rolled back although it was told to be committed
lock    after each commit the database file is opened and closed outside SQLite, which drops the process's locks on it
ledger  now and then a row of the ledger is not written
"""

import os
import sqlite3
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

_EVERY = 3
"""One in so many is broken."""
_LEDGER = ("INSERT INTO delegations", "INSERT INTO tool_calls", "UPDATE turns SET status")


class _Connection(sqlite3.Connection):
    """A connection that asks `_before` what to do instead of a statement."""

    def __init__(self, database: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(database, *args, **kwargs)
        self.path = os.fspath(database)

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        return super().execute(self.before(sql), *args)

    def commit(self) -> None:
        if self.in_transaction:
            self.execute("COMMIT")

    def before(self, sql: str) -> str:
        return sql


class _Commit(_Connection):
    _commits = count(1)
    _written = 0

    def before(self, sql: str) -> str:
        if sql.startswith("BEGIN"):
            self._written = self.total_changes
        if sql == "COMMIT" and self.total_changes > self._written and next(self._commits) % _EVERY == 0:
            return "ROLLBACK"
        return sql


class _Lock(_Connection):
    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        found = super().execute(sql, *args)
        if sql == "COMMIT":
            os.close(os.open(self.path, os.O_RDWR))
        return found


class _Ledger(_Connection):
    _posted = count(1)

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql.startswith(_LEDGER) and next(self._posted) % _EVERY == 0:
            return super().execute("SELECT 1 WHERE 0")
        return super().execute(sql, *args)


CONNECTIONS: dict[str, type[sqlite3.Connection]] = {"commit": _Commit, "lock": _Lock, "ledger": _Ledger}
"""What may be broken -> the connection that breaks it."""


def main(kind: str) -> None:
    broken = CONNECTIONS[kind]
    real: Callable[..., sqlite3.Connection] = sqlite3.connect

    def connect(*args: Any, factory: type[sqlite3.Connection] | None = None, **kwargs: Any) -> sqlite3.Connection:
        made = type(broken.__name__, (factory, broken), {}) if factory else broken
        return real(*args, factory=made, **kwargs)

    sqlite3.connect = connect  # type: ignore[assignment]

    from terminal.cli import cli  # with the module as it is now

    cli(prog_name="persistent_multi_agent.py")


if __name__ == "__main__":
    main(sys.argv.pop(1))
