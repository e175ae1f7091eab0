"""A document of `export` into a database that may not have ADK's tables yet. It loads ADK, which makes them."""

import sys
from pathlib import Path

from record import sessions as session_actions
from settings import Settings
from storage import files
from storage.adk.importing import import_sessions
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import sessions
from storage.queries.archive_document import MAX_BYTES
from storage.queries.sessions import SessionInfo
from terminal.say import say


def document(settings: Settings, file: Path) -> bytes:
    """What is in a file or a pipe, or in standard input when it is `-`; no more than tells that it is too large.

    Raises:
        StorageError: It cannot be read.
    """
    if str(file) == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    files.keep_apart(files.locate(settings.database_url), files.at_home(file))
    return session_actions.read(file, waits=lambda: say(f"Waiting for what comes through {file}.", err=True))


async def import_into(settings: Settings, document: bytes) -> SessionInfo:
    """Reads a document in; returns the session it became.

    Raises:
        StorageError: It is no such document; nothing was written.
    """
    async with Database.open(settings.database_url) as database:
        await SessionService(database).prepare_tables()
        return await session_actions.import_(database, settings.user, document)


async def import_from_adk(settings: Settings, file: Path) -> tuple[list[SessionInfo], int]:
    """Reads in a person's sessions of a database of ADK's; returns them, and how many were there already.

    Raises:
        StorageError: It is no such database, or has sessions that are not theirs; nothing was written.
    """
    user = settings.user
    async with Database.open(settings.database_url) as database:
        await SessionService(database).prepare_tables()
        done = await import_sessions(database, user, files.locate(str(file)))
        found = [await sessions.get(database, key) for key in done.keys]
    return [info for info in found if info], done.known
