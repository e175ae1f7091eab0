"""Full-text search over what was said and answered, best first; whatever is typed is a search, never a syntax error."""

from dataclasses import dataclass

from sqlalchemy import column, func, select, table, text

from storage import turns as stored
from storage.database import Database
from storage.scope import User
from storage.tables import turns
from storage.turns import Turn

MARK_START, MARK_END = "\x02", "\x03"
"""Characters around each matching word in an excerpt."""
_EXCERPT_WORDS = 24
_MOST_WORDS = 40
_SHORTEST_PREFIX = 3
"""Characters from which on a word also finds longer ones, when it finds nothing as it is."""

_index = table("turn_search", column("rowid"), column("rank"))
_MATCHES = text("turn_search MATCH :match")
_EXCERPT = func.snippet(text("turn_search"), -1, MARK_START, MARK_END, "…", _EXCERPT_WORDS).label("excerpt")


@dataclass(frozen=True, slots=True)
class Match:
    """A turn that was found, and the piece of it that matches, with marks around the words."""

    turn: Turn
    excerpt: str


async def search(
    database: Database, user: User, words: str, *, limit: int, offset: int = 0, session_id: str | None = None
) -> list[Match]:
    """A user's turns in which all the words occur, the best match first.

    Words without a letter or digit cannot be indexed; a search of only such finds them by comparing text.
    """
    wanted = [word for word in dict.fromkeys(words.split()) if any(c.isalnum() for c in word)][:_MOST_WORDS]
    if not wanted:
        return await _compare(database, user, words.split()[:_MOST_WORDS], limit, offset)
    quoted = [f'"{word.replace(chr(34), chr(34) * 2)}"' for word in wanted]
    found = await _query(database, user, " ".join(quoted), limit, offset, session_id)
    if not found and not offset:
        longer = [f"{q}*" if len(w) >= _SHORTEST_PREFIX else q for q, w in zip(quoted, wanted, strict=True)]
        found = await _query(database, user, " ".join(longer), limit, offset, session_id)
    return found


async def _query(
    database: Database, user: User, match: str, limit: int, offset: int, session_id: str | None
) -> list[Match]:
    """First the few best turns, then their excerpts and agents: made for every match they would take longest."""
    said = {"match": match.replace("\x00", "")}
    best = (
        select(turns.c.id)
        .join_from(_index, turns, turns.c.id == _index.c.rowid)
        .where(_MATCHES, turns.c.app_name == user.app_name, turns.c.user_id == user.user_id)
        .where(turns.c.undone_at.is_(None))
        .order_by(_index.c.rank, turns.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if session_id is not None:
        best = best.where(turns.c.session_id == session_id)
    async with database.read() as conn:
        ids = list((await conn.execute(best, said)).scalars())
        query = (
            stored.selected(user)
            .add_columns(turns.c.id, _EXCERPT)
            .join_from(_index, turns, turns.c.id == _index.c.rowid)
            .where(_MATCHES, _index.c.rowid.in_(ids))
        )
        rows = {row.id: row for row in (await conn.execute(query, said)).all()} if ids else {}
    return [Match(stored.turn_of(rows[id_]), rows[id_].excerpt or "") for id_ in ids]


async def _compare(database: Database, user: User, words: list[str], limit: int, offset: int) -> list[Match]:
    found = await stored.containing(database, user, words, limit=limit, offset=offset)
    return [Match(turn, turn.user_input) for turn in found]
