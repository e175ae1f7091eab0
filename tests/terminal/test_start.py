"""The chat's prompt comes first: what takes long to import is imported behind it."""

import subprocess
import sys

import pytest

from settings import ROOT
from terminal.chat.loading import Loading

HEAVY = ("google", "sqlalchemy", "pydantic", "rich", "httpx", "alembic", "markdown_it")


def imported_by(statement: str) -> set[str]:
    check = f"import sys; {statement}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_prompt_needs_nothing_that_takes_long_to_import() -> None:
    assert not imported_by("import terminal.cli, terminal.logfile, terminal.app, terminal.chat.inputline") & set(HEAVY)


def test_the_greeting_does_not_need_adk() -> None:
    assert "google" not in imported_by("import terminal.loop")


async def test_modules_are_imported_in_order_and_waiting_may_be_given_up() -> None:
    loading = Loading(["json.tool", "no_such_module_at_all"])
    with pytest.raises(ModuleNotFoundError, match="no_such_module_at_all"):
        await loading.done()
    assert "json.tool" in sys.modules


async def test_what_is_stopped_imports_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []

    def stops(module: str) -> None:
        imported.append(module)
        loading.stop()

    monkeypatch.setattr("terminal.chat.loading.importlib.import_module", stops)
    loading = Loading(["first", "second"])
    await loading.done()
    assert imported == ["first"]
