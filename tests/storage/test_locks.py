"""What a process does with its own database leaves it the locks that it holds: no file of it is opened past SQLite.

In use, every connection holds a shared lock on the file. Whether it does is asked by another process, as the next
program to open the file would.
"""

import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias

import pytest

from conversation.conversation import Conversation
from record import sessions
from settings import Settings, SettingsError
from storage import sql_access
from storage.adk.importing import import_sessions
from storage.adk.service import SessionService
from storage.backup import backup
from storage.database import Database
from storage.errors import StorageError
from terminal.chat.inputline import open_history, wants_vi
from terminal.commands import importing
from terminal.logfile import log_to
from terminal.options import settings_of
from tests.storage.support import ADA, exchange, store

_ASK = """
import fcntl, sys
for name in sys.argv[1:]:
    with open(name, "r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("held")
        else:
            print("free")
"""
Door: TypeAlias = Callable[[Settings, Database], Awaitable[object]]


def locks(file: Path) -> list[str]:
    """Of the file and of its `-shm`: whether this process holds a lock on it, as another process sees it."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK, str(file), f"{file}-shm"], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


async def _again(settings: Settings, _database: Database) -> None:
    async with Database.open(settings.database_url) as again, again.read():
        pass


async def _reading(settings: Settings, _database: Database) -> None:
    async with Database.open(settings.database_url, create=False) as again, again.read():
        pass


async def _talking(settings: Settings, _database: Database) -> None:
    async with Conversation.open(settings, new=True):
        pass


async def _shared(settings: Settings, database: Database) -> None:
    async with Conversation.open(settings, database=database, new=True):
        pass


async def _sql(settings: Settings, _database: Database) -> None:
    await sql_access.query(settings.database_url, "SELECT 1")


async def _backup(settings: Settings, database: Database) -> None:
    await backup(database, settings.log_file.with_name("copy.db"))


async def _backup_onto(_settings: Settings, database: Database) -> None:
    assert database.file
    with pytest.raises(StorageError):
        await backup(database, database.file)


async def _export(_settings: Settings, database: Database) -> None:
    await sessions.export(database, ADA, "last", "json")


async def _import_itself(settings: Settings, database: Database) -> None:
    assert database.file
    with pytest.raises(StorageError, match="the database itself"):
        importing.document(settings, database.file)


async def _from_adk(_settings: Settings, database: Database) -> None:
    assert database.file
    with pytest.raises(StorageError, match="the database itself"):
        await import_sessions(database, ADA, database.file)


async def _settings_that_name_it(settings: Settings, database: Database) -> None:
    """A log, an input history or readline's settings that are the database: refused before they are opened."""
    for name in ("log_file", "input_history", "inputrc"):
        with suppress(SettingsError):
            named = settings_of({**settings.model_dump(), name: database.file})
            log_to(named.log_file)
            open_history(named.input_history)
            wants_vi(named.inputrc)


DOORS: tuple[Door, ...] = (
    _again,
    _reading,
    _talking,
    _shared,
    _sql,
    _backup,
    _backup_onto,
    _export,
    _import_itself,
    _from_adk,
    _settings_that_name_it,
)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__.strip("_"))
async def test_the_locks_on_an_open_database_are_held_after(
    door: Door, settings: Settings, database: Database, service: SessionService
) -> None:
    await store(service, exchange())
    assert database.file
    async with database.read() as conn:
        await conn.exec_driver_sql("SELECT count(*) FROM turns")
        assert locks(database.file) == ["held", "held"]
        await door(settings, database)
        assert locks(database.file) == ["held", "held"]
