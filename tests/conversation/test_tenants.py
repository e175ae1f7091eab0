"""A conversation, its tools and its memory are the user's within the tenant: a namesake elsewhere has none of it."""

import pytest
from google.adk.models import LlmRequest

from conversation.conversation import Conversation
from memory.knowledge.meaning import Meaning
from settings import APP_NAME, Settings
from state_tools.recollection import LedgerMemoryService
from storage.database import Database
from storage.queries import preferences, sessions, turns
from storage.scope import User
from tests.conftest import USER
from tests.conversation.support import reply, status, team, told
from tests.scripted import Play, ScriptedModel
from tests.storage.support import file_of, rows

ADA = User(APP_NAME, USER)
THEIRS = User(APP_NAME, USER, "acme/eu")


@pytest.fixture
def theirs(settings: Settings) -> Settings:
    return Settings(database_url=settings.database_url, chat_user=USER, chat_tenant="acme/eu")


def asked(request: LlmRequest) -> str:
    return f"asked with {len(request.contents)}"


async def test_a_turn_its_tools_and_its_undo_are_of_the_tenant(
    theirs: Settings, settings: Settings, database: Database
) -> None:
    async with Conversation.open(theirs, models=lambda _: ScriptedModel(script=team())) as conversation:
        assert conversation.key.user == THEIRS
        assert status(await told(conversation, "mixed")) == "completed"
        await told(conversation, "hello")
        assert (await conversation.undo()).messages == ("hello",)
        assert await preferences.of_user(conversation.database, THEIRS) == {"stock_watchlist": ["NVDA"]}
    file = file_of(settings.database_url)
    for table in ("turns", "delegations", "tool_calls", "session_info", "preferences"):
        found = rows(file, f"SELECT DISTINCT user_id, tenant FROM {table}")
        assert found == [{"user_id": "acme%2Feu/ada", "tenant": "acme/eu"}], table
    assert await turns.of_user(database, ADA, limit=5) == []
    assert await preferences.of_user(database, ADA) == {}


async def test_a_namesake_begins_anew_and_goes_on_in_no_session_of_another_tenant(
    theirs: Settings, settings: Settings
) -> None:
    play = Play(manager={"hello": "hi", "again": asked})
    async with Conversation.open(theirs, models=lambda _: ScriptedModel(script=play)) as conversation:
        await told(conversation, "hello")
        key = conversation.key
    async with Conversation.open(settings, models=lambda _: ScriptedModel(script=play)) as conversation:
        assert conversation.key.session_id != key.session_id
        conversation.switch(key.session_id)
        assert reply(await told(conversation, "again")) == "asked with 1"
        assert await sessions.count(conversation.database, ADA) == 1
    async with Conversation.open(theirs, models=lambda _: ScriptedModel(script=play)) as conversation:
        assert conversation.key == key
        assert reply(await told(conversation, "again")) == "asked with 3"


async def test_what_is_remembered_is_of_the_tenant(theirs: Settings, database: Database) -> None:
    async with Conversation.open(theirs, models=lambda _: ScriptedModel(script=team())) as conversation:
        await told(conversation, "hello")
    memory = LedgerMemoryService(database, Meaning(None))
    for user, count in ((THEIRS, 1), (ADA, 0)):
        found = await memory.search_memory(app_name=APP_NAME, user_id=user.adk_id, query="hello")
        assert len(found.memories) == count
