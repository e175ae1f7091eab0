"""The guide's example is complete: an agent made of nothing but what docs/agents.md shows."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sub_agents
from conversation.conversation import Conversation
from conversation.events import DelegationFinished, Reply
from settings import ROOT, Settings
from sub_agents import OURS, Member
from tests.scripted import ScriptedModel

_FILE = re.compile(r"^`sub_agents/(dice_roller/\w+\.py)`.*?```python\n(.*?)```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def dice_roller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Member]:
    guide = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")
    files = dict(_FILE.findall(guide))
    assert sorted(files) == [f"dice_roller/{name}.py" for name in ("__init__", "agent", "offline", "tools")]
    for name, source in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    monkeypatch.setattr(sub_agents, "__path__", [*sub_agents.__path__, str(tmp_path)])
    importlib.invalidate_caches()
    yield importlib.import_module("sub_agents.dice_roller").member(Settings())
    for module in [name for name in sys.modules if name.startswith("sub_agents.dice_roller")]:
        del sys.modules[module]
    monkeypatch.delattr(sub_agents, "dice_roller", raising=False)


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


async def test_once_on_the_list_the_example_is_delegated_to(
    dice_roller: Member, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sub_agents, "OURS", (*OURS, lambda _settings: dice_roller))
    async with Conversation.open(settings) as conversation:
        events = [event async for event in conversation.send("roll a 20 sided die please")]
    assert [event.agent for event in events if isinstance(event, DelegationFinished)] == ["dice_roller"]
    (reply,) = (event.text for event in events if isinstance(event, Reply))
    assert re.search(r"You rolled \*\*\d+\*\* on 20 sides\.", reply)
