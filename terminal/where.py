"""The options that every command has, and the group of all commands: it imports one only when it is used.

It is also the one boundary of the command line: whatever a command raises, or its import, becomes one line there and an
exit code. Nothing here imports anything that takes long: the chat is to be there at once.
"""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from terminal.harmless import printable

Command = TypeVar("Command", bound=Callable[..., Any])


def where(command: Command) -> Command:
    """The options that every command has: which database, whose record."""
    command = click.option("--db", metavar="FILE|URL", help="Database to use [env: DATABASE_URL].")(command)
    return click.option("--user", metavar="NAME", help="Whose record to use [env: CHAT_USER].")(command)


class LazyGroup(click.Group):
    """A group of which some commands are imported when they are used, and whose errors are harmless on a terminal.

    Attributes:
        lazy: Name of a command -> "module:attribute".
    """

    def __init__(self, *args: Any, lazy: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

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

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """As click's; what no command and not click itself has dealt with becomes one line and an exit code."""
        try:
            return super().main(*args, **kwargs)
        except Exception as error:
            if not kwargs.get("standalone_mode", True):
                raise
            from terminal.options import report

            sys.exit(report(error))


@contextmanager
def _harmless_errors() -> Iterator[None]:
    """Click prints its errors itself; they quote what was typed, or the name of a file."""
    try:
        yield
    except click.ClickException as error:
        vars(error).update({name: printable(told) for name, told in vars(error).items() if isinstance(told, str)})
        raise
