"""What commands share: the settings they are given, the record they work on, and what is said of an error."""

import logging
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any, TypeVar

import click
from rich.console import Console, RenderableType

from record import documents
from record.wording import one_line
from settings import Settings, SettingsError, load
from storage import files
from storage.adk.catchup import bring_up_to_date
from storage.database import Database
from storage.errors import failure
from storage.preference_kinds import PreferenceKind
from storage.scope import User
from terminal import interrupt
from terminal.say import say
from terminal.show.console import make_console
from terminal.where import print_error
from terminal.where import where as where
from told import Told

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

USAGE = 2
"""The exit code of a run that could not begin, or not go on."""
FAULT = 70
"""The exit code of a run that ended by a fault of this program; `EX_SOFTWARE` of sysexits."""
FAULT_SAID = "this is a fault of the program"
FAULT_HINT = "--debug writes the details to the log file."
_LONGEST = 200

MANY = click.IntRange(1, 1_000_000)
"""How many, or which: what a page, a turn or a number of rows may be; far below what the database can count to."""


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
    """The settings with the options given on the command line, before or after the command's name.

    Raises:
        SettingsError: As `settings_of`.
    """
    return settings_of({**(context.obj or {}), **{name: value for name, value in options.items() if value is not None}})


def understood(error: BaseException) -> Told | None:
    """What a person is told of an error; None when it is a fault of this program."""
    if found := failure(error):
        return found
    if isinstance(error, Told):
        return error
    if isinstance(error, OSError) and error.strerror:
        return Told(f"the system refuses: {error.strerror}")
    return None


def report(error: Exception) -> int:
    """Says what is wrong and what to do, as `print_error` does; returns the exit code for it."""
    logger.error("the command failed", exc_info=error)
    told = understood(error)
    print_error(*((str(told), told.hint) if told else (f"{FAULT_SAID}: {_named(error)}", FAULT_HINT)))
    return USAGE if told else FAULT


def _named(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}".rstrip(": "), _LONGEST)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs a command to its end; what goes wrong is told by the group that all commands are in."""
    return interrupt.run(work)


def kinds_of_team(settings: Settings) -> Sequence[PreferenceKind]:
    """As `conversation.team.kinds_of_team`: it loads ADK, which commands do without unless they need it."""
    from conversation import team

    return team.kinds_of_team(settings)


def reading(settings: Settings, work: Callable[[Database, User], Coroutine[Any, Any, Result]]) -> Result:
    """Runs `work` on the database, which must exist."""

    async def opened() -> Result:
        async with Database.open(settings.database_url, create=False) as database:
            await bring_up_to_date(database, settings.user, kinds=partial(kinds_of_team, settings))
            return await work(database, settings.user)

    return run(opened())


def show(document: Any, as_json: bool, render: Callable[[Console], RenderableType]) -> None:
    """Prints a document as JSON, or what `render` makes of it for a console."""
    if as_json:
        say(documents.dumps(document))
        return
    console = make_console()
    console.print(render(console))
