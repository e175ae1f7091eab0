"""A turn that is stopped, or goes wrong, is told as such and leaves the session usable."""

import asyncio
from typing import Any

import pytest
from google.adk.models import LlmRequest

from conversation import turn as turn_module
from conversation.conversation import Conversation
from models.errors import ModelError
from settings import Settings
from storage.queries import turns
from tests.conftest import Converse
from tests.conversation.support import Gate, of_type, reply, rest_of, status, team, told
from tests.scripted import Play, Saying, call, is_manager, responses
from tests.storage.support import execute, file_of, ledger, rows


async def recorded(conversation: Conversation) -> list[str]:
    """The statuses of the session's turns, the oldest first."""
    return [turn.status for turn in await turns.history(conversation.database, conversation.key, limit=99)][::-1]


def left_running(settings: Settings) -> list[dict[str, Any]]:
    found = ledger(file_of(settings.database_url))
    return [
        row for table in ("turns", "delegations", "tool_calls") for row in found[table] if row["status"] == "running"
    ]


@pytest.mark.parametrize("text", ["manager is slow", "agent is slow", "one of two is slow"])
async def test_a_cancelled_turn_ends_as_cancelled_and_the_next_one_works(
    converse: Converse, settings: Settings, text: str
) -> None:
    gate = Gate()
    play = Play(
        manager={
            "manager is slow": gate,
            "agent is slow": call("funny_nerd", request="slow"),
            "one of two is slow": [call("funny_nerd", request="slow"), call("stock_analyst", request="quick")],
        },
        members={"slow": gate},
    )
    async with converse(play) as conversation:
        running = asyncio.create_task(told(conversation, text))
        await gate.entered.wait()
        conversation.cancel()
        async with asyncio.timeout(5):
            events = await running
        assert status(events) == "cancelled"
        assert of_type(events, "error", "reply") == []
        assert left_running(settings) == []
        after = await told(conversation, "hello")
        assert (status(after), reply(after)) == ("completed", "manager: hello")
        assert await recorded(conversation) == ["cancelled", "completed"]


async def test_a_delegation_that_was_done_before_the_turn_was_cancelled_stays_completed(
    converse: Converse, settings: Settings
) -> None:
    gate = Gate()
    play = team()
    play.members = {"a joke": gate, "a price": "250"}
    async with converse(play) as conversation:
        events = conversation.send("both")
        async for event in events:
            if event.to_json()["type"] == "delegation_finished":
                conversation.cancel()
                break
        assert status(await rest_of(events)) == "cancelled"
    handed = rows(file_of(settings.database_url), "SELECT agent_name, status FROM delegations ORDER BY agent_name")
    assert [tuple(row.values()) for row in handed] == [("funny_nerd", "cancelled"), ("stock_analyst", "completed")]


async def test_a_tool_that_hangs_can_be_cancelled(
    converse: Converse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    entered = asyncio.Event()

    async def hangs(*_: object) -> bool:
        entered.set()
        return await asyncio.Future()

    monkeypatch.setattr("state_tools.record.Record.add_preference", hangs)
    async with converse(team()) as conversation:
        running = asyncio.create_task(told(conversation, "watch"))
        await entered.wait()
        conversation.cancel()
        async with asyncio.timeout(5):
            events = await running
        assert status(events) == "cancelled"
        assert left_running(settings) == []
        assert status(await told(conversation, "hello")) == "completed"


async def test_leaving_the_iteration_early_cancels_the_turn(converse: Converse, settings: Settings) -> None:
    gate = Gate()
    play = Play(manager={"slow": call("funny_nerd", request="slow")}, members={"slow": gate})
    async with converse(play) as conversation:
        events = conversation.send("slow")
        async for event in events:
            if event.to_json()["type"] == "delegation_started":
                break
        await events.aclose()
        assert await recorded(conversation) == ["cancelled"]
        assert left_running(settings) == []
        assert status(await told(conversation, "hello")) == "completed"


async def test_a_turn_whose_task_is_cancelled_is_cancelled_in_the_record(
    converse: Converse, settings: Settings
) -> None:
    gate = Gate()
    async with converse(Play(manager={"slow": gate})) as conversation:
        before = asyncio.all_tasks()
        running = asyncio.create_task(told(conversation, "slow"))
        await gate.entered.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await asyncio.gather(*(asyncio.all_tasks() - before))
        assert await recorded(conversation) == ["cancelled"]
        assert status(await told(conversation, "hello")) == "completed"


async def test_a_turn_that_is_cancelled_when_its_session_is_told_asks_no_model(converse: Converse) -> None:
    play = Play()
    async with converse(play) as conversation:
        events = []
        async for event in conversation.send("hello"):
            conversation.cancel()
            events.append(event.to_json())
        assert [event["type"] for event in events] == ["session", "turn"] and status(events) == "cancelled"
        assert play.asked == []
        assert status(await told(conversation, "again")) == "completed"


async def test_cancelling_when_nothing_runs_does_nothing(converse: Converse) -> None:
    async with converse(team()) as conversation:
        conversation.cancel()
        assert status(await told(conversation, "hello")) == "completed"
        conversation.cancel()
        assert status(await told(conversation, "hello")) == "completed"


@pytest.mark.parametrize("text", ["manager is slow", "agent is slow"])
async def test_a_turn_that_takes_too_long_fails_with_a_hint(converse: Converse, settings: Settings, text: str) -> None:
    gate = Gate()
    play = Play(
        manager={"manager is slow": gate, "agent is slow": call("funny_nerd", request="slow")}, members={"slow": gate}
    )
    async with converse(play) as conversation:
        conversation.turn_timeout = 0.2
        events = await told(conversation, text)
        assert status(events) == "failed"
        (error,) = of_type(events, "error")
        assert "too long" in error["message"] and error["hint"]
        assert events.index(error) == len(events) - 2
        assert left_running(settings) == []
        conversation.turn_timeout = 60.0
        assert status(await told(conversation, "hello")) == "completed"
        assert await recorded(conversation) == ["failed", "completed"]


async def test_the_hint_of_a_turn_that_takes_too_long_names_the_setting_for_turns(converse: Converse) -> None:
    async with converse(Play(manager={"slow": Gate()})) as conversation:
        conversation.turn_timeout = 0.1
        (error,) = of_type(await told(conversation, "slow"), "error")
    assert "TURN_TIMEOUT" in error["hint"]


async def test_an_error_of_the_managers_model_fails_the_turn_with_a_line_and_a_hint(converse: Converse) -> None:
    play = Play(manager={"boom": RuntimeError("kaput\nand more"), "known": ModelError("no such luck", "Try again.")})
    async with converse(play) as conversation:
        events = await told(conversation, "boom")
        assert [event["type"] for event in events] == ["session", "error", "turn"]
        assert events[1]["message"] == "kaput and more" and events[1]["hint"]
        assert status(events) == "failed"
        known = await told(conversation, "known")
        assert known[1] == {"type": "error", "message": "no such luck", "hint": "Try again."}
        newest, oldest = await turns.history(conversation.database, conversation.key, limit=9)
        assert (oldest.status, oldest.error, oldest.agent_response) == ("failed", "kaput and more", None)
        assert (newest.status, newest.error) == ("failed", "no such luck")
        assert status(await told(conversation, "hello")) == "completed"


async def test_an_error_after_a_delegation_fails_the_turn_and_keeps_the_delegation(
    converse: Converse, settings: Settings
) -> None:
    def fails_when_answered(request: LlmRequest) -> Saying:
        if not is_manager(request):
            return "done"
        if responses(request):
            raise RuntimeError("kaput")
        return [call("funny_nerd", request="a joke"), call("stock_analyst", request="quick")]

    async with converse(fails_when_answered) as conversation:
        events = await told(conversation, "both")
    assert status(events) == "failed"
    assert [event["status"] for event in of_type(events, "delegation_finished")] == ["completed"] * 2
    handed = rows(file_of(settings.database_url), "SELECT status FROM delegations")
    assert [row["status"] for row in handed] == ["completed"] * 2


async def test_an_error_of_the_only_agent_fails_the_turn(converse: Converse, settings: Settings) -> None:
    play = team()
    play.members = {"a joke": RuntimeError("agent kaput")}
    async with converse(play) as conversation:
        events = await told(conversation, "one")
        assert status(events) == "failed"
        assert [event["message"] for event in of_type(events, "error")] == ["agent kaput"]
        assert of_type(events, "reply") == []
        (turn,) = await turns.history(conversation.database, conversation.key, limit=9)
        assert (turn.status, turn.error) == ("failed", "agent kaput")
        assert [row["status"] for row in rows(file_of(settings.database_url), "SELECT * FROM delegations")] == [
            "failed"
        ]
        assert status(await told(conversation, "hello")) == "completed"


async def test_a_failed_delegation_is_told_to_have_finished(converse: Converse) -> None:
    play = team()
    play.members = {"a joke": RuntimeError("agent kaput")}
    async with converse(play) as conversation:
        for text in ("one", "both"):
            events = await told(conversation, text)
            started = {event["id"] for event in of_type(events, "delegation_started")}
            assert {event["id"] for event in of_type(events, "delegation_finished")} == started


async def test_an_error_of_one_of_two_agents_is_told_to_the_model_and_the_reply_still_comes(
    converse: Converse, settings: Settings
) -> None:
    play = team()
    play.members = {"a joke": RuntimeError("agent kaput"), "a price": "250"}
    async with converse(play) as conversation:
        events = await told(conversation, "both")
    assert (status(events), reply(events)) == ("completed", "manager has 2 answers")
    assert responses(play.requests[-1]) == [{"error": "agent kaput"}, {"result": "250"}]
    ended = {event["agent"]: event["status"] for event in of_type(events, "delegation_finished")}
    assert ended == {"funny_nerd": "failed", "stock_analyst": "completed"}
    handed = rows(file_of(settings.database_url), "SELECT status, error FROM delegations ORDER BY agent_name")
    assert [tuple(row.values()) for row in handed] == [("failed", "agent kaput"), ("completed", None)]


async def test_a_tool_that_breaks_is_told_to_the_model_and_recorded(
    converse: Converse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def breaks(*_: object) -> bool:
        raise ValueError("broken tool")

    monkeypatch.setattr("state_tools.record.Record.add_preference", breaks)
    play = team()
    async with converse(play) as conversation:
        events = await told(conversation, "watch")
    assert status(events) == "completed"
    (answer,) = responses(play.requests[-1])
    assert answer == {"status": "error", "error_message": "add_to_stock_watchlist failed: broken tool"}
    assert [event["status"] for event in of_type(events, "tool_call")] == ["failed"]
    (called,) = rows(file_of(settings.database_url), "SELECT * FROM tool_calls")
    assert (called["status"], called["error"]) == ("failed", "add_to_stock_watchlist failed: broken tool")


async def test_a_tool_that_does_not_exist_does_not_end_the_session(converse: Converse) -> None:
    async with converse(Play(manager={"odd": call("no_such_tool", x=1)})) as conversation:
        assert status(await told(conversation, "odd")) in ("completed", "failed")
        assert status(await told(conversation, "hello")) == "completed"


async def test_an_answer_of_nothing_ends_the_turn(converse: Converse, settings: Settings) -> None:
    async with converse(Play(manager={"hm": ""})) as conversation:
        events = await told(conversation, "hm")
        assert status(events) in ("completed", "failed")
        assert left_running(settings) == []
        assert status(await told(conversation, "hello")) == "completed"


async def test_whatever_is_typed_ends_in_a_turn(converse: Converse) -> None:
    async with converse(team()) as conversation:
        for text in ("", " ", "\n", "\ud800", "x" * 200_000, "\x00", "'; DROP TABLE turns; --"):
            assert status(await told(conversation, text)) in ("completed", "failed"), text[:20]
            assert status(await told(conversation, "hello")) == "completed", text[:20]


async def test_a_database_that_fails_in_the_middle_of_a_turn_does_not_hang_it(
    converse: Converse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_module, "_CANCEL_GRACE", 0.1)

    def breaks_the_database(_: LlmRequest) -> str:
        full = "CREATE TRIGGER full BEFORE UPDATE ON turns BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
        execute(file_of(settings.database_url), full)
        return "hi"

    async with converse(Play(manager={"break it": breaks_the_database})) as conversation:
        try:
            async with asyncio.timeout(2):
                events = await told(conversation, "break it")
        except TimeoutError:
            pytest.fail("the turn never ended")
        assert status(events) == "failed"


async def test_an_answer_that_cannot_be_written_is_not_told_and_the_next_turn_works(
    converse: Converse, settings: Settings
) -> None:
    file = file_of(settings.database_url)
    execute(
        file,
        "CREATE TRIGGER full BEFORE UPDATE ON turns WHEN NEW.status = 'completed'"
        " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END",
    )
    async with converse(team()) as conversation:
        for text in ("hello", "one"):
            events = await told(conversation, text)
            assert status(events) == "failed" and not of_type(events, "reply")
            (error,) = of_type(events, "error")
            assert error["message"] == "the disk is full"
        assert left_running(settings) == []
        execute(file, "DROP TRIGGER full")
        assert reply(await told(conversation, "hello"))
        assert await recorded(conversation) == ["failed", "failed", "completed"]
