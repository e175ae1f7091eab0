"""The page of names is true: what it says is here is here, and what it says is not here yet is not."""

import ast
import re
import sys
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from persistent_multi_agent import program
from settings import ROOT
from terminal.slash.commands import COMMANDS

PAGE = (ROOT / "docs" / "names.md").read_text(encoding="utf-8")
LATER = "not here yet: "
PACKAGES_TO_COME = {"bus", "clients", "plans", "service"}
PLACE = r"[\w.-]+(?:/[\w.-]*)+|[\w.-]+\.(?:py|md|toml|txt)|\.env\.example"


class Row(NamedTuple):
    there: str
    here: str
    run: str

    @property
    def later(self) -> str:
        """What is said to be not here yet."""
        return self.here.partition(LATER)[2]

    @property
    def now(self) -> str:
        """What is said to be here, also beside what is not; a remark after a semicolon may name it."""
        before, _, after = self.here.partition(LATER)
        return f"{before} {after.partition(';')[2]}"


def rows(page: str) -> list[Row]:
    found = re.findall(r"^\| (.+?) \| (.+?) \| ?(.*?) ?\|$", page, re.MULTILINE)
    return [Row(*cells) for cells in found if cells[0] != "there"]


ROWS = rows(PAGE)


def quoted(text: str) -> list[str]:
    return re.findall(r"`(.*?)`", text)


def is_missing(root: Path, place: str) -> bool:
    return re.fullmatch(PLACE, place) is not None and not (root / place).exists()


def names_in(file: Path) -> set[str]:
    """What a module has at its top, and `Class.method` for each method."""
    top = ast.parse(file.read_text(encoding="utf-8")).body
    classes = [node for node in top if isinstance(node, ast.ClassDef)]
    inner = {f"{each.name}.{name}" for each in classes for node in each.body for name in names_of(node)}
    return inner | {name for node in top for name in names_of(node)}


def names_of(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def untrue_now(root: Path, row: Row) -> list[str]:
    """What is not where the row says it is."""
    wrong = [place for place in quoted(row.now) if is_missing(root, place)]
    for name, file in re.findall(r"`([\w.]+)` in `([\w/]+\.py)`", row.now):
        if (root / file).exists() and name not in names_in(root / file):
            wrong.append(f"{name} in {file}")
    return wrong


def untrue_later(root: Path, row: Row) -> list[str]:
    """What is there although the row says that it is not yet: the place, or what is named, in the folder that came."""
    promised = row.later.partition(";")[0]
    places = [place for place in quoted(promised) if re.fullmatch(PLACE, place)]
    named = {name.partition(".")[0] for name in quoted(row.there) if re.fullmatch(r"[A-Za-z]\w+(\.\w+)?", name)}
    folders = {place.partition("/")[0] for place in places} & PACKAGES_TO_COME
    here = {name for folder in folders for file in (root / folder).rglob("*.py") for name in names_in(file) & named}
    return [*(place for place in places if (root / place).exists()), *sorted(here)]


def command_of(line: str) -> click.Command | None:
    """The command that a line of `pma` calls, if all its words are known."""
    found: click.Command = program()
    context = click.Context(found)
    for word in line.split()[1:]:
        options = {option for parameter in found.params for option in parameter.opts} | {"--help"}
        inner = found.get_command(context, word) if isinstance(found, click.Group) else None
        if not (inner or word in options or word.isupper() or word in choices(found)):
            return None
        found = inner or found
    return found


def choices(command: click.Command) -> set[str]:
    kinds = (parameter.type for parameter in command.params)
    return {str(choice) for kind in kinds if isinstance(kind, click.Choice) for choice in kind.choices}


def is_command(line: str) -> bool:
    if line.startswith("make "):
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        return re.search(rf"^{line[5:]}:", makefile, re.MULTILINE) is not None
    if line.startswith("/"):
        return line[1:] in {command.name for command in COMMANDS}
    if line.startswith(".venv/bin/adk web "):
        return (ROOT / line.split()[-1] / "agent.py").exists() and (Path(sys.executable).parent / "adk").exists()
    return line.split()[0] == "pma" and command_of(line) is not None


def test_the_page_has_a_table_for_each_document() -> None:
    tables = [rows(section) for section in PAGE.split("\n## ")[1:]]
    assert [len(table) > 20 for table in tables] == [True] * 5 + [False]
    assert sum(not row.later for row in ROWS) > 30


def test_what_is_said_to_be_here_is_here() -> None:
    assert {row.there: wrong for row in ROWS if (wrong := untrue_now(ROOT, row))} == {}
    assert [row.there for row in ROWS if not row.later and not quoted(row.here) and "none: " not in row.here] == []


def test_what_is_said_to_be_not_here_yet_is_not() -> None:
    assert {row.there: wrong for row in ROWS if (wrong := untrue_later(ROOT, row))} == {}
    commands = [line for row in ROWS for line in quoted(row.later) if line.startswith("pma ")]
    assert [line for line in commands if is_command(line)] == []
    assert [row.there for row in ROWS if row.later and not quoted(row.later)] == []


def test_what_is_to_be_run_can_be_run() -> None:
    lines = [line for row in ROWS for line in quoted(row.run)]
    assert len(lines) > 15
    assert [line for line in lines if not is_command(line)] == []
    assert [row.there for row in ROWS if row.here.startswith(LATER) and row.run] == []


@pytest.mark.parametrize(
    "line", ["pma nothing", "pma state --nothing", "pma stats nothing", "make nothing", "/nothing"]
)
def test_a_command_that_is_not_there_is_seen(line: str) -> None:
    assert not is_command(line)


def test_a_row_has_to_be_changed_when_what_it_names_comes(tmp_path: Path) -> None:
    (row,) = rows("| `Store.get`, `open_store` | not here yet: `plans/kept.py` | |")
    assert untrue_later(tmp_path, row) == []
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "other.py").write_text("class Other: ...\n")
    assert untrue_later(tmp_path, row) == []
    (tmp_path / "plans" / "other.py").write_text("class Store: ...\nasync def open_store(): ...\n")
    (tmp_path / "plans" / "kept.py").touch()
    assert untrue_later(tmp_path, row) == ["plans/kept.py", "Store", "open_store"]


def test_a_place_that_has_gone_is_seen(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("class Store:\n    def get(self): ...\n\nKINDS = 1\n")
    page = "| x | `Store.get` in `a.py`, `KINDS` in `a.py` | |\n| y | `Store.set` in `a.py` | |\n| z | `b/c.py` | |"
    assert [untrue_now(tmp_path, row) for row in rows(page)] == [[], ["Store.set in a.py"], ["b/c.py"]]
