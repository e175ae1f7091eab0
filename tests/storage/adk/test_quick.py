"""What is there for speed alone changes nothing else, in this process or for others in it."""

import importlib
import sys
from pathlib import Path

import pytest
from google.adk.tools import FunctionTool

from conversation.conversation import Conversation
from settings import Settings
from storage.adk.quick import DeclaredOnce, FixedToolset, without_a2a

A2A_AGENT = "google.adk.agents.remote_a2a_agent"


@pytest.fixture(autouse=True)
def not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, A2A_AGENT, raising=False)


def test_what_cannot_be_loaded_fails_at_once_and_as_before_afterwards() -> None:
    with without_a2a(), pytest.raises(ModuleNotFoundError, match="halted"):
        importlib.import_module(A2A_AGENT)
    assert A2A_AGENT not in sys.modules
    with pytest.raises(ModuleNotFoundError, match="No module named 'a2a'"):
        importlib.import_module(A2A_AGENT)


def test_it_ends_when_what_is_within_fails() -> None:
    with pytest.raises(RuntimeError), without_a2a():
        raise RuntimeError
    assert A2A_AGENT not in sys.modules


def test_two_turns_at_once_leave_nothing_behind() -> None:
    one, other = without_a2a(), without_a2a()
    one.__enter__()
    other.__enter__()
    one.__exit__(None, None, None)
    other.__exit__(None, None, None)
    assert A2A_AGENT not in sys.modules


def test_who_has_a2a_can_load_it_within(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a2a").mkdir()
    (tmp_path / "a2a" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    with without_a2a():
        assert A2A_AGENT not in sys.modules


@pytest.mark.parametrize("name", ["a2a", A2A_AGENT])
def test_what_is_loaded_stays(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, type(sys)(name))
    with without_a2a():
        assert sys.modules.get(A2A_AGENT, sys) is not None
    assert name in sys.modules


async def test_a_turn_leaves_nothing_behind(settings: Settings) -> None:
    async with Conversation.open(settings) as conversation:
        within = [sys.modules.get(A2A_AGENT, sys) async for _ in conversation.send("tell me a joke about python")]
    assert None in within
    assert A2A_AGENT not in sys.modules


async def test_a_set_takes_functions_and_leaves_tools_as_they_are() -> None:
    def greet(name: str) -> str:
        """Greets somebody."""
        return name

    tool = FunctionTool(greet)
    one, other = await FixedToolset([greet, tool]).get_tools()
    assert type(one) is DeclaredOnce and other is tool
    assert one._get_declaration() == tool._get_declaration()
