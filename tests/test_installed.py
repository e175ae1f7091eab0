"""The program as it is installed: a wheel of a working copy, in an environment elsewhere, with no checkout.

Nothing is fetched: what it depends on is taken from the environment of the tests.
"""

import re
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from zipfile import ZipFile

import pytest

import launch
from settings import ROOT
from tests.extras import recorded, required
from tests.terminal.screen import Terminal
from tests.test_launch import environment, project

OURS = {
    Path(file).parts[0].removesuffix(".py")
    for file in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["only-include"]
}
"""The top-level names that are shipped."""
NOT_SHIPPED = (".git", ".venv", ".*_cache", "__pycache__", "*.db", "*.db-*", "*.lock", "*.log", "results", ".envs")
HELD_BACK = {"examples", "tests", "docs", "benchmarks"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this working copy, in which a person has worked."""
    copy = tmp_path_factory.mktemp("clone") / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_SHIPPED))
    for own in (".env", "data/multi_agent.db", "data/chat_input_history", "data/mine.json", "notes.py"):
        (copy / own).write_text("mine")
    built = copy.parent / "wheels"
    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--disable-pip-version-check"]
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", *offline, "-w", str(built), str(copy)], check=True, timeout=100
    )
    (found,) = built.iterdir()
    return found


@pytest.fixture(scope="module")
def pma(wheel: Path) -> Path:
    """The console script in an environment of its own."""
    beside = [path for path in sys.path if path.endswith("site-packages")]
    python = environment(wheel.parent.parent / "environment", *beside)
    command = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel]
    subprocess.run([str(word) for word in command], check=True, timeout=100)
    return python.parent / "pma"


def run(pma: Path, home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The program in an empty folder, for a person whose home is empty but for it."""
    elsewhere = home / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    return subprocess.run(
        [pma, *arguments],
        cwd=elsewhere,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.slow
def test_the_wheel_holds_the_program_and_nothing_else(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    tops = {name.partition("/")[0].removesuffix(".py") for name in names if ".dist-info/" not in name}
    assert tops == OURS
    assert {file.parent.name for file in ROOT.glob("*/__init__.py")} - HELD_BACK <= OURS
    assert [name for name in names if re.search(r"\.env$|multi_agent\.db|history$|mine|notes", name)] == []
    shipped = [path.relative_to(ROOT).as_posix() for path in (ROOT / "storage" / "migrations").rglob("*.[pm][ya]*")]
    shipped += [f"data/{path.name}" for path in (ROOT / "data").glob("*.json")]
    assert {name for name in shipped if ".pyc" not in name} <= set(names)


@pytest.mark.slow
def test_it_answers_with_no_checkout_and_keeps_the_record_where_the_platform_does(pma: Path, tmp_path: Path) -> None:
    config = tmp_path / ".config" / launch.NAME
    config.mkdir(parents=True)
    (config / ".env").write_text("CHAT_USER=eve\n")
    assert run(pma, tmp_path, "--version").stdout == f"{launch.NAME} {project()['version']}\n"
    answered = run(pma, tmp_path, "-p", "hi")
    assert (answered.returncode, answered.stderr) == (0, "") and "Hello" in answered.stdout
    (file,) = tmp_path.rglob("multi_agent.db")
    assert (file.parent.name, list((tmp_path / "elsewhere").iterdir())) == (launch.NAME, [])
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT DISTINCT user_id FROM sessions").fetchall() == [("eve",)]


@pytest.mark.slow
def test_the_demo_runs_with_no_checkout_its_restart_included(pma: Path, tmp_path: Path) -> None:
    shown = run(pma, tmp_path, "demo", "--fast")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "with 4 turns" in shown.stdout and "agent stats" in shown.stdout
    (tmp_path / "elsewhere" / "letter.txt").write_text("Dear Ada")
    refused = run(pma, tmp_path, "--db", "letter.txt", "demo", "--fast")
    assert (refused.returncode, "is not a database" in refused.stderr) == (2, True)


@pytest.mark.slow
def test_the_chat_ends_with_a_command_line_that_goes_on_there(pma: Path, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "PATH": f"{pma.parent}:/usr/bin:/bin", "TERM": "xterm-256color"}
    chat = Terminal(["-c", f"import os; os.execvpe('pma', ['pma'], {home})"], tmp_path)
    chat.enter("hi")
    chat.until("Hello")
    chat.until(chat.prompts)
    assert chat.leave() == 0
    (line,) = re.findall(r"^Resume with: (pma --session \w+)$", chat.text, re.MULTILINE)
    shell = ["sh", "-c", f"{line} -p hello && pma sessions && python -m persistent_multi_agent --version"]
    done = subprocess.run(shell, env=home, cwd=tmp_path, capture_output=True, text=True, timeout=60, input="")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^hi +2 ", done.stdout, re.MULTILINE) and f"{launch.NAME} {project()['version']}" in done.stdout


@pytest.mark.slow
def test_a_shell_completes_it(pma: Path, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "PATH": f"{pma.parent}:/usr/bin:/bin"}
    ask = 'COMP_WORDS=(pma sess); COMP_CWORD=1; _pma_complete 2>/dev/null; echo "${COMPREPLY[@]}"'
    shell = ["bash", "-c", f'eval "$(pma completion bash)"; {ask}']
    done = subprocess.run(shell, env=home, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stdout == "sessions\n"


def test_no_dependency_ships_a_name_of_ours() -> None:
    """All that is installed here is looked at: what is pinned, for users and for developers."""
    shipped = metadata.packages_distributions()
    others = {name: set(shipped.get(name, ())) - {launch.NAME} for name in OURS}
    assert {name: dists for name, dists in others.items() if dists} == {}


def test_no_extra_ships_a_name_of_ours() -> None:
    """As each was last looked at; one that asks for something else now has to be looked at again."""
    seen = recorded()
    assert {extra: shipped["requires"] for extra, shipped in seen.items()} == required(), "python -m tests.extras"
    assert all(len(shipped["names"]) > 2 for shipped in seen.values())
    assert {extra: found for extra, shipped in seen.items() if (found := OURS & set(shipped["names"]))} == {}
