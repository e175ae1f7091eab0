"""The schema told in words, from the tables themselves, so that it cannot drift from them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Table

from storage.schema import selects
from storage.schema.tables import metadata
from storage.schema.views import VIEWS


def schema_markdown() -> str:
    """A section for every table and view, with a sentence on every column."""
    return "\n".join([*_tables(), *_views()])


def _tables() -> Iterator[str]:
    for table in metadata.tables.values():
        yield f"### `{table.name}`\n\n{_sentence(table.comment)}\n"
        yield "| column | type | |\n|---|---|---|"
        for column in table.columns:
            kind = str(column.type).split("(")[0].lower()
            yield f"| `{column.name}` | {kind} | {_sentence(column.comment)} |"
        yield f"\nPrimary key: {_names(table)}.\n"


def _views() -> Iterator[str]:
    for name, query in VIEWS.items():
        yield f"### `{name}` (view)\n\n{(query.__doc__ or '').strip()}\n"
        yield "| column | |\n|---|---|"
        for column in query().selected_columns:
            yield f"| `{column.name}` | {_sentence(_meaning(name, column))} |"
        yield ""


def _meaning(view: str, column: ColumnElement[Any]) -> str:
    """What a view's column holds: as the view says, else as the column of the table it shows."""
    shown = getattr(next(iter(column.base_columns)), "comment", None)
    return selects.MEANINGS.get(view, {}).get(column.name) or shown or ""


def _names(table: Table) -> str:
    return ", ".join(f"`{column.name}`" for column in table.primary_key.columns)


def _sentence(comment: str | None) -> str:
    text = (comment or "").replace("|", "\\|")
    return f"{text[:1].upper()}{text[1:]}." if text else ""
