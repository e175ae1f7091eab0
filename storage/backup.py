"""A copy of a database while it is in use, by SQLite's own backup."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from storage import files
from storage.database import Database
from storage.errors import StorageError


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
    except (OSError, sqlite3.Error) as error:
        file.unlink(missing_ok=True)
        raise StorageError(f"cannot write {file}: {error}", "Is there room for it?") from error
    return file.stat().st_size


def _copy(source: str, file: Path) -> None:
    with (
        closing(sqlite3.connect(source, uri=True)) as origin,
        closing(sqlite3.connect(files.for_writing(file.absolute()), uri=True)) as target,
    ):
        origin.backup(target)
