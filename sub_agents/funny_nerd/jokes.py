"""The joke book: the jokes that are shipped, by topic and by id.

Always holds: a book never changes once loaded, ids are unique, and topics keep the order of the file. Which jokes a
person has heard is not known here; that is in the record.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from rapidfuzz import fuzz, process

from storage.shipped import read_json

OTHER_NAMES = {
    "py": "python",
    "js": "javascript",
    "ecmascript": "javascript",
    "jvm": "java",
    "code": "programming",
    "coding": "programming",
    "coder": "programming",
    "software": "programming",
    "programmer": "programming",
    "db": "databases",
    "database": "databases",
    "sql": "databases",
    "recursive": "recursion",
    "maths": "math",
    "mathematics": "math",
    "physicist": "physics",
    "chem": "chemistry",
    "chemist": "chemistry",
    "bio": "biology",
    "biologist": "biology",
}
"""What people call a topic, beside its own name."""


@dataclass(frozen=True, slots=True)
class Joke:
    """One joke and the sentence or two that explain it."""

    id: str
    topic: str
    joke: str
    explanation: str


class JokeBook:
    """All jokes; built from a list or loaded from a JSON file of objects with `Joke`'s fields."""

    def __init__(self, jokes: Iterable[Joke]) -> None:
        """Raises ValueError when two jokes share an id."""
        self._jokes: dict[str, Joke] = {}
        self._topics: dict[str, list[Joke]] = {}
        for joke in jokes:
            if joke.id in self._jokes:
                raise ValueError(f"two jokes with the id {joke.id}")
            self._jokes[joke.id] = joke
            self._topics.setdefault(joke.topic, []).append(joke)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads a book from `path`. Raises StorageError when it cannot be read, or is none."""
        return read_json(path, lambda entries: cls(Joke(**entry) for entry in entries))

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic, in the book's order."""
        return tuple(self._topics)

    def on(self, topic: str) -> tuple[Joke, ...]:
        """The jokes on one of `topics`, in the book's order; none for anything else."""
        return tuple(self._topics.get(topic, ()))

    def find(self, joke_id: str) -> Joke | None:
        """The joke with this id, however it is capitalised."""
        return self._jokes.get(joke_id.strip().casefold())

    def topic_named(self, text: str) -> str | None:
        """The topic that `text` names: by its name, another name for it, or one of these among its words."""
        words: list[str] = re.findall(r"\w+", text.casefold())
        for name in (text.strip().casefold(), *words):
            topic = OTHER_NAMES.get(name, name)
            if topic in self._topics:
                return topic
        return None

    def nearest_topic(self, text: str) -> str | None:
        """The topic spelt most like `text`, if one is at all alike."""
        match = process.extractOne(text.strip().casefold(), self.topics, scorer=fuzz.ratio, score_cutoff=60)
        return str(match[0]) if match else None
