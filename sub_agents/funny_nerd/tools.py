"""What the funny nerd may call. The same person hears no joke twice until its topic is used up."""

from collections.abc import Sequence
from typing import Any

from google.adk.tools.tool_context import ToolContext

from state_tools.record import Record
from sub_agents.funny_nerd.jokes import JokeBook

TOLD = "jokes/"
"""The record keeps what was told in one collection a topic, under this prefix."""
ANY_TOPIC = frozenset({"", "any", "anything", "random", "nerd", "nerdy", "funny"})


def topic_after(last: str | None, topics: Sequence[str]) -> str:
    """The topic whose turn it is when `topics` go round and `last` was the latest; the first when it is not among them.

    Raises ValueError when `topics` is empty.
    """
    if not topics:
        raise ValueError("no topics to choose from")
    return topics[(topics.index(last) + 1) % len(topics)] if last in topics else topics[0]


class JokeTools:
    """The tools over one joke book."""

    def __init__(self, book: JokeBook) -> None:
        self._book = book

    async def get_nerd_joke(self, topic: str = "", *, tool_context: ToolContext) -> dict[str, Any]:
        """Tells a nerdy joke this person has not heard yet.

        Args:
            topic: python, javascript, java, programming, databases, recursion, math, physics, chemistry or biology.
                Leave it empty for a joke on a topic this person prefers.

        Returns:
            The joke with its id and topic, `remaining` (jokes on the topic this person has not heard yet) and
            `restarted` (true when all had been heard and they start over). An error names the topics there are.
        """
        record = Record.of(tool_context)
        chosen = (
            await self._next_topic(record) if topic.strip().casefold() in ANY_TOPIC else self._book.topic_named(topic)
        )
        if chosen is None:
            return {"status": "error", "error_message": self._no_such_topic(topic)}
        jokes = {joke.id: joke for joke in self._book.on(chosen)}
        pick = await record.pick_unseen(TOLD + chosen, list(jokes))
        return {
            "status": "success",
            "topic": chosen,
            "id": pick.item,
            "joke": jokes[pick.item].joke,
            "remaining": pick.remaining,
            "restarted": pick.restarted,
        }

    async def explain_joke(self, joke_id: str = "", *, tool_context: ToolContext) -> dict[str, Any]:
        """Explains why a joke is funny.

        Args:
            joke_id: the joke's id, such as "python-03". Leave it empty for the joke this person was told last.

        Returns:
            The joke with its explanation, or an error when no joke was told yet or the id is unknown.
        """
        if not joke_id.strip():
            last = await Record.of(tool_context).last_seen(TOLD)
            if last is None:
                return {
                    "status": "error",
                    "error_message": "I have not told you a joke yet, so there is none to explain.",
                }
            joke_id = last[1]
        joke = self._book.find(joke_id)
        if joke is None:
            return {"status": "error", "error_message": f"There is no joke with the id '{joke_id}' in my book."}
        return {
            "status": "success",
            "id": joke.id,
            "topic": joke.topic,
            "joke": joke.joke,
            "explanation": joke.explanation,
        }

    async def list_joke_topics(self) -> dict[str, Any]:
        """Lists the topics there are jokes on, with the number of jokes on each."""
        topics = [{"topic": topic, "jokes": len(self._book.on(topic))} for topic in self._book.topics]
        return {"status": "success", "topics": topics}

    async def _next_topic(self, record: Record) -> str:
        """A topic for a joke on nothing in particular: this person's preferred topics take turns, else all do."""
        liked = (await record.preferences()).get("joke_preferences", [])
        known = [topic for topic in (self._book.topic_named(name) for name in liked) if topic]
        last = await record.last_seen(TOLD)
        return topic_after(
            last[0].removeprefix(TOLD) if last else None, list(dict.fromkeys(known)) or self._book.topics
        )

    def _no_such_topic(self, topic: str) -> str:
        near = self._book.nearest_topic(topic)
        hint = f" Did you mean {near}?" if near else ""
        return f"I have no jokes on '{topic.strip()}'.{hint} My topics are {', '.join(self._book.topics)}."
