"""One isolation for every test: a folder of its own, no settings of the machine, no network but loopback."""

import asyncio
import logging
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol

import hypothesis
import pytest
from google.adk.agents import LlmAgent
from google.adk.agents.invocation_context import InvocationContext
from google.adk.tools import ToolContext

from conversation.conversation import Conversation
from settings import APP_NAME, Settings
from state_tools.record import Record
from storage.adk.service import SessionService
from storage.database import Database
from tests.scripted import Script, ScriptedModel

pytest_plugins = ["tests.postgres"]

USER = "ada"

# A slow machine is no failure, and what was found before is not kept in the project folder.
hypothesis.settings.register_profile("tests", deadline=None, database=None)
hypothesis.settings.load_profile("tests")


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> None:
    """A run in the background of a shell ignores interrupts, as does what it starts: a test would wait for ever."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No key, model, database or home folder of the machine reaches a test."""
    ours = ("GOOGLE_", "OPENAI_", "DATABASE_", "MODEL", "EMBEDDING_", "CHAT_", "NEWS_", "STOCK_", "OTEL_", "PG")
    for name in os.environ:
        if name.startswith(ours):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("settings.env_file", lambda: None)
    yield


@pytest.fixture
def quiet() -> Iterator[None]:
    """What ADK logs of broken models has halves of characters, which no report of a test takes."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings for a fresh database, user `ada`, and the offline model."""
    return Settings(
        database_url=f"sqlite+aiosqlite:///{tmp_path / 'test.db'}",
        chat_user=USER,
        log_file=tmp_path / "test.log",
        input_history=tmp_path / "input_history",
    )


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all its tables and no rows: a test that is not about making them begins with a copy."""
    file = tmp_path_factory.mktemp("blank") / "blank.db"

    async def make() -> None:
        async with Database.open(f"sqlite+aiosqlite:///{file}") as opened:
            await SessionService(opened).prepare_tables()

    asyncio.run(make())
    return file


@pytest.fixture
def made_database(settings: Settings, blank_database: Path) -> Path:
    """The file of `settings`, with all tables."""
    return Path(shutil.copy(blank_database, settings.database_url.partition(":///")[2]))


@pytest.fixture
async def database(settings: Settings, made_database: Path) -> AsyncIterator[Database]:
    """A prepared database."""
    async with Database.open(settings.database_url) as opened:
        yield opened


@pytest.fixture
async def service(database: Database) -> SessionService:
    """The session service on `database`."""
    service = SessionService(database)
    await service.prepare_tables()
    return service


@pytest.fixture
async def tool_context(service: SessionService) -> ToolContext:
    """What a tool of the manager is given in the first turn of a session."""
    session = await service.create_session(app_name=APP_NAME, user_id=USER, session_id="session-1")
    context = InvocationContext(
        session_service=service, invocation_id="turn-1", agent=LlmAgent(name=APP_NAME), session=session
    )
    return ToolContext(context, function_call_id="call-1")


@pytest.fixture
def record(tool_context: ToolContext) -> Record:
    """The durable record behind `tool_context`."""
    return Record.of(tool_context)


class Converse(Protocol):
    def __call__(self, script: Script, **kwargs: Any) -> AbstractAsyncContextManager[Conversation]: ...


@pytest.fixture
def converse(settings: Settings, made_database: Path) -> Converse:
    """Opens a conversation whose agents say what a script tells them; keywords go to `Conversation.open`."""

    def open_(script: Script, **kwargs: Any) -> AbstractAsyncContextManager[Conversation]:
        return Conversation.open(settings, models=lambda _skills: ScriptedModel(script=script), **kwargs)

    return open_
