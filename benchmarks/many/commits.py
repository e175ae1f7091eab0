"""How many transactions were committed to a SQLite file, by whatever process, as SQLite counts them itself.

With a write-ahead log it counts them in the log's index, otherwise in the file's header. Only differences mean
something, and only while the file stays open: the index is made anew by who opens it first.

To be read by a process that has no connection to the file: closing a file ends all locks that its process has on it.
"""

import struct
from pathlib import Path

_IN_INDEX = struct.Struct("=8xI")
"""`iChange` of the WAL index's header, in the machine's own order."""
_IN_HEADER = struct.Struct(">24xI")
"""The file change counter."""


def commits(file: Path) -> int | None:
    """Commits so far; None where there is no file."""
    return _read(file.with_name(f"{file.name}-shm"), _IN_INDEX) or _read(file, _IN_HEADER)


def _read(file: Path, form: struct.Struct) -> int | None:
    try:
        with file.open("rb") as opened:
            head = opened.read(form.size)
    except FileNotFoundError:
        return None
    return int(form.unpack(head)[0]) if len(head) == form.size else None
