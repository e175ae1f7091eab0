"""Imports point one way only; the rule stands in docs/architecture.md, and this is where it is held."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from docs.generate import reliances
from settings import ROOT, Settings
from sub_agents import OURS, kinds, state_tools

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
_BLOCK = PAGE.partition("```imports\n")[2].partition("```")[0]
RULE = {name: tuple(allowed.split()) for name, allowed in re.findall(r"^([\w/]+):(.*)$", _BLOCK, re.MULTILINE)}
"""Package, folder or module -> what it may import, besides itself."""
PACKAGES = {name.partition("/")[0] for name in RULE}


def files() -> Iterator[tuple[str, Path]]:
    """Every file of ours with the package or script it belongs to."""
    for name in sorted(PACKAGES):
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


def unit(path: str) -> str:
    """The name in the rule that a module belongs to, by its path without the suffix: the nearest above it."""
    while path not in RULE:
        path = path.rpartition("/")[0]
    return path


def module(name: str) -> str:
    """The path of the module that a full name is of, or is in."""
    path = name.replace(".", "/")
    while path and not (ROOT / f"{path}.py").exists() and not (ROOT / path / "__init__.py").exists():
        path = path.rpartition("/")[0]
    return path


def may_import(name: str) -> set[str]:
    """The names in the rule that one may import: those it lists, and all within them."""
    return {found for found in RULE for allowed in RULE[name] if found == allowed or found.startswith(f"{allowed}/")}


each_file = pytest.mark.parametrize("file", [pytest.param(file, id=str(file.relative_to(ROOT))) for _, file in files()])


@each_file
def test_a_file_imports_only_what_is_below_it(file: Path) -> None:
    own = unit(file.relative_to(ROOT).with_suffix("").as_posix())
    ours = {name for name in imports(file) if name.partition(".")[0] in PACKAGES | {"tests", "benchmarks"}}
    assert packages(file).isdisjoint({"tests", "benchmarks"})
    assert {name for name in ours if unit(module(name)) not in may_import(own) | {own}} == set()


def test_the_rule_names_what_exists() -> None:
    for name in {*RULE, *(allowed for names in RULE.values() for allowed in names)}:
        assert (ROOT / f"{name}.py").exists() or (ROOT / name).is_dir(), name
        assert name in RULE, name


def test_the_rule_points_one_way() -> None:
    graph = {name: may_import(name) - {name} for name in RULE}
    assert len(list(TopologicalSorter(graph).static_order())) == len(RULE)


def test_every_module_of_storage_and_terminal_has_a_line_or_a_folder_with_one() -> None:
    for package in ("storage", "terminal"):
        for found in (ROOT / package).iterdir():
            if found.suffix == ".py" or (found / "__init__.py").exists() or found.name == "migrations":
                assert found.stem == "__init__" or f"{package}/{found.stem}" in RULE, found


def test_every_package_of_ours_has_a_place() -> None:
    found = {file.parent.name for file in ROOT.glob("*/__init__.py")} | {file.stem for file in ROOT.glob("*.py")}
    assert found - {"tests", "benchmarks"} <= set(RULE)


def test_in_storage_only_the_session_service_knows_adk() -> None:
    know = {file.parent for package, file in files() if package == "storage" and imports_adk(file)}
    assert know == {ROOT / "storage" / "adk"}


def test_what_is_private_in_adk_is_known_where_the_architecture_says() -> None:
    names = {name.rpartition(".")[2] for each in reliances() for name in each.names}
    private = {name for name in names if name.startswith("_")}
    assert len(private) > 5
    known = {file.relative_to(ROOT).as_posix() for _, file in files() if private_in_adk(file) or used(file) & private}
    assert known == {"storage/adk/private.py", "storage/adk/quick.py"}


def test_the_terminal_does_not_know_adk() -> None:
    assert [file.name for package, file in files() if package == "terminal" and imports_adk(file)] == []


def test_the_terminal_knows_nothing_of_models_and_of_the_manager() -> None:
    """Neither the rule lets it, nor does a text name one that is imported by name."""
    unknown = ("models", "manager", "sub_agents", "state_tools")
    allowed = {name for unit, names in RULE.items() if unit.partition("/")[0] == "terminal" for name in names}
    assert {name for name in allowed if name.partition("/")[0] in unknown} == set()
    by_name = re.compile(rf"""["'](?:{"|".join(unknown)})\.""")
    named = [file.name for package, file in files() if package == "terminal" and by_name.search(file.read_text())]
    assert named == []


def test_only_the_settings_read_the_environment() -> None:
    """By `pydantic_settings`. What libraries read by themselves is named here where we ask them to."""
    readers = {file.relative_to(ROOT).as_posix(): names for _, file in files() if (names := reads_environment(file))}
    assert readers == {
        "memory/knowledge/embedders.py": {
            "environ",
            "load_dotenv",
        },  # and by nothing else is it told to ask nobody for prices
        "models/factory.py": {"load_dotenv"},  # LiteLLM finds each provider's key there
        "sub_agents/news_analyst/reach.py": {"getproxies", "proxy_bypass"},
    }


def reads_environment(file: Path) -> set[str]:
    """What of a file reads or writes environment variables, however it was imported."""
    ways = {"environ", "environb", "getenv", "getenvb", "putenv", "load_dotenv", "getproxies", "proxy_bypass"}
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    named = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    return ways & (named | {node.attr for node in nodes if isinstance(node, ast.Attribute)})


def test_the_language_model_knows_adk_by_its_models_only() -> None:
    for package, file in files():
        if package == "models":
            assert {name for name in imports(file) if name.startswith("google.adk")} <= {
                name for name in imports(file) if name.startswith("google.adk.models")
            }


def test_the_record_is_for_every_door() -> None:
    ways_to_show = {"rich", "click", "prompt_toolkit", "fastapi"}
    shows = [file.name for package, file in files() if package == "record" and packages(file) & ways_to_show]
    assert shows == []


def test_sql_is_spoken_in_storage_only() -> None:
    speaks = {
        package for package, file in files() if packages(file) & {"sqlalchemy", "sqlite3", "alembic", "aiosqlite"}
    }
    assert speaks == {"storage"}


def private_in_adk(file: Path) -> set[str]:
    """What a file imports of ADK's that begins with an underscore."""
    return {name for name in imports(file) if name.startswith("google.adk.") and "._" in name}


def used(file: Path) -> set[str]:
    """The attributes of other things than itself that a file uses."""
    nodes = (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Attribute))
    return {node.attr for node in nodes}


def test_the_terminal_knows_no_agent_no_tool_and_no_preference() -> None:
    members = [make(Settings()) for make in OURS]
    words = {member.name for member in members} | {tool.__name__ for member in members for tool in member.tools}
    words |= {tool.name for tool in state_tools(members)} | {kind.name for kind in kinds(members)}
    shown = {"user_name", "nerd_topics", "stock_watchlist"}
    """In the help of `/preferences`, in the documented state of a session, and in what `/watchlist` is short for."""
    for package, file in files():
        if package == "terminal":
            found = {word for word in words if re.search(rf"\b{word}\b", file.read_text(encoding="utf-8"))}
            assert found <= (shown if file.stem in ("knowledge", "tables", "greeting") else set()), file


def imports_adk(file: Path) -> bool:
    return any(name.startswith("google.adk") for name in imports(file))
