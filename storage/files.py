"""Which file a database is: one rule for a name, a URL, and every door that opens it.

A file that is a database is opened through SQLite and in no other way. To open and close it once more, as any reading,
copying or making does, drops all locks that this process holds on it; then another process may take its log away while
this one still writes to it. So a path that a person names for something else is asked about here first (`is_part_of`).
"""

import os
import re
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.dialects import is_server, masked
from storage.errors import OnlyInFilesError, StorageError

PARTS = ("", "-wal", "-shm", "-journal")
"""What a database's files end in."""
_GIVE_A_FILE = "Give a file, or sqlite+aiosqlite:///FILE."
_URL = re.compile(r"[A-Za-z][\w+.-]*://")
_ADDRESS = re.compile(r"(file|sqlite|postgres|postgresql|mysql)(\+\w+)?:", re.IGNORECASE)


def locate(url: str) -> Path:
    """The file that a person means by a name or by an SQLAlchemy URL, from where they stand; it need not be there.

    A name is taken as it is, but for `~`, their home folder. In a URL, which has `://`, the rules of SQLAlchemy hold:
    `%20` is a blank, and `?` begins options, of which there are none.

    Raises:
        OnlyInFilesError: It names a server.
        StorageError: It names no file, or one of a kind that holds no database.
    """
    if is_server(url):
        raise OnlyInFilesError
    name = _named_by(url) if _URL.match(url) else _named(url)
    try:
        expanded = Path(_expanded(name))
        return _checked(expanded if expanded.is_absolute() else Path.cwd() / expanded, name)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no name of a file"
        raise StorageError(f"cannot open the database {name!r}: {why}", "Name another one with --db.") from error


def _named(name: str) -> str:
    if name in ("", ":memory:"):
        raise StorageError("the database has no file", _GIVE_A_FILE)
    if _ADDRESS.match(name):
        raise StorageError(f"not a database: {masked(name)}", f"{_GIVE_A_FILE} A file called so is ./{name}")
    return name


def _named_by(url: str) -> str:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StorageError(f"not a database URL: {masked(url)}", _GIVE_A_FILE) from error
    if parsed.get_backend_name() != "sqlite":
        raise StorageError(f"{parsed.get_backend_name()} is not supported", "Use sqlite+aiosqlite:///FILE.")
    if _is_more_than_a_file(parsed):
        raise StorageError(
            f"not a database URL: {masked(url)}",
            "sqlite+aiosqlite:///FILE has no host and no options; give a file with a ? in its name just by its name.",
        )
    name = parsed.database or ""
    if name.lower().startswith("file:"):
        raise StorageError(f"not a database URL: {masked(url)}", "SQLite's own file: addresses are not taken here.")
    return _named(name) if name in ("", ":memory:") else name


def _is_more_than_a_file(url: URL) -> bool:
    return bool(url.host or url.port or url.username or url.password or url.query)


def _expanded(name: str) -> str:
    """With a home folder for `~`, as a shell does it: a file may begin with `~` where there is no such user."""
    expanded = os.path.expanduser(name)
    if expanded.startswith("~") and "/" in expanded:
        raise FileNotFoundError(2, f"there is no home folder {expanded.partition('/')[0]}")
    return expanded


def at_home(file: Path) -> Path:
    """A file that a person names, with their home folder for `~`.

    Raises:
        StorageError: There is no such home folder.
    """
    try:
        return Path(_expanded(str(file)))
    except FileNotFoundError as error:
        raise StorageError(f"cannot use {file}: {error.strerror}", "Name a file by its whole path.") from error


def _checked(file: Path, name: str) -> Path:
    """`file`, which holds a database, or could: it is a file, or nothing yet."""
    if os.path.basename(name) in ("", ".", ".."):
        raise IsADirectoryError(21, "it is a folder")
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return file
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, "it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError(22, "it is no file")
    return file


def existing(url: str) -> Path:
    """As `locate`, of a database that is there.

    Raises:
        StorageError: It is not.
    """
    file = locate(url)
    if not file.exists():
        raise StorageError(f"there is no database {file} yet", "The first message makes it.")
    return file


def make(file: Path) -> None:
    """Makes an empty file that only its owner can read, and its folder; one that is there is not touched.

    Raises:
        StorageError: It cannot be made.
    """
    real = Path(os.path.realpath(file))
    try:
        if real.exists():
            return
        real.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(real, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        if not real.is_file():  # it is, when another process was quicker
            raise StorageError(
                f"cannot open the database {file}: {error.strerror}", "Name a file you can write with --db."
            ) from error


def is_writable(file: Path) -> bool:
    """Whether a database that is there can be changed: SQLite writes to the file and beside it."""
    real = os.path.realpath(file)
    return os.access(real, os.W_OK) and os.access(os.path.dirname(real), os.W_OK | os.X_OK)


def address(file: Path, how: str) -> str:
    """SQLite's own address of a file, for `sqlite3.connect(..., uri=True)`; `how` is such as "mode=rw"."""
    return f"file://{quote(os.fsencode(file))}?{how}"


def for_writing(file: Path) -> str:
    """The address to write by; SQLite makes no file of that name anew."""
    return address(file, "mode=rw")


def for_reading(file: Path) -> str:
    """The address to read by, whatever may not be written: the file, its folder, the whole disk.

    Raises:
        StorageError: Its newest changes are in a log that cannot be read there, or it cannot be read at all.
    """
    read_only = address(file, "mode=ro")
    real = os.path.realpath(file)
    if not os.access(real, os.R_OK):
        raise StorageError(f"cannot open the database {file}: you may not read it", "Name another one with --db.")
    if os.access(os.path.dirname(real), os.W_OK) or _is_readable(read_only):
        return read_only
    log = Path(f"{real}-wal")
    if log.exists() and log.stat().st_size:
        raise StorageError(
            f"{file} cannot be read there: its newest changes are in {log.name}, and nothing can be written beside it",
            "Copy both files to a folder that you can write, and name the copy with --db.",
        )
    return address(file, "immutable=1")


def _is_readable(found: str) -> bool:
    """Whether SQLite reads by that address: a database with a log needs a file beside it even then."""
    try:
        with closing(sqlite3.connect(found, uri=True)) as connection:
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchall()
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:  # it is read, and is none
        return True
    return True


def is_part_of(file: Path, path: Path) -> bool:
    """Whether `path`, by whatever name or link, is the database `file`, or what SQLite or we keep beside it."""
    real = os.path.realpath(file)
    return any(_is_same(f"{real}{end}", path) for end in PARTS)


def keep_apart(file: Path, path: Path) -> None:
    """Raises StorageError when `path` is a part of the database `file`: then nothing may read or write it as a file."""
    if is_part_of(file, path):
        raise StorageError(f"{path} is the database itself, or a part of it", "Name another file.")


def _is_same(one: str, other: Path) -> bool:
    try:
        return os.path.samefile(one, other) if os.path.exists(other) else one == os.path.realpath(other)
    except (OSError, ValueError):  # the part is not there, or `other` is no name of a file
        return False
