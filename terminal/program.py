"""The group of all commands, and the one boundary of the command line.

Whatever a command raises, or its import, becomes one line here and an exit code.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from terminal.where import AS_JSON, LazyGroup, print_json_error


class Program(LazyGroup):
    """The outermost group: what no command and not click itself has dealt with becomes one line and an exit code.

    Where JSON is asked for, what is wrong with the command line is told as JSON too.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[AS_JSON] = _asks_for_json(args)
        with _told_as_json(ctx):
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _told_as_json(ctx):
                return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            from terminal.options import report  # long to load

            sys.exit(report(error))


def _asks_for_json(args: Sequence[str]) -> bool:
    """Before anything is parsed, because what cannot be parsed is told in the same way."""
    options = args[: args.index("--")] if "--" in args else args
    return "--json" in options


@contextmanager
def _told_as_json(context: click.Context) -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        if not print_json_error(error.format_message()) or not sys.stdout.isatty():
            raise
        context.exit(error.exit_code)
