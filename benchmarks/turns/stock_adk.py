# mypy: disable-error-code="import-not-found"
"""Stock ADK on its own session services, or on none: a manager with a tool, and a sub-agent it transfers to.

The sub-agent does not keep the conversation (`disallow_transfer_to_parent`): every turn begins with the manager.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from google.adk.agents import LlmAgent
from google.adk.agents.run_config import RunConfig
from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.adk.runners import Runner
from google.adk.sessions import BaseSessionService, DatabaseSessionService, InMemorySessionService
from google.adk.sessions.base_session_service import GetSessionConfig
from google.genai import types

from benchmarks.turns.adk_model import answered_with, pieces
from benchmarks.turns.child import main
from benchmarks.turns.script import (
    ANSWER,
    MANAGER,
    MANAGER_TOOL,
    MEMBER,
    MEMBER_TOOL,
    TIME,
    TOPICS,
    Prompts,
    Step,
    next_step,
)

USER = "someone"
_SESSION = "session"


class ScriptedModel(BaseLlm):
    """Says at once what the script says."""

    model: str = "scripted"
    prompts: Any
    seconds: float = 0.0
    """How long it takes."""

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        manager = MANAGER_TOOL in llm_request.tools_dict
        own = MANAGER_TOOL if manager else MEMBER_TOOL
        newest = llm_request.contents[-1].parts or []
        answered = sum(part.function_response is not None and part.function_response.name == own for part in newest)
        self.prompts.add(pieces(llm_request))
        if self.seconds:
            await asyncio.sleep(self.seconds)
        yield answered_with(_part(next_step(manager=manager, answered=answered), own), self.model)


def _part(step: Step, tool: str) -> types.Part:
    match step:
        case Step.TOOL:
            return types.Part(function_call=types.FunctionCall(name=tool, args={}))
        case Step.HAND_OVER:
            call = types.FunctionCall(name="transfer_to_agent", args={"agent_name": MEMBER})
            return types.Part(function_call=call)
        case Step.ANSWER:
            return types.Part(text=ANSWER)


async def get_current_time() -> dict[str, Any]:
    """Tells the time."""
    return TIME


async def list_joke_topics() -> dict[str, Any]:
    """Lists the topics there are jokes on."""
    return TOPICS


class StockAdk:
    """A `child.System`."""

    def __init__(self, runner: Runner, prompts: Prompts, window: int | None, session_id: str = _SESSION) -> None:
        self.prompts = prompts
        self.session_id = session_id
        self._runner = runner
        bounded = GetSessionConfig(num_recent_events=window) if window else None
        self._config = RunConfig(get_session_config=bounded)

    async def turn(self, text: str) -> str:
        answer = ""
        said = types.Content(role="user", parts=[types.Part(text=text)])
        async for event in self._runner.run_async(
            user_id=USER, session_id=self.session_id, new_message=said, run_config=self._config
        ):
            if event.is_final_response() and event.content and event.content.parts:
                answer = event.content.parts[0].text or ""
        return answer


class Alone(StockAdk):
    """Every turn in a session of its own, in memory: what ADK's runner costs without history and database."""

    async def turn(self, text: str) -> str:
        service = self._runner.session_service
        self.session_id = (await service.create_session(app_name=MANAGER, user_id=USER)).id
        answer = await super().turn(text)
        await service.delete_session(app_name=MANAGER, user_id=USER, session_id=self.session_id)
        return answer


@asynccontextmanager
async def runner_on(service: BaseSessionService, model: ScriptedModel) -> AsyncIterator[Runner]:
    """ADK's runner on one of its session services."""
    member = LlmAgent(
        name=MEMBER,
        model=model,
        description="Tells jokes.",
        instruction="Tell jokes.",
        tools=[list_joke_topics],
        disallow_transfer_to_parent=True,
        disallow_transfer_to_peers=True,
    )
    manager = LlmAgent(
        name=MANAGER,
        model=model,
        instruction="Answer, or transfer to the agent that can.",
        tools=[get_current_time],
        sub_agents=[member],
    )
    runner = Runner(app_name=MANAGER, agent=manager, session_service=service)
    yield runner
    await runner.close()


@asynccontextmanager
async def opened(
    service: BaseSessionService, window: int | None, kind: type[StockAdk] = StockAdk
) -> AsyncIterator[StockAdk]:
    """The session on one of ADK's services; it is made if it is not there yet."""
    newest = GetSessionConfig(num_recent_events=1)
    if await service.get_session(app_name=MANAGER, user_id=USER, session_id=_SESSION, config=newest) is None:
        await service.create_session(app_name=MANAGER, user_id=USER, session_id=_SESSION)
    prompts = Prompts()
    async with runner_on(service, ScriptedModel(prompts=prompts)) as runner:
        yield kind(runner, prompts, window)


@asynccontextmanager
async def with_database_service(file: Path, window: int | None) -> AsyncIterator[StockAdk]:
    """On `DatabaseSessionService`."""
    async with DatabaseSessionService(f"sqlite+aiosqlite:///{file}") as service, opened(service, window) as system:
        yield system


@asynccontextmanager
async def with_sqlite_service(file: Path, window: int | None) -> AsyncIterator[StockAdk]:
    """On `SqliteSessionService`."""
    from google.adk.sessions.sqlite_session_service import SqliteSessionService  # its schema is imported only if used

    async with opened(SqliteSessionService(str(file)), window) as system:
        yield system


@asynccontextmanager
async def in_memory(_file: Path, _window: int | None) -> AsyncIterator[StockAdk]:
    """On nothing."""
    async with opened(InMemorySessionService(), None, Alone) as system:
        yield system


if __name__ == "__main__":
    main({"sqlite": with_sqlite_service, "database": with_database_service, "alone": in_memory}[sys.argv.pop(1)])
