"""The demo runs to its end, restart included, and says what it promises."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from settings import APP_NAME, ROOT, Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences
from storage.queries.forget import begin_anew
from storage.scope import User
from tests.storage.adk import foreign
from tests.storage.support import exchange, file_of, rows, store


@pytest.mark.slow
def test_the_demo_shows_every_step_and_carries_on_in_a_second_process(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "demo_flow.py"), "--fast", "--db", str(tmp_path / "demo.db")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=80)
    assert (result.returncode, result.stderr) == (0, "")
    steps = [line for line in result.stdout.splitlines() if line.startswith("Step ")]
    assert [step.split(": ")[1] for step in steps] == [
        "the database",
        "the session",
        "the initial state",
        "the runner",
        *["an exchange"] * 4,
        "the final state",
        "a restart",
        "agent stats",
    ]
    before, after = result.stdout.split("a restart")
    assert '"total_interactions": 0' in before and '"total_interactions": 4' in before
    assert '"NVDA"' in before and '"user_name": "Ada"' in before
    assert "with 4 turns" in after and "Tell me a joke" in after
    for agent in ("funny_nerd", "stock_analyst", "news_analyst"):
        assert agent in after


def demo(file: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, str(ROOT / "demo_flow.py"), "--fast", "--db", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=80, env={**os.environ, **environment})


@pytest.mark.slow
async def test_a_record_that_is_not_the_demos_is_refused_and_stays(settings: Settings, service: SessionService) -> None:
    await store(service, exchange("mine"))
    file = file_of(settings.database_url)
    result = await asyncio.to_thread(demo, file)
    assert (result.returncode, "somebody else" in result.stderr) == (2, True)
    assert [row["user_input"] for row in rows(file, "SELECT user_input FROM turns")] == ["mine"]


@pytest.mark.slow
def test_a_letter_is_refused_and_stays(tmp_path: Path) -> None:
    file = foreign.a_letter(tmp_path / "letter.txt")
    result = demo(file)
    assert (result.returncode, "is not a database" in result.stderr) == (2, True)
    assert file.read_text().startswith("Dear Ada")


@pytest.mark.slow
async def test_an_earlier_demo_is_deleted_while_somebody_has_it_open(
    settings: Settings, database: Database, service: SessionService
) -> None:
    mine = User(APP_NAME, "demo")
    await store(service, exchange("from the demo before"), "old", mine)
    await preferences.add(database, mine, "stock_watchlist", "AAPL")
    await begin_anew(database, mine)
    file = file_of(settings.database_url)
    for table in ("sessions", "events", "turns", "session_info", "preferences", "user_states"):
        assert rows(file, f"SELECT * FROM {table}") == [], table


def test_settings_that_cannot_be_are_one_line(tmp_path: Path) -> None:
    result = demo(tmp_path / "demo.db", TURN_TIMEOUT="abc")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: TURN_TIMEOUT cannot be 'abc'") and "Traceback" not in result.stderr
