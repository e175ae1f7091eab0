"""What the user told about themselves is in every agent's instruction, in this turn and in the next process."""

from google.adk.models import LlmRequest

from conversation.conversation import Conversation
from settings import Settings
from storage.database import Database
from storage.queries import preferences
from tests.conftest import Converse
from tests.conversation.support import told
from tests.scripted import Play, agent_of, call
from tests.storage.support import ADA

NAME = "The user's name is Sam."


def instruction(request: LlmRequest) -> str:
    return str(request.config.system_instruction)


def naming() -> Play:
    return Play(
        manager={
            "I am Sam": call("update_user_preferences", preference="user_name", value="Sam"),
            "watch NVDA": call("add_to_stock_watchlist", ticker="NVDA"),
            "forget NVDA": call("remove_from_stock_watchlist", ticker="NVDA"),
            "a joke": call("funny_nerd", request="a joke"),
        }
    )


async def test_a_stranger_has_no_name(converse: Converse) -> None:
    play = naming()
    async with converse(play) as conversation:
        await told(conversation, "hello")
    assert "The user's" not in instruction(play.requests[0])


async def test_a_name_is_known_as_soon_as_it_is_told(converse: Converse) -> None:
    play = naming()
    async with converse(play) as conversation:
        await told(conversation, "I am Sam")
        await told(conversation, "a joke")
    told_to = [(agent_of(request), NAME in instruction(request)) for request in play.requests]
    assert told_to == [("manager", False), ("manager", True), ("manager", True), ("funny_nerd", True)]


async def test_a_name_is_known_in_the_next_process_and_in_a_new_session(converse: Converse) -> None:
    async with converse(naming()) as conversation:
        await told(conversation, "I am Sam")
    for new in (False, True):
        play = naming()
        async with converse(play, new=new) as conversation:
            await told(conversation, "hello")
        assert NAME in instruction(play.requests[0])


async def test_a_watchlist_is_as_it_is_now(converse: Converse) -> None:
    play = naming()
    async with converse(play) as conversation:
        for text in ("watch NVDA", "hello", "forget NVDA", "hello"):
            await told(conversation, text)
    found = ["stock watchlist: NVDA." in instruction(request) for request in play.requests]
    assert found == [False, True, True, True, False, False]


async def test_a_preference_that_was_changed_elsewhere_is_known_at_the_next_message(
    converse: Converse, settings: Settings
) -> None:
    play = naming()
    async with converse(play) as conversation:
        await told(conversation, "hello")
        async with Database.open(settings.database_url) as other:
            await preferences.add(other, ADA, "user_name", "Sam")
        await told(conversation, "hello")
    assert [NAME in instruction(request) for request in play.requests] == [False, True]


async def test_braces_in_a_preference_are_only_text(converse: Converse) -> None:
    play = Play(manager={"name": call("update_user_preferences", preference="user_name", value="{user:x} {y?}")})
    async with converse(play) as conversation:
        events = await told(conversation, "name")
        assert events[-1]["status"] == "completed"
        assert (await told(conversation, "hello"))[-1]["status"] == "completed"
    assert "The user's name is {user:x} {y?}." in instruction(play.requests[-1])


async def test_the_offline_model_is_told_the_name_and_no_provider_is_sent_it_beside_the_instruction(
    settings: Settings, converse: Converse
) -> None:
    async with Conversation.open(settings) as conversation:
        await preferences.add(conversation.database, ADA, "user_name", "Dr. No")
        events = await told(conversation, "hi")
    assert "Dr. No" in next(event["text"] for event in events if event["type"] == "reply")
    play = naming()
    async with converse(play) as conversation:
        await told(conversation, "a joke")
    assert all("Dr. No" in instruction(request) for request in play.requests)
    assert all("Dr. No" not in str(request.config.labels) for request in play.requests)
