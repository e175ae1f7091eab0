"""What we rely on in ADK for speed alone: without any of it all is right, and slower by the figure that stands there.

The figures are CPU time of `benchmarks/turns` (a turn with four model calls that cost nothing takes 15 ms), with and
without, turn about in one process; what saved less than a thirtieth of a turn or 5 ms of a start is not here.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, cached_property
from typing import Any

from google.adk.agents.readonly_context import ReadonlyContext
from google.adk.models import LlmRequest
from google.adk.telemetry import ContentCapturingMode, TelemetryConfig
from google.adk.tools import AgentTool, BaseTool, FunctionTool, ToolContext
from google.adk.tools.base_toolset import BaseToolset
from google.genai import types

_A2A_AGENT = "google.adk.agents.remote_a2a_agent"


class DeclaredOnce(FunctionTool):
    """`BaseTool._get_declaration`: what a tool says of itself is copied for each model call; here not: 1.1 ms a turn.

    Nobody may change it then. ADK does, but only to give a tool's name a prefix, and for live models.
    """

    @cached_property
    def declaration(self) -> types.FunctionDeclaration | None:
        """What a model is told of it. Raises whatever ADK does for one that cannot be told."""
        return super()._get_declaration()

    def _get_declaration(self) -> types.FunctionDeclaration | None:
        return self.declaration

    async def process_llm_request(self, *, tool_context: ToolContext, llm_request: LlmRequest) -> None:
        """Its set has told of it, with all others at once."""


class FixedToolset(BaseToolset):
    """An agent's tools as one set that never changes: of a set ADK asks once a turn, each tool by itself it takes anew
    for each model call: 2.7 ms a turn. Nor do the agents that it delegates to change what they say of themselves."""

    def __init__(self, tools: Sequence[Callable[..., Any] | BaseTool]) -> None:
        super().__init__()
        self._tools = [tool if isinstance(tool, BaseTool) else DeclaredOnce(tool) for tool in tools]
        self._declared = [tool for tool in self._tools if isinstance(tool, DeclaredOnce)]
        for tool in self._tools:
            if isinstance(tool, AgentTool):
                tool._get_declaration = cache(tool._get_declaration)  # type: ignore[method-assign]

    async def get_tools(self, readonly_context: ReadonlyContext | None = None) -> list[BaseTool]:
        return self._tools

    async def process_llm_request(self, *, tool_context: ToolContext, llm_request: LlmRequest) -> None:
        llm_request.append_tools([*self._declared])


@contextmanager
def without_a2a() -> Iterator[None]:
    """`google.adk.agents.remote_a2a_agent`: where `a2a` is not installed, ADK runs half of this module anew for each
    agent that answers, until it fails: 2.4 ms a turn. Here it fails at once, but only within.

    Where `a2a` is installed, or somebody has loaded the module, nothing is done.
    """
    if _A2A_AGENT in sys.modules or "a2a" in sys.modules or importlib.util.find_spec("a2a"):
        yield
        return
    sys.modules[_A2A_AGENT] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if sys.modules.get(_A2A_AGENT, _A2A_AGENT) is None:  # another turn may have taken it away
            del sys.modules[_A2A_AGENT]


def uncollected() -> TelemetryConfig:
    """`TelemetryConfig`: no message is copied into spans that nobody collects; silent: 3.2 ms a turn."""
    return TelemetryConfig(
        genai_semconv_stability_opt_in="stable", capture_message_content=ContentCapturingMode.NO_CONTENT
    )


def load_for_turns() -> None:
    """`google.adk.workflow.Workflow`: is loaded by ADK in the first turn, when somebody waits: 250 ms of that turn.

    It is sooner when nobody does, and while the program's start looks for no garbage.
    """
    from google.adk.workflow import Workflow  # noqa: F401  (ADK's packages load nothing until a name is asked for)
