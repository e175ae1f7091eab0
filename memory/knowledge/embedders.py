"""What makes vectors of texts: the small model of the extra `semantic`, which needs no network, or one of a provider.

`EMBEDDING_MODEL` chooses; unset, it is the extra's where that is installed, and else none: then words alone are found.
Nothing is loaded before it is used, and nothing that takes long is done on the event loop.
"""

import asyncio
import importlib.util
import logging
import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from dotenv import load_dotenv

import launch
from settings import Settings, SettingsError, env_file

OFF = "off"
"""The setting for none."""
MOST_CHARACTERS = 4000
"""Characters of a text that are looked at: what it is about is said by then."""
_LONGEST_NAME = 128
_AT_ONCE = 96
"""Texts in one request: the providers that take the fewest take a hundred."""


class Embedder(Protocol):
    """Makes vectors of texts.

    Attributes:
        name: With which its vectors are kept; another name is another embedder.
        floor: How alike a text must be to what is looked for, from -1 to 1, to be found by its meaning.
        near: The same where somebody is told that it was found.
    """

    name: str
    floor: float
    near: float

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """A vector for each text: 32-bit floats, of length 1, or 0 where the text says nothing."""
        ...


def embedder(settings: Settings) -> Embedder | None:
    """What the settings name; None for words alone.

    Raises:
        SettingsError: There is none of that name, or what it needs is not installed.
    """
    name = settings.embedding_model
    if name is None:
        return WordLlama() if _is_there("wordllama") else None
    if name == OFF:
        return None
    provider, _, model = name.partition("/")
    if not provider or not model or len(name) > _LONGEST_NAME:
        raise SettingsError(f"EMBEDDING_MODEL cannot be {name!r}", f"It is provider/name, or {OFF}.")
    for module, requirement in (("litellm", "litellm<1.106.3"), ("numpy", "numpy")):
        if not _is_there(module):
            raise SettingsError(
                f"EMBEDDING_MODEL={name} needs {module}", f"Install it with: {launch.pip_install(requirement)}"
            )
    return LiteLlm(name, settings.model_timeout)


def _is_there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


class WordLlama:
    """The model of the extra `semantic`: words' vectors, averaged."""

    name = "wordllama/l2_supercat-256"
    floor = 0.1
    near = 0.3

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """In a thread; the first time it loads the model, for half a second."""
        return await asyncio.to_thread(self._embed, list(texts))

    def _embed(self, texts: list[str]) -> list[bytes]:
        return _kept(_wordllama().embed([text[:MOST_CHARACTERS] for text in texts])) if texts else []


@cache
def _wordllama() -> Any:
    """Its import sets up logging for the whole program, unless somebody has; so somebody has, meanwhile."""
    root, nobody = logging.getLogger(), logging.NullHandler()
    root.addHandler(nobody)
    try:
        import wordllama
    finally:
        root.removeHandler(nobody)
    folder = Path(str(wordllama.__file__)).parent
    return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)


class LiteLlm:
    """A provider's model; they differ in how alike they find what has nothing in common."""

    floor = 0.0
    near = 0.4

    def __init__(self, name: str, timeout: float) -> None:
        self.name = name
        self._timeout = timeout

    async def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Raises what the provider's client raises."""
        litellm = await asyncio.to_thread(_litellm)
        found: list[bytes] = []
        for first in range(0, len(texts), _AT_ONCE):
            found += await self._asked(litellm, [text[:MOST_CHARACTERS] for text in texts[first : first + _AT_ONCE]])
        return found

    async def _asked(self, litellm: Any, texts: list[str]) -> list[bytes]:
        async with asyncio.timeout(self._timeout):
            answer = await litellm.aembedding(model=self.name, input=texts, timeout=self._timeout, num_retries=0)
        return _kept([each["embedding"] for each in sorted(answer.data, key=lambda each: each["index"])])


@cache
def _litellm() -> Any:
    """It asks nobody for prices when it is imported, and prints nothing when a request fails."""
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    if file := env_file():
        load_dotenv(file)  # it reads each provider's key from the environment
    import litellm

    litellm.suppress_debug_info = True
    return litellm


def _kept(vectors: Any) -> list[bytes]:
    """Of length 1, as they are kept."""
    import numpy

    found = numpy.asarray(vectors)
    lengths = numpy.linalg.norm(found, axis=1, keepdims=True)
    return [vector.astype("<f4").tobytes() for vector in found / numpy.where(lengths > 0, lengths, 1)]


def nearest(vector: bytes, ids: Sequence[int], vectors: Sequence[bytes], floor: float, most: int) -> list[int]:
    """The numbers of the vectors that are most alike to the first one, the most alike first.

    Args:
        vector: What is looked for.
        ids: The numbers of `vectors`.
        vectors: As an embedder has made them; one of another size is of another model.
        floor: How alike they must be.
        most: How many are given.
    """
    import numpy

    same = [place for place, each in enumerate(vectors) if len(each) == len(vector)]
    if not same or not vector:
        return []
    matrix = numpy.frombuffer(b"".join(vectors[place] for place in same), "<f4").reshape(len(same), -1)
    alike = matrix @ numpy.frombuffer(vector, "<f4")
    best = numpy.argsort(-alike, kind="stable")[:most]
    return [ids[same[place]] for place in best if alike[place] >= floor]
