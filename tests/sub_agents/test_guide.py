"""The guide's example is complete: an agent made of nothing but what docs/agents.md shows, in a suite that passes."""

import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sub_agents
from conversation.conversation import Conversation
from conversation.events import DelegationFinished, Reply
from settings import Settings
from sub_agents import OURS, Member
from tests.conftest import Converse
from tests.guide import example, followed
from tests.scripted import Play, ScriptedModel, call

_PARTS = ("sub_agents", "manager", "state_tools", "models", "routing", "terminal/show", "terminal/chat")
_PAGES = ("test_docs.py", "test_imports.py", "test_reads_nothing.py", "test_sql_docs.py")


@pytest.fixture
def dice_roller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Member]:
    for name, source in example().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    monkeypatch.setattr(sub_agents, "__path__", [*sub_agents.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield importlib.import_module("sub_agents.dice_roller").member(Settings())
    for module in [name for name in sys.modules if name.startswith("sub_agents.dice_roller")]:
        del sys.modules[module]
    monkeypatch.delattr(sub_agents, "dice_roller", raising=False)


@pytest.fixture
def joined(dice_roller: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example is in the team."""
    monkeypatch.setattr(sub_agents, "OURS", (*OURS, lambda _settings: dice_roller))


def test_the_example_has_the_files_that_the_guide_says() -> None:
    assert sorted(example()) == [
        f"dice_roller/{name}.py" for name in ("__init__", "agent", "offline", "preferences", "tools")
    ]


async def test_the_example_is_a_member_whose_tool_answers(dice_roller: Member) -> None:
    assert dice_roller.build(ScriptedModel(script=lambda _: "hello")).name == "dice_roller"
    (roll,) = dice_roller.tools
    answer = await roll(2)
    assert answer["status"] == "success"
    assert answer["rolled"] in (1, 2)
    assert (await roll(1))["status"] == "error"


async def test_the_example_s_result_is_worded_by_its_skill(dice_roller: Member) -> None:
    (intent,) = dice_roller.offline.intents
    assert intent.tool == "roll_dice"
    rolled = {"status": "success", "sides": 6, "rolled": 4}
    assert intent.compose(rolled) == "You rolled **4** on 6 sides."


@pytest.mark.usefixtures("joined")
async def test_once_on_the_list_the_example_is_delegated_to(settings: Settings) -> None:
    async with Conversation.open(settings) as conversation:
        events = [event async for event in conversation.send("roll a 20 sided die please")]
    assert [event.agent for event in events if isinstance(event, DelegationFinished)] == ["dice_roller"]
    (reply,) = (event.text for event in events if isinstance(event, Reply))
    assert re.search(r"You rolled \*\*\d+\*\* on 20 sides\.", reply)


@pytest.mark.usefixtures("joined")
async def test_its_state_tool_is_the_manager_s_and_what_it_keeps_is_told_to_all_and_at_an_undo(
    converse: Converse,
) -> None:
    play = Play(manager={"d20": call("set_favorite_die", die="D20")})
    async with converse(play) as conversation:
        assert [event async for event in conversation.send("d20")][-1].to_json()["status"] == "completed"
        [event async for event in conversation.send("hello")]
        (change,) = (await conversation.undo(2)).changes
    assert change.told == "d20 became your favorite die"
    assert "The user's favorite die is d20." in str(play.requests[-1].config.system_instruction)


@pytest.mark.slow
def test_with_the_example_in_the_tree_the_suite_passes(tmp_path: Path) -> None:
    copy = followed(tmp_path)
    chosen = [*(f"tests/{part}" for part in _PARTS), *(f"tests/{page}" for page in _PAGES)]
    command = [sys.executable, "-m", "pytest", "-n", "0", f"--basetemp={tmp_path / 'base'}", *chosen]
    result = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=500)
    assert result.returncode == 0, result.stdout
