# mypy: disable-error-code="import-not-found,misc,no-any-return,untyped-decorator"
"""The OpenAI Agents SDK with its SQLiteSession: a manager with a tool and a hand-off, and an agent with a tool.

Tracing is off, because without an account nobody collects it.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from agents import (
    Agent,
    Model,
    ModelResponse,
    RunConfig,
    Runner,
    SessionSettings,
    SQLiteSession,
    Usage,
    function_tool,
    set_tracing_disabled,
)
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

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

_HAND_OVER = f"transfer_to_{MEMBER}"


class ScriptedModel(Model):
    """Says what the script says. The id of a call names its tool: so it needs to remember nothing between two calls."""

    def __init__(self, prompts: Prompts, *, manager: bool, seconds: float) -> None:
        self._prompts = prompts
        self._manager = manager
        self._seconds = seconds
        self._tool = MANAGER_TOOL if manager else MEMBER_TOOL

    async def get_response(self, system_instructions: Any, input: Any, *args: Any, **kwargs: Any) -> ModelResponse:
        items = [{"role": "user", "content": input}] if isinstance(input, str) else input
        self._prompts.add(piece for item in items for piece in _pieces(item))
        newest = items[-1]
        answered = newest.get("type") == "function_call_output" and newest["call_id"].startswith(self._tool)
        if self._seconds:
            await asyncio.sleep(self._seconds)
        step = next_step(manager=self._manager, answered=int(answered))
        return ModelResponse(output=[self._item(step)], usage=Usage(requests=1), response_id=None)

    def _item(self, step: Step) -> Any:
        if step is Step.ANSWER:
            text = ResponseOutputText(text=ANSWER, type="output_text", annotations=[])
            return ResponseOutputMessage(
                id=str(uuid4()), content=[text], role="assistant", status="completed", type="message"
            )
        name = self._tool if step is Step.TOOL else _HAND_OVER
        return ResponseFunctionToolCall(call_id=f"{name}_{uuid4()}", name=name, arguments="{}", type="function_call")

    def stream_response(self, *args: Any, **kwargs: Any) -> Any:
        """Part of the SDK's interface."""
        raise NotImplementedError("the benchmark never streams")


def _pieces(item: Any) -> list[object]:
    content = item.get("content") or ""
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content)
    return [content, item.get("name") or "", item.get("arguments") or "", item.get("output") or ""]


@function_tool(name_override=MANAGER_TOOL)
async def get_current_time() -> dict[str, Any]:
    """Tells the time."""
    return TIME


@function_tool(name_override=MEMBER_TOOL)
async def list_joke_topics() -> dict[str, Any]:
    """Lists the topics there are jokes on."""
    return TOPICS


class OpenAIAgents:
    """A `child.System`."""

    def __init__(self, manager: Agent, session: SQLiteSession, prompts: Prompts, window: int | None) -> None:
        self.prompts = prompts
        self._manager = manager
        self._session = session
        self._config = RunConfig(session_settings=SessionSettings(limit=window) if window else None)

    async def turn(self, text: str) -> str:
        result = await Runner.run(self._manager, text, session=self._session, run_config=self._config)
        return str(result.final_output)


def team(prompts: Prompts, seconds: float = 0.0) -> Agent:
    """The manager, with the agent that it hands off to; their models take so many seconds."""
    set_tracing_disabled(True)
    member = Agent(
        name=MEMBER,
        instructions="Tell jokes.",
        tools=[list_joke_topics],
        model=ScriptedModel(prompts, manager=False, seconds=seconds),
    )
    return Agent(
        name=MANAGER,
        instructions="Answer, or hand off to the agent that can.",
        tools=[get_current_time],
        handoffs=[member],
        model=ScriptedModel(prompts, manager=True, seconds=seconds),
    )


@asynccontextmanager
async def opened(file: Path, window: int | None) -> AsyncIterator[OpenAIAgents]:
    """The SDK's runner on a session in a file."""
    prompts = Prompts()
    session = SQLiteSession("session", file)
    try:
        yield OpenAIAgents(team(prompts), session, prompts, window)
    finally:
        session.close()


if __name__ == "__main__":
    main(opened)
