"""What texts mean to an embedder: kept beside each row, as 32-bit floats of length 1, with the embedder's name.

A row without a vector, or with another embedder's, is searched by its words alone until it has one. A vector is kept
only while the text is the one that it was made of.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storage.knowledge.fulltext import ALL, Remembered, Within
from storage.ledger.statements import Execute

MOST_ROWS = 10_000
"""Rows of a scope whose vectors are compared, the newest."""


@dataclass(frozen=True, slots=True)
class Vector:
    """What a text means to an embedder."""

    model: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Stale:
    """A row whose vector is to be made."""

    remembered: Remembered
    id: int
    text: str


def of_scope(execute: Execute, within: Within, model: str) -> tuple[list[int], list[bytes]]:
    """The numbers and vectors of the newest rows that may be found, of those that the model has seen.

    The model is asked for in a form that keeps the database from looking through its rows of everybody.
    """
    table = within.remembered.table
    rows = execute(
        f"SELECT id, vector FROM {table} WHERE id IN (SELECT id FROM {table} WHERE {within.clause}"
        " AND COALESCE(vector_model, '') = :model ORDER BY id DESC LIMIT :most)",
        {**within.values, "model": model, "most": MOST_ROWS},
    )
    return [row[0] for row in rows], [bytes(row[1]) for row in rows]


def stale(execute: Execute, model: str, limit: int) -> list[Stale]:
    """Rows of any user that have no vector of this model, as many as `limit`."""
    found: list[Stale] = []
    for remembered, range_ in _ranges():
        if len(found) < limit:
            rows = execute(
                f"SELECT id, {remembered.about} FROM {remembered.table} WHERE {range_} LIMIT :most",
                {"model": model, "most": limit - len(found)},
            )
            found += [Stale(remembered, id_, text) for id_, text in rows]
    return found


def keep(execute: Execute, made: Sequence[tuple[Stale, Vector]]) -> int:
    """Keeps vectors of rows whose texts are still those; returns of how many."""
    return sum(
        len(
            execute(
                f"UPDATE {row.remembered.table} SET vector = :vector, vector_model = :model"
                f" WHERE id = :id AND {row.remembered.about} = :text RETURNING id",
                {"vector": vector.data, "model": vector.model, "id": row.id, "text": row.text},
            )
        )
        for row, vector in made
    )


def _ranges() -> Iterator[tuple[Remembered, str]]:
    """What holds for such rows, in the forms by which an index finds them."""
    for remembered in ALL:
        for range_ in ("vector_model IS NULL", "vector_model < :model", "vector_model > :model"):
            yield remembered, range_
