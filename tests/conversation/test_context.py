"""Conversations of any length: what the model sees stays bounded, and nothing that was said is out of reach."""

import asyncio
import time
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from google.adk.models import LlmRequest, LlmResponse
from google.adk.sessions import DatabaseSessionService
from google.genai import types
from google.genai.types import FinishReason

from conversation.conversation import Conversation
from conversation.events import Reply, TurnFinished
from memory.knowledge.meaning import Meaning
from settings import APP_NAME, OFFLINE, Settings
from state_tools.recollection import LedgerMemoryService
from storage.adk.service import SessionService, Window
from storage.events.writes import NewEvent, append
from storage.queries.session_changes import fork
from storage.scope import SessionKey, TurnKey
from tests.conftest import USER
from tests.scripted import (
    RawModel,
    Script,
    ScriptedModel,
    call,
    is_manager,
    responses,
    said_last,
    said_piece,
    said_whole,
)
from tests.storage.support import execute, file_of, rows


async def say(conversation: Conversation, text: str) -> str:
    reply = ""
    async for event in conversation.send(text):
        if isinstance(event, Reply):
            reply = event.text
        if isinstance(event, TurnFinished):
            assert event.status == "completed"
    return reply


def talk(settings: Settings, script: Script, *, turns: int) -> AbstractAsyncContextManager[Conversation]:
    """A scripted conversation that sends the model at most so many turns as they were."""
    short = settings.model_copy(update={"context_turns": turns})
    return Conversation.open(short, models=lambda _skills: ScriptedModel(script=script))


def texts(request: LlmRequest) -> list[str]:
    return [part.text or "" for content in request.contents for part in content.parts or []]


async def fill(conversation: Conversation, turns: int) -> None:
    """Adds finished turns as the runner writes them, without a model, and in one commit to be quick."""
    log, key = conversation.database.log, conversation.key
    assert log is not None

    def write() -> None:
        for number in range(turns):
            for author, role, text in (("user", "user", f"filler {number}"), ("manager", "model", f"noted {number}")):
                event = NewEvent(finished(number, author, role, text))
                append(log.execute, TurnKey(key, f"filler-{number}"), [event], None, log.lease)

    await log.do(write, writes=True)


def finished(number: int, author: str, role: str, text: str) -> dict[str, Any]:
    return {
        "id": f"{author}-{number}",
        "invocation_id": f"filler-{number}",
        "author": author,
        "content": {"role": role, "parts": [{"text": text}]},
        "timestamp": time.time(),
        "actions": {"state_delta": {}},
    }


async def test_the_prompt_stays_bounded_and_the_summary_tells_the_older_turns(settings: Settings) -> None:
    seen: list[list[str]] = []

    def script(request: LlmRequest) -> str:
        if request.contents[0].parts and "Write one summary" in (request.contents[0].parts[0].text or ""):
            return "The person counts upwards."
        seen.append(texts(request))
        return f"I heard {said_last(request)}"

    async with talk(settings, script, turns=4) as conversation:
        for number in range(30):
            await say(conversation, f"number {number}")
            await conversation.settled()
    assert max(len(prompt) for prompt in seen) <= 2 * 2 * 4 + 2
    assert "number 29" in seen[-1]
    assert any("The person counts upwards." in text for text in seen[-1])
    assert not any(text == "number 3" for text in seen[-1])


async def test_what_is_kept_in_memory_is_what_would_be_read(settings: Settings) -> None:
    async with talk(settings, lambda request: f"heard {texts(request)[-1][-9:]}", turns=3) as conversation:
        service, key = conversation._service, conversation.key
        summaries = set()
        for number in range(12):
            await say(conversation, f"number {number}")
            await conversation.settled()
            told = []
            for each in (service, service, SessionService(conversation.database)):
                session = await each.get_session(
                    app_name=key.app_name, user_id=key.user_id, session_id=key.session_id, config=Window(turns=3)
                )
                assert session is not None
                told.append(each.history(session))
            assert told[0] == told[1] == told[2]
            summaries.add(told[0][0].parts[0].text if told[0][0].parts else "")
    assert len(summaries) > 3


async def test_a_turn_is_never_cut_in_two(settings: Settings) -> None:
    def script(request: LlmRequest) -> Any:
        if not is_manager(request):
            return "done" if responses(request) else "a joke"
        first = next(iter(texts(request)), "")
        assert first.startswith(("Summary", "hello"))
        assert sum(bool(part.function_call) for c in request.contents for part in c.parts or []) == sum(
            bool(part.function_response) for c in request.contents for part in c.parts or []
        )
        if responses(request):
            return "well"
        return call("get_current_time")

    async with talk(settings, script, turns=2) as conversation:
        for number in range(12):
            await say(conversation, f"hello {number}")
            await conversation.settled()


async def test_what_was_said_at_turn_3_is_used_at_turn_2000(settings: Settings) -> None:
    offline = settings.model_copy(update={"model": OFFLINE})
    async with Conversation.open(offline) as conversation:
        await say(conversation, "hello")
        await say(conversation, "my name is Grace")
        await say(conversation, "news on zeppelins")
        await fill(conversation, 1996)
        await conversation.settled()
    async with Conversation.open(offline) as conversation:
        assert "Grace" in await say(conversation, "who am I?")
        assert "zeppelins" in await say(conversation, "what did I say about zeppelins?")


async def test_a_failing_summary_costs_nothing_but_its_words(settings: Settings) -> None:
    seen: list[list[str]] = []

    def script(request: LlmRequest) -> str:
        if "Write one summary" in "".join(texts(request)):
            raise ConnectionError("no summary today")
        seen.append(texts(request))
        return "yes"

    async with talk(settings, script, turns=2) as conversation:
        for number in range(8):
            await say(conversation, f"number {number}")
            await conversation.settled()
    assert any(text.startswith("Summary of turns 1 to") for text in seen[-1])


async def test_taking_back_a_summarised_turn_lets_the_summary_go(settings: Settings) -> None:
    seen: list[list[str]] = []

    def script(request: LlmRequest) -> str:
        if "Write one summary" in "".join(texts(request)):
            return "The person said a secret."
        seen.append(texts(request))
        return "yes"

    async with talk(settings, script, turns=2) as conversation:
        for number in range(8):
            await say(conversation, f"number {number}")
            await conversation.settled()
        assert any("secret" in text for text in seen[-1])
        await conversation.undo(7)
        await say(conversation, "again")
    assert seen[-1] == ["number 0", "yes", "again"]


async def test_what_was_said_first_is_remembered_after_a_fork_and_an_undo(settings: Settings) -> None:
    seen: list[list[str]] = []

    def script(request: LlmRequest) -> str:
        if "Write one summary" in "".join(texts(request)):
            return "The cat is called Zebra." if "Zebra" in "".join(texts(request)) else "Nothing."
        seen.append(texts(request))
        return "yes"

    async with talk(settings, script, turns=2) as conversation:
        await talk_on(conversation, "my cat is called Zebra", *map(str, range(8)))
        origin = conversation.key
        conversation.switch((await fork(conversation.database, origin)).session_id)
        await talk_on(conversation, "a", "b", "c", "d")
        assert "Zebra" in " ".join(seen[-1])
        await conversation.undo(5)
        await talk_on(conversation, "e", "f", "g", "h")
        assert "Zebra" in " ".join(seen[-1])
        conversation.switch((await fork(conversation.database, origin, at=3)).session_id)
        await talk_on(conversation, "i", "j", "k", "l")
        assert "Zebra" in " ".join(seen[-1])


async def talk_on(conversation: Conversation, *messages: str) -> None:
    for message in messages:
        await say(conversation, message)
        await conversation.settled()


async def test_a_thought_of_the_summarizing_model_is_no_part_of_the_summary(settings: Settings) -> None:
    seen: list[list[str]] = []

    def script(request: LlmRequest) -> Any:
        if "Write one summary" in "".join(texts(request)):
            assert "secret" not in "".join(texts(request))
            return [types.Part(text="a secret", thought=True), types.Part(text="They count.")]
        seen.append(texts(request))
        return "yes"

    async with talk(settings, script, turns=2) as conversation:
        await talk_on(conversation, *map(str, range(8)))
        assert any("They count." in text for text in seen[-1])
        assert "secret" not in "".join(seen[-1])
        assert "secret" not in str(rows(file_of(settings.database_url), "SELECT event_data FROM events"))


async def test_a_thought_in_a_summary_that_is_stored_is_told_to_no_model(settings: Settings) -> None:
    """As another program may have stored it, or an archive may hold it."""
    seen: list[str] = []

    def script(request: LlmRequest) -> Any:
        seen.extend(texts(request))
        return "They count." if "Write one summary" in "".join(texts(request)) else "yes"

    async with talk(settings, script, turns=2) as conversation:
        await talk_on(conversation, *map(str, range(8)))
    execute(file_of(settings.database_url), _THINKING)
    async with talk(settings, script, turns=2) as conversation:
        await talk_on(conversation, *map(str, range(8)))
    assert "secret" not in "".join(seen)
    assert "They count." in "".join(seen)


_THINKING = (
    "UPDATE events SET event_data = json_insert(event_data, '$.actions.compaction.compacted_content.parts[#]',"
    """ json('{"text": "a secret", "thought": true}')) WHERE event_data ->> '$.actions.compaction' IS NOT NULL"""
)


SUMMARIES: dict[str, list[LlmResponse | BaseException]] = {
    "half a character": [said_whole("Zebra \ud800.")],
    "blanks": [said_whole("\xa0 \n")],
    "what is not seen": [said_whole("\u200b")],
    "nothing": [],
    "pieces only": [said_piece("Zebra")],
    "cut": [said_whole("half of", finish_reason=FinishReason.MAX_TOKENS)],
    "filtered": [said_whole("harmful", error_code="SAFETY")],
    "a code": [LlmResponse(error_code="SAFETY")],
    "a call": [said_whole(call("recall", query="Zebra"))],
    "an error": [RuntimeError("it broke down")],
    "cancelled by itself": [asyncio.CancelledError()],
}


@pytest.mark.parametrize("name", SUMMARIES)
async def test_whatever_the_summarizing_model_says_a_summary_is_made_and_can_be_sent(
    settings: Settings, name: str
) -> None:
    told: list[LlmRequest] = []

    def script(request: LlmRequest) -> list[LlmResponse | BaseException]:
        if "Write one summary" in "".join(texts(request)):
            return SUMMARIES[name]
        told.append(request)
        return [said_whole("yes")]

    short = settings.model_copy(update={"context_turns": 2})
    async with Conversation.open(short, models=lambda _: RawModel(script=script)) as conversation:
        await talk_on(conversation, "my cat is called Zebra", *map(str, range(8)))
    first = texts(told[-1])[0]
    assert first.startswith("Summary of ") and "Zebra" in first and len(told[-1].contents) <= 2 * 2 + 2
    assert "".join(texts(told[-1])).encode()


async def test_a_thought_is_recalled_by_nobody(settings: Settings) -> None:
    thinking = [types.Part(text="a secret zeppelin", thought=True), types.Part(text="zeppelin it is")]

    def script(request: LlmRequest) -> Any:
        delegates = is_manager(request) and said_last(request) == "delegate"
        return call("funny_nerd", request="x") if delegates else thinking

    async with talk(settings, script, turns=2) as conversation:
        await talk_on(conversation, "hello", "delegate")
        memory = LedgerMemoryService(conversation.database, Meaning(None))
        found = await memory.search_memory(app_name=APP_NAME, user_id=USER, query="zeppelin")
        assert len(found.memories) == 2
        assert "secret" not in found.model_dump_json()
        secret = await memory.search_memory(app_name=APP_NAME, user_id=USER, query="secret")
        assert secret.memories == []


async def test_a_session_without_the_rows_of_its_states_gets_them_back(settings: Settings) -> None:
    def script(request: LlmRequest) -> Any:
        return "yes" if responses(request) else call("add_to_stock_watchlist", ticker="nvda")

    async with talk(settings, script, turns=2) as conversation:
        await say(conversation, "watch nvda")
        file = file_of(settings.database_url)
        execute(file, "DELETE FROM user_states", "DELETE FROM app_states")
        await say(conversation, "watch nvda")
        (state,) = rows(file, "SELECT state FROM user_states WHERE user_id = ?", USER)
        assert "NVDA" in state["state"]


async def test_adks_own_service_reads_a_summarised_session(settings: Settings) -> None:
    async with talk(settings, lambda _request: "yes", turns=2) as conversation:
        for number in range(8):
            await say(conversation, f"number {number}")
            await conversation.settled()
        key = conversation.key
    await _read_by_adk(settings, key)


async def _read_by_adk(settings: Settings, key: SessionKey) -> None:
    async with DatabaseSessionService(settings.database_url) as stock:
        session = await stock.get_session(app_name=APP_NAME, user_id=USER, session_id=key.session_id)
    assert session is not None
    assert len([event for event in session.events if event.author == "user" and event.content]) == 8
    assert any(event.actions.compaction for event in session.events)
