"""Alembic's entry: migrates on the connection that `storage.schema.version.upgrade` passes in, in its transaction."""

from typing import Any, Literal

from alembic import context

from storage.schema.declared import metadata
from storage.schema.tables import UtcDateTime


def _is_ours(_thing: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    """ADK's tables and those of the search are not declared among ours."""
    return kind != "table" or name in metadata.tables


def _rendered(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """A migration names no types of this version: they may change."""
    return "sa.DateTime()" if kind == "type" and isinstance(thing, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=_is_ours,
    render_item=_rendered,
)
context.run_migrations()
