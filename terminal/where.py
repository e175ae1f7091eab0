"""The options that commands share, and groups of commands that import one only when it is used.

`--json` holds for the command that it stands at and for those after it; then errors are JSON as well.
Nothing here imports anything that takes long: the chat is to be there at once.
"""

import importlib
import json
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from typing import Any, Self, TypeVar

import click

import launch
from storage.harmless import printable, printable_json
from terminal.say import say

Command = TypeVar("Command", bound=Callable[..., Any])

COMPLETE = "_PMA_COMPLETE"
"""The variable by which a shell asks this program what may come next."""
AS_JSON = f"{__name__}.json"
"""Where a run keeps whether JSON was asked for."""


def where(command: Command) -> Command:
    """The options that every command has: which database, whose record."""
    command = click.option("--db", metavar="FILE|URL", help="Database to use [env: DATABASE_URL].")(command)
    return click.option("--user", metavar="NAME", help="Whose record to use [env: CHAT_USER].")(command)


def call() -> str:
    """How one calls this program here for the record that this run is about, to be pasted in the same shell."""
    named = {option: _given(name) for option, name in (("--db", "db"), ("--user", "user"))}
    given = [word for option, value in named.items() if value is not None for word in (option, value)]
    return " ".join([launch.command(), *([printable(shlex.join(given))] if given else [])])


def _given(name: str) -> str | None:
    """What the command line gives for an option, at the command or else before it."""
    context = click.get_current_context(silent=True)
    while context is not None:
        if (value := context.params.get(name)) is not None:
            return str(value)
        context = context.parent
    return None


def json_option(help: str = "Print JSON.") -> Callable[[Command], Command]:
    """`--json`, given here or at a command before this one."""
    return click.option("--json", "as_json", is_flag=True, help=help, callback=_json_or_before)


def _json_or_before(context: click.Context, _parameter: click.Parameter, given: bool) -> bool:
    before = context.parent
    return given or bool(before and before.params.get("as_json"))


def print_error(message: str, hint: str = "") -> None:
    """Says what is wrong and what to do on standard error; first as one JSON object on standard output, if wanted."""
    if print_json_error(message, hint) and sys.stdout.isatty():
        return  # it stands there already
    say(f"Error: {message}", err=True)
    if hint:
        say(hint, err=True)


def print_json_error(message: str, hint: str = "") -> bool:
    """Says it as one JSON object on standard output, if that is wanted; returns whether it is."""
    context = click.get_current_context(silent=True)
    if context is None or not context.meta.get(AS_JSON):
        return False
    say(printable_json(json.dumps({"type": "error", "message": message, "hint": hint}, ensure_ascii=False)))
    return True


class WrongUsage(click.ClickException):
    """The command line asks for what cannot be; one line, without the usage."""

    exit_code = 2


class LazyGroup(click.Group):
    """A group of which some commands are imported when they are used, and whose errors are harmless on a terminal.

    Attributes:
        lazy: Name of a command -> "module:attribute".
    """

    def __init__(self, *args: Any, lazy: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def joined(self, more: Mapping[str, str]) -> Self:
        """The same group with more commands, as `lazy` names them."""
        group = copy(self)
        group.lazy = {**self.lazy, **more}
        return group

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _harmless_errors():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _harmless_errors():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *self.lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.lazy[cmd_name].partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command), f"{self.lazy[cmd_name]} is no command"
        return command


@contextmanager
def _harmless_errors() -> Iterator[None]:
    """Click prints its errors itself; they quote what was typed, or the name of a file."""
    try:
        yield
    except click.ClickException as error:
        vars(error).update({name: printable(told) for name, told in vars(error).items() if isinstance(told, str)})
        raise
