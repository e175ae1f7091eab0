"""A turn ends though what runs it does not stop; what comes of it later is not kept."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from google.adk.models import BaseLlm, LlmRequest, LlmResponse

from conversation import turn as turn_module
from conversation.conversation import Conversation
from settings import Settings
from tests.conversation.odd import (
    check_end,
    turn_rows,
)
from tests.conversation.support import reply, status, told
from tests.scripted import call_as, is_manager, said_last, said_piece, said_whole
from tests.storage.support import file_of, rows

pytestmark = pytest.mark.usefixtures("quiet")


class Deaf(BaseLlm):
    """Goes on when it is cancelled, until it is let go; then it still wants to answer."""

    model: str = "scripted"
    entered: Any
    let_go: Any
    by_member: bool = False

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        if said_last(llm_request) == "hello":
            yield said_whole("hello yourself")
        elif self.by_member and is_manager(llm_request):
            yield said_whole(call_as(None, "funny_nerd", request="do it"))
        else:
            self.entered.set()
            while not self.let_go.is_set():
                try:
                    await self.let_go.wait()
                except asyncio.CancelledError:
                    continue
            yield said_piece("far ")
            yield said_whole("far too late", call_as(None, "add_joke_preference", topic="late"))


@pytest.mark.parametrize("by_member", [False, True])
@pytest.mark.parametrize("how", ["timeout", "cancel", "leave"])
async def test_a_model_that_ignores_that_it_is_cancelled_does_not_keep_the_turn(
    settings: Settings, made_database: Path, monkeypatch: pytest.MonkeyPatch, how: str, by_member: bool
) -> None:
    monkeypatch.setattr(turn_module, "_CANCEL_GRACE", 0.2)
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    before = asyncio.all_tasks()
    entered, let_go = asyncio.Event(), asyncio.Event()
    model = Deaf(entered=entered, let_go=let_go, by_member=by_member)
    try:
        async with asyncio.timeout(10), Conversation.open(settings, models=lambda _: model) as conversation:
            conversation.turn_timeout = 0.2 if how == "timeout" else 60
            running = asyncio.create_task(told(conversation, "go"))
            await entered.wait()
            if how == "cancel":
                conversation.cancel()
            if how == "leave":
                running.cancel()
            await asyncio.wait([running])
            expected = "failed" if how == "timeout" else "cancelled"
            assert turn_rows(settings)[0]["status"] == expected
            if how != "leave":
                assert check_end(running.result(), settings) == expected
            conversation.turn_timeout = 60
            after = await told(conversation, "hello")
            assert (check_end(after, settings), reply(after)) == ("completed", "hello yourself")
            kept = whole(settings)
            let_go.set()
            for _ in range(50):
                await asyncio.sleep(0)
            assert whole(settings) == kept
            assert status(await told(conversation, "hello")) == "completed"
    finally:
        let_go.set()
    left = asyncio.all_tasks() - before
    await asyncio.wait(left, timeout=5) if left else None
    assert heard == []


def whole(settings: Settings) -> list[Any]:
    file = file_of(settings.database_url)
    tables = ("events", "turns", "delegations", "tool_calls", "preferences")
    return [rows(file, f"SELECT * FROM {table}") for table in tables]


async def test_what_comes_of_a_turn_that_was_ended_without_it_is_not_kept(
    settings: Settings, made_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_module, "_CANCEL_GRACE", 0.1)
    before = asyncio.all_tasks()
    model = Deaf(entered=asyncio.Event(), let_go=asyncio.Event())
    async with asyncio.timeout(10), Conversation.open(settings, models=lambda _: model) as conversation:
        conversation.turn_timeout = 0.1
        assert status(await told(conversation, "go")) == "failed"
        kept = whole(settings)
        model.let_go.set()
        await asyncio.wait(asyncio.all_tasks() - before, timeout=5)
        assert conversation.database.log is not None
        await conversation.database.log.settled()
        assert whole(settings) == kept
        conversation.turn_timeout = 60
        assert status(await told(conversation, "hello")) == "completed"


async def test_a_conversation_with_a_model_that_never_stops_can_be_closed(
    settings: Settings, made_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_module, "_CANCEL_GRACE", 0.1)
    entered, let_go = asyncio.Event(), asyncio.Event()
    model = Deaf(entered=entered, let_go=let_go)
    try:
        async with asyncio.timeout(5):
            async with Conversation.open(settings, models=lambda _: model) as conversation:
                conversation.turn_timeout = 0.1
                assert status(await told(conversation, "go")) == "failed"
    finally:
        let_go.set()


async def test_a_turn_whose_model_does_not_stop_is_cancelled_when_the_host_closes(
    settings: Settings, made_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_module, "_CANCEL_GRACE", 0.4)
    before = asyncio.all_tasks()
    model = Deaf(entered=asyncio.Event(), let_go=asyncio.Event())
    async with asyncio.timeout(10), Conversation.open(settings, models=lambda _: model) as conversation:
        running = asyncio.create_task(told(conversation, "go"))
        await model.entered.wait()
    events = await running
    assert check_end(events, settings) == "cancelled"
    after = await told(conversation, "hello")
    assert [event["type"] for event in after] == ["error", "turn"] and "was closed" in after[0]["message"]
    model.let_go.set()
    left = asyncio.all_tasks() - before
    await asyncio.wait(left, timeout=5) if left else None
