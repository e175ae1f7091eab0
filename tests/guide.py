"""Does what docs/agents.md says in a copy of this tree, and runs the suite there: `python -m tests.guide`.

Its arguments go to pytest.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from settings import ROOT

_FILE = re.compile(r"^`sub_agents/(dice_roller/\w+\.py)`.*?```python\n(.*?)```", re.MULTILINE | re.DOTALL)
_AFTER = re.compile(r"```\n( {8}skill=SKILL,\n.*?)```\n\nwith `(.*?)` above", re.DOTALL)
_LIST = re.compile(r"```python\n(from sub_agents import .*?)\n\n(OURS = .*?)\n```")
_COMMANDS = {"make train": "tests.routing.training", "make docs": "docs.generate"}
_LEFT_OUT = (".git", ".venv", ".*_cache", "__pycache__", "*.db*", "*.lock", "*.log", "results", ".env", ".envs")


def guide() -> str:
    return (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")


def example() -> dict[str, str]:
    """The files of the agent that the guide makes, as they are at its end."""
    files = dict(_FILE.findall(guide()))
    (fields, imported) = _AFTER.findall(guide())[0]
    agent = files["dice_roller/agent.py"]
    above = "from sub_agents.dice_roller.tools"
    assert agent.count("        skill=SKILL,\n") == agent.count(above) == 1
    agent = agent.replace("        skill=SKILL,\n", fields)
    return {**files, "dice_roller/agent.py": agent.replace(above, f"{imported}\n{above}")}


def commands() -> list[str]:
    """The commands that the guide says are to be run, as modules."""
    block = re.findall(r"```\n(make .*?)```", guide(), re.DOTALL)[0]
    return [_COMMANDS[line] for line in block.splitlines()]


def followed(folder: Path) -> Path:
    """A copy of this tree in which somebody has done what the guide says."""
    copy = folder / "copy"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    (copy / ".venv").symlink_to(ROOT / ".venv")
    for name, source in example().items():
        (copy / "sub_agents" / name).parent.mkdir(exist_ok=True)
        (copy / "sub_agents" / name).write_text(source, encoding="utf-8")
    team, ((imports, ours),) = copy / "sub_agents" / "__init__.py", _LIST.findall(guide())
    text = team.read_text(encoding="utf-8")
    text = re.sub(r"^from sub_agents import .*$", imports, text, flags=re.MULTILINE)
    team.write_text(re.sub(r"^OURS = .*$", ours, text, flags=re.MULTILINE), encoding="utf-8")
    for module in commands():
        run(copy, "-m", module)
    return copy


def run(copy: Path, *arguments: str) -> None:
    """Runs this Python in the copy. Raises CalledProcessError when it fails."""
    subprocess.run([sys.executable, *arguments], cwd=copy, check=True)


def main(arguments: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        copy = followed(Path(folder))
        try:
            run(copy, "-m", "pytest", *arguments)
            run(copy, "-m", "ruff", "check", ".")
            run(copy, "-m", "mypy")
        except subprocess.CalledProcessError as error:
            return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
