"""Whatever happened in a conversation, the model is sent what ADK would send of it, and nothing that offends."""

import asyncio
import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from google.adk.events import Event
from google.adk.flows.llm_flows.contents import _get_contents
from google.adk.models import LlmRequest
from google.adk.platform import time as adk_time
from google.genai import types
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from conversation.conversation import Conversation
from settings import Settings
from storage.adk.history import visible
from storage.ledger.statements import WRITTEN
from storage.queries import session_changes
from tests.conftest import USER, Converse
from tests.conversation.support import Gate, team, told
from tests.conversation.test_history import Said, asked_last, said
from tests.scripted import Play, Saying, ScriptedModel, call, is_manager
from tests.storage.support import rows

THOUGHT = types.Part(text="a secret thought", thought=True)
BLANK = types.Part(text=" \n")
ODD: dict[str, Saying] = {
    "nothing": [],
    "empty": types.Part(text=""),
    "blank": BLANK,
    "thought": THOUGHT,
    "signed": THOUGHT.model_copy(update={"thought_signature": b"s"}),
    "thought and text": [THOUGHT, types.Part(text="said")],
    "thought and call": [THOUGHT, call("get_current_time")],
    "blank and call": [BLANK, call("get_current_time")],
    "thought and delegation": [THOUGHT, call("funny_nerd", request="think")],
}


@dataclass
class Clock:
    """ADK's clock, which can be set."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class Stage:
    """A team that says and does everything that a turn can end with."""

    clock: Clock = field(default_factory=Clock)
    hanging: Gate = field(default_factory=Gate)

    def play(self) -> Play:
        play = team()
        play.manager = {
            **play.manager,
            **ODD,
            "break": ConnectionError("no"),
            "hang": call("funny_nerd", request="hang"),
            "late": self.set_back,
        }
        play.members = {**play.members, "hang": self.hanging, "think": [THOUGHT, types.Part(text="thought over")]}
        return play

    def set_back(self, _: LlmRequest) -> Saying:
        self.clock.ahead -= 3600
        return call("get_current_time")


def offends(content: types.Content) -> bool:
    parts = content.parts or []
    acts = any(part.function_call or part.function_response for part in parts)
    seen = any(part.text and part.text.strip() for part in parts)
    return any(part.thought for part in parts) or not (acts or seen)


@pytest.mark.parametrize("odd", ODD)
async def test_what_no_provider_takes_is_in_no_later_request(converse: Converse, odd: str) -> None:
    play = Stage().play()
    async with converse(play) as conversation:
        await told(conversation, odd)
        await told(conversation, "next")
        held = asked_last(play)
        assert not any(offends(content) for content in play.requests[-1].contents)
        await conversation.undo()
    async with converse(play) as conversation:
        await told(conversation, "next")
        assert asked_last(play) == held
        assert not any(offends(content) for content in play.requests[-1].contents)


def as_adk_sends(file: Path, session_id: str, message: str) -> Said:
    """What ADK makes of the events in the order they were written, without what no provider takes."""
    stored = rows(file, f"SELECT event_data FROM events WHERE session_id = ? ORDER BY {WRITTEN}", session_id)
    events = [Event.model_validate(json.loads(row["event_data"])) for row in stored]
    contents = [kept for content in _get_contents(None, events, "manager") if (kept := visible(content))]
    return said([*contents, types.Content(role="user", parts=[types.Part(text=message)])])


STEPS = st.lists(
    st.sampled_from(
        [*ODD, "hello", "one", "both", "watch", "break", "hang", "late", "undo", "fork", "reopen", "ahead", "back"]
    ),
    max_size=7,
)


async def perform(file: Path, steps: Sequence[str]) -> None:
    stage = Stage()
    adk_time.set_time_provider(stage.clock)
    settings = Settings(database_url=f"sqlite+aiosqlite:///{file}", chat_user=USER)
    play = stage.play()
    waiting = list(steps)
    while True:
        async with Conversation.open(settings, models=lambda _: ScriptedModel(script=play)) as conversation:
            while waiting and (step := waiting.pop(0)) != "reopen":
                await do(conversation, stage, step)
            if not waiting:
                expected = as_adk_sends(file, conversation.key.session_id, "last")
                await told(conversation, "last")
                assert said(play.requests[-1].contents) == expected
                assert is_manager(play.requests[-1])
                return


async def do(conversation: Conversation, stage: Stage, step: str) -> None:
    match step:
        case "undo":
            await conversation.undo(2)
        case "fork":
            if await _has_turns(conversation):
                target = await session_changes.fork(conversation.database, conversation.key)
                conversation.switch(target.session_id)
        case "ahead":
            stage.clock.ahead += 3600
        case "back":
            stage.clock.ahead -= 3600
        case "hang":
            async for event in conversation.send(step):
                if event.to_json()["type"] == "delegation_started":
                    await stage.hanging.entered.wait()
                    conversation.cancel()
        case _:
            await told(conversation, step)


async def _has_turns(conversation: Conversation) -> bool:
    stored = await conversation._service.log.session(conversation.key)
    return stored is not None and stored.last_turn > 0


@examples(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=["ahead", "hello", "one", "back", "both", "reopen"])
@example(steps=["hello", "late", "hello", "fork", "hello", "reopen"])
@example(steps=["hello", "one", "hang", "break", "undo", "thought", "reopen"])
@given(steps=STEPS)
def test_after_anything_the_model_is_sent_what_adk_would_send(blank_database: Path, steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(shutil.copy(blank_database, Path(folder) / "test.db"))
        asyncio.run(perform(file, steps))


async def test_the_window_goes_by_the_numbers_of_turns_whatever_the_clock(converse: Converse) -> None:
    clock = Clock()
    adk_time.set_time_provider(clock)
    play = Stage(clock).play()
    for message, ahead in (("first", 3600), ("second", 3600), ("third", 0), ("late", 0), ("fifth", -3600)):
        clock.ahead = ahead
        async with converse(play) as conversation:
            await told(conversation, message)
    async with converse(play) as conversation:
        await told(conversation, "last")
        sent = [
            part.text
            for content in play.requests[-1].contents
            if content.role == "user"
            for part in content.parts or []
        ]
        assert [text for text in sent if text] == ["first", "second", "third", "late", "fifth", "last"]
