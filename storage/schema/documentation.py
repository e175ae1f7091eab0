"""The schema told in words, from the tables themselves, so that it cannot drift from them."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Table, UniqueConstraint
from sqlalchemy.sql.elements import ColumnElement

from storage.schema import selects
from storage.schema.declared import metadata
from storage.schema.version import HEAD
from storage.schema.views import VIEWS


def schema_markdown() -> str:
    """The version, and a section for every table and view: a sentence on every column, how tables refer to each other.

    A literal stands in backticks in a column's comment, as it is in the data.
    """
    version = f"Schema version `{HEAD}`, as `alembic_version.version_num` has it.\n"
    return "\n".join([version, *_tables(), *_views()])


def _tables() -> Iterator[str]:
    for table in metadata.tables.values():
        yield f"### `{table.name}`\n\n{_sentence(table.comment)}\n"
        yield "| column | type | |\n|---|---|---|"
        for column in table.columns:
            kind = str(column.type).split("(")[0].lower()
            yield f"| `{column.name}` | {kind} | {_sentence(column.comment)} |"
        yield f"\nPrimary key: {_names(table.primary_key.columns)}.\n"
        yield from _relations(table)
        yield from _indexes(table)


def _relations(table: Table) -> Iterator[str]:
    for key in table.foreign_key_constraints:
        theirs = _names(element.column for element in key.elements)
        gone = ", and goes with it when it is deleted" if key.ondelete == "CASCADE" else ""
        yield f"Refers to `{key.referred_table.name}` ({theirs}) by {_names(key.columns)}{gone}.\n"


def _indexes(table: Table) -> Iterator[str]:
    unique = {str(each.name): each for each in table.constraints if isinstance(each, UniqueConstraint)}
    for name in sorted(unique):
        yield f"Unique: {_names(unique[name].columns)}.\n"
    if table.indexes:
        yield "| index | columns | rows |\n|---|---|---|"
    for index in sorted(table.indexes, key=lambda each: str(each.name)):
        where = index.dialect_options["sqlite"]["where"]
        yield f"| `{index.name}` | {_names(index.columns)} | {'all' if where is None else f'`{where}`'} |"
    yield "" if table.indexes else "No index besides.\n"


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


def _names(columns: Iterable[ColumnElement[Any]]) -> str:
    return ", ".join(f"`{column.name}`" for column in columns)


def _sentence(comment: str | None) -> str:
    text = (comment or "").replace("|", "\\|")
    return f"{text[:1].upper()}{text[1:]}." if text else ""
