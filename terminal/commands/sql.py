"""The command `sql`: a question to the database in SQL, and what there is to ask about."""

import math
import sys
from typing import Any

import click
from rich.console import Console, RenderableType
from rich.markdown import Markdown
from rich.text import Text

from record import csvout, documents
from record.wording import one_line, plural
from storage import sql_access
from storage.schema.documentation import schema_markdown
from storage.sql_access import Answer
from terminal.options import MANY, configured, run
from terminal.say import say
from terminal.show.console import make_console
from terminal.show.tables import new_table
from terminal.show.trimmed import Trimmed
from terminal.streams import everything
from terminal.where import json_option, where

_CELL = 60
"""Columns a value may take on a terminal; --json and --csv have it whole."""


class _Seconds(click.FloatRange):
    """A number of seconds; "nan" is none, though it is in no range and out of none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        seconds: float = super().convert(value, param, ctx)
        if math.isnan(seconds):
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return seconds


@click.command()
@click.argument("query", required=False)
@where
@click.option("--schema", is_flag=True, help="Print tables and views, with a sentence on every column.")
@click.option("--limit", default=sql_access.ROW_LIMIT, show_default=True, type=MANY, help="Rows at most.")
@click.option(
    "--timeout",
    default=sql_access.TIME_LIMIT,
    show_default=True,
    type=_Seconds(0, 86_400, min_open=True),
    help="Seconds.",
)
@json_option("Print JSON: one object a row.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.pass_context
def sql(
    context: click.Context,
    query: str | None,
    db: str | None,
    user: str | None,
    schema: bool,
    limit: int,
    timeout: float,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Ask the database in SQL: one SELECT, from the command line or from standard input.

    The database is opened read-only, and holds the records of all users in it.
    """
    if as_json and as_csv:
        raise click.UsageError("--json and --csv cannot be used together")
    if schema:
        if as_json or as_csv:
            raise click.UsageError("--schema is Markdown; use it without --json and --csv")
        _show_schema()
        return
    if query in (None, "-") and not sys.stdin.isatty():
        query = everything(sys.stdin)
    if not query:
        raise click.UsageError('which query? For example: sql "SELECT * FROM agent_stats"; or sql --schema')
    settings = configured(context, database_url=db, chat_user=user)
    answer = run(sql_access.query(settings.database_url, query, rows=limit, seconds=timeout))
    if as_json:
        say(documents.dumps([dict(zip(answer.columns, row, strict=True)) for row in answer.rows]))
    elif as_csv:
        say(csvout.dumps(answer.columns, answer.rows), nl=False)
    else:
        console = make_console()
        console.print(table(answer, console))
    if answer.more:
        say(f"These are the first {plural(limit, 'row')}; --limit gives more.", err=True)


def table(answer: Answer, console: Console) -> RenderableType:
    """The rows as a table; numbers to the right."""
    if not answer.columns or not answer.rows:
        return Text("no rows", "muted")
    made = new_table(console)
    for place, column in enumerate(answer.columns):
        numbers = all(isinstance(row[place], (int, float, type(None))) for row in answer.rows)
        made.add_column(one_line(column, _CELL), justify="right" if numbers else "left", overflow="ellipsis")
    for row in answer.rows:
        made.add_row(*(_cell(value, console) for value in row))
    return Trimmed(made)


def _cell(value: Any, console: Console) -> RenderableType:
    if value is None:
        return Text("NULL", "muted")
    text = str(documents.plain(value) if isinstance(value, bytes) else value)
    return one_line(text, _CELL if console.is_terminal else max(len(text), 1))


def _show_schema() -> None:
    console = make_console()
    if console.is_terminal:
        console.print(Markdown(schema_markdown()))
    else:
        say(schema_markdown(), nl=False)
