"""Tools that are declared once."""

from google.adk.agents import LlmAgent
from google.adk.agents.readonly_context import ReadonlyContext
from google.adk.models import LlmRequest
from google.adk.tools import BaseTool
from google.adk.tools.base_toolset import BaseToolset

from sub_agents.toolset import fix_tools


def greet(name: str) -> str:
    """Greets somebody."""
    return f"Hello, {name}."


class _Asking(BaseToolset):
    async def get_tools(self, readonly_context: ReadonlyContext | None = None) -> list[BaseTool]:
        return []


async def test_a_tool_is_declared_as_adk_declares_it() -> None:
    plain, fixed = LlmRequest(), LlmRequest()
    plain.append_tools(await LlmAgent(name="plain", tools=[greet]).canonical_tools())
    fixed.append_tools(await fix_tools(LlmAgent(name="fixed", tools=[greet])).canonical_tools())
    assert fixed.config.tools == plain.config.tools
    assert list(fixed.tools_dict) == ["greet"]


async def test_its_declaration_is_made_once() -> None:
    (tool,) = await fix_tools(LlmAgent(name="fixed", tools=[greet])).canonical_tools()
    assert tool._get_declaration() is tool._get_declaration()


def test_a_toolset_that_asks_somebody_is_left_to_do_so() -> None:
    asking = _Asking()
    assert asking in fix_tools(LlmAgent(name="fixed", tools=[greet, asking])).tools
