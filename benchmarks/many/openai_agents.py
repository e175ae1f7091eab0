# mypy: disable-error-code="import-not-found"
"""The OpenAI Agents SDK: one team of agents, and a `SQLiteSession` in the same file for each session."""

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from agents import SQLiteSession

from benchmarks.many.child import Turn, main
from benchmarks.turns.openai_agents import OpenAIAgents, team
from benchmarks.turns.script import Uncounted
from benchmarks.turns.systems import WINDOW


class OnFile:
    """A `child.Carrier`."""

    def __init__(self, manager: Any, file: Path, stack: ExitStack) -> None:
        self._manager = manager
        self._file = file
        self._stack = stack

    async def session(self, name: str) -> Turn:
        session = SQLiteSession(name, self._file)
        self._stack.callback(session.close)
        return OpenAIAgents(self._manager, session, Uncounted(), WINDOW).turn


@asynccontextmanager
async def opened(file: Path, seconds: float) -> AsyncIterator[OnFile]:
    """The SDK's runner on sessions in a file."""
    with ExitStack() as stack:
        yield OnFile(team(Uncounted(), seconds), file, stack)


if __name__ == "__main__":
    main(opened)
