"""Which session a conversation goes on in, and for whom."""

from uuid import UUID

import pytest
from google.adk.sessions import DatabaseSessionService

from conversation.conversation import Conversation
from models.errors import ModelError
from settings import APP_NAME, Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.queries import preferences, sessions
from storage.scope import SessionKey, User
from tests.conftest import USER, Converse
from tests.conversation.support import status, team, told
from tests.scripted import ScriptedModel
from tests.storage.support import exchange, file_of, rows, store, without_hook

ADA = User(APP_NAME, USER)


async def test_the_first_conversation_is_a_new_session(converse: Converse) -> None:
    async with converse(team()) as conversation:
        assert UUID(conversation.key.session_id)
        assert (conversation.key.app_name, conversation.key.user_id) == ("manager", USER)
        assert conversation.model == "scripted"
        await told(conversation, "hello")
        (info,) = await sessions.listing(conversation.database, ADA, limit=9)
    assert (info.session_id, info.title, info.turns) == (conversation.key.session_id, "hello", 1)


async def test_the_session_used_last_is_continued(converse: Converse) -> None:
    async with converse(team()) as first:
        await told(first, "hello")
    async with converse(team(), new=True) as second:
        assert second.key != first.key
        await told(second, "hello again")
    async with converse(team()) as third:
        assert third.key == second.key
    async with converse(team(), session=first.key.session_id[:8]) as fourth:
        assert fourth.key == first.key
        assert (await told(fourth, "more"))[0]["resumed"] is True
    async with converse(team()) as fifth:
        assert fifth.key == first.key


async def test_a_new_session_that_was_never_used_is_not_continued(converse: Converse) -> None:
    async with converse(team()) as first:
        await told(first, "hello")
    async with converse(team(), new=True):
        pass
    async with converse(team()) as third:
        assert third.key == first.key


async def test_a_session_that_was_made_with_a_state_is_gone_on_in(settings: Settings, converse: Converse) -> None:
    state = {
        "user_name": "Arvind",
        "user_preferences": {"favorite_agent": "nobody", "joke_preferences": ["Python"]},
        "topic": "tea",
    }
    async with DatabaseSessionService(settings.database_url) as adks:
        with without_hook():
            await adks.create_session(app_name=APP_NAME, user_id=USER, session_id="made", state=state)
        play = team()
        async with converse(play) as conversation:
            assert conversation.key.session_id == "made"
            assert await preferences.of_user(conversation.database, ADA) == {
                "user_name": ["Arvind"],
                "joke_preferences": ["python"],
            }
            assert (await told(conversation, "hello"))[0]["session_id"] == "made"
            (info,) = await sessions.listing(conversation.database, ADA, limit=9)
        assert (info.session_id, info.title, info.turns) == ("made", "hello", 1)
        assert "Arvind" in str(play.requests[0].config.system_instruction)
        kept = await adks.get_session(app_name=APP_NAME, user_id=USER, session_id="made")
    assert kept is not None and {name: kept.state[name] for name in state} == state


async def test_a_session_that_is_deleted_before_its_first_turn_is_told(
    settings: Settings, service: SessionService, converse: Converse
) -> None:
    key = SessionKey(APP_NAME, USER, "made")
    await service.create_session(app_name=APP_NAME, user_id=USER, session_id="made")
    async with converse(team(), session="made") as conversation:
        await service.delete_session(app_name=APP_NAME, user_id=USER, session_id="made")
        events = await told(conversation, "hello")
    assert [event["type"] for event in events[:2]] == ["session", "session_deleted"]
    assert events[0]["session_id"] != key.session_id


async def test_a_session_that_is_not_there_is_told(converse: Converse) -> None:
    with pytest.raises(StorageError, match="no session is called 'nothing'"):
        async with converse(team(), session="nothing"):
            pass


async def test_another_user_starts_afresh_and_cannot_open_the_session(settings: Settings, converse: Converse) -> None:
    async with converse(team()) as mine:
        await told(mine, "watch")
    eve = settings.model_copy(update={"chat_user": "eve"})
    play = team()

    def models(_: object) -> ScriptedModel:
        return ScriptedModel(script=play)

    async with Conversation.open(eve, models=models) as conversation:
        assert conversation.key != mine.key
        assert status(await told(conversation, "hello")) == "completed"
        assert "NVDA" not in str(play.requests[0].config.system_instruction)
        assert len(play.requests[0].contents) == 1
    with pytest.raises(StorageError):
        async with Conversation.open(eve, session=mine.key.session_id, models=models):
            pass


async def test_a_conversation_can_switch_between_sessions(converse: Converse, settings: Settings) -> None:
    async with converse(team()) as conversation:
        first = conversation.key
        await told(conversation, "hello")
        conversation.switch()
        assert conversation.key.session_id != first.session_id
        assert (await told(conversation, "one"))[0]["resumed"] is False
        conversation.switch(first.session_id)
        events = await told(conversation, "again")
        assert (events[0]["session_id"], events[0]["resumed"]) == (first.session_id, True)
    found = rows(file_of(settings.database_url), "SELECT session_id, turn, user_input FROM conversation_history")
    assert [(row["turn"], row["user_input"]) for row in found if row["session_id"] == first.session_id] == [
        (1, "hello"),
        (2, "again"),
    ]


async def test_a_model_that_there_is_not_is_told_before_anything_is_written(settings: Settings) -> None:
    with pytest.raises(ModelError, match="there is no model 'nonsense'"):
        async with Conversation.open(settings.model_copy(update={"model": "nonsense"})):
            pass
    assert not file_of(settings.database_url).exists()


async def test_a_model_without_its_key_fails_the_turn_and_the_session_goes_on_with_another(
    settings: Settings, converse: Converse
) -> None:
    async with Conversation.open(settings.model_copy(update={"model": "gemini-2.5-flash"})) as conversation:
        assert conversation.model == "gemini-2.5-flash"
        events = await told(conversation, "hello")
        assert [event["type"] for event in events] == ["session", "error", "turn"]
        assert events[1]["message"] == "gemini-2.5-flash needs a key" and "GOOGLE_API_KEY" in events[1]["hint"]
        assert status(events) == "failed"
    async with converse(team()) as other:
        assert other.key == conversation.key
        assert status(await told(other, "hello")) == "completed"


async def test_a_database_that_the_caller_has_open_is_used_and_stays_open(
    settings: Settings, database: Database, service: SessionService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(service, exchange(), "mine")
    monkeypatch.setattr(Database, "at", lambda *_arguments, **_how: pytest.fail("opened twice"))
    chosen = SessionKey(APP_NAME, "ada", "not there yet")
    async with Conversation.open(settings, database=database, session=chosen) as conversation:
        assert (conversation.database, conversation.key) == (database, chosen)
    async with Conversation.open(settings, database=database) as conversation:
        assert conversation.key.session_id == "mine"
    assert await sessions.count(database, User(APP_NAME, "ada")) == 1
