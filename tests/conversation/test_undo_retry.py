"""Turns that are undone are gone from the conversation and the models context; preferences stay."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

import pytest
from google.adk.models import LlmRequest
from google.adk.sessions import DatabaseSessionService

from conversation.conversation import Change
from settings import ROOT, Settings
from storage.events.connection import WarmConnection
from storage.events.thread import Job, Outcome
from storage.queries import preferences, search, sessions, turns
from tests.conftest import Converse
from tests.conversation.support import of_type, status, team, told
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
        told_of = "NVDA was put on your watchlist"
        assert undone.changes == (Change("add_to_stock_watchlist", {"ticker": "nvda"}, told_of),)
        known = await preferences.of_user(conversation.database, conversation.key.user)
        assert known == {"stock_watchlist": ["NVDA"]}
        assert (await conversation.undo()).changes == ()


async def test_in_adks_own_order_a_retry_undoes_the_turn_before_it_and_not_itself(
    converse: Converse, settings: Settings
) -> None:
    async with converse(Play()) as conversation:
        await told(conversation, "again")
        assert status([event.to_json() async for event in conversation.retry()]) == "completed"
        key = conversation.key
        stock = DatabaseSessionService(db_url=f"sqlite+aiosqlite:///{settings.database_url.partition(':///')[2]}")
        read = await stock.get_session(app_name=key.app_name, user_id=key.user_id, session_id=key.session_id)
        await stock.close()
    assert read is not None
    kinds = ["undo" if e.actions.rewind_before_invocation_id else e.author for e in read.events]
    assert kinds == ["user", "manager", "undo", "user", "manager"]


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


@pytest.mark.parametrize("commit", [1, 2, 3])
async def test_a_retry_that_ends_at_any_commit_leaves_the_message_in_the_conversation(
    converse: Converse, monkeypatch: pytest.MonkeyPatch, commit: int
) -> None:
    commits = 0

    def dying(self: WarmConnection, jobs: Sequence[Job]) -> list[Outcome]:
        nonlocal commits
        commits += 1
        if commits >= commit:
            raise OSError("the disk is gone")
        return made(self, jobs)

    made = WarmConnection._commit
    async with converse(Play()) as conversation:
        for text in ("first", "second"):
            await told(conversation, text)
        with monkeypatch.context() as patched:
            patched.setattr(WarmConnection, "_commit", dying)
            with suppress(OSError):
                _ = [event async for event in conversation.retry()]
    async with converse(Play()) as conversation:
        held = await turns.history(conversation.database, conversation.key, limit=9)
        assert [turn.user_input for turn in held] == ["second", "first"]


@pytest.mark.slow
@pytest.mark.parametrize(("commit", "status"), [(1, "completed"), (2, "interrupted")])
async def test_a_retry_that_is_killed_leaves_the_message_in_the_conversation(
    converse: Converse, settings: Settings, commit: int, status: str
) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.conversation.retry_process", settings.database_url, str(commit)],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        timeout=60,
    )
    assert process.returncode == -signal.SIGKILL
    async with converse(Play()) as conversation:
        held = await turns.history(conversation.database, conversation.key, limit=9)
        assert [(turn.user_input, turn.status) for turn in held] == [("second", status), ("first", "completed")]


async def test_a_retry_does_not_take_back_what_was_said_before_it_could_open_its_session(
    converse: Converse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with converse(Play()) as conversation, converse(Play()) as other:
        await told(conversation, "first")
        other.switch(conversation.key.session_id)
        last = conversation._last

        async def slowly(count: int) -> list[turns.Turn]:
            found = await last(count)
            await told(other, "mine")
            return found

        monkeypatch.setattr(conversation, "_last", slowly)
        events = [event.to_json() async for event in conversation.retry()]
        (error,) = of_type(events, "error")
        assert status(events) == "failed" and "something else was said in this session" in error["message"]
        held = await turns.history(conversation.database, conversation.key, limit=9)
        assert [turn.user_input for turn in held] == ["mine", "first"]


async def test_a_retry_does_not_take_back_what_another_terminal_has_said_meanwhile(converse: Converse) -> None:
    async with converse(Play()) as conversation, converse(Play()) as other:
        await told(conversation, "first")
        other.switch(conversation.key.session_id)
        events = conversation.retry()
        await anext(events)
        await told(other, "mine")
        rest = [event.to_json() async for event in events]
        assert status(rest) == "failed"
        held = await turns.history(conversation.database, conversation.key, limit=9)
        assert [turn.user_input for turn in held] == ["mine", "first"]
