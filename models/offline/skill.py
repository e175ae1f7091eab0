"""What an agent declares so that the offline model can use it: phrases, synonyms and vocabularies, all of it data.

A skill says in which words people ask for what a tool does (examples), which words mean the same (acts and things) and
which names it knows (vocabularies). The router compiles skills; nothing here knows how scoring works.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Response = Mapping[str, Any]
"""What a tool returned: a dict with "status" and, on errors, "error_message"."""
Compose = Callable[[Response], str]
Words = tuple[str, ...]


def finished(response: Response) -> str:
    """The reply for a tool whose result needs no wording of its own."""
    return str(response.get("message") or response.get("result") or "Done.")


def phrases(text: str) -> Words:
    """The phrases of a block of text, between bars or on lines of their own."""
    found = (" ".join(phrase.split()) for phrase in text.replace("\n", "|").split("|"))
    return tuple(phrase for phrase in found if phrase)


def wordset(text: str) -> frozenset[str]:
    """The words of a block of text."""
    return frozenset(text.split())


def vocabulary(text: str) -> Mapping[str, Words]:
    """The values of a slot kind, each with its words: "MSFT: microsoft | msft". A line without a colon goes on."""
    found: dict[str, Words] = {}
    value = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        named, colon, words = line.rpartition(":")
        value = named if colon else value
        found[value] = found.get(value, ()) + phrases(words)
    return found


@dataclass(frozen=True)
class Intent:
    """One thing a person may ask for, and the tool that does it.

    `examples` are phrases with slots in braces: "a joke about {topic}". A slot is named after its kind: a vocabulary
    ("topic", "ticker"), free text ("query", "name") or "number".
    """

    name: str
    examples: Words
    compose: Compose = finished
    """Turns the tool's response into a short Markdown reply."""
    tool: str | None = None
    """The tool that answers; None for what is answered with words alone."""
    slots: Mapping[str, str] = field(default_factory=dict)
    """Tool argument -> slot kind. A list-valued argument has its kind in the plural: {"tickers": "ticker+"}."""
    optional: Words = ()
    """Slot kinds that may stay empty; for all others the conversation is consulted, then the person."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that are the same whatever was said."""
    request: Words = ()
    """Self-contained texts for a delegation, most specific first: the first whose slots are all known is used."""
    label: Words = ()
    """How a question back calls it ("a joke about {topic}"), most specific first. Without one it is never offered."""
    after: Words = ()
    """Intents of which one must have been answered just before: "why is that funny?" needs a joke."""
    repeats: bool = False
    """Whether "another one" may mean this."""
    instead: str | None = None
    """The intent that takes this one back when it is corrected ("no, I meant Tesla")."""
    leads: Words = ()
    """Beginnings of a sentence whose rest, as typed, is the slot "words": "remember that {clause}" takes what says
    something, {own} what somebody says of themselves, {mine} what is theirs, {words} anything."""


@dataclass(frozen=True)
class Skill:
    """Everything the offline model knows about one agent."""

    agent: str
    help: str
    """One line for "what can you do?": "jokes on ten nerdy topics"."""
    intents: tuple[Intent, ...]
    acts: Mapping[str, Words] = field(default_factory=dict)
    """Concept -> words that ask for an action: {"add": ("add", "put", "start tracking")}."""
    things: Mapping[str, Words] = field(default_factory=dict)
    """Concept -> words for what the action is about: {"joke": ("joke", "pun", "one-liner")}."""
    vocabularies: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    """Slot kind -> canonical value -> the words people use for it."""
    names: Words = ()
    """What people call the agent."""
