"""What `adk web` and `adk run` are given when they load this folder."""

from pathlib import Path

import pytest
from google.adk.cli.service_registry import get_service_registry
from google.adk.cli.utils import service_factory

from manager import services
from settings import Settings
from storage.adk.service import SessionService


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(service_factory, "create_local_session_service", service_factory.create_local_session_service)
    monkeypatch.setenv("DATABASE_URL", settings.database_url)


async def test_installed_twice_adk_has_our_service_with_a_url_and_without(settings: Settings, tmp_path: Path) -> None:
    services.install()
    services.install()
    named = get_service_registry().create_session_service(settings.database_url)
    unnamed = service_factory.create_session_service_from_options(base_dir=tmp_path)
    for made in (named, unnamed):
        assert isinstance(made, SessionService)
        assert made.database.name == str(tmp_path / "test.db")
        await made.close()
