"""What the statements of a turn are made of: plain SQL, alike on SQLite and PostgreSQL, run by whatever is at hand in a
transaction: the connection of ADK's own session service, or the bare one of the event log.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Table, literal_column
from sqlalchemy.sql.elements import ColumnElement

from storage.schema.tables import RUNNING
from storage.scope import SessionKey, TurnKey

Values: TypeAlias = Mapping[str, Any]
Execute: TypeAlias = Callable[[str, Values], Sequence[Sequence[Any]]]
"""Runs a statement with named parameters in the current transaction, and returns its rows."""

IN_SESSION = "app_name = :app_name AND user_id = :user_id AND session_id = :session_id"
"""What holds for the rows of the session that `session_values` names."""
IN_TURN = f"{IN_SESSION} AND invocation_id = :invocation_id"
"""The same for the turn of `turn_values`."""
RUNS = f"status = '{RUNNING}'"
"""What holds for a turn that runs; a literal, by which the database finds the index of such turns."""
WRITTEN = "rowid"
"""The order in which the rows of a table were written, which no clock can change; SQLite's own, after the table's name
and a dot where a statement has several tables."""


def written(table: Table) -> ColumnElement[int]:
    """The same for a query of SQLAlchemy."""
    return literal_column(f"{table.name}.{WRITTEN}")


def session_values(key: SessionKey) -> dict[str, Any]:
    """The parameters that name a session."""
    return {"app_name": key.app_name, "user_id": key.user_id, "session_id": key.session_id}


def turn_values(key: TurnKey) -> dict[str, Any]:
    """The parameters that name a turn."""
    return {**session_values(key.session), "invocation_id": key.invocation_id}
