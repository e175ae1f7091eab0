"""The process around the command line: its streams, its signals, and what no command has caught."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from terminal import streams
from terminal.interrupt import given_back


@contextmanager
def process() -> Iterator[None]:
    """Around a command: the terminal is given back, and what nobody has caught is one line and an exit code."""
    streams.prepare()
    try:
        with given_back():
            yield
    except Exception as error:  # the boundary of the process: there is nobody else to tell
        from terminal.options import report  # long to load

        sys.exit(report(error))
