"""Importing a module of ours reads no file and no environment: what is read is read when it is asked for.

The one that may is `manager/agent.py`, which ADK loads by its place and which must have the team when it is imported.
"""

import json
import subprocess
import sys

import pytest

from settings import ROOT
from tests.test_imports import files

_WATCHED = """
import importlib, json, os, sys
root, names = sys.argv[1], sys.argv[2:]
read = set()

def ours(frame):
    # Who reads is the nearest of our modules, unless the import of a module of others lies between.
    while frame:
        file = frame.f_code.co_filename
        if file.startswith(root) and "/.venv/" not in file:
            return file
        if frame.f_code.co_name == "<module>":
            return None
        frame = frame.f_back

def note(what):
    if file := ours(sys._getframe(2)):
        read.add(f"{file.removeprefix(root)}: {what}")

def opened(event, given):
    if event in ("open", "os.listdir", "os.scandir") and isinstance(given[0], (str, bytes)):
        path = os.fsdecode(given[0])
        if event == "open" and not path.endswith((".py", ".pyc", ".so")):
            note(path)

class Environment(type(os.environ)):
    def __getitem__(self, name):
        note(f"${name}")
        return super().__getitem__(name)

sys.addaudithook(opened)
os.environ.__class__ = Environment
for name in names:
    importlib.import_module(name)
print(json.dumps(sorted(read)))
"""
_LOADED_BY_OTHERS = {"manager.agent", "storage.migrations.env"}
"""By ADK, and by Alembic, each in the midst of what it does."""
_OF_LIBRARIES = ("$PYDANTIC_DISABLE_PLUGINS", "$LANGUAGE", "$LC_ALL", "$LC_MESSAGES", "$LANG")
"""What pydantic looks at to make a class, and click to make an option."""


def names() -> list[str]:
    dotted = [".".join(file.relative_to(ROOT).with_suffix("").parts) for _, file in files()]
    return sorted({name.removesuffix(".__init__") for name in dotted} - _LOADED_BY_OTHERS)


def read_by(*modules: str) -> list[str]:
    """What our modules read while these are imported, each line with the module that does."""
    command = [sys.executable, "-c", _WATCHED, f"{ROOT}/", *modules]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert result.returncode == 0, result.stderr
    return [line for line in json.loads(result.stdout) if not line.endswith(_OF_LIBRARIES)]


def test_importing_any_module_of_ours_reads_nothing() -> None:
    assert read_by(*names()) == []


@pytest.mark.slow
@pytest.mark.parametrize("what", ["$HOME", "data/jokes.json"])
def test_what_is_read_would_be_seen(what: str) -> None:
    found = read_by("manager.agent")
    assert [line for line in found if line.endswith(what)], found
