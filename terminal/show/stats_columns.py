"""The detail tables of `stats`: rows of plain values, shown by the same list of columns each time.

A column gives way on a narrow screen when it is said to need more width; JSON and CSV have every value.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from rich.console import Console, RenderableType
from rich.text import Text

from record.prices import dollars
from record.wording import duration, label, one_line, when
from terminal.show.tables import new_table
from terminal.show.trimmed import Trimmed

Row: TypeAlias = Mapping[str, Any]
Show: TypeAlias = Callable[[Any], RenderableType]

_NOTHING = "-"
_TITLE = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a detail table.

    Attributes:
        title: What stands above it.
        key: The value it shows.
        show: How.
        wide: Columns the screen must have at least.
        number: It is aligned right.
    """

    title: str
    key: str
    show: Show
    wide: int = 0
    number: bool = True


def table(rows: Sequence[Row], columns: Sequence[Column], console: Console, nothing: str) -> RenderableType:
    """A table of rows in the order given."""
    if not rows:
        return Text(nothing, style="muted")
    shown = [column for column in columns if console.width >= column.wide]
    made = new_table(console)
    for column in shown:
        made.add_column(
            column.title,
            justify="right" if column.number else "left",
            no_wrap=True,
            overflow="ellipsis",
            style=None if column.number else "agent" if column is shown[0] else "muted",
        )
    for row in rows:
        made.add_row(*(column.show(row[column.key]) for column in shown))
    return Trimmed(made)


def count(value: int) -> RenderableType:
    """1,200; a dot for nothing, so that what is there stands out."""
    return f"{value:,}" if value else Text("·", "muted")


def wrong(value: int) -> RenderableType:
    """As `count`, for what should not happen."""
    return Text(f"{value:,}", "error") if value else Text("·", "muted")


def share(value: float | None) -> RenderableType:
    return _NOTHING if value is None else f"{value:.0%}"


def seconds(value: float | None) -> RenderableType:
    return duration(value) or _NOTHING


def name(value: str | None) -> RenderableType:
    return label(value) if value else _NOTHING


def title(value: str) -> RenderableType:
    return one_line(value, _TITLE) or _NOTHING


def price(value: float | None) -> RenderableType:
    return Text(dollars(value), "muted") if value is None else dollars(value)


def moment(now: datetime) -> Show:
    """Times in words, as seen at a moment."""
    return partial(_moment, now)


def _moment(now: datetime, value: datetime | None) -> RenderableType:
    return when(value, now) if value else _NOTHING
