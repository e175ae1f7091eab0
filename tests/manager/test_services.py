"""What `adk web` and `adk run` are given when they load this folder."""

import asyncio
from pathlib import Path

import pytest
from google.adk.agents import LlmAgent
from google.adk.cli.service_registry import get_service_registry
from google.adk.cli.utils import service_factory
from google.adk.events import Event
from google.adk.runners import Runner
from google.genai.types import UserContent

from conversation.host import Host
from manager import services
from settings import APP_NAME, Settings, load
from storage.adk.service import SessionService
from tests.conversation.support import Gate
from tests.scripted import ScriptedModel


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(service_factory, "create_local_session_service", service_factory.create_local_session_service)
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CHAT_USER", settings.chat_user)


async def test_installed_twice_adk_has_our_service_with_a_url_and_without(settings: Settings, tmp_path: Path) -> None:
    services.install()
    services.install()
    named = get_service_registry().create_session_service(settings.database_url)
    unnamed = service_factory.create_session_service_from_options(base_dir=tmp_path)
    for made in (named, unnamed):
        assert isinstance(made, SessionService)
        assert made.database.name == str(tmp_path / "test.db")
        await made.close()


@pytest.mark.slow
async def test_the_turns_of_adk_web_are_not_taken_for_a_dead_programs_where_leases_are_short(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEASE_SECONDS", "0.9")
    service, gate = services.session_service(settings.database_url), Gate("at last")
    runner = Runner(
        app_name=APP_NAME, agent=LlmAgent(name="clerk", model=ScriptedModel(script=gate)), session_service=service
    )
    session = await service.create_session(app_name=APP_NAME, user_id=settings.chat_user)

    async def ask() -> list[Event]:
        said = runner.run_async(user_id=session.user_id, session_id=session.id, new_message=UserContent("hello"))
        return [event async for event in said]

    asked = asyncio.create_task(ask())
    await gate.entered.wait()
    async with Host.open(load()) as chat:
        await chat.conversation(settings.user, new=True)  # who looks on
        await asyncio.wait([asked], timeout=3 * 0.9)
    gate.opened.set()
    assert len(await asked) == 1
    await service.close()
