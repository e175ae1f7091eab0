"""How the program is started: with a Python that has the packages, by command lines that work when they are pasted."""

import ast
import asyncio
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import Any

import pytest

import launch
from settings import ROOT, user_data, user_folders
from tests.storage.adk import foreign

SCRIPTS = {"persistent_multi_agent.py": "chat", "demo_flow.py": "demo"}
"""Script -> what `make` calls it."""


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]  # type: ignore[no-any-return]


def environment(folder: Path, *beside: str) -> Path:
    """The Python of a new environment that has what stands in other folders too."""
    venv.create(folder, with_pip=False, symlinks=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "beside.pth").write_text("".join(f"{path}\n" for path in beside))
    return folder / "bin" / "python"


def checkout(folder: Path) -> Path:
    """The scripts and what they need to find out where they are; the packages of ours are taken from the real one."""
    folder.mkdir()
    for name in (*SCRIPTS, "launch.py", "settings.py", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def with_packages() -> list[str]:
    return [*(path for path in sys.path if path.endswith("site-packages")), str(ROOT)]


def run(*command: object, cwd: Path) -> "subprocess.CompletedProcess[str]":
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)


def test_what_is_looked_for_is_what_the_program_depends_on() -> None:
    needed = {re.split(r"[\[<>=]", line)[0].lower() for line in project()["dependencies"]}
    assert {name.lower() for name in launch.PACKAGES.values()} == needed
    assert launch.missing() == []


def test_the_version_stands_in_one_place() -> None:
    assert launch.version() == project()["version"]
    shown = run(sys.executable, ROOT / "persistent_multi_agent.py", "--version", cwd=ROOT)
    assert (shown.returncode, shown.stdout) == (0, f"persistent-multi-agent {project()['version']}\n")


@pytest.mark.parametrize("name", ["launch.py", *SCRIPTS])
def test_an_old_python_can_read_what_tells_it_that_it_is_old(name: str) -> None:
    ast.parse((ROOT / name).read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_python_without_the_packages_runs_it_in_the_environment_beside_it(script: str, tmp_path: Path) -> None:
    here = checkout(tmp_path / "a folder")
    bare = environment(tmp_path / "bare")
    environment(here / ".venv", *with_packages())
    done = run(bare, "-W", "ignore", here / script, "--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: " in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("script", "target"), SCRIPTS.items())
@pytest.mark.parametrize("has_environment", [False, True])
def test_where_there_are_no_packages_one_line_says_what_to_do(
    script: str, target: str, has_environment: bool, tmp_path: Path
) -> None:
    here = checkout(tmp_path / "a folder")
    bare = environment(tmp_path / "bare")
    if has_environment:
        environment(here / ".venv")
    done = run(bare, here / script, cwd=here)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    wanted = ".venv/bin/python -m pip install -r requirements.txt" if has_environment else f"make {target}"
    assert line.startswith("Error: this Python lacks aiosqlite and ") and line.endswith(f": {wanted}")


@pytest.mark.parametrize("folder", [".", "tests", "tests/storage/schema", "/", "a folder's own"])
def test_the_command_line_of_this_program_runs_where_one_stands(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a folder's own").mkdir()
    monkeypatch.chdir(tmp_path / folder if " " in folder else ROOT / folder)
    for line in (launch.command(), launch.command_anywhere()):
        done = run("sh", "-c", f"{line} --version", cwd=Path.cwd())
        assert done.stdout == f"persistent-multi-agent {launch.version()}\n", done.stderr


def test_in_an_active_environment_the_python_needs_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    assert launch.command() == "python persistent_multi_agent.py"
    monkeypatch.setenv("PATH", "/nowhere")
    assert shlex.split(launch.command())[0].endswith("/" + Path(sys.executable).name)
    assert shutil.which(shlex.split(launch.command())[0]) is not None


def test_started_as_pma_it_is_called_so_where_the_shell_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "a bin" / "pma"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(script), "-p", "hi"])
    monkeypatch.setenv("PATH", str(script.parent))
    assert launch.command() == "pma"
    monkeypatch.setenv("PATH", "/nowhere")
    assert launch.command() == "'a bin/pma'"
    assert shlex.split(launch.command_anywhere()) == [str(script)]


@pytest.mark.slow
def test_a_command_line_that_is_printed_works_when_it_is_pasted(tmp_path: Path) -> None:
    here = checkout(tmp_path / "it's a folder")
    environment(here / ".venv", *with_packages())
    program = [here / ".venv" / "bin" / "python", here / "persistent_multi_agent.py"]
    start = [*program, "--db", "my record.db", "--user", "ada"]
    assert run(*start, "-p", "hi", cwd=here).returncode == 0
    found = run(*start, "sessions", "search", "hi", cwd=here)
    (line,) = re.findall(r"^(.*) goes on there\.$", found.stdout, re.MULTILINE)
    assert line.startswith(".venv/bin/python persistent_multi_agent.py --db 'my record.db' --user ada --session ")
    assert "Hello" in run("sh", "-c", f"{line} -p hello", cwd=here).stdout
    asyncio.run(foreign.of_sqlite_service(here / "their record.db"))
    refused = run(*program, "--db", "their record.db", "sessions", cwd=here)
    (line,) = re.findall(r"with: (.*)$", refused.stderr, re.MULTILINE)
    assert run("sh", "-c", line, cwd=here).returncode == 0
    wrong = run(*program, "--no-such-option", cwd=tmp_path)
    (helping,) = re.findall(r"^Try '(.*)' for help\.$", wrong.stderr, re.MULTILINE)
    assert "Usage: " in run("sh", "-c", helping, cwd=tmp_path).stdout
    (eval_line,) = re.findall(r"bash: (eval .*) in ~", run(*program, "completion", "--help", cwd=here).stdout)
    named = run("bash", "-c", f"{eval_line}\npma --version", cwd=tmp_path)
    assert named.stdout == f"persistent-multi-agent {launch.version()}\n", named.stderr


def test_the_line_that_installs_a_package_is_for_this_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, *rest = shlex.split(launch.pip_install("litellm<1.106.3"))
    assert (str(Path(shutil.which(python) or "").absolute()), rest) == (
        sys.executable,
        ["-m", "pip", "install", "litellm<1.106.3"],
    )
    monkeypatch.setattr("launch.util.find_spec", lambda _name: None)
    assert launch.pip_install("x").split() == ["uv", "pip", "install", "--python", sys.executable, "x"]
    (tmp_path / "pipx_metadata.json").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert shlex.split(launch.pip_install("x<2")) == ["pipx", "inject", launch.NAME, "x<2"]


def test_in_a_checkout_the_users_files_are_in_it_and_else_where_the_platform_keeps_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (user_data(), user_folders(True)) == (ROOT / "data", (ROOT / "data", ROOT))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "d"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setattr("sys.platform", "linux")
    assert user_folders(False) == (tmp_path / "d" / launch.NAME, tmp_path / "c" / launch.NAME)
