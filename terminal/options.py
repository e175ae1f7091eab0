"""What commands share: the settings they are given, the record they work on, and errors as one line and exit code 2."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click
from rich.console import Console, RenderableType

from llm.errors import ModelError
from settings import APP_NAME, Settings, SettingsError, load
from storage import files
from storage.catchup import bring_up_to_date
from storage.database import Database
from storage.errors import StorageError
from storage.scope import User
from terminal import jsonout
from terminal.console import make_console
from terminal.where import where as where

Result = TypeVar("Result")

USAGE = 2
"""The exit code of a run that could not begin."""


ERRORS = (StorageError, ModelError, SettingsError)
"""What a run may find that it cannot begin with."""


def settings_of(given: dict[str, Any]) -> Settings:
    """The settings, with what the command line gives.

    Raises:
        SettingsError: One has a value that cannot be.
        StorageError: A file of another use is the database itself.
    """
    settings = load(**given)
    database = files.locate(settings.database_url)
    for name in ("log_file", "input_history", "inputrc"):
        if files.is_part_of(database, getattr(settings, name)):
            raise SettingsError(f"{name.upper()} cannot be the database, or a part of it", "Name another file.")
    return settings


def configured(context: click.Context, **options: str | None) -> Settings:
    """The settings with the options given on the command line, before or after the command's name."""
    given = {**(context.obj or {}), **{name: value for name, value in options.items() if value is not None}}
    try:
        return settings_of(given)
    except ERRORS as error:
        sys.exit(report(error))


def report(error: StorageError | ModelError | SettingsError) -> int:
    """Says what is wrong and what to do, on standard error; returns the exit code for it."""
    click.echo(f"Error: {error}", err=True)
    if error.hint:
        click.echo(error.hint, err=True)
    return USAGE


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command to its end; what is wrong with database or model becomes one line and exit code 2."""
    try:
        return asyncio.run(work)
    except ERRORS as error:
        sys.exit(report(error))


def reading(settings: Settings, work: Callable[[Database, User], Coroutine[Any, Any, Result]]) -> Result:
    """Runs `work` on the database, which must exist."""

    async def opened() -> Result:
        async with Database.open(settings.database_url, create=False) as database:
            await bring_up_to_date(database)
            return await work(database, User(APP_NAME, settings.chat_user))

    return run(opened())


def show(document: Any, as_json: bool, render: Callable[[Console], RenderableType]) -> None:
    """Prints a document as JSON, or what `render` makes of it for a console."""
    if as_json:
        click.echo(jsonout.dumps(document))
        return
    console = make_console()
    console.print(render(console))
