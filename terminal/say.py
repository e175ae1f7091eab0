"""The one function that prints where there is no console: as plain text, and at once."""

from typing import IO

import click

from storage.harmless import printable


def say(text: str, *, err: bool = False, nl: bool = True, file: IO[str] | None = None) -> None:
    """Prints text as it is, made harmless, on standard output or error or on `file`, at once."""
    click.echo(printable(text), file=file, err=err, nl=nl)
