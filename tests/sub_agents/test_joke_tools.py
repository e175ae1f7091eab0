"""Telling and explaining jokes, on a real record."""

import pytest
from google.adk.tools.tool_context import ToolContext

from settings import DATA
from state_tools.kinds import JOKE_PREFERENCES
from state_tools.record import Record
from sub_agents.funny_nerd.jokes import JokeBook
from sub_agents.funny_nerd.tools import JokeTools

BOOK = JokeBook.load(DATA / "jokes.json")
TOOLS = JokeTools(BOOK)


async def test_no_joke_is_repeated_until_its_topic_is_used_up(tool_context: ToolContext) -> None:
    count = len(BOOK.on("python"))
    told = [await TOOLS.get_nerd_joke("python", tool_context=tool_context) for _ in range(count + 1)]
    ids = [answer["id"] for answer in told]
    assert sorted(ids[:count]) == sorted(joke.id for joke in BOOK.on("python"))
    assert [answer["remaining"] for answer in told] == [*range(count - 1, -1, -1), count - 1]
    assert [answer["restarted"] for answer in told] == [False] * count + [True]
    assert ids[count] == ids[0]


async def test_a_joke_comes_with_its_id_and_topic(tool_context: ToolContext) -> None:
    answer = await TOOLS.get_nerd_joke("SQL", tool_context=tool_context)
    joke = BOOK.find(answer["id"])
    assert joke is not None
    assert (answer["status"], answer["topic"], answer["joke"]) == ("success", "databases", joke.joke)


async def test_an_unknown_topic_names_the_nearest_and_all_there_are(tool_context: ToolContext) -> None:
    answer = await TOOLS.get_nerd_joke("pyhton", tool_context=tool_context)
    assert answer["status"] == "error"
    assert "Did you mean python?" in answer["error_message"]
    assert all(topic in answer["error_message"] for topic in BOOK.topics)


async def test_an_unknown_topic_like_no_other_names_only_what_there_is(tool_context: ToolContext) -> None:
    answer = await TOOLS.get_nerd_joke("gardening tools", tool_context=tool_context)
    assert answer["error_message"].startswith("I have no jokes on 'gardening tools'. My topics are python, ")


async def test_without_a_topic_the_preferred_ones_take_turns(tool_context: ToolContext, record: Record) -> None:
    for topic in ("chemistry", "knitting", "SQL"):
        await record.add_preference(JOKE_PREFERENCES, topic)
    told = [await TOOLS.get_nerd_joke(tool_context=tool_context) for _ in range(4)]
    assert [answer["topic"] for answer in told] == ["chemistry", "databases"] * 2
    assert len({answer["id"] for answer in told}) == 4


@pytest.mark.parametrize("topic", ["", "any", " Random "])
async def test_without_a_topic_or_preference_all_topics_take_turns(tool_context: ToolContext, topic: str) -> None:
    told = [await TOOLS.get_nerd_joke(topic, tool_context=tool_context) for _ in BOOK.topics]
    assert [answer["topic"] for answer in told] == list(BOOK.topics)


async def test_the_last_joke_told_is_the_one_explained(tool_context: ToolContext) -> None:
    await TOOLS.get_nerd_joke("java", tool_context=tool_context)
    told = await TOOLS.get_nerd_joke("math", tool_context=tool_context)
    answer = await TOOLS.explain_joke(tool_context=tool_context)
    joke = BOOK.find(told["id"])
    assert joke is not None
    assert answer == {
        "status": "success",
        "id": joke.id,
        "topic": "math",
        "joke": joke.joke,
        "explanation": joke.explanation,
    }


async def test_a_joke_can_be_explained_by_its_id(tool_context: ToolContext) -> None:
    answer = await TOOLS.explain_joke("Physics-01", tool_context=tool_context)
    assert (answer["status"], answer["id"]) == ("success", "physics-01")


async def test_before_any_joke_there_is_none_to_explain(tool_context: ToolContext) -> None:
    answer = await TOOLS.explain_joke(tool_context=tool_context)
    assert answer["status"] == "error"
    assert "not told you a joke yet" in answer["error_message"]


async def test_an_unknown_id_is_an_error(tool_context: ToolContext) -> None:
    answer = await TOOLS.explain_joke("python-99", tool_context=tool_context)
    assert answer == {"status": "error", "error_message": "There is no joke with the id 'python-99' in my book."}


async def test_the_topics_are_listed_with_their_number_of_jokes() -> None:
    answer = await TOOLS.list_joke_topics()
    assert answer["status"] == "success"
    assert [entry["topic"] for entry in answer["topics"]] == list(BOOK.topics)
    assert all(entry["jokes"] >= 7 for entry in answer["topics"])
