"""Full-text search over what was said and answered, best first; whatever is typed is a search, never a syntax error.

Words are looked up in `turn_search`. Scripts that put no spaces between words (Chinese, Japanese, Thai, ...) have no
words there that a person would type: turns that hold any of them are in `turn_pieces` as well, an index of every three
characters in a row, where any piece of text is found. A piece of fewer characters is looked up as all threes that begin
with it; a text's end is padded for that.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, TableClause, TextClause, column, func, literal, or_, select, table, text, union_all
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from storage.database import Database
from storage.queries import turns as stored
from storage.queries.turns import Turn
from storage.schema.tables import turns
from storage.scope import User
from storage.strict import encodable

MARK_START, MARK_END = "\x02", "\x03"
"""Characters around each matching word in an excerpt."""
UNSPACED = (
    "\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf"
    "\ua960-\ua97f\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Characters, as ranges, whose words are not told apart by spaces, or carry endings that nobody types."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_EXCERPT_WORDS = 24
_EXCERPT_BEFORE, _EXCERPT_LENGTH = 30, 120
"""Characters of an excerpt that is no row of words: before the first match, and in all."""
_MOST_WORDS = 40
_SHORTEST_RANKED = 3
"""Characters from which on the words with a beginning are few enough to find the best of them."""
_THREE = 3
"""Characters of an entry of the index of pieces."""
_MOST_THREES = 500
"""A piece that begins more of them is so common that the newest turns are simply looked through for it."""

_words = table("turn_search", column("rowid"), column("rank"))
_pieces = table("turn_pieces", column("rowid"), column("rank"))
_threes = table("turn_piece_terms", column("term"))
_WORDS_MATCH = text("turn_search MATCH :words")
_PIECES_MATCH = text("turn_pieces MATCH :pieces")
_EXCERPT = func.snippet(text("turn_search"), -1, MARK_START, MARK_END, "…", _EXCERPT_WORDS).label("excerpt")


@dataclass(frozen=True, slots=True)
class Match:
    """A turn that was found, and the piece of it that matches, with marks around the words."""

    turn: Turn
    excerpt: str


@dataclass(frozen=True, slots=True)
class _Search:
    """Whose turns, of which session, and which of those that are found."""

    user: User
    session_id: str | None
    limit: int
    offset: int

    def among(self, query: Select[Any]) -> Select[Any]:
        """Only turns that may be found."""
        mine = query.where(
            turns.c.app_name == self.user.app_name, turns.c.user_id == self.user.adk_id, turns.c.undone_at.is_(None)
        )
        return mine if self.session_id is None else mine.where(turns.c.session_id == self.session_id)


async def search(
    database: Database, user: User, words: str, *, limit: int, offset: int = 0, session_id: str | None = None
) -> list[Match]:
    """A user's turns in which all the words occur, the best match first; of one session when it is named.

    Words of scripts without spaces are found within longer ones; of all others whole ones come first, and beginnings
    are found when nothing else is. Words without a letter or digit cannot be indexed; a search of only such finds them
    by comparing text.
    """
    asked = _Search(user, session_id, limit, offset)
    words = encodable(words)
    typed = list(dict.fromkeys(words.split()))[:_MOST_WORDS]
    wanted = [word for word in typed if any(c.isalnum() for c in word)]
    async with database.read() as conn:
        if not wanted:
            return await _containing(conn, asked, typed)
        if _UNSPACED.search(words):
            return await _in_pieces(conn, asked, _cut(wanted))
        return await _in_words(conn, asked, wanted)


async def _in_words(conn: AsyncConnection, asked: _Search, wanted: Sequence[str]) -> list[Match]:
    """Whole words, then pieces of texts without spaces; when there are neither, words that begin so."""
    quoted = [_quoted(word) for word in wanted]
    said = {"words": " ".join(quoted)}
    kinds = [_matching(asked, _words, _WORDS_MATCH, 0)]
    pieces = _cut(wanted)
    if within := await _expressions(conn, pieces):
        said["pieces"] = " AND ".join(within)
        others = _matching(asked, _pieces, _PIECES_MATCH, 1)
        kinds.append(others.where(turns.c.id.not_in(select(_words.c.rowid).where(_WORDS_MATCH))))
    found = union_all(*kinds).subquery()
    best = select(found.c.id).order_by(found.c.kind, found.c.rank, found.c.id.desc())
    ids = (await conn.execute(best.limit(asked.limit).offset(asked.offset), said)).scalars().all()
    if ids or (asked.offset and (await conn.execute(best.limit(1), said)).first()):
        return await _matches(conn, asked, ids, said["words"], pieces)
    longer = " ".join(f"{word}*" for word in quoted)
    if min(map(len, wanted)) >= _SHORTEST_RANKED:
        beginning = _matching(asked, _words, _WORDS_MATCH, 0)
        query = beginning.order_by(column("rank"), turns.c.id.desc())
    else:
        hits = select(turns.c.id).join_from(_words, turns, turns.c.id == _words.c.rowid).where(_WORDS_MATCH)
        query = asked.among(hits).order_by(_words.c.rowid.desc())
    paged = query.limit(asked.limit).offset(asked.offset)
    ids = (await conn.execute(paged, {"words": longer})).scalars().all()
    return await _matches(conn, asked, ids, longer, pieces)


async def _in_pieces(conn: AsyncConnection, asked: _Search, pieces: Sequence[str]) -> list[Match]:
    """All the pieces, however they are indexed; only common ones are found by looking through the newest turns."""
    found = {piece: await _expression(conn, piece) for piece in pieces}
    within = [expression for expression in found.values() if expression is not None]
    if not within:
        return await _containing(conn, asked, pieces)
    query = _matching(asked, _pieces, _PIECES_MATCH, 1).limit(asked.limit).offset(asked.offset)
    for piece in (piece for piece, expression in found.items() if expression is None):
        query = query.where(_contains(piece))
    query = query.order_by(column("rank"), turns.c.id.desc())
    ids = (await conn.execute(query, {"pieces": " AND ".join(within)})).scalars().all() if all(within) else []
    return await _matches(conn, asked, ids, None, pieces)


async def _containing(conn: AsyncConnection, asked: _Search, pieces: Sequence[str]) -> list[Match]:
    """Turns whose text has all the pieces, newest first; reads the texts."""
    if not pieces:
        return []
    query = asked.among(select(turns.c.id)).where(*(_contains(piece) for piece in pieces))
    newest = query.order_by(turns.c.started_at.desc(), turns.c.number.desc()).limit(asked.limit).offset(asked.offset)
    return await _matches(conn, asked, (await conn.execute(newest)).scalars().all(), None, pieces)


async def _matches(
    conn: AsyncConnection, asked: _Search, ids: Sequence[int], words: str | None, pieces: Sequence[str]
) -> list[Match]:
    """The turns with their excerpts and agents: made for every match they would take longest."""
    if not ids:
        return []
    query = stored.selected(asked.user).add_columns(turns.c.id).where(turns.c.id.in_(ids))
    rows = {row.id: row for row in (await conn.execute(query)).all()}
    excerpts: dict[int, str | None] = {}
    if words is not None:
        marked = select(_words.c.rowid, _EXCERPT).where(_WORDS_MATCH, _words.c.rowid.in_(ids))
        excerpts = dict((await conn.execute(marked, {"words": words})).all())
    found = [(stored.turn_of(rows[id_]), excerpts.get(id_)) for id_ in ids]
    return [Match(turn, excerpt or _excerpt(turn, pieces)) for turn, excerpt in found]


def _matching(asked: _Search, index: TableClause, match: TextClause, kind: int) -> Select[Any]:
    """What an index finds, as id, kind and rank; it is asked once, and not for every turn there is."""
    hits = select(index.c.rowid, index.c.rank).where(match).cte(f"{index.name}_hits").prefix_with("MATERIALIZED")
    found = select(turns.c.id, literal(kind).label("kind"), hits.c.rank.label("rank"))
    return asked.among(found.join_from(hits, turns, turns.c.id == hits.c.rowid))


async def _expressions(conn: AsyncConnection, pieces: Sequence[str]) -> list[str]:
    """The pieces as the index of pieces is asked for them; nothing when one of them is not to be found there."""
    found = [await _expression(conn, piece) for piece in pieces]
    return [each for each in found if each] if all(found) else []


async def _expression(conn: AsyncConnection, piece: str) -> str | None:
    """A piece as the index of pieces is asked for it; empty when it is nowhere, None when it is too common."""
    if len(piece) >= _THREE:
        return _quoted(piece)
    beginning = piece.lower()
    term = _threes.c.term
    query = select(term).where(term >= beginning, term < f"{beginning}{chr(0x10FFFF)}").limit(_MOST_THREES + 1)
    found = (await conn.execute(query)).scalars().all()
    return None if len(found) > _MOST_THREES else f"({' OR '.join(map(_quoted, found))})" if found else ""


def _contains(piece: str) -> ColumnElement[bool]:
    return or_(
        turns.c.user_input.icontains(piece, autoescape=True), turns.c.agent_response.icontains(piece, autoescape=True)
    )


def _quoted(word: str) -> str:
    return '"{}"'.format(word.replace('"', '""'))


def _cut(words: Sequence[str]) -> list[str]:
    """The words without punctuation, cut where it was."""
    plain = (" " if unicodedata.category(c)[0] in "PSZC" else c for c in " ".join(words))
    return list(dict.fromkeys("".join(plain).split()))


def _excerpt(turn: Turn, pieces: Sequence[str]) -> str:
    """The line of a turn's text around the first of the pieces, of the text that has most of them."""
    pattern = re.compile("|".join(re.escape(piece) for piece in sorted(pieces, key=len, reverse=True)), re.IGNORECASE)
    said = max((turn.user_input, turn.agent_response or ""), key=lambda each: len(set(pattern.findall(each))))
    hit = pattern.search(said)
    start = max(hit.start() - _EXCERPT_BEFORE, 0) if hit else 0
    end = start + _EXCERPT_LENGTH
    shown = pattern.sub(lambda found: f"{MARK_START}{found[0]}{MARK_END}", said[start:end])
    return f"{'…' if start else ''}{shown}{'…' if end < len(said) else ''}"
