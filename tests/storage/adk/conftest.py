"""ADK's own session service and ours, for tests of what both promise."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.adk.sessions import DatabaseSessionService

from storage.adk.service import SessionService
from storage.database import Database
from tests.storage.adk.door import Door


@pytest.fixture(params=["adks", "ours"])
async def door(request: pytest.FixtureRequest, tmp_path: Path, blank_database: Path) -> AsyncIterator[Door]:
    file = tmp_path / "contract.db"
    url = f"sqlite+aiosqlite:///{file}"
    if request.param == "ours":
        shutil.copy(blank_database, file)
    service = DatabaseSessionService(db_url=url) if request.param == "adks" else SessionService(Database.at(url))
    async with service:
        yield Door(service, file)
