"""Files that other programs have made: those of ADK's own services, a browser's, a letter."""

import hashlib
import sqlite3
from pathlib import Path

from google.adk.sessions import BaseSessionService, DatabaseSessionService
from google.adk.sessions.schemas import v0
from google.adk.sessions.sqlite_session_service import SqliteSessionService
from sqlalchemy import create_engine

from storage.scope import User
from tests.storage.support import exchange, store

THEIRS = User("travel_app", "user")
SESSIONS = {"trip": ("plan a trip", "where to?"), "food": ("what is for dinner?", "soup")}


async def of_sqlite_service(file: Path, *users: User) -> Path:
    await _fill(SqliteSessionService(str(file)), *(users or (THEIRS,)))
    return file


async def of_database_service(file: Path, *users: User) -> Path:
    service = DatabaseSessionService(f"sqlite+aiosqlite:///{file}")
    await _fill(service, *(users or (THEIRS,)))
    await service.close()
    return file


async def of_old_adk(file: Path, *users: User) -> Path:
    engine = create_engine(f"sqlite:///{file}")
    v0.Base.metadata.create_all(engine)
    engine.dispose()
    return await of_database_service(file, *users)


def of_a_browser(file: Path) -> Path:
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE moz_places (url TEXT)")
        connection.execute("INSERT INTO moz_places VALUES ('https://example.com')")
    connection.close()
    return file


def a_letter(file: Path) -> Path:
    file.write_text("Dear Ada, this is not a database. " * 40)
    return file


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


async def _fill(service: BaseSessionService, *users: User) -> None:
    for user in users:
        for number, (session_id, (text, reply)) in enumerate(SESSIONS.items()):
            await store(service, exchange(text, reply, f"{user.user_id}-{number}"), session_id, user)
