"""What every member of the team promises, whoever they are."""

import pytest
from google.adk.tools.function_tool import FunctionTool

from settings import Settings
from sub_agents import OURS, Member, team
from tests.scripted import ScriptedModel

TOOLS = {
    "funny_nerd": ["get_nerd_joke", "explain_joke", "list_joke_topics"],
    "stock_analyst": ["get_stock_price", "compare_stocks", "get_watchlist_summary"],
    "news_analyst": ["search_news", "get_headlines", "get_news_digest"],
    "librarian": ["search_record", "recent_turns", "who_did_what"],
}
each_member = pytest.mark.parametrize("member", [make(Settings()) for make in OURS], ids=lambda member: member.name)


def test_the_agents_of_the_documentation_are_in_the_team_with_their_tools(settings: Settings) -> None:
    found = {member.name: [tool.__name__ for tool in member.tools] for member in team(settings)}
    assert found.items() >= TOOLS.items()


async def test_the_team_is_as_the_settings_want_it(settings: Settings) -> None:
    feed = "http://127.0.0.1:9/feed"
    told = settings.model_copy(update={"news_feeds": (feed,), "feed_timeout": 0.5})
    for given, note in ((settings, "sample articles"), (told, "127.0.0.1")):
        (headlines,) = [tool for member in team(given) for tool in member.tools if tool.__name__ == "get_headlines"]
        assert note in str(await headlines())


@each_member
def test_a_member_is_named_as_its_folder_and_its_skill(member: Member) -> None:
    assert type(member).__name__ == "Member"
    assert member.offline.agent == member.name
    assert {intent.tool for intent in member.offline.intents} - {None} <= {tool.__name__ for tool in member.tools}


@each_member
def test_a_member_says_what_it_does_and_how_it_works(member: Member) -> None:
    assert 20 < len(member.description) < 400
    assert all(tool.__name__ in member.instruction for tool in member.tools)
    assert "{" not in member.instruction


@each_member
def test_a_model_is_told_each_tool_without_the_context(member: Member) -> None:
    for tool in member.tools:
        declared = FunctionTool(tool)._get_declaration()
        assert declared is not None
        assert len(declared.description or "") > 20
        assert "tool_context" not in str(declared)


@each_member
def test_a_member_becomes_a_single_turn_agent_that_hands_nothing_on(member: Member) -> None:
    agent = member.build(ScriptedModel(script=lambda _: "hello"))
    assert (agent.name, agent.mode, agent.description) == (member.name, "single_turn", member.description)
    assert agent.disallow_transfer_to_parent
    assert agent.disallow_transfer_to_peers
