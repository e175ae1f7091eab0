"""The examples run, and print what they say that they show."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from settings import ROOT

PRINTED = {
    "working_memory.memory_api_demo": """\
1. The raw client
   research_data: {'findings': ['agents forget', 'databases do not']}
   deleted: 1
2. The helper
   research_data: {'findings': ['agents forget', 'databases do not']}
   draft, which is not there: no draft yet
   actions: ['research.completed', 'draft.completed']
3. Twenty agents at once
   done: 20
4. Cleaning up
   api_key deleted: True, again: False
   the rest: 2 entries
   actions: ['research.completed', 'draft.completed']
""",
    "semantic_memory.knowledge_demo": """\
ada, sister:  ['My sister lives in Oslo.']
bob, sister:  []
bob, refunds: ['Refunds take five days.']
bob, refunds: ['Refunds take two days.']
bob deletes:  False
ada deletes:  True
bob, refunds: []
""",
    "episodic_memory.concierge": """\
ada: I would like a quiet room.
     I have noted it.
ada: Is there a vegetarian breakfast?
     I have noted it.
ada: Wake me at seven, please.
     I have noted it.
ada: About my breakfast?
     As you said: Is there a vegetarian breakfast?
view_history:
  user: Wake me at seven, please.
  assistant: I have noted it.
  user: About my breakfast?
  assistant: As you said: Is there a vegetarian breakfast?
search_memory room: ['I would like a quiet room.']
""",
}


@pytest.mark.parametrize("name", PRINTED)
async def test_an_example_prints_what_it_shows(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    await import_module(f"examples.{name}").main()
    assert capsys.readouterr().out == PRINTED[name]
    assert list(tmp_path.iterdir()) == []


def test_the_page_names_each_of_them() -> None:
    page = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"-m examples\.([\w.]+)", page)) == set(PRINTED)
    files = {file.relative_to(ROOT / "examples").as_posix() for file in (ROOT / "examples").rglob("[!_]*.py")}
    assert files == {f"{name.replace('.', '/')}.py" for name in PRINTED} == set(re.findall(r"\]\(([\w/]+\.py)\)", page))
