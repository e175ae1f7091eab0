"""What conversation tests share: a turn as a list of JSON objects, and moments to wait for."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from google.adk.models import LlmRequest

from conversation.conversation import Conversation
from conversation.events import TurnEvent
from tests.scripted import Play, Saying, call

Told = list[dict[str, Any]]


async def told(conversation: Conversation, text: str) -> Told:
    """All events of one turn, as `--json` prints them."""
    return [event.to_json() async for event in conversation.send(text)]


async def rest_of(events: AsyncIterator[TurnEvent]) -> Told:
    return [event.to_json() async for event in events]


def of_type(events: Told, *types: str) -> Told:
    return [event for event in events if event["type"] in types]


def reply(events: Told) -> str:
    (found,) = of_type(events, "reply")
    return str(found["text"])


def status(events: Told) -> str:
    """How the turn ended, as its last line says."""
    assert events[-1]["type"] == "turn"
    return str(events[-1]["status"])


@dataclass
class Gate:
    """A line of a script that tells when it is asked, and answers only when it is let go."""

    saying: Saying = "at last"
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, request: LlmRequest) -> Saying:
        self.entered.set()
        await self.opened.wait()
        return self.saying


def team() -> Play:
    """A team for most tests: one delegation, two at once, and a tool of the manager."""
    return Play(
        manager={
            "one": call("funny_nerd", request="a joke"),
            "both": [call("funny_nerd", request="a joke"), call("stock_analyst", request="a price")],
            "watch": call("add_to_stock_watchlist", ticker="nvda"),
            "mixed": [call("funny_nerd", request="a joke"), call("add_to_stock_watchlist", ticker="nvda")],
            "hello": "Hello  there,\n*you*!",
        },
        members={
            "a joke": "Why did the **tab** cross the road?",
            "a price": call("get_stock_price", ticker="AAPL"),
        },
    )
