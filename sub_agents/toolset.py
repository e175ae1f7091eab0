"""An agent's tools as one set that never changes.

ADK resolves and declares every tool anew for every model call, one after the other; of a set it asks once, what a tool
of this set says of itself is kept, and the set declares all of them at once.
"""

from collections.abc import Sequence
from functools import cache

from google.adk.agents import LlmAgent
from google.adk.agents.readonly_context import ReadonlyContext
from google.adk.models import LlmRequest
from google.adk.tools import BaseTool, FunctionTool, ToolContext
from google.adk.tools.base_toolset import BaseToolset


class FixedToolset(BaseToolset):
    """Tools whose declarations are the same in every call."""

    def __init__(self, tools: Sequence[BaseTool]) -> None:
        super().__init__()
        self._tools = list(tools)
        self._plain = [tool for tool in tools if type(tool).process_llm_request is BaseTool.process_llm_request]
        for tool in self._tools:
            tool._get_declaration = cache(tool._get_declaration)  # type: ignore[method-assign]
        for tool in self._plain:
            tool.process_llm_request = _declared_by_its_set  # type: ignore[method-assign]

    async def get_tools(self, readonly_context: ReadonlyContext | None = None) -> list[BaseTool]:
        return self._tools

    async def process_llm_request(self, *, tool_context: ToolContext, llm_request: LlmRequest) -> None:
        llm_request.append_tools(self._plain)


async def _declared_by_its_set(*, tool_context: ToolContext, llm_request: LlmRequest) -> None:
    """What a tool of a set adds to a request: nothing more."""


def fix_tools(agent: LlmAgent) -> LlmAgent:
    """Makes one set of all that an agent may call, the agents it delegates to included; other toolsets stay."""
    toolsets = [tool for tool in agent.tools if isinstance(tool, BaseToolset)]
    tools = [tool for tool in agent.tools if not isinstance(tool, BaseToolset)]
    fixed = FixedToolset([tool if isinstance(tool, BaseTool) else FunctionTool(tool) for tool in tools])
    agent.tools = [fixed, *toolsets]
    return agent
