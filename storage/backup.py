"""A copy of a database while it is in use, by SQLite's own backup."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from storage import files
from storage.database import Database
from storage.errors import BusyError, StorageError, failure
from storage.own_files import new_file

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
    return await asyncio.to_thread(_copy, files.for_reading(database.file), file)


def _copy(source: str, file: Path) -> int:
    with new_file(file) as part:
        try:
            with (
                closing(sqlite3.connect(source, uri=True)) as origin,
                closing(sqlite3.connect(files.for_writing(part.absolute()), uri=True)) as target,
            ):
                origin.backup(target, progress=_Patience())
        except (sqlite3.Error, BusyError) as error:
            found = failure(error)
            assert found is not None, "every failure of SQLite has words"
            raise StorageError(f"the backup {file} was not made: {found}", found.hint) from error
        return part.stat().st_size


class _Patience:
    """Ends a backup that waits for others to let go of the database; SQLite's own would wait for ever."""

    def __init__(self) -> None:
        self._until = time.monotonic() + _BUSY_TIMEOUT

    def __call__(self, status: int, _remaining: int, _total: int) -> None:
        if status not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            self._until = time.monotonic() + _BUSY_TIMEOUT
        elif time.monotonic() > self._until:
            raise BusyError
