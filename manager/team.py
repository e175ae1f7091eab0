"""The manager and its team as one ADK app."""

from collections.abc import Sequence

from google.adk.agents import LlmAgent
from google.adk.apps import App

from manager.instructions import INSTRUCTION
from manager.offline.skill import SKILL
from manager.plugin import LedgerPlugin
from models.factory import ModelFactory
from settings import APP_NAME, Settings
from sub_agents import Member, kinds, state_tools, team
from sub_agents.member import with_user
from sub_agents.toolset import fix_tools


def build_app(settings: Settings, model_for: ModelFactory, members: Sequence[Member] | None = None) -> App:
    """The app with the team that the settings describe; every agent answers with a model from `model_for`.

    Args:
        members: The team, when the caller has it.
    """
    members = team(settings) if members is None else members
    known = kinds(members)
    manager = LlmAgent(
        name=APP_NAME,
        model=model_for([SKILL, *(member.skill for member in members)]),
        description="Takes each message, delegates it to the agents that can answer, and answers.",
        instruction=with_user(INSTRUCTION, known),
        tools=[tool.call for tool in state_tools(members)],
        sub_agents=[member.build(model_for([member.skill]), known) for member in members],
    )
    return App(name=APP_NAME, root_agent=fix_tools(manager), plugins=[LedgerPlugin()])
