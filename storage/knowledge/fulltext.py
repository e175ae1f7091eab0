"""Full-text search over what is remembered, in the words of either database; what is typed is words, never syntax.

Any of the words is enough, the best match first; the last one is also found as the beginning of a word, for it may not
be typed to its end. Words of scripts that put no spaces between them are looked for within the texts of the scope.

On SQLite each table has an FTS5 index kept by triggers, on PostgreSQL one of `to_tsvector`. A row that is deleted
leaves its words in old parts of an FTS5 index, where no search finds them; `merge` writes it anew without them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from storage.ledger.statements import Execute, Values
from storage.strict import encodable

_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf"
    "\ua960-\ua97f\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff]+"
)
"""Characters whose words are not told apart by spaces, or carry endings that nobody types."""
_MOST_WORDS = 40
_SMALL = frozenset(
    {"a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "before"}
    | {"but", "by", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "he", "her", "hers"}
    | {"him", "his", "how", "i", "if", "in", "into", "is", "it", "its", "me", "my", "no", "not", "of", "on", "or"}
    | {"our", "ours", "she", "should", "so", "some", "than", "that", "the", "their", "them", "then", "there"}
    | {"these", "they", "this", "those", "to", "too", "up", "us", "was", "we", "were", "what", "when", "where"}
    | {"which", "who", "whom", "whose", "why", "will", "with", "would", "you", "your", "yours"}
)
"""Words of a question that are in most texts, and say nothing of what it is about."""
_BY_LENGTH = 1
"""PostgreSQL's way to count a word for less in a long text, as SQLite's does."""
CANDIDATES = 50
"""How many of the best matches of one kind are looked at."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A table whose words are found.

    Attributes:
        table: Its name.
        columns: Those with words; all are texts, and none is empty.
        telling: Those of them that say what the row is about, for an embedder.
    """

    table: str
    columns: tuple[str, ...]
    telling: tuple[str, ...]

    @property
    def text(self) -> str:
        """All its words, as an expression; that of the index on PostgreSQL, to the letter."""
        return " || ' ' || ".join(self.columns)

    @property
    def vector(self) -> str:
        """What PostgreSQL's index is of. A text may be larger than all that it can index of one."""
        return f"to_tsvector('simple', left({self.text}, 100000))"

    @property
    def about(self) -> str:
        """What it is about, as an expression."""
        return " || ' ' || ".join(self.telling)

    @property
    def index(self) -> str:
        return f"{self.table}_search"


INTERACTIONS = Remembered("interactions", ("content",), ("content",))
KNOWLEDGE = Remembered("knowledge", ("content", "tags"), ("content",))
SKILLS = Remembered("skills", ("name", "context", "content"), ("name", "context"))
ALL = (INTERACTIONS, KNOWLEDGE, SKILLS)


@dataclass(frozen=True, slots=True)
class Within:
    """The rows that may be found: those of `remembered` for which `clause` holds with `values`."""

    remembered: Remembered
    clause: str
    values: Values


def ranked(execute: Execute, dialect: str, within: Within, query: str) -> list[list[int]]:
    """The numbers of the rows that have words of the query, each list with the best match first.

    Args:
        execute: Runs statements.
        dialect: `sqlite` or `postgresql`.
        within: Which rows may be found.
        query: What a person has typed.
    """
    query = encodable(query)
    pieces = list(dict.fromkeys(_UNSPACED.findall(query)))[:_MOST_WORDS]
    typed = [word for word in _UNSPACED.sub(" ", query).split()[:_MOST_WORDS] if any(map(str.isalnum, word))]
    words = [word for word in typed if word.strip("?!.,:;").lower() not in _SMALL] or ([] if pieces else typed)
    found = [_with_pieces(execute, within, pieces)] if pieces else []
    return [*found, _with_words(execute, dialect, within, words)] if words else found


def rows(
    execute: Execute, within: Within, columns: str, scores: Mapping[int, float]
) -> list[tuple[Sequence[Any], float]]:
    """The rows with these numbers, in their order and with their scores; what is gone meanwhile is left out.

    Args:
        execute: Runs statements.
        within: Which rows may be read.
        columns: What is read of them, `id` first.
        scores: Number -> score, the best first.
    """
    named = {f"id{place}": id_ for place, id_ in enumerate(scores)}
    if not named:
        return []
    numbers = ", ".join(f":{name}" for name in named)
    statement = f"SELECT {columns} FROM {within.remembered.table} WHERE {within.clause} AND id IN ({numbers})"
    found = {row[0]: row for row in execute(statement, {**within.values, **named})}
    return [(found[id_], score) for id_, score in scores.items() if id_ in found]


def merge(execute: Execute, dialect: str, *indexes: str) -> None:
    """Leaves no word of a deleted row in the indexes; takes as long as they are large."""
    for index in indexes if dialect == "sqlite" else ():
        execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')", {})


def _with_words(execute: Execute, dialect: str, within: Within, words: Sequence[str]) -> list[int]:
    statement, typed = (_on_sqlite if dialect == "sqlite" else _on_postgresql)(within, words)
    return [id_ for (id_,) in execute(statement, {**within.values, "typed": typed, "most": CANDIDATES})]


def _on_sqlite(within: Within, words: Sequence[str]) -> tuple[str, str]:
    """The index is asked once, and not for every row of the scope."""
    table, index = within.remembered.table, within.remembered.index
    quoted = ['"{}"'.format(word.replace('"', '""')) for word in words]
    return (
        f"WITH hits AS MATERIALIZED (SELECT rowid AS hit, rank AS place FROM {index} WHERE {index} MATCH :typed)"
        f" SELECT id FROM hits JOIN {table} ON id = hit WHERE {within.clause} ORDER BY place, id DESC LIMIT :most",
        " OR ".join(quoted) + "*",
    )


def _on_postgresql(within: Within, words: Sequence[str]) -> tuple[str, str]:
    vector, asked = within.remembered.vector, "to_tsquery('simple', :typed)"
    quoted = ["'{}'".format(word.replace("\\", "\\\\").replace("'", "''")) for word in words]
    return (
        f"SELECT id FROM {within.remembered.table} WHERE {within.clause} AND {vector} @@ {asked}"
        f" ORDER BY ts_rank({vector}, {asked}, {_BY_LENGTH}) DESC, id DESC LIMIT :most",
        " | ".join(quoted) + ":*",
    )


def _with_pieces(execute: Execute, within: Within, pieces: Sequence[str]) -> list[int]:
    """The rows with the most of the pieces, the newest first; it reads the texts of the scope."""
    named = {f"piece{number}": piece for number, piece in enumerate(pieces)}
    text = f"({within.remembered.text})"
    count = " + ".join(f"CASE WHEN replace({text}, :{name}, '') <> {text} THEN 1 ELSE 0 END" for name in named)
    rows = execute(
        f"SELECT id FROM (SELECT id, {count} AS has FROM {within.remembered.table} WHERE {within.clause}) AS counted"
        " WHERE has > 0 ORDER BY has DESC, id DESC LIMIT :most",
        {**within.values, **named, "most": CANDIDATES},
    )
    return [id_ for (id_,) in rows]
