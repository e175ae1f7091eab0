"""A newer program upgrades the file of a chat that is open: the chat goes on, and so does who starts the older one."""

import shutil
from pathlib import Path

import pytest

from settings import Settings
from storage.database import Database
from storage.errors import StorageError
from storage.queries import turns
from storage.schema import version
from tests.conftest import Converse
from tests.conversation.support import reply, status, team, told
from tests.storage.support import execute, file_of, rows

NEWER = f"{int(version.HEAD) + 1:04}"
_ADDS = f'''
import sqlalchemy as sa
from alembic import op

revision = "{NEWER}"
down_revision = "{version.HEAD}"
compatible_from = "{{oldest}}"


def upgrade() -> None:
    op.add_column("turns", sa.Column("mood", sa.String(length=16), nullable=True))
    op.create_table("moods", sa.Column("mood", sa.String(length=16), primary_key=True))
'''


async def upgrade(settings: Settings, monkeypatch: pytest.MonkeyPatch, folder: Path, *, oldest: str) -> None:
    """Opens the file as the next version of the program does."""
    migrations = Path(shutil.copytree(version.MIGRATIONS, folder / "migrations"))
    (migrations / "versions" / f"{NEWER}_moods.py").write_text(_ADDS.format(oldest=oldest))
    with monkeypatch.context() as newer:
        newer.setattr(version, "MIGRATIONS", migrations)
        newer.setattr(version, "HEAD", NEWER)
        async with Database.open(settings.database_url):
            pass


def schema(file: Path) -> list[object]:
    return [list(row.values()) for row in rows(file, "SELECT name, sql FROM sqlite_master ORDER BY name")]


async def test_an_open_chat_goes_on_and_another_start_works(
    converse: Converse, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = file_of(settings.database_url)
    async with converse(team()) as open_chat:
        assert status(await told(open_chat, "mixed")) == "completed"
        await upgrade(settings, monkeypatch, tmp_path, oldest=version.HEAD)
        upgraded = schema(file)
        assert status(await told(open_chat, "both")) == "completed"
        assert (await open_chat.undo()).messages == ("both",)
        async with converse(team()) as second:
            assert second.key == open_chat.key
            assert reply(await told(second, "hello"))
        assert reply(await told(open_chat, "hello"))
        held = await turns.history(open_chat.database, open_chat.key, limit=9)
    assert [turn.user_input for turn in held] == ["hello", "hello", "mixed"]
    assert schema(file) == upgraded
    assert rows(file, "SELECT version_num FROM alembic_version") == [{"version_num": NEWER}]
    assert rows(file, "SELECT * FROM schema_info") == [{"compatible_from": version.HEAD}]


async def test_tables_that_this_program_is_too_old_for_are_refused(
    converse: Converse, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with converse(team()) as conversation:
        await told(conversation, "hello")
    await upgrade(settings, monkeypatch, tmp_path, oldest=NEWER)
    before = schema(file_of(settings.database_url))
    with pytest.raises(StorageError, match="newer version") as raised:
        async with converse(team()):
            pass
    assert f"({NEWER}; this program knows {version.HEAD})" in str(raised.value)
    assert "\n" not in str(raised.value) and "Update the program" in raised.value.hint
    assert schema(file_of(settings.database_url)) == before


async def test_tables_that_say_nothing_of_older_programs_are_refused(
    converse: Converse, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await upgrade(settings, monkeypatch, tmp_path, oldest=version.HEAD)
    execute(file_of(settings.database_url), "DELETE FROM schema_info")
    with pytest.raises(StorageError, match="newer version"):
        async with converse(team()):
            pass
