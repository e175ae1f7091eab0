"""ADK's tables, whatever made them."""

from pathlib import Path

from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from tests.storage.support import exchange, execute, rows, store


async def test_tables_that_a_killed_start_left_without_their_version_are_completed(
    settings: Settings, made_database: Path
) -> None:
    execute(made_database, "DELETE FROM adk_internal_metadata")
    async with Database.open(settings.database_url) as database:
        await store(SessionService(database), exchange())
    assert rows(made_database, "SELECT key, value FROM adk_internal_metadata") == [
        {"key": "schema_version", "value": "1"}
    ]
    assert len(rows(made_database, "SELECT 1 FROM turns")) == 1
