"""What differs between the two databases in what we say to them: SQLite, one file, and PostgreSQL, a server.

A statement is the same on both wherever it can be. What cannot be stands here: pieces of SQL that compile to each
database's own words, and types that are kept in another way. How a server is opened and written to is in
`storage/server/opening.py`; which of the two a URL names is asked of `is_server`.
"""

import json
import re
from typing import Any

from sqlalchemy import JSON, Computed, Dialect, Integer, Text, TypeDecorator, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import DDLCompiler, SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

POSTGRES = "postgresql"
"""SQLAlchemy's name of it."""
_SERVER = re.compile(r"postgres(ql)?(\+\w+)?://", re.IGNORECASE)
_PASSWORD = re.compile(r"(?<=://).*@|(?<=password=)[^&]*")


def is_server(url: str) -> bool:
    """Whether a URL names a database of PostgreSQL; everything else is a file, or nothing."""
    return bool(_SERVER.match(url))


def masked(url: str) -> str:
    """A URL as it may be shown: without whoever uses it and their password."""
    return _PASSWORD.sub(lambda found: "***@" if found[0].endswith("@") else "***", url)


class position(FunctionElement[int]):
    """Where a text has another one: 1 for its beginning, 0 for nowhere."""

    inherit_cache = True
    type = Integer()


@compiles(position)
def _instr(element: position, compiler: SQLCompiler, **how: Any) -> str:
    return f"instr({compiler.process(element.clauses, **how)})"


@compiles(position, POSTGRES)
def _strpos(element: position, compiler: SQLCompiler, **how: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **how)})"


class ComputedWhenRead(Computed):
    """A column that is computed when it is read; by PostgreSQL, which has that since version 18, when it is written."""

    def __init__(self, sqltext: Any) -> None:
        super().__init__(sqltext, persisted=False)


@compiles(ComputedWhenRead, POSTGRES)
def _stored(element: ComputedWhenRead, compiler: DDLCompiler, **_how: Any) -> str:
    body = compiler.sql_compiler.process(element.sqltext, include_table=False, literal_binds=True)
    return f"GENERATED ALWAYS AS ({body}) STORED"


class _Written(TypeDecorator[Any]):
    """JSON as PostgreSQL would not keep it: as the text that was written."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        return json.dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


JSON_TEXT = JSON().with_variant(_Written, POSTGRES)
"""JSON as a text on both databases: bare statements read and write it alike."""


def rows_where(condition: str) -> dict[str, Any]:
    """Of which rows an index is, for both databases; the condition is SQLite's."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition.replace("instr(", "strpos("))}
