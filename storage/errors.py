"""What can be wrong with a database, each with one line on what to do.

SQLite, PostgreSQL, SQLAlchemy and the system raise dozens of classes; `failure` is the one place that tells a person
what each of them means. What it says holds no SQL, no values and no names of classes: those are for the log. It says
what is wrong, never what was kept of it: that is known only where the error is caught.
"""

import errno
import sqlite3
import traceback
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from storage.server import sqlstates
from storage.strict import encodable
from told import Told


class StorageError(Told):
    """A database cannot be used."""


class BusyError(StorageError):
    """Others used the database for longer than we wait for them."""

    def __init__(self) -> None:
        super().__init__(
            "the database is in use by another program, which did not let go of it", "Try again when it has."
        )


class UnknownOutcomeError(StorageError):
    """The database was lost while it was asked to keep something: it may have, or not. It is not done again."""

    def __init__(self) -> None:
        super().__init__(
            "the connection to the database was lost while it was written to: it is not known whether that was kept",
            "Look whether it was, before you do it again.",
        )


class OnlyInFilesError(StorageError):
    """The database is a server's, on which there is no record yet."""

    def __init__(self) -> None:
        super().__init__(
            "the record is kept in SQLite in this version; memory works on PostgreSQL", "Name a file with --db."
        )


class MovedError(StorageError):
    """The file is not the one that was opened: what is written to it now, nobody would find again."""

    def __init__(self) -> None:
        super().__init__(
            "the database's file was deleted or replaced while it was open", "Leave, and start the program again."
        )


class MissingError(StorageError):
    """The session is not there."""

    def __init__(self) -> None:
        super().__init__("this session was deleted by another program: what was said in it is gone")


class TurnLostError(StorageError):
    """The turn is no longer this process's: nothing more of it is kept."""

    def __init__(self) -> None:
        super().__init__(
            "this program stood still for longer than LEASE_SECONDS, and another one has ended its turn as interrupted",
            "Send the message again.",
        )


class SessionBusyError(StorageError):
    """The session has a running turn; it has one at a time.

    Attributes:
        invocation_id: That turn's.
        owner: Who runs it, as it stands in the turn's row: one's own, when it was left behind here.
        since: When it started.
    """

    def __init__(self, invocation_id: str, owner: str | None, since: datetime, process: str | None) -> None:
        super().__init__(
            f"this session is answering a message since {since:%H:%M:%S} UTC, in {process or 'another program'}",
            "Wait for that answer, or begin another session.",
        )
        self.invocation_id = invocation_id
        self.owner = owner
        self.since = since


class OvertakenError(StorageError):
    """What a turn was to take the place of is not the last turn of its session any more."""

    def __init__(self) -> None:
        super().__init__("something else was said in this session meanwhile, and nothing was undone")


_BACKUP = "Use a backup (`sessions backup` makes them), or name another database with --db."
_DAMAGED = ("the database's file is damaged", _BACKUP)
_DISK = ("the disk failed while the database was read or written", "Check the disk, and whether there is room on it.")
_FULL = ("the disk is full", "Make room on it.")
_NOT_OURS = ("the tables of the database are not those that this program made", _BACKUP)
_READ_ONLY = ("the database cannot be written: it is read-only", "Check the permissions of its file and its folder.")
_BY_CODE = {
    sqlite3.SQLITE_ERROR: _NOT_OURS,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_NOMEM: ("there is not enough memory for the database", "End other programs."),
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_IOERR: _DISK,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_CANTOPEN: (
        "the database's file cannot be opened",
        "Check that it is there, and the permissions of it and its folder.",
    ),
    sqlite3.SQLITE_TOOBIG: ("a text is too long for the database", "Use a shorter one."),
    sqlite3.SQLITE_NOTADB: ("the file is not a database", "Name another one with --db."),
}
"""SQLite's primary result code -> what it means here, and what to do."""
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_FULL_DISK = (errno.ENOSPC, errno.EDQUOT)
_LONGEST = 200
_ROUND_ADK = ("storage.adk.private", "storage.adk.quick")
"""Modules that every error of an agent may pass through."""


def failure(error: BaseException) -> StorageError | None:
    """What an error says about the database or a file, or None when it is about something else.

    Args:
        error: Whatever was raised: what it was raised from counts too.
    """
    for cause in causes(error):
        if found := _failure(cause):
            return found
        if isinstance(cause, Told):  # it is told as it is
            return None
    return None


def failure_of_storage(error: BaseException) -> StorageError | None:
    """As `failure`, of an error that has passed through this package: a model or a tool has databases of its own."""
    return failure(error) if any(map(_is_of_storage, causes(error))) else None


def _is_of_storage(error: BaseException) -> bool:
    modules = {str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_tb(error.__traceback__)}
    return isinstance(error, StorageError) or any(
        module.startswith("storage.") and module not in _ROUND_ADK for module in modules
    )


def _failure(error: BaseException) -> StorageError | None:
    from sqlalchemy import exc  # long to load, and there is a prompt that needs only the classes above

    match error:
        case StorageError():
            return error
        case exc.TimeoutError():
            return BusyError()
        case exc.DBAPIError(orig=sqlite3.Error() as original) | (sqlite3.Error() as original):
            return _of_sqlite(original)
        case exc.DBAPIError(orig=original) if sqlstates.is_from_server(original):
            return _of_server(original)
        case _ if sqlstates.is_from_server(error):
            return _of_server(error)
        case exc.SQLAlchemyError():
            return StorageError("the database cannot be used", "--debug writes the details to the log file.")
        case UnicodeEncodeError(reason="surrogates not allowed"):
            return StorageError("a text has halves of characters, which cannot be kept", "Leave them out.")
        case UnicodeError():
            return StorageError("a text is in another encoding than was expected", "Use UTF-8.")
        case OverflowError():
            return StorageError("a number is too big", "Give a smaller one.")
        case OSError(errno=code) if code in _FULL_DISK:
            return StorageError(*_FULL)
        case OSError(filename=str() | bytes() as name, strerror=str(why)):
            return StorageError(f"cannot use {_text(name)}: {why}", "Check that it is there, and its permissions.")
    return None


def _of_sqlite(error: sqlite3.Error) -> StorageError:
    extended: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    code = extended & 0xFF
    if extended == sqlite3.SQLITE_READONLY_DBMOVED:
        return MovedError()
    if extended == sqlite3.SQLITE_IOERR_SHMSIZE:  # the index of the log cannot grow
        return StorageError(*_FULL)
    if code in _BUSY:
        return BusyError()
    if code == sqlite3.SQLITE_CONSTRAINT:
        return StorageError(_refused(error, extended), "--debug writes the details to the log file.")
    if not code and "decode" in str(error):  # Python's own, for a text that is no UTF-8
        return StorageError(*_DAMAGED)
    told = _BY_CODE.get(code, ("the database cannot be used", "--debug writes the details to the log file."))
    return StorageError(*told)


def _of_server(error: Any) -> StorageError:
    if error.sqlstate in sqlstates.BUSY:
        return BusyError()
    what, hint = sqlstates.meaning(error)
    return StorageError(_text(what), hint)


def _refused(error: sqlite3.Error, code: int) -> str:
    """A trigger's own words are meant to be read; the other rules speak of columns."""
    own = _text(str(error)) if code == sqlite3.SQLITE_CONSTRAINT_TRIGGER else ""
    return own or "the database refused what was to be written"


def _text(name: str | bytes) -> str:
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else name
    return " ".join(encodable(text).split())[:_LONGEST]


def causes(error: BaseException, *, contexts: bool = True) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on; with `contexts`, also what was being handled."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        context = current.__context__ if contexts and not current.__suppress_context__ else None
        current = current.__cause__ or context
