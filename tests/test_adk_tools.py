"""ADK's own `adk web` and `adk run` on the chat's database."""

import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from conversation.conversation import Conversation
from settings import ROOT, Settings
from storage.database import Database
from storage.queries import preferences, sessions, turns
from storage.scope import User
from storage.stats.figures import agent_stats
from tests.conftest import USER

ADK = str(Path(sys.executable).parent / "adk")


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": settings.database_url, "ADK_DISABLE_LOAD_DOTENV": "1"}


@contextlib.contextmanager
def web(url: str, environment: dict[str, str]) -> Iterator[httpx.Client]:
    """A running `adk web manager`, and a client for it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [ADK, "web", "manager", "--port", str(port), "--session_service_uri", url]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stderr
            assert any("Uvicorn running" in line for line in server.stderr), "adk web did not start"
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                yield client
        finally:
            server.terminate()


async def say(settings: Settings, text: str) -> None:
    async with Conversation.open(settings) as conversation:
        async for _ in conversation.send(text):
            pass


@pytest.mark.slow
async def test_adk_web_lists_the_sessions_of_the_chat_and_keeps_the_ledger(
    settings: Settings, environment: dict[str, str]
) -> None:
    await say(settings, "hello")
    with web(settings.database_url, environment) as client:
        (listed,) = client.get(f"/apps/manager/users/{USER}/sessions").json()
        message = {"role": "user", "parts": [{"text": "tell me a joke about python"}]}
        answer = client.post(
            "/run",
            json={"app_name": "manager", "user_id": USER, "session_id": listed["id"], "new_message": message},
        )
        assert answer.status_code == 200
    async with Database.open(settings.database_url) as database:
        user = User("manager", USER)
        latest = await sessions.latest(database, user)
        assert latest is not None and (latest.session_id, latest.turns) == (listed["id"], 2)
        (stats,) = await agent_stats(database, user)
        assert (stats.agent_name, stats.completed) == ("funny_nerd", 1)


@pytest.mark.slow
async def test_a_session_that_adk_web_makes_is_one_of_the_chats(
    settings: Settings, environment: dict[str, str]
) -> None:
    given = {"favorite_agent": "nobody", "stock_watchlist": ["nvda"]}
    with web(settings.database_url, environment) as client:
        body = {"session_id": "made", "state": {"user_name": "Ada L.", "user_preferences": given}}
        assert client.post(f"/apps/manager/users/{USER}/sessions", json=body).status_code == 200
        async with Database.open(settings.database_url) as database:
            user = User("manager", USER)
            info = await sessions.find(database, user, "made")
            assert (info.title, info.turns) == ("", 0)
            known = await preferences.of_user(database, user)
            assert known == {"user_name": ["Ada L."], "stock_watchlist": ["NVDA"]}


@pytest.mark.slow
async def test_plain_adk_run_writes_into_the_chats_database(settings: Settings, environment: dict[str, str]) -> None:
    result = subprocess.run(
        [ADK, "run", "manager"],
        input="tell me a joke about java\nexit\n",
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    async with Database.open(settings.database_url) as database:
        (turn,) = await turns.of_user(database, User("manager", "test_user"), limit=5)
    assert (turn.status, turn.agents) == ("completed", ("funny_nerd",))
