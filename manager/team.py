"""The manager and its team as one ADK app."""

from collections.abc import Sequence

from google.adk.agents import LlmAgent
from google.adk.apps import App
from google.adk.plugins.base_plugin import BasePlugin

from manager.instructions import INSTRUCTION
from manager.offline.skill import SKILL
from manager.plugin import LedgerPlugin
from models.factory import ModelFactory
from settings import APP_NAME, Settings
from sub_agents import Member, kinds, state_tools, team
from sub_agents.installed import PLUGINS, Tell, added, logged
from sub_agents.member import with_user
from sub_agents.toolset import fix_tools


def build_app(
    settings: Settings, model_for: ModelFactory, members: Sequence[Member] | None = None, tell: Tell = logged
) -> App:
    """The app with the team that the settings describe, and the plugins of installed packages behind our own.

    Args:
        settings: What it is made for.
        model_for: Gives each agent its model.
        members: The team, when the caller has it.
        tell: Takes a line on each package that is left out.
    """
    members = team(settings, tell) if members is None else members
    known = kinds(members)
    manager = LlmAgent(
        name=APP_NAME,
        model=model_for([SKILL, *(member.offline for member in members)]),
        description="Takes each message, delegates it to the agents that can answer, and answers.",
        instruction=with_user(INSTRUCTION, known),
        tools=[tool.call for tool in state_tools(members)],
        sub_agents=[member.build(model_for([member.offline]), known) for member in members],
    )
    return App(name=APP_NAME, root_agent=fix_tools(manager), plugins=_plugins(settings, tell))


def _plugins(settings: Settings, tell: Tell) -> list[BasePlugin]:
    plugins: list[BasePlugin] = [LedgerPlugin()]

    def check(joining: BasePlugin) -> None:
        if not isinstance(joining.name, str) or any(joining.name == each.name for each in plugins):
            raise ValueError(f"a plugin cannot be called {joining.name!r}, or there is one already")

    for plugin in added(PLUGINS, BasePlugin, settings, tell, check):
        plugins.append(plugin)
    return plugins
