"""A record in which something was said, which a test may break."""

import asyncio
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from conversation.conversation import Conversation
from settings import Settings
from terminal.cli import cli
from tests.conversation.support import told
from tests.scripted import ScriptedModel


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory, blank_database: Path) -> Path:
    """A database in which something was said, and beside it a document of it."""
    file = Path(shutil.copy(blank_database, tmp_path_factory.mktemp("talked") / "talked.db"))

    async def talk() -> None:
        settings = Settings(database_url=str(file), chat_user="ada")
        models = ScriptedModel(script=lambda _: "Fine. " * 500)
        async with Conversation.open(settings, models=lambda _skills: models) as conversation:
            for text in ("hello", "there"):
                await told(conversation, text)

    asyncio.run(talk())
    exported = CliRunner().invoke(cli, ["--db", str(file), "--user", "ada", "sessions", "export", "--format", "json"])
    (file.parent / "document.json").write_text(exported.output)
    return file


@pytest.fixture
def record(talked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that a test may break; nobody waits for others long."""
    for limit in ("database.BUSY_TIMEOUT", "sql_access._BUSY_TIMEOUT", "backup._BUSY_TIMEOUT"):
        monkeypatch.setattr(f"storage.{limit}", 0.05)
    return Path(shutil.copy(talked, tmp_path / "record.db"))
