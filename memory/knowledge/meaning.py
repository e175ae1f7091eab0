"""Hybrid search: what has the words, and what means the same, are two orders of rows; they are joined by their ranks.

Without an embedder, and while it fails, words alone are found; a search waits for no vector but that of its own words.
"""

import asyncio
import logging
import time
from collections.abc import Sequence

from cachetools import LRUCache

from memory.knowledge.embedders import Embedder, nearest
from memory.visit import visit
from storage.database import Database
from storage.knowledge import vectors
from storage.knowledge.fulltext import CANDIDATES, Within
from storage.knowledge.searching import candidates
from storage.knowledge.vectors import Vector

logger = logging.getLogger(__name__)

_FAR = 60
"""Reciprocal rank fusion's constant: how little the first places of one order count beside being in several."""
_PAUSE = 60.0
"""Seconds in which an embedder that has failed is not asked again."""
_SEEN = 2000
"""Texts whose vectors are kept in memory."""
BATCH = 256
"""Rows whose vectors are made at once."""


class Meaning:
    """The embedder, for as long as it works."""

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder
        self._asked_again = 0.0
        self._seen: LRUCache[str, bytes] = LRUCache(_SEEN)

    async def of(self, text: str) -> Vector | None:
        """What a text means; None when there is nobody to say."""
        found = await self.of_each([text])
        return found[0] if found else None

    async def of_each(self, texts: Sequence[str]) -> list[Vector]:
        """What some texts mean; nothing when there is nobody to say."""
        if self._embedder is None or time.monotonic() < self._asked_again:
            return []
        try:
            made = await self._embedder.embed(texts)
        except Exception as error:  # a provider's client raises what it likes, and words are found without it
            self._asked_again = time.monotonic() + _PAUSE
            logger.warning("%s makes no vectors: %r", self._embedder.name, error)
            return []
        return [Vector(self._embedder.name, data) for data in made]

    async def search(self, database: Database, within: Within, query: str, limit: int) -> dict[int, float]:
        """The numbers of the rows that match best, with a score of at most 1 that falls."""
        vector = await self.of(query)
        found = await candidates(database, within, query, vector.model if vector else None)
        near = [await self.nearest(vector, found.ids, found.vectors)] if vector else []
        return dict(list(fused([*found.orders, *near]).items())[:limit])

    @property
    def is_known(self) -> bool:
        """Whether there is an embedder."""
        return self._embedder is not None

    async def order(self, query: str, texts: Sequence[str]) -> list[int]:
        """The places of the texts that are near to a query, the nearest first; their vectors are kept in memory."""
        new = list(dict.fromkeys(text for text in [query, *texts] if text not in self._seen))
        made = await self.of_each(new) if new and self.is_known else []
        for text, vector in zip(new, made, strict=False):
            self._seen[text] = vector.data
        places = [place for place, text in enumerate(texts) if text in self._seen]
        if query not in self._seen or not self._embedder:
            return []
        vectors = [self._seen[texts[place]] for place in places]
        return await asyncio.to_thread(nearest, self._seen[query], places, vectors, self._embedder.near, CANDIDATES)

    async def nearest(self, vector: Vector, ids: Sequence[int], found: Sequence[bytes]) -> list[int]:
        """As `embedders.nearest`, off the loop."""
        floor = self._embedder.floor if self._embedder else 0.0
        return await asyncio.to_thread(nearest, vector.data, ids, found, floor, CANDIDATES)

    async def refresh(self, database: Database, limit: int = BATCH) -> int:
        """Makes vectors of rows that have none of this embedder; returns of how many, 0 when all have.

        Raises:
            StorageError: The database cannot be used.
        """
        name = self._embedder.name if self._embedder else ""
        rows = await visit(database, lambda execute: vectors.stale(execute, name, limit)) if name else []
        made = await self.of_each([row.text for row in rows]) if rows else []
        pairs = list(zip(rows, made, strict=False))
        return await visit(database, lambda execute: vectors.keep(execute, pairs), writes=True) if pairs else 0


def fused(orders: Sequence[Sequence[int]]) -> dict[int, float]:
    """Several orders of numbers as one, by the sum of their reciprocal ranks; the first of all of them scores 1."""
    scores: dict[int, float] = {}
    for order in orders:
        for rank, id_ in enumerate(order):
            scores[id_] = scores.get(id_, 0.0) + (_FAR + 1) / (_FAR + 1 + rank) / len(orders)
    return dict(sorted(scores.items(), key=lambda each: (-each[1], -each[0])))
