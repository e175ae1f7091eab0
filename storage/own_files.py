"""A person's own files: whole or not there at all, readable by their owner only, never written through a link.

A file is written under a random name in its folder and takes its name when all of it is on the disk. What has that name
already stays, unless it is to be replaced; of a link it is the link that is replaced, and what it leads to stays. A
device or a pipe, such as /dev/null, is written to as it is.
"""

import errno
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path

from storage.errors import StorageError

_PRIVATE = 0o600
_HINT = "Name a file you can write."
_THERE = "Name another file, or add --force on the command line."
_INHERITED = re.compile(r"/dev/std(?P<name>out|err)|(?:/dev|/proc/self)/fd/(?P<number>\d{1,9})")
_STANDARD = {"out": 1, "err": 2}


def write(data: str | bytes, file: Path, *, over: bool = False) -> None:
    """Writes a file, with nothing of it there when that fails.

    Args:
        data: All of it; text is encoded as UTF-8.
        file: Where to.
        over: Replace a file or a link that is there.

    Raises:
        StorageError: There is such a file, or it cannot be written.
    """
    content = data.encode("utf-8", errors="replace") if isinstance(data, str) else data
    with _told(file):
        handle = _stream(file)
        if handle is not None:
            with os.fdopen(handle, "wb") as out:
                out.write(content)
            return
    with new_file(file, over=over) as part:
        part.write_bytes(content)


@contextmanager
def new_file(file: Path, *, over: bool = False) -> Iterator[Path]:
    """An empty file to write to, which becomes `file` when the block has ended; it is gone when that fails.

    Raises:
        StorageError: There is a file of that name, or it cannot be written.
    """
    with _told(file):
        _refuse(file, over)
        handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=file.parent)
        part = Path(name)
        try:
            with os.fdopen(handle, "wb"):
                os.fchmod(handle, _PRIVATE)
            yield part
            _publish(part, file, over)
        finally:
            part.unlink(missing_ok=True)


def open_own(file: Path) -> TextIOWrapper:
    """A file to add text to, made where it is not there, with its folder; for its owner only from then on.

    Raises:
        StorageError: It is a link, no file, somebody else's, or cannot be written.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    with _told(file):
        if file.is_symlink():
            raise StorageError(f"{file} is a link", "Name the file itself.")
        file.parent.mkdir(parents=True, exist_ok=True)
        out = os.fdopen(os.open(file, flags, _PRIVATE), "a", encoding="utf-8", errors="backslashreplace")
        try:
            found = os.fstat(out.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid():
                raise StorageError(f"{file} is no file of yours", _HINT)
            os.fchmod(out.fileno(), _PRIVATE)
        except BaseException:
            out.close()
            raise
        return out


def _refuse(file: Path, over: bool) -> None:
    """Says why a name cannot be that of a new file."""
    if str(file) == "-":
        raise StorageError("standard output is no place for this", "Name a file.")
    if file.is_dir() and not file.is_symlink():
        raise StorageError(f"{file} is a folder", "Name a file in it.")
    if os.path.lexists(file):
        if not over:
            raise StorageError(f"there is a file {file} already", _THERE)
        if not stat.S_ISREG(file.lstat().st_mode) and not file.is_symlink():
            raise StorageError(f"{file} is no file", _HINT)


def _publish(part: Path, file: Path, over: bool) -> None:
    """Gives what was written its name, when it is on the disk."""
    _sync(part, os.O_RDWR)
    if over:
        os.replace(part, file)
    else:
        _name(part, file)
    with suppress(OSError):  # some file systems cannot do that with a folder
        _sync(file.parent, os.O_RDONLY)


def _name(part: Path, file: Path) -> None:
    try:
        os.link(part, file)
    except FileExistsError:
        _refuse(file, over=False)
        raise
    except OSError:  # a file system without such links
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
        os.replace(part, file)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _stream(file: Path) -> int | None:
    """A handle to write to a device, a pipe, or what this process was given open; None for anything else."""
    given = _INHERITED.fullmatch(str(file))
    if given:
        return _given(_STANDARD[given["name"]] if given["name"] else int(given["number"]))
    if not os.path.lexists(file) or not _pours(file.lstat().st_mode):
        return None
    handle = os.open(file, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY)  # a pipe that nobody reads fails
    os.set_blocking(handle, True)
    return handle


def _given(number: int) -> int:
    """A handle of what was open before this process began: what it opened itself, as a database, is not inheritable."""
    if not os.get_inheritable(number):
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return os.dup(number)


def _pours(mode: int) -> bool:
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


@contextmanager
def _told(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise StorageError(f"cannot write {file}: {why}", _HINT) from error
