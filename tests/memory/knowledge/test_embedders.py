"""Which embedder is chosen, and what it gives; no network, no output, nothing left behind in the program's logging."""

import asyncio
import importlib.util
import subprocess
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.knowledge import embedders
from memory.knowledge.embedders import LiteLlm, WordLlama, embedder, nearest
from settings import ROOT, Settings, SettingsError


def lacking(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name in modules else there(name, *a))


def vector(*values: float) -> bytes:
    return numpy.array(values, "<f4").tobytes()


def test_unset_it_is_the_extras_where_it_is_installed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(embedder(settings), WordLlama)
    lacking(monkeypatch, "wordllama")
    assert embedder(settings) is None


def test_off_is_none() -> None:
    assert embedder(Settings(embedding_model="off")) is None


@pytest.mark.parametrize("name", ["wordllama", "openai/", "/small", "a/" + "x" * 127])
def test_a_name_that_is_none_is_told(name: str) -> None:
    with pytest.raises(SettingsError, match="EMBEDDING_MODEL cannot be") as told:
        embedder(Settings(embedding_model=name))
    assert "provider/name" in told.value.hint


@pytest.mark.parametrize("module", ["litellm", "numpy"])
def test_what_a_provider_needs_is_told(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *_: None if name == module else object())
    with pytest.raises(SettingsError, match=f"EMBEDDING_MODEL=openai/small needs {module}") as told:
        embedder(Settings(embedding_model="openai/small"))
    assert module in told.value.hint


async def test_the_extras_vectors_have_length_one_and_are_alike_for_what_is_alike() -> None:
    model = WordLlama()
    texts = ["the cat sat on the mat", "a kitten on a rug", "quarterly revenue", "", "x" * 100_000]
    found = [numpy.frombuffer(each, "<f4") for each in await model.embed(texts)]
    assert [round(float(numpy.linalg.norm(each)), 3) for each in found] == [1, 1, 1, 0, 1]
    assert found[0] @ found[1] > model.floor > found[0] @ found[2]
    assert await model.embed([]) == []


def test_the_extra_is_loaded_when_it_is_used_and_leaves_logging_alone() -> None:
    check = (
        "import asyncio, logging, sys\n"
        "from memory.knowledge.embedders import WordLlama\n"
        "assert not {'wordllama', 'numpy', 'litellm'} & set(sys.modules)\n"
        "asyncio.run(WordLlama().embed(['hello']))\n"
        "root = logging.getLogger()\n"
        "print(root.handlers, root.level == logging.WARNING)"
    )
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("[] True\n", "")


@pytest.fixture
def litellm(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A stand-in that answers in another order than it is asked; what it was asked is in `asked`."""
    module: Any = ModuleType("litellm")
    module.asked = []

    async def aembedding(**how: Any) -> SimpleNamespace:
        module.asked.append(how)
        data = [{"index": place, "embedding": [float(len(text)), 0.0]} for place, text in enumerate(how["input"])]
        return SimpleNamespace(data=data[::-1])

    module.aembedding = aembedding
    monkeypatch.setitem(sys.modules, "litellm", module)
    for name in ("LITELLM_MODE", "LITELLM_LOCAL_MODEL_COST_MAP"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    embedders._litellm.cache_clear()
    return module


async def test_a_providers_model_is_asked_once_for_all_texts(litellm: Any) -> None:
    model = LiteLlm("openai/small", 7.0)
    assert await model.embed(["abc", ""]) == [vector(1, 0), vector(0, 0)]
    assert await model.embed([]) == []
    assert litellm.asked == [{"model": "openai/small", "input": ["abc", ""], "timeout": 7.0, "num_retries": 0}]
    assert litellm.suppress_debug_info
    embedders._litellm.cache_clear()


async def test_a_provider_is_not_sent_too_many_texts_at_once(litellm: Any) -> None:
    texts = ["a" * (number % 3) for number in range(200)]
    assert await LiteLlm("openai/small", 7.0).embed(texts) == [vector(min(len(text), 1), 0) for text in texts]
    assert [len(how["input"]) for how in litellm.asked] == [96, 96, 8]
    embedders._litellm.cache_clear()


async def test_a_provider_that_hangs_is_not_waited_for(litellm: Any) -> None:
    async def never(**_: Any) -> None:
        await asyncio.Event().wait()

    litellm.aembedding = never
    with pytest.raises(TimeoutError):
        await LiteLlm("openai/small", 0.01).embed(["abc"])
    embedders._litellm.cache_clear()


def test_what_is_alike_enough_is_given_in_order_and_other_sizes_are_passed_over() -> None:
    vectors = [vector(0, 1), vector(1, 0), vector(0.6, 0.8), vector(1, 0, 0), b""]
    assert nearest(vector(1, 0), [1, 2, 3, 4, 5], vectors, 0.5, 10) == [2, 3]
    assert nearest(vector(1, 0), [1, 2, 3, 4, 5], vectors, 0.5, 1) == [2]
    assert nearest(vector(1, 0), [], [], 0.0, 10) == []


@given(st.lists(st.tuples(st.floats(-1, 1, width=32), st.floats(-1, 1, width=32)), min_size=1, max_size=20))
def test_what_is_given_is_at_least_as_alike_as_what_is_not(points: list[tuple[float, float]]) -> None:
    ids = list(range(len(points)))
    found = nearest(vector(1, 0), ids, [vector(*point) for point in points], -2.0, 5)
    assert len(found) == min(5, len(points))
    assert [points[id_][0] for id_ in found] == sorted((point[0] for point in points), reverse=True)[:5]
