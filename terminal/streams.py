"""Standard input, output and error as the program uses them, whatever it was started with.

Output that cannot be written ends the program at once: with nothing said when the reader has gone, else with one line.
`OutputEnded` is a SystemExit for that: no boundary takes it for an error of its own, and what runs is ended on the way.
What an encoding does not have is written as a JSON escape, so that JSON stays JSON and nothing else raises.

Input may have no end, as that of /dev/zero: no reader takes more of it than a message may have, or a line of them.
"""

import codecs
import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import IO, Any, TextIO

from storage.strict import MESSAGE_LENGTH
from told import Told

ESCAPES = "terminal.escapes"
"""How characters are written that an encoding has not."""
_ASCII = "terminal_ascii"
_REPLACED = "?"
_PIPE_CODE = 128 + getattr(signal, "SIGPIPE", 13)
_HANGUP_CODE = 128 + getattr(signal, "SIGHUP", 1)
_GONE = {errno.EPIPE: _PIPE_CODE, errno.EIO: _HANGUP_CODE}
"""Errors that say that nobody reads any more, with the exit code that other programs have then."""
_UNWRITTEN = 1
"""The exit code when output cannot be written for another reason."""
_ANSWER = 100
"""Characters of an answer to a question that are looked at."""
_YES = ("y", "yes")


class OutputEnded(SystemExit):
    """Nothing more can be written to standard output."""


class _Output(io.FileIO):
    """A stream of the process; it raises once, in the main thread, and what is written to it after that is dropped."""

    def __init__(self, number: int, *, silent: bool) -> None:
        super().__init__(number, "w", closefd=False)
        self._silent = silent
        self._ended = False

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        if self._ended:
            return size
        try:
            return super().write(data)
        except OSError as error:
            if threading.current_thread() is not threading.main_thread():
                return size
            self._ended = True
            if self._silent:
                return size
            raise OutputEnded(_told(error)) from None


def prepare() -> None:
    """Opens what was closed, and replaces the three streams; once, before anything is read or written."""
    learn()
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        _open_closed(number, mode)
    sys.stdin = sys.stdin or io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)))
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    sys.stdout = _written(1, sys.stdout, ESCAPES, silent=False)
    sys.stderr = _written(2, sys.stderr, "backslashreplace", silent=True)


def messages(stdin: IO[str]) -> IO[str]:
    """Standard input as text: without a byte order mark, and with what cannot be decoded replaced.

    UTF-16 is known by its byte order mark where UTF-8 is expected, which cannot begin so. It waits for the first bytes.
    """
    if isinstance(stdin, io.TextIOWrapper):
        encoding = codecs.lookup(stdin.encoding).name
        if encoding == "utf-8":
            encoding = "utf-16" if _beginning(stdin) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
        stdin.reconfigure(encoding=encoding, errors="replace")
    return stdin


def everything(stdin: IO[str]) -> str:
    """All of standard input, as `messages` reads it.

    Raises:
        Told: It is longer than a message may be.
    """
    return _bounded(messages(stdin).read(MESSAGE_LENGTH + 1), "standard input")


def lines(stdin: IO[str]) -> Iterator[str]:
    """The lines of standard input, as `messages` reads it.

    Raises:
        Told: One is longer than a message may be.
    """
    given = messages(stdin)
    while line := given.readline(MESSAGE_LENGTH + 1):
        yield _bounded(line, "a line of standard input")


def is_yes(stdin: IO[str]) -> bool:
    """Whether the next line of standard input is a yes; its end, and whatever else, is a no."""
    return stdin.readline(_ANSWER).strip().lower() in _YES


def _bounded(text: str, what: str) -> str:
    if len(text) > MESSAGE_LENGTH:
        raise Told(f"{what} is longer than {MESSAGE_LENGTH:,} characters", "Give less at once.")
    return text


def _beginning(stdin: io.TextIOWrapper) -> bytes:
    """The first two bytes; on a terminal none, whose end of input would be taken away by looking for them."""
    if stdin.isatty() or not isinstance(stdin.buffer, io.BufferedReader):
        return b""
    return stdin.buffer.peek(2)[:2]


def _told(error: OSError) -> int:
    """The exit code for an error of standard output, which is told unless the reader has gone."""
    if error.errno in _GONE:
        return _GONE[error.errno]
    print(f"Error: cannot write to standard output: {error.strerror}", file=sys.stderr, flush=True)
    return _UNWRITTEN


def _open_closed(number: int, mode: int) -> None:
    """A closed stream, or a database would be opened under its number and be written to by whoever means the stream.

    Standard output is opened for reading: writing to it fails, as it did when it was closed.
    """
    try:
        os.fstat(number)
    except OSError:
        opened = os.open(os.devnull, mode)
        if opened != number:
            os.dup2(opened, number)
            os.close(opened)


def _written(number: int, before: TextIO | None, errors: str, *, silent: bool) -> TextIO:
    encoding = codecs.lookup(before.encoding).name if before else "utf-8"
    return io.TextIOWrapper(
        io.BufferedWriter(_Output(number, silent=silent)),
        encoding=_ASCII if encoding == "ascii" else encoding,
        errors=errors,
        line_buffering=silent or bool(before and before.isatty()),
    )


def learn() -> None:
    """Makes `ESCAPES` known, and ASCII by a name that click leaves alone."""
    codecs.register_error(ESCAPES, _escaped)
    codecs.register(_ascii)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_escape(character) for character in missing), error.end


def _escape(character: str) -> str:
    if "\ud800" <= character <= "\udfff":  # half of a character, which no encoding and no JSON has
        return _REPLACED
    units = character.encode("utf-16-be").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def _ascii(name: str) -> codecs.CodecInfo | None:
    """ASCII. Under its own name click takes it for a mistake, and writes UTF-8."""
    if name != _ASCII:
        return None
    plain = codecs.lookup("ascii")
    return codecs.CodecInfo(
        plain.encode, plain.decode, plain.streamreader, plain.streamwriter, plain.incrementalencoder,
        plain.incrementaldecoder, name=_ASCII,
    )  # fmt: skip
