"""What `-p` is given beside its text: standard input, when it is meant for this program.

A shell loop (`while read line; do ... -p "$line"; done < file`) and a script hand their own input to every command in
them. It is theirs: whoever reads it takes it away from them. So input that a shell above this process has as its own
and reads, and a file that somebody has read from before, is left alone unless it is asked for. A shell that has only
made a process for a pipeline, as for a function, has read nothing.
"""

import io
import os
import select
import stat
import struct
import sys
from pathlib import Path
from typing import IO

from terminal.say import say
from terminal.streams import everything

try:
    import fcntl
    import termios
except ImportError:  # not on this system, which does not tell who shares what either
    fcntl = termios = None  # type: ignore[assignment]

_PATIENCE = 1.0
"""Seconds after which a silent standard input is worth a word."""
_LEFT = "Standard input is that of the shell that runs this too, and was not read; --stdin reads it."
_WAITS = "Waiting for standard input, as material for -p; --no-stdin answers without it."
_MATERIAL = (stat.S_ISFIFO, stat.S_ISREG, stat.S_ISSOCK)
"""What somebody gives input by: a pipe, a file or a socket, not a terminal and not nothing."""
_SHELLS = frozenset(
    ("sh", "ash", "bash", "busybox", "csh", "dash", "fish", "ksh", "ksh93", "mksh", "tcsh", "yash", "zsh")
)
_PROCESSES = Path("/proc")


def material(wanted: bool | None) -> str:
    """What standard input holds for a message.

    Args:
        wanted: Read it whatever it is, or never; else when it is meant for this program.
    """
    if wanted is False:
        return ""
    number = _number(sys.stdin)
    if number is None:  # no file of the system, as in tests
        return _read(sys.stdin)
    if wanted is None:
        if not any(is_so(os.fstat(number).st_mode) for is_so in _MATERIAL):
            return ""
        if _is_shared(number):
            if _holds(number):
                say(_LEFT, err=True)
            return ""
    if not _has_something(number, _PATIENCE):
        say(_WAITS, err=True)
    return _read(sys.stdin)


def _read(stdin: IO[str]) -> str:
    return everything(stdin).strip("\r\n")


def _number(stdin: IO[str]) -> int | None:
    try:
        return stdin.fileno()
    except (OSError, ValueError, io.UnsupportedOperation):
        return None


def _has_something(number: int, seconds: float) -> bool:
    """Whether there is something to read, be it the end, within so many seconds."""
    try:
        return bool(select.select([number], [], [], seconds)[0])
    except (OSError, ValueError):  # nothing that can be waited for, as on Windows
        return True


def _holds(number: int) -> bool:
    """Whether there is anything to read now, and not only the end."""
    there = os.fstat(number)
    if stat.S_ISREG(there.st_mode):
        return there.st_size > os.lseek(number, 0, os.SEEK_CUR)
    return bool(struct.unpack("i", fcntl.ioctl(number, termios.FIONREAD, struct.pack("i", 0)))[0])


def _is_shared(number: int) -> bool:
    """Whether others read it too: a file is no longer at its beginning, or a shell that runs this reads the pipe."""
    here = os.fstat(number)
    if stat.S_ISREG(here.st_mode):
        return os.lseek(number, 0, os.SEEK_CUR) > 0
    process = os.getppid()
    try:
        while process and os.path.samestat(here, (_PROCESSES / str(process) / "fd" / "0").stat()):
            status = _table(process, "status")
            if status["Name"] in _SHELLS and int(_table(process, "io")["rchar"]):
                return True
            process = int(status["PPid"])
    except (OSError, KeyError):  # the system does not tell
        pass
    return False


def _table(process: int, name: str) -> dict[str, str]:
    text = (_PROCESSES / str(process) / name).read_text(errors="replace")
    return {field: value.strip() for field, _, value in (line.partition(":") for line in text.splitlines())}
