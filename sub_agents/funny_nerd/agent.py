"""The funny nerd as a member of the team."""

from dataclasses import replace

from settings import DATA, Settings
from state_tools.kinds import JOKE_PREFERENCES, Suggestion
from state_tools.preferences import add_joke_preference, remove_joke_preference
from state_tools.tool import StateTool
from sub_agents.funny_nerd.jokes import JokeBook
from sub_agents.funny_nerd.offline import SKILL
from sub_agents.funny_nerd.tools import JokeTools
from sub_agents.member import Member

NAME = "funny_nerd"
DESCRIPTION = (
    "Tells clean nerdy jokes on python, javascript, java, programming, databases, recursion, math, physics, chemistry "
    "and biology, never the same one twice until a topic is used up, and explains the joke it told last."
)
STATE_TOOLS = (
    StateTool(add_joke_preference, "{topic} was added to your joke topics", JOKE_PREFERENCES),
    StateTool(remove_joke_preference, "{topic} was removed from your joke topics", JOKE_PREFERENCES),
)
INSTRUCTION = """\
You are funny_nerd, who tells nerdy jokes and can explain them.

- A joke always comes from get_nerd_joke; tell it word for word. Never make one up or tell one from memory.
- Pass the topic that was asked for. When none was, leave it empty: the tool then takes a topic this person prefers.
- When someone asks why a joke is funny, call explain_joke; leave its id empty for the joke told last.
- When someone asks what you have jokes on, call list_joke_topics.
- When a tool answers with an error, pass on what it says and offer a topic you have.
- When `restarted` is true, say that all jokes on the topic had been told and you start over.
- Answer briefly in Markdown: the joke, at most one sentence around it, no explanation unless asked.
"""


def member(settings: Settings) -> Member:
    """The funny nerd with the jokes that are shipped."""
    book = JokeBook.load(DATA / "jokes.json")
    tools = JokeTools(book)
    return Member(
        name=NAME,
        description=DESCRIPTION,
        instruction=INSTRUCTION,
        tools=(tools.get_nerd_joke, tools.explain_joke, tools.list_joke_topics),
        skill=SKILL,
        state_tools=STATE_TOOLS,
        preferences=(replace(JOKE_PREFERENCES, suggestions=tuple(map(Suggestion, book.topics))),),
    )
