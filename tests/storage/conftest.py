"""Other processes on the same database."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from settings import ROOT, Settings
from storage.adk.service import SessionService
from storage.database import Database
from tests.storage.support import ADA, file_of, rows


class Worker:
    """A process that runs `tests.storage.worker`; commands are sent first and answers read later, to overlap."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.storage.worker"],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tell(self, *words: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        """What the oldest command that was not answered yet came to; fails when it failed."""
        assert self.process.stdout is not None
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def ask(self, *words: str) -> Any:
        self.tell(*words)
        return self.answer()

    def stop(self) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture(scope="package")
def workers() -> Iterator[list[Worker]]:
    """Four processes of the program."""
    started = [Worker() for _ in range(4)]
    yield started
    for worker in started:
        worker.stop()


@dataclass(frozen=True)
class Sessions:
    """A database with two sessions of `ada` without events, which nobody has open."""

    file: Path

    def leases(self) -> list[dict[str, Any]]:
        return rows(self.file, "SELECT * FROM leases")

    async def opened_again(self) -> None:
        """As every start does."""
        async with Database.open(str(self.file)) as opened:
            await SessionService(opened).prepare_tables()


@pytest.fixture
async def sessions(settings: Settings, made_database: Path) -> AsyncIterator[Sessions]:
    async with Database.open(settings.database_url) as opened:
        service = SessionService(opened)
        for session in ("session-1", "session-2"):
            await service.create_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id=session)
    yield Sessions(file_of(settings.database_url))
