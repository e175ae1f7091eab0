"""The conversation that every system holds: what is said, what the tools answer, and when the model calls what.

A turn is eight events and four model calls: a message; the manager calls a tool, which answers; it hands over to an
agent; the agent calls a tool, which answers; the agent answers the person. The model takes no time, unless told to.
"""

import json
from collections.abc import Iterable
from enum import Enum
from typing import Any

EVENTS = 8
"""Messages, calls and responses in one turn."""
MODEL_CALLS = 4
MANAGER = "manager"
MEMBER = "funny_nerd"
MANAGER_TOOL = "get_current_time"
MEMBER_TOOL = "list_joke_topics"
REQUEST = "Which topics are there jokes on?"
ANSWER = "There are jokes on ten topics, from python to biology; name one and the next joke will be on that."

TIME = {
    "status": "success",
    "iso": "2026-11-21T09:30:00+00:00",
    "timezone": "UTC",
    "readable": "Saturday, 21 November 2026, 09:30 (UTC)",
}
_NAMES = [
    "python",
    "javascript",
    "java",
    "programming",
    "databases",
    "recursion",
    "math",
    "physics",
    "chemistry",
    "biology",
]
TOPICS: dict[str, Any] = {"status": "success", "topics": [{"topic": name, "jokes": 20} for name in _NAMES]}
"""What the tools answer on the other systems: as long as what the real ones answer here."""


class Step(Enum):
    """What the model does next."""

    TOOL = "tool"
    HAND_OVER = "hand over"
    ANSWER = "answer"


def message(number: int) -> str:
    """What the person says in a turn."""
    return f"This is message number {number}: what time is it, and what are there jokes on?"


def next_step(*, manager: bool, answered: int) -> Step:
    """What a model does that has `answered` responses of tools since it was asked."""
    if answered == 0:
        return Step.TOOL
    return Step.HAND_OVER if manager else Step.ANSWER


def characters(value: object) -> int:
    """The length of a piece of a prompt, structured pieces as JSON."""
    return len(value) if isinstance(value, str) else len(json.dumps(value, default=str))


class Prompts:
    """Counts what the models of one turn are sent of the conversation, without instructions and tool declarations."""

    def __init__(self) -> None:
        self.calls = 0
        self._characters = 0

    def add(self, pieces: Iterable[object]) -> None:
        """One model call with these pieces of conversation."""
        self.calls += 1
        self._characters += sum(map(characters, pieces))

    def take(self) -> int:
        """Tokens since the last time, at four characters a token."""
        tokens, self._characters = self._characters // 4, 0
        return tokens


class Uncounted(Prompts):
    """Does not look at what is sent, for where the conversations of many go through one model."""

    def add(self, pieces: Iterable[object]) -> None:
        """One model call."""
        self.calls += 1
