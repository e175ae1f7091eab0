"""What every command shares: which database and whose record, and how an error becomes one line and exit code 2."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click
from rich.console import Console, RenderableType

from llm.errors import ModelError
from settings import APP_NAME, Settings
from storage.catchup import bring_up_to_date
from storage.database import Database
from storage.errors import StorageError
from storage.scope import User
from terminal import jsonout
from terminal.console import make_console

Result = TypeVar("Result")
Command = TypeVar("Command", bound=Callable[..., Any])


def where(command: Command) -> Command:
    """The options that every command has: which database, whose record."""
    command = click.option("--db", metavar="FILE|URL", help="Database to use [env: DATABASE_URL].")(command)
    return click.option("--user", metavar="NAME", help="Whose record to use [env: CHAT_USER].")(command)


def configured(context: click.Context, **options: str | None) -> Settings:
    """The settings with the options given on the command line, before or after the command's name."""
    given = {**(context.obj or {}), **{name: value for name, value in options.items() if value is not None}}
    return Settings(**given)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command to its end; what is wrong with database or model becomes one line and exit code 2."""
    try:
        return asyncio.run(work)
    except (StorageError, ModelError) as error:
        click.echo(f"Error: {error}", err=True)
        if error.hint:
            click.echo(error.hint, err=True)
        sys.exit(2)


def reading(settings: Settings, work: Callable[[Database, User], Coroutine[Any, Any, None]]) -> None:
    """Runs `work` on the database, which must exist."""

    async def opened() -> None:
        async with Database.open(settings.database_url, create=False) as database:
            await bring_up_to_date(database)
            await work(database, User(APP_NAME, settings.chat_user))

    run(opened())


def show(document: Any, as_json: bool, render: Callable[[Console], RenderableType]) -> None:
    """Prints a document as JSON, or what `render` makes of it for a console."""
    if as_json:
        click.echo(jsonout.dumps(document))
        return
    console = make_console()
    console.print(render(console))
