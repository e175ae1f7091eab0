"""A copy of a database while it is in use, by SQLite's own backup."""

import asyncio
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from storage import files
from storage.database import Database
from storage.errors import BusyError, StorageError, failure

_BUSY_TIMEOUT = 30.0
"""Seconds it waits for others."""


async def backup(database: Database, file: Path) -> int:
    """Copies the database to a new file, readable by its owner only; returns its size in bytes.

    Raises:
        StorageError: The file exists already, or cannot be written.
    """
    if database.file is None:
        raise StorageError("only a SQLite database is backed up here", "PostgreSQL has pg_dump.")
    files.keep_apart(database.file, file)
    if file.exists():
        raise StorageError(f"there is a file {file} already", "Name another file.")
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StorageError(f"cannot write {file}: {error.strerror}", "Name a file you can write.") from error
    try:
        await asyncio.to_thread(_copy, files.for_reading(database.file), file)
    except (OSError, sqlite3.Error, BusyError) as error:
        file.unlink(missing_ok=True)
        found = failure(error)
        said, hint = (str(found), found.hint) if found else ("the system refuses", "")
        raise StorageError(f"the backup {file} was not made: {said}", hint) from error
    return file.stat().st_size


def _copy(source: str, file: Path) -> None:
    with (
        closing(sqlite3.connect(source, uri=True)) as origin,
        closing(sqlite3.connect(files.for_writing(file.absolute()), uri=True)) as target,
    ):
        origin.backup(target, progress=_Patience())


class _Patience:
    """Ends a backup that waits for others to let go of the database; SQLite's own would wait for ever."""

    def __init__(self) -> None:
        self._until = time.monotonic() + _BUSY_TIMEOUT

    def __call__(self, status: int, _remaining: int, _total: int) -> None:
        if status not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._until = time.monotonic() + _BUSY_TIMEOUT
        elif time.monotonic() > self._until:
            raise BusyError
