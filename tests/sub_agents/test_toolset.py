"""Tools that are declared once."""

from google.adk.agents import LlmAgent
from google.adk.agents.invocation_context import InvocationContext
from google.adk.agents.llm_agent import ToolUnion
from google.adk.agents.readonly_context import ReadonlyContext
from google.adk.flows.llm_flows.tools._agent_tools import process_agent_tools
from google.adk.models import LlmRequest
from google.adk.sessions import InMemorySessionService, Session
from google.adk.tools import BaseTool, ToolContext
from google.adk.tools.base_toolset import BaseToolset

from sub_agents.toolset import fix_tools


def greet(name: str) -> str:
    """Greets somebody."""
    return f"Hello, {name}."


def part(name: str) -> str:
    """Says goodbye."""
    return f"Goodbye, {name}."


class _Asking(BaseToolset):
    async def get_tools(self, readonly_context: ReadonlyContext | None = None) -> list[BaseTool]:
        return []


class _Telling(BaseTool):
    """Has no declaration, and tells the model something in every request."""

    async def process_llm_request(self, *, tool_context: ToolContext, llm_request: LlmRequest) -> None:
        llm_request.append_instructions(["Be kind."])


async def declared(agent: LlmAgent) -> LlmRequest:
    """A request after ADK has put an agent's tools into it."""
    request = LlmRequest()
    session = Session(app_name="app", user_id="user", id="session")
    context = InvocationContext(
        session_service=InMemorySessionService(), invocation_id="turn", agent=agent, session=session
    )
    await process_agent_tools(context, request)
    return request


async def test_tools_are_declared_as_adk_declares_them() -> None:
    tools: list[ToolUnion] = [greet, _Telling(name="telling", description=""), part]
    plain = await declared(LlmAgent(name="plain", tools=[*tools]))
    fixed = await declared(fix_tools(LlmAgent(name="fixed", tools=[*tools])))
    assert fixed.config == plain.config
    assert list(fixed.tools_dict) == list(plain.tools_dict) == ["greet", "part"]


async def test_its_declaration_is_made_once() -> None:
    (tool,) = await fix_tools(LlmAgent(name="fixed", tools=[greet])).canonical_tools()
    assert tool._get_declaration() is tool._get_declaration()


def test_a_toolset_that_asks_somebody_is_left_to_do_so() -> None:
    asking = _Asking()
    assert asking in fix_tools(LlmAgent(name="fixed", tools=[greet, asking])).tools
