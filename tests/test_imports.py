"""Imports point one way only; this is where it is held."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from settings import ROOT

_BELOW_AGENTS = {"state_tools", "storage", "settings", "models", "launch"}
MAY_IMPORT = {
    "launch": set(),
    "data": set(),
    "settings": {"launch"},
    "storage": {"launch"},
    "models": {"settings", "launch"},
    "state_tools": {"storage", "settings"},
    "sub_agents": _BELOW_AGENTS,
    "manager": {"sub_agents", *_BELOW_AGENTS},
    "conversation": {"manager", "sub_agents", *_BELOW_AGENTS},
    "record": {"storage", "settings"},
    "terminal": {"conversation", "record", "manager", "sub_agents", *_BELOW_AGENTS},
    "persistent_multi_agent": {"terminal", "launch"},
    "demo_flow": {"terminal", "settings", "launch"},
    "docs": {"persistent_multi_agent", "terminal", "storage", "settings", "launch"},
}
"""Package or script -> the packages of ours it may import, besides itself."""


def files() -> Iterator[tuple[str, Path]]:
    """Every file of ours with the package or script it belongs to."""
    for name in MAY_IMPORT:
        script = ROOT / f"{name}.py"
        if script.exists():
            yield name, script
        for file in sorted((ROOT / name).rglob("*.py")):
            yield name, file


def imports(file: Path) -> set[str]:
    """The full names of the modules a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Import(names):
                found |= {name.name for name in names}
            case ast.ImportFrom(module, names, level):
                assert level == 0, f"{file} imports relatively"
                found |= {f"{module}.{name.name}" for name in names}
    return found


def packages(file: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports(file)}


each_file = pytest.mark.parametrize(
    ("package", "file"), [pytest.param(p, f, id=str(f.relative_to(ROOT))) for p, f in files()]
)


@each_file
def test_a_file_imports_only_what_is_below_it(package: str, file: Path) -> None:
    ours = packages(file) & (set(MAY_IMPORT) | {"tests", "benchmarks"})
    assert ours <= MAY_IMPORT[package] | {package}


def test_every_package_of_ours_has_a_place() -> None:
    found = {file.parent.name for file in ROOT.glob("*/__init__.py")} | {file.stem for file in ROOT.glob("*.py")}
    assert found - {"tests", "benchmarks"} <= set(MAY_IMPORT)


def test_in_storage_only_the_session_service_knows_adk() -> None:
    know = {file.parent for package, file in files() if package == "storage" and imports_adk(file)}
    assert know == {ROOT / "storage" / "adk"}


def test_the_terminal_does_not_know_adk() -> None:
    assert [file.name for package, file in files() if package == "terminal" and imports_adk(file)] == []


def test_the_language_model_knows_adk_by_its_models_only() -> None:
    for package, file in files():
        if package == "models":
            assert {name for name in imports(file) if name.startswith("google.adk")} <= {
                name for name in imports(file) if name.startswith("google.adk.models")
            }


def test_the_record_is_for_every_door() -> None:
    ways_to_show = {"rich", "click", "prompt_toolkit", "fastapi"}
    found = {f"{file.stem}: {name}" for package, file in files() if package == "record" for name in packages(file)}
    allowed = {"wording: rich", "harmless: click"}
    assert {name for name in found if name.partition(": ")[2] in ways_to_show} <= allowed


def test_sql_is_spoken_in_storage_only() -> None:
    speaks = {
        package for package, file in files() if packages(file) & {"sqlalchemy", "sqlite3", "alembic", "aiosqlite"}
    }
    assert speaks == {"storage"}


def imports_adk(file: Path) -> bool:
    return any(name.startswith("google.adk") for name in imports(file))
