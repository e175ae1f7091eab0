"""Turns that are taken back are gone from the conversation and the models context; preferences stay."""

from google.adk.models import LlmRequest

from conversation.conversation import Change
from settings import Settings
from storage import preferences, search, sessions, turns
from tests.conftest import Converse
from tests.conversation.support import status, team, told
from tests.scripted import Play


def seen(request: LlmRequest) -> str:
    return " ".join(part.text or "" for content in request.contents for part in content.parts or [])


async def test_an_undone_turn_is_no_longer_in_the_conversation_or_in_the_models_context(converse: Converse) -> None:
    play = Play()
    async with converse(play) as conversation:
        for text in ("first", "second", "third"):
            await told(conversation, text)
        undone = await conversation.undo(2)
        assert undone.messages == ("second", "third")
        await told(conversation, "fourth")
        held = await turns.history(conversation.database, conversation.key, limit=9)
        assert [turn.user_input for turn in held] == ["fourth", "first"]
        context = seen(play.requests[-1])
        assert "first" in context and "fourth" in context
        assert "second" not in context and "third" not in context
        assert await search.search(conversation.database, conversation.key.user, "second", limit=3) == []


async def test_what_a_turn_changed_in_the_preferences_stays_and_is_told(converse: Converse) -> None:
    async with converse(team()) as conversation:
        await told(conversation, "hello")
        await told(conversation, "watch")
        undone = await conversation.undo()
        assert undone.changes == (Change("add_to_stock_watchlist", {"ticker": "nvda"}),)
        known = await preferences.of_user(conversation.database, conversation.key.user)
        assert known == {"stock_watchlist": ["NVDA"]}
        assert (await conversation.undo()).changes == ()


async def test_the_title_survives(converse: Converse) -> None:
    async with converse(Play()) as conversation:
        await told(conversation, "plans")
        await conversation.undo()
        info = await sessions.get(conversation.database, conversation.key)
        assert info is not None
        assert (info.title, info.turns) == ("plans", 0)


async def test_more_than_there_is_takes_back_all_and_nothing_is_no_error(converse: Converse) -> None:
    async with converse(Play()) as conversation:
        assert (await conversation.undo(3)).messages == ()
        await told(conversation, "only")
        assert (await conversation.undo(99)).messages == ("only",)
        assert (await conversation.undo()).messages == ()
        assert status(await told(conversation, "again")) == "completed"


async def test_undo_holds_after_a_restart(converse: Converse, settings: Settings) -> None:
    async with converse(Play()) as conversation:
        await told(conversation, "first")
        await told(conversation, "second")
        await conversation.undo()
    play = Play()
    async with converse(play) as conversation:
        await told(conversation, "third")
        assert "second" not in seen(play.requests[-1])
        held = await turns.history(conversation.database, conversation.key, limit=9)
        assert [turn.user_input for turn in held] == ["third", "first"]


async def test_retry_sends_the_last_message_again_in_place_of_its_turn(converse: Converse) -> None:
    play = Play()
    async with converse(play) as conversation:
        await told(conversation, "first")
        await told(conversation, "second")
        events = [event.to_json() async for event in conversation.retry()]
        assert status(events) == "completed"
        held = await turns.history(conversation.database, conversation.key, limit=9)
        assert [turn.user_input for turn in held] == ["second", "first"]
        assert seen(play.requests[-1]).count("second") == 1


async def test_retry_works_after_a_failure(converse: Converse) -> None:
    lines = {"fragile": RuntimeError("broken")}
    async with converse(Play(manager=lines)) as conversation:
        assert status(await told(conversation, "fragile")) == "failed"
        lines.clear()
        assert status([event.to_json() async for event in conversation.retry()]) == "completed"
        (turn,) = await turns.history(conversation.database, conversation.key, limit=9)
        assert (turn.user_input, turn.status) == ("fragile", "completed")


async def test_there_may_be_nothing_to_send_again(converse: Converse) -> None:
    async with converse(Play()) as conversation:
        assert [event async for event in conversation.retry()] == []
