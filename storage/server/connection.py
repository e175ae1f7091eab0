"""One bare connection to a PostgreSQL server, kept warm for one thread: statements in as few round trips as can be.

A statement alone is one. In a transaction statements go through a pipeline: its beginning goes with the first that has
an answer, and what has none goes with the next that has, or with the COMMIT; what goes wrong with it is raised there.
The server keeps the plans of what it is asked often. SQLAlchemy cannot use a pipeline, which is left for it.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool

from storage.ledger.posting import naive
from storage.ledger.statements import Values

if TYPE_CHECKING:
    import psycopg

Result = TypeVar("Result")

_UNANSWERED = re.compile(r"\s*(INSERT|UPDATE|DELETE)\b(?!.*\bRETURNING\b)", re.IGNORECASE | re.DOTALL)
"""Statements that have nothing to say when all is well."""
_OFTEN = {2**power for power in range(2, 32)}
"""Runs of a statement after which the server is asked to keep its plan."""
_NEVER = 2**31
_KNOWN = 1_000
"""Statements whose runs are counted."""
_NAMED = re.compile(r"(?<![:\w]):(\w+)")


class ServerConnection:
    """Opened when it is first used, and again when it was lost."""

    def __init__(self, told: Mapping[str, Any], session: str) -> None:
        """Args: what the driver is told of the server, and what is said to it of the whole session."""
        self._told = told
        self._session = session
        self._connection: psycopg.Connection[Any] | None = None
        self._engine: Engine | None = None
        self._pipeline: psycopg.Pipeline | None = None
        self._piped = ExitStack()
        self._runs: Counter[str] = Counter()

    @property
    def is_lost(self) -> bool:
        """Whether there was a connection, and is none any more."""
        return self._connection is not None and self._connection.closed

    @property
    def has_failed(self) -> bool:
        """Whether the transaction that is open can only be rolled back."""
        failed = _psycopg().pq.TransactionStatus.INERROR
        return self._connection is not None and self._connection.info.transaction_status == failed

    def execute(self, statement: str, values: Values) -> Sequence[Sequence[Any]]:
        """Runs a statement with named parameters, and returns its rows."""
        form = _form(statement, tuple(name for name, value in values.items() if value is None))
        given = {name: naive(value) if isinstance(value, datetime) else value for name, value in values.items()}
        cursor = self.send(form, given, prepare=self._is_often(form) or None)
        if self._pipeline:
            if _is_unanswered(statement):
                return ()
            self.sync()
        return cursor.fetchall() if has_rows(cursor) else ()

    def _is_often(self, form: str) -> bool:
        """Whether it is time that the server keeps a statement's plan, which its parameters' types belong to.

        In a pipeline that has failed the driver would take for kept what the server has not even read.
        """
        if len(self._runs) > _KNOWN:
            self._runs.clear()
        self._runs[form] += 1
        due = self._runs[form] in _OFTEN
        if due:
            self.sync()
        return due

    def send(self, form: str, values: Values | None = None, *, prepare: bool | None = None) -> "psycopg.Cursor[Any]":
        """Runs a statement in the driver's own form; in a pipeline, its answer is there after `sync`."""
        cursor: psycopg.Cursor[Any] = _psycopg().Cursor(self._open())
        return cursor.execute(form, values, prepare=prepare)

    def begin(self) -> None:
        """Begins a transaction in a pipeline."""
        self._pipeline = self._piped.enter_context(self._open().pipeline())
        self.send("BEGIN")

    def sync(self) -> None:
        """Returns when all that was sent is answered; raises the first error of it."""
        if self._pipeline:
            self._pipeline.sync()

    def leave(self) -> None:
        """Leaves the pipeline, as `sync`."""
        self._pipeline = None
        self._piped.close()

    def restore(self) -> None:
        """Undoes what was done since the savepoint `job`; what it failed with has been raised."""
        with suppress(_psycopg().Error):
            self.sync()
        self._runs.clear()  # the driver forgets all plans with a ROLLBACK
        self.send("ROLLBACK TO job")
        self.send("RELEASE job")

    def reset(self) -> None:
        """Ends the transaction, if one is open, and closes a connection that was lost."""
        self._runs.clear()
        with suppress(_psycopg().Error):
            self.leave()
        with suppress(_psycopg().Error):
            if self._connection is not None:
                self._connection.rollback()
        if self.is_lost:
            self.close()

    def with_sqlalchemy(self, work: Callable[[Connection], Result]) -> Result:
        """The same connection as SQLAlchemy's, in the transaction that is open, if one is."""
        self._open()
        self.leave()
        if self._engine is None:
            self._engine = create_engine(
                "postgresql+psycopg://",
                creator=lambda: _Driven(self._open()),
                poolclass=StaticPool,
                pool_reset_on_return=None,
                use_native_hstore=False,
            )
        with self._engine.connect() as conn:
            return work(conn)

    def close(self) -> None:
        """Closes it; it is opened again when it is used again."""
        connection, self._connection, self._engine = self._connection, None, None
        if connection is not None:
            connection.close()

    def _open(self) -> "psycopg.Connection[Any]":
        if self._connection is None:
            from psycopg.types.string import StrDumper

            connection = _psycopg().connect(autocommit=True, **self._told)
            # a text is one wherever it stands: by itself the driver leaves the server to guess, and it may guess twice
            connection.adapters.register_dumper(str, StrDumper)
            connection.prepare_threshold = _NEVER
            connection.execute(self._session)
            self._connection = connection
        return self._connection


def has_rows(cursor: "psycopg.Cursor[Any]") -> bool:
    """Whether it has an answer, and that has columns; quicker than to have them described."""
    return cursor.pgresult is not None and cursor.pgresult.nfields > 0


class _Driven:
    """A connection whose transactions are begun and ended here, whatever SQLAlchemy thinks of it."""

    def __init__(self, connection: "psycopg.Connection[Any]") -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def commit(self) -> None: ...

    def rollback(self) -> None: ...


def _psycopg() -> Any:
    import psycopg  # which need not be installed

    return psycopg


@lru_cache(maxsize=1_000)
def _form(statement: str, nulls: tuple[str, ...]) -> str:
    """With parameters as the driver names them. Nothing is written as NULL: it has no type, where nothing says one."""
    return _NAMED.sub(lambda found: "NULL" if found[1] in nulls else f"%({found[1]})s", statement.replace("%", "%%"))


@lru_cache(maxsize=1_000)
def _is_unanswered(statement: str) -> bool:
    return bool(_UNANSWERED.match(statement))
