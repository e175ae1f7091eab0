"""What the manager's model is told of earlier turns is what ADK itself would tell it of the same events."""

from collections.abc import Sequence

from google.adk.agents.run_config import RunConfig, StreamingMode
from google.adk.runners import Runner
from google.genai import types

from conversation.conversation import Conversation
from manager.team import build_app
from settings import Settings
from storage.adk.history import without_ids
from storage.adk.service import SessionService
from tests.conftest import Converse
from tests.conversation.support import Gate, status, team, told
from tests.scripted import Play, ScriptedModel, call, is_manager

Said = list[tuple[str | None, list[str]]]


def said(contents: Sequence[types.Content]) -> Said:
    """Roles and parts, comparable; without the ids of calls, which ADK leaves out for a model such as this."""
    return [
        (content.role, [part.model_dump_json() for part in content.parts or []]) for content in without_ids(contents)
    ]


def asked_last(play: Play) -> Said:
    return said(next(request for request in reversed(play.requests) if is_manager(request)).contents)


async def talk_about_everything(conversation: Conversation, hanging: Gate) -> None:
    """Turns that end in every way."""
    for text in ("hello", "one", "both", "watch"):
        assert status(await told(conversation, text)) == "completed"
    assert status(await told(conversation, "break")) == "failed"
    await told(conversation, "regret")
    await conversation.undo()
    async for event in conversation.send("hang"):
        if event.to_json()["type"] == "delegation_started":
            await hanging.entered.wait()
            conversation.cancel()


def play_of(hanging: Gate) -> Play:
    play = team()
    play.manager = {**play.manager, "break": ConnectionError("no"), "hang": call("funny_nerd", request="hang")}
    play.members = {**play.members, "hang": hanging}
    return play


async def test_it_is_what_adk_would_tell(converse: Converse) -> None:
    hanging = Gate()
    play = play_of(hanging)
    async with converse(play) as conversation:
        await talk_about_everything(conversation, hanging)
        stock = Runner(
            app=build_app(Settings(), lambda _skills: ScriptedModel(script=play)),
            session_service=SessionService(conversation.database),
        )
        message = types.Content(role="user", parts=[types.Part(text="last")])
        async for _ in stock.run_async(
            user_id=conversation.key.user_id,
            session_id=conversation.key.session_id,
            new_message=message,
            run_config=RunConfig(streaming_mode=StreamingMode.SSE),
        ):
            pass
        as_adk_does = asked_last(play)
        await conversation.undo()
        await told(conversation, "last")
        assert asked_last(play) == as_adk_does
        assert len(as_adk_does) > 12


async def test_it_is_the_same_after_a_restart(converse: Converse) -> None:
    hanging = Gate()
    play = play_of(hanging)
    async with converse(play) as conversation:
        await talk_about_everything(conversation, hanging)
        await told(conversation, "last")
        held = asked_last(play)
        await conversation.undo()
    async with converse(play) as conversation:
        await told(conversation, "last")
        assert asked_last(play) == held


async def test_a_delegated_agent_is_told_its_request_and_nothing_else(converse: Converse) -> None:
    play = team()
    async with converse(play) as conversation:
        await told(conversation, "a secret")
        await told(conversation, "one")
    (asked,) = (request for request in play.requests if not is_manager(request))
    (content,) = asked.contents
    assert content.parts is not None and content.parts[0].text == "a joke"
