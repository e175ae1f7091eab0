"""How the app is put together."""

from google.adk.agents import LlmAgent
from google.adk.tools.function_tool import FunctionTool

from manager.team import build_app
from models.offline.skill import Skill
from settings import Settings
from sub_agents import state_tools, team
from tests.scripted import ScriptedModel


def test_the_app_is_named_as_its_folder_or_adk_web_would_not_find_its_sessions(settings: Settings) -> None:
    app = build_app(settings, lambda _: ScriptedModel(script=str))
    assert app.name == "manager"
    assert [plugin.name for plugin in app.plugins] == ["ledger"]


async def test_the_manager_has_the_state_tools_and_every_member_as_a_single_turn_agent(settings: Settings) -> None:
    app = build_app(settings, lambda _: ScriptedModel(script=str))
    root = app.root_agent
    assert isinstance(root, LlmAgent)
    tools = await root.canonical_tools()
    assert [tool.name for tool in tools if isinstance(tool, FunctionTool)] == [
        tool.call.__name__ for tool in state_tools(team(settings))
    ]
    assert [tool.name for tool in tools if not isinstance(tool, FunctionTool)] == [
        member.name for member in team(settings)
    ]
    assert [agent.name for agent in root.sub_agents] == [member.name for member in team(settings)]
    for agent in root.sub_agents:
        assert isinstance(agent, LlmAgent)
        assert agent.mode == "single_turn"
        assert agent.disallow_transfer_to_parent and agent.disallow_transfer_to_peers


def test_the_manager_knows_all_skills_and_a_member_only_its_own(settings: Settings) -> None:
    asked: list[list[str]] = []

    def models(skills: object) -> ScriptedModel:
        assert isinstance(skills, list)
        assert all(isinstance(skill, Skill) for skill in skills)
        asked.append([skill.agent for skill in skills])
        return ScriptedModel(script=str)

    build_app(settings, models)
    members = [member.name for member in team(settings)]
    assert sorted(asked, key=len) == [*([name] for name in members), ["manager", *members]]


def test_no_tool_has_two_meanings(settings: Settings) -> None:
    own = [tool.name for tool in state_tools(team(settings))]
    names = [*own, *(member.name for member in team(settings))]
    assert len(set(names)) == len(names)
