# mypy: disable-error-code="import-not-found"
"""Stock ADK: one runner on one of its session services, or on none, for all sessions of one user."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from google.adk.runners import Runner
from google.adk.sessions import BaseSessionService, DatabaseSessionService, InMemorySessionService

from benchmarks.many.child import Turn, main
from benchmarks.turns.script import MANAGER, Uncounted
from benchmarks.turns.stock_adk import USER, Alone, ScriptedModel, StockAdk, runner_on
from benchmarks.turns.systems import WINDOW


class OnRunner:
    """A `child.Carrier`."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner

    async def session(self, name: str) -> Turn:
        await self._runner.session_service.create_session(app_name=MANAGER, user_id=USER, session_id=name)
        return StockAdk(self._runner, Uncounted(), WINDOW, name).turn


class Unstored(OnRunner):
    """Every turn is one of a session of its own, in memory."""

    async def session(self, name: str) -> Turn:
        return Alone(self._runner, Uncounted(), None).turn


@asynccontextmanager
async def opened(
    service: BaseSessionService, seconds: float, kind: type[OnRunner] = OnRunner
) -> AsyncIterator[OnRunner]:
    """ADK's runner on a service."""
    async with runner_on(service, ScriptedModel(prompts=Uncounted(), seconds=seconds)) as runner:
        yield kind(runner)


@asynccontextmanager
async def with_database_service(file: Path, seconds: float) -> AsyncIterator[OnRunner]:
    """On `DatabaseSessionService`."""
    async with DatabaseSessionService(f"sqlite+aiosqlite:///{file}") as service, opened(service, seconds) as carrier:
        yield carrier


@asynccontextmanager
async def with_sqlite_service(file: Path, seconds: float) -> AsyncIterator[OnRunner]:
    """On `SqliteSessionService`."""
    from google.adk.sessions.sqlite_session_service import SqliteSessionService  # its schema is imported only if used

    async with opened(SqliteSessionService(str(file)), seconds) as carrier:
        yield carrier


@asynccontextmanager
async def in_memory(_file: Path, seconds: float) -> AsyncIterator[OnRunner]:
    """On nothing."""
    async with opened(InMemorySessionService(), seconds, Unstored) as carrier:
        yield carrier


if __name__ == "__main__":
    main({"sqlite": with_sqlite_service, "database": with_database_service, "alone": in_memory}[sys.argv.pop(1)])
