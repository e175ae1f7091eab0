"""What the documentation says of the code is what the code says of itself."""

import inspect
import re
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from conversation.conversation import Conversation
from conversation.host import Host
from docs.generate import generated, reliances
from memory import AgentMemory, MemoryClient, WorkflowState
from memory.context import create_plan
from settings import ROOT, Settings
from storage.database import Database
from storage.ledger.entries import DELEGATIONS, SPANS
from storage.ledger.summaries import COVERS
from sub_agents import Member

CALLS: dict[str, Callable[..., Any]] = {
    "Conversation.open": Conversation.open,
    "Host.open": Host.open,
    "conversation": Host.conversation,
}
KEPT = [[("completed", 0)], [("completed", 1)] * 2, [("completed", 1)], [("completed", 1)]]
"""Status, and whether it was not undone, of the turns that each example leaves."""
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_generated_parts_are_up_to_date(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == generated(text), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (page.parent / target).exists(), target


def test_every_setting_is_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    internal = {"log_file", "input_history"}
    for name in set(Settings.model_fields) - internal:
        assert name.upper() in example, name


def _examples(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(4))
def test_an_example_for_python_runs_as_it_stands(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "example.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{file}")
    monkeypatch.setenv("MODEL", "offline")
    exec(compile(_examples("python-api.md")[number], "python-api.md", "exec"), {"__name__": "example"})
    with closing(sqlite3.connect(file)) as connection:
        kept = connection.execute("SELECT status, undone_at IS NULL FROM turns").fetchall()
    assert kept == KEPT[number]
    assert number or "completed in" in capsys.readouterr().out


@pytest.mark.parametrize(
    "number, printed",
    [
        (0, "{'max': 3, 'min': 1} {'status': 'idle', 'reports': 1}\n"),
        (1, "Breakfast ends at ten.\n['find a room']\n"),
    ],
)
def test_an_example_of_memory_runs_as_it_stands(
    number: int, printed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'example.db'}")
    monkeypatch.setenv("EMBEDDING_MODEL", "off")
    exec(compile(_examples("memory.md")[number], "memory.md", "exec"), {"__name__": "example"})
    assert capsys.readouterr().out == printed


async def test_what_memory_says_of_an_error_is_what_the_page_says(memory_database: Database) -> None:
    """The first column of the page's table, of what can be brought about here."""
    page = (ROOT / "docs" / "memory.md").read_text(encoding="utf-8").partition("## When something is wrong")[2]
    memory, whose = MemoryClient(memory_database), {"tenant_id": "acme", "user_id": "ada"}
    state = WorkflowState(memory, "p", **whose)
    await state.set("text", "one")
    wrong: list[Awaitable[object]] = [
        _closed(),
        memory.get_plan_state("p", "goal", **whose),
        AgentMemory(memory, "a", "acme").get_memory("k"),
        state.increment("text"),
        create_plan(goal_event="x"),
    ]
    for work in wrong:
        with pytest.raises(Exception) as raised:
            await work
        said = str(raised.value).strip('"')
        told = [each for each in re.findall(r"`(.+?)`", page) if each.removeprefix("... ") in said]
        assert told, said


async def _closed() -> object:
    memory = MemoryClient()
    await memory.close()
    return memory.store


def test_what_is_promised_for_python_is_there() -> None:
    page = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
    promised = re.findall(r"^\| `(?:\w+\.)?(\w+)\(", page, re.MULTILINE)
    assert promised == ["open", "send", "retry", "undo", "switch", "cancel", "open", "conversation"]
    assert all(callable(getattr(Conversation, name)) for name in promised[:6])
    for call, given in re.findall(r"^\| `([\w.]*)\((.*\*.*)\)`", page, re.MULTILINE):
        kinds = inspect.signature(CALLS[call]).parameters.values()
        named = [each.name for each in kinds if each.kind is inspect.Parameter.KEYWORD_ONLY]
        assert given.partition("*, ")[2].split(", ") == named
    (members,) = re.findall(r"one agent of the team, with (.*?) \(", page, re.DOTALL)
    assert re.findall(r"`(\w+)`", members) == [field.name for field in fields(Member)]


def test_the_keys_that_are_ours_on_events_are_those_of_the_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = page.partition("## What we write on events")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|.*\| (.*?) \| (.*?) \|$", section, re.MULTILINE)
    assert [key for key, _, _ in rows] == [DELEGATIONS, SPANS, COVERS]
    for name, (_, written, read) in zip(("DELEGATIONS", "SPANS", "COVERS"), rows, strict=True):
        readers = set(re.findall(r"`([\w/]+\.py)`", written + read))
        uses = {
            file.relative_to(ROOT).as_posix()
            for package in ("conversation", "manager", "storage")
            for file in (ROOT / package).rglob("*.py")
            if re.search(rf"\b{name}\b", file.read_text(encoding="utf-8"))
        }
        assert readers - {"conversation/context.py"} == uses


def test_what_we_rely_on_in_adk_is_where_it_is_said_to_be() -> None:
    found = reliances()
    assert len(found) > 20
    for each in found:
        text = (ROOT / each.module).read_text(encoding="utf-8")
        assert re.search(rf"^(def|class) {each.here}\b|^{each.here} = ", text, re.MULTILINE), each


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/python-api.md", "CONTRIBUTING.md"])
def test_every_place_that_is_named_exists(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    told = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    ours = "|".join([*(found.parent.name for found in ROOT.glob("*/__init__.py")), "data"])
    places = re.findall(rf"`((?:{ours})/[\w/.-]*)`", told)
    assert places
    assert [place for place in places if not (ROOT / place).exists() and not (ROOT / f"{place}.py").exists()] == []


def test_the_files_that_one_would_change_have_the_names_that_are_told() -> None:
    section = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Which file")[2].partition("\n## ")[0]
    told = [part for part in section.split("\n\n") if part.startswith("**")]
    assert [re.findall(r"\*\*(.*?)\.\*\* `(.*?)`", part) for part in told][:3] == [
        [("Show tokens in the status line", "terminal/chat/state.py")],
        [("Add a column to turns", "storage/schema/tables.py")],
        [("Support another model provider", "models/factory.py")],
    ]
    for part in told:
        files = re.findall(r"`([\w/]+\.py)`", part)
        texts = "".join((ROOT / file).read_text(encoding="utf-8") for file in files)
        named = [name for names in re.findall(r"`(\w+(?:\.\w+)?)`", part) for name in names.split(".")]
        assert named, part
        assert [name for name in named if not re.search(rf"\b{name}\b", texts)] == [], part


@pytest.mark.parametrize("file", ["CONTRIBUTING.md", ".github/workflows/ci.yml", ".ci/run", "README.md"])
def test_every_target_of_make_that_is_named_exists(file: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"(?:`|run: |^)make ((?:[a-z-]+ ?)+)", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    targets = {target for names in named for target in names.split()}
    assert targets
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
