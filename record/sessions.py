"""What a person does with sessions: one implementation under `sessions ...` and under the slash commands.

Each function takes the record and whose it is, and gives plain results or raises `StorageError`; asking and printing is
left to its callers.
"""

import errno
import os
import re
import select
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from record.transcript import transcript
from record.transcript_html import as_html
from record.transcript_markdown import as_markdown
from record.wording import without_marks
from storage.backup import backup as backup
from storage.database import Database
from storage.errors import StorageError
from storage.files import at_home
from storage.harmless import printable_json
from storage.own_files import write as write
from storage.queries import archive, search, session_changes, sessions
from storage.queries.archive_document import MAX_BYTES
from storage.queries.search import MARK_END, MARK_START
from storage.queries.sessions import SessionInfo
from storage.queries.turns import Turn
from storage.scope import SessionKey, User

Format: TypeAlias = Literal["md", "json", "html"]
FORMATS: tuple[Format, ...] = get_args(Format)

_SIZE = 20
_SLUG = 40
_PATIENCE = 1.0
"""Seconds that somebody is given to open the other end of a pipe."""
_PIECE = 2**16
_LINK = re.compile(r"\[([^][]*)\](?:\(\S*)?")
"""A link whose end an excerpt may not have."""
_MARK_IN, _MARK_OUT = "\ue000", "\ue001"
"""The marks of a match while its line is read as Markdown: characters that nothing else uses."""
_MARKS = str.maketrans({MARK_START: _MARK_IN, MARK_END: _MARK_OUT})


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a user's sessions, the last used first; pages count from 1."""

    listed: Sequence[SessionInfo]
    number: int
    pages: int


@dataclass(frozen=True, slots=True)
class Found:
    """A turn that a search found, its session, and the line that matches in pieces: text, and whether it is a hit."""

    session: SessionInfo
    turn: Turn
    line: tuple[tuple[str, bool], ...]


async def page(database: Database, user: User, number: int = 1, *, size: int = _SIZE) -> Page:
    """A page of a user's sessions."""
    listed = await sessions.listing(database, user, limit=size, offset=(number - 1) * size)
    return Page(listed, number, max(-(-await sessions.count(database, user) // size), 1))


async def find_words(
    database: Database, user: User, words: str, *, limit: int, offset: int = 0, session: str | None = None
) -> list[Found]:
    """The turns in which words occur, the best match first; in one session when it is named."""
    within = (await sessions.find(database, user, session)).session_id if session is not None else None
    matches = await search.search(database, user, words, limit=limit, offset=offset, session_id=within)
    infos = await sessions.by_id(database, user, {match.turn.session_id for match in matches})
    return [Found(infos[match.turn.session_id], match.turn, _line(match.excerpt)) for match in matches]


async def rename(database: Database, user: User, name: str, title: str) -> SessionInfo:
    """Gives a session another title; returns it as it is then."""
    info = await sessions.find(database, user, name)
    await session_changes.rename(database, _key(user, info), title)
    return await _told(database, _key(user, info))


async def delete(database: Database, user: User, listed: Sequence[SessionInfo]) -> None:
    """Deletes sessions with all that was said in them; preferences stay."""
    await session_changes.remove(database, [_key(user, info) for info in listed])


async def fork(database: Database, user: User, name: str, at: int | None = None) -> SessionInfo:
    """A new session with the history of another, up to and with turn `at`."""
    info = await sessions.find(database, user, name)
    forked = await session_changes.fork(database, _key(user, info), at=at)
    return await _told(database, forked)


async def prunable(
    database: Database, user: User, before: datetime, keep: int, *, current: str | None = None
) -> list[SessionInfo]:
    """The sessions that were not used since a time, but for the `keep` last used, and for the current one."""
    found = await session_changes.prunable(database, user, older_than=before, keep=keep)
    return [info for info in found if info.session_id != current]


async def export(database: Database, user: User, name: str, form: Format) -> str:
    """A session as one document: JSON has all of it, Markdown and HTML are for reading."""
    info = await sessions.find(database, user, name)
    if form == "json":
        document = await archive.export(database, _key(user, info))
        return printable_json(document.model_dump_json(indent=2)) + "\n"
    told = await transcript(database, user, info)
    return as_html(told) if form == "html" else as_markdown(told)


async def import_(database: Database, user: User, document: bytes) -> SessionInfo:
    """Reads in a JSON document of `export`; ADK's tables must be there, and ADK is loaded to check its events.

    Raises:
        StorageError: It is no such document, one of a newer version, or says what its events do not; nothing was
            written.
    """
    return await _told(database, await archive.import_(database, user, document))


def file_for(info: SessionInfo, form: Format, folder: Path) -> Path:
    """A file in `folder` that is not there yet, named after a session."""
    slug = _slug(info.title) or _slug(info.short_id) or "session"
    names = (f"{slug}{f'-{number}' if number else ''}.{form}" for number in range(1_000_000))
    return next(path for path in (folder / name for name in names) if not os.path.lexists(path))


def read(file: Path, *, waits: Callable[[], None] | None = None) -> bytes:
    """A document's bytes, no more than tell that it is too large.

    Args:
        file: Where it is.
        waits: Called when it is a pipe into which somebody is yet to write; without it, no pipe is read.

    Raises:
        StorageError: It cannot be read, or is a pipe that nobody writes to.
    """
    try:
        with open(at_home(file), "rb", opener=_without_waiting) as opened:
            mode, first = os.fstat(opened.fileno()).st_mode, b""
            if waits and stat.S_ISFIFO(mode):
                first = _first(opened.fileno(), waits)
            elif not stat.S_ISREG(mode):
                raise OSError(errno.EINVAL, "it is no file")
            os.set_blocking(opened.fileno(), True)
            return first + opened.read(MAX_BYTES + 1 - len(first))
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise StorageError(f"cannot read {file}: {why}", "Name a file that `export` wrote.") from error


def _without_waiting(file: str, flags: int) -> int:
    """Opens a file, and a pipe though nobody writes to it."""
    return os.open(file, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _first(pipe: int, waits: Callable[[], None]) -> bytes:
    """What is in a pipe already; nothing when somebody has it open and is yet to write."""
    select.select([pipe], [], [], _PATIENCE)
    try:
        first = os.read(pipe, _PIECE)
    except BlockingIOError:
        waits()
        return b""
    if not first:
        raise OSError(errno.EPIPE, "nobody writes to this pipe")
    return first


def _slug(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text.lower()).strip("-")[:_SLUG].strip("-")


def _line(excerpt: str) -> tuple[tuple[str, bool], ...]:
    """The line, or lines, of an excerpt with a hit, without Markdown's marks."""
    lines = [line for line in excerpt.splitlines() if MARK_START in line] or [excerpt]
    whole = "\n\n".join(_LINK.sub(r"\1", line).replace("**", "") for line in lines)
    text = without_marks(whole.translate(_MARKS))
    pieces = re.split(f"({_MARK_IN}[^{_MARK_OUT}]*{_MARK_OUT}?)", text)
    return tuple((piece.strip(_MARK_IN + _MARK_OUT), piece.startswith(_MARK_IN)) for piece in pieces if piece)


async def _told(database: Database, key: SessionKey) -> SessionInfo:
    """A session that is there, by its key: what it is called may mean another one."""
    return await sessions.get(database, key) or sessions.unused(key)


def _key(user: User, info: SessionInfo) -> SessionKey:
    return SessionKey.of(user, info.session_id)
