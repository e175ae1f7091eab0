"""What is printed, made harmless for a terminal at the last step; what that means is in `storage/harmless.py`."""

from typing import IO

import click

from storage.harmless import printable as printable
from storage.harmless import printable_json as printable_json


def say(text: str, *, err: bool = False, nl: bool = True, file: IO[str] | None = None) -> None:
    """Prints text as it is, made harmless, on standard output or error or on `file`, at once."""
    click.echo(printable(text), file=file, err=err, nl=nl)
