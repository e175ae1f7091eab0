"""An embedder whose vectors one can work out by hand, and what tests of memory share."""

from collections.abc import Sequence
from typing import TypedDict

import numpy


class Who(TypedDict):
    """Whose memories."""

    tenant_id: str
    user_id: str


WHO = Who(tenant_id="acme", user_id="ada")
"""Whose memories a test is about."""


class Letters:
    """Texts are alike as far as they have the same letters."""

    floor = near = 0.9

    def __init__(self, name: str = "letters") -> None:
        self.name = name
        self.asked: list[str] = []
        self.broken = False

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        if self.broken:
            raise OSError("the network is down")
        self.asked += texts
        return [self._vector(text.lower()) for text in texts]

    def _vector(self, text: str) -> bytes:
        counts = numpy.array([text.count(chr(code)) for code in range(ord("a"), ord("z") + 1)], "<f4")
        length = float(numpy.linalg.norm(counts))
        return bytes((counts / (length or 1)).astype("<f4").tobytes())
