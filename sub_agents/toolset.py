"""An agent's tools, made one set that never changes."""

from google.adk.agents import LlmAgent
from google.adk.tools.base_toolset import BaseToolset

from storage.adk.quick import FixedToolset


def fix_tools(agent: LlmAgent) -> LlmAgent:
    """Makes one set of all that an agent may call, the agents it delegates to included; other toolsets stay."""
    toolsets = [tool for tool in agent.tools if isinstance(tool, BaseToolset)]
    fixed = FixedToolset([tool for tool in agent.tools if not isinstance(tool, BaseToolset)])
    agent.tools = [fixed, *toolsets]
    return agent
