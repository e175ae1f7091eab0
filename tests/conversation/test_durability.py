"""What was said is in the database before anyone acts on it, whichever door wrote it."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from google.adk.models import LlmRequest
from google.adk.sessions import DatabaseSessionService

from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from tests.conftest import Converse
from tests.conversation.support import Gate, reply, status, team, told
from tests.scripted import Play, call
from tests.storage.support import execute, file_of, ledger, rows


async def test_the_message_is_committed_before_the_model_is_called(converse: Converse, settings: Settings) -> None:
    seen: list[dict[str, Any]] = []

    def looks(_: LlmRequest) -> str:
        seen.extend(rows(file_of(settings.database_url), "SELECT user_input, status, model_calls FROM turns"))
        seen.extend(rows(file_of(settings.database_url), "SELECT count(*) AS events FROM events"))
        seen.extend(rows(file_of(settings.database_url), "SELECT title FROM session_info"))
        return "seen"

    async with converse(Play(manager={"look": looks})) as conversation:
        await told(conversation, "look")
    assert seen == [{"user_input": "look", "status": "running", "model_calls": 0}, {"events": 1}, {"title": "look"}]


async def test_a_delegation_is_committed_and_told_while_its_agent_thinks(
    converse: Converse, settings: Settings
) -> None:
    gate = Gate()
    play = Play(manager={"look": call("funny_nerd", request="slowly")}, members={"slowly": gate})
    async with converse(play) as conversation:
        async for event in conversation.send("look"):
            if event.to_json()["type"] == "delegation_started":
                assert not gate.opened.is_set()
                found = rows(file_of(settings.database_url), "SELECT agent_name, task, status FROM delegations")
                assert found == [{"agent_name": "funny_nerd", "task": "slowly", "status": "running"}]
                gate.opened.set()
    assert gate.opened.is_set()


async def test_a_tool_that_changes_something_finds_its_call_on_record(converse: Converse, settings: Settings) -> None:
    execute(
        file_of(settings.database_url),
        "CREATE TRIGGER with_cause BEFORE INSERT ON preferences"
        " WHEN NOT EXISTS (SELECT 1 FROM tool_calls WHERE tool_name = 'add_to_stock_watchlist')"
        " BEGIN SELECT RAISE(ABORT, 'no cause'); END",
    )
    async with converse(team()) as conversation:
        assert status(await told(conversation, "watch")) == "completed"
    assert rows(file_of(settings.database_url), "SELECT ticker FROM stock_watchlist") == [{"ticker": "NVDA"}]


async def test_each_event_is_committed_before_it_is_told(converse: Converse, settings: Settings) -> None:
    file = file_of(settings.database_url)
    async with converse(team()) as conversation:
        for text in ("both", "one", "watch"):
            async for event in conversation.send(text):
                match event.to_json():
                    case {"type": "delegation_started", "id": id_}:
                        assert rows(file, "SELECT id FROM delegations WHERE id = ?", id_)
                    case {"type": "delegation_finished", "id": id_, "status": ended}:
                        assert rows(file, "SELECT status FROM delegations WHERE id = ?", id_) == [{"status": ended}]
                    case {"type": "tool_call", "id": id_, "status": ended}:
                        assert rows(file, "SELECT status FROM tool_calls WHERE id = ?", id_) == [{"status": ended}]
                    case {"type": "reply", "text": said}:
                        assert rows(file, "SELECT * FROM turns WHERE agent_response = ? AND status = 'completed'", said)


async def test_nothing_is_written_before_the_first_message(converse: Converse, settings: Settings) -> None:
    file = file_of(settings.database_url)
    for keywords in ({}, {"new": True}):
        async with converse(team(), **keywords):
            pass
    assert rows(file, "SELECT * FROM sessions") == rows(file, "SELECT * FROM events") == []
    assert not any(ledger(file).values())


async def test_parallel_tools_of_one_reply_lose_nothing(converse: Converse, settings: Settings) -> None:
    tickers = ["NVDA", "AAPL", "MSFT", "IBM"]
    play = Play(manager={"watch": [call("add_to_stock_watchlist", ticker=ticker) for ticker in tickers]})
    async with converse(play) as conversation:
        assert status(await told(conversation, "watch")) == "completed"
    watched = rows(file_of(settings.database_url), "SELECT ticker FROM stock_watchlist")
    assert sorted(row["ticker"] for row in watched) == sorted(tickers)


async def test_two_programs_on_one_file_take_turns_in_one_session(settings: Settings, converse: Converse) -> None:
    async with converse(team()) as first:
        await told(first, "hello")
        async with converse(team(), session=first.key.session_id) as second:
            for number in range(2):
                for conversation in (second, first):
                    events = await told(conversation, "one")
                    assert (status(events), events[0]["resumed"]) == ("completed", True), number
    found = ledger(file_of(settings.database_url))["turns"]
    assert [(turn["number"], turn["status"]) for turn in found] == [(n, "completed") for n in range(1, 6)]


@pytest.mark.parametrize("kept", ["nothing", "half"])
async def test_real_turns_have_the_same_ledger_when_it_is_made_from_adks_events(
    converse: Converse, settings: Settings, tmp_path: Path, kept: str
) -> None:
    play = team()
    gate = Gate()
    play.manager = {
        **play.manager,
        "slow": [call("funny_nerd", request="slow"), call("stock_analyst", request="a price")],
    }
    play.members = {**play.members, "slow": gate}
    async with converse(play) as conversation:
        for text in ("hello", "one", "both", "mixed", "watch"):
            await told(conversation, text)
        async for event in conversation.send("slow"):
            if event.to_json()["type"] == "delegation_finished":
                conversation.cancel()
    written = ledger(file_of(settings.database_url))
    copy = tmp_path / "copy.db"
    execute(file_of(settings.database_url), "PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copy(file_of(settings.database_url), copy)
    if kept == "nothing":
        execute(copy, *(f"DELETE FROM {table}" for table in written))
    else:
        execute(
            copy,
            "DELETE FROM turns WHERE number = 6",
            "DELETE FROM delegations WHERE rowid % 2",
            "DELETE FROM tool_calls",
            "UPDATE turns SET events = events - 1 WHERE number > 1",
            "UPDATE session_info SET last_event_at = '2020-01-01 00:00:00.000000'",
        )
    async with Database.open(str(copy)) as opened:
        await SessionService(opened).prepare_tables()
    made = ledger(copy)
    for table, expected in written.items():
        assert len(made[table]) == len(expected)
        for row, other in zip(made[table], expected, strict=True):
            times = {"started_at", "ended_at", "seconds"} if table == "delegations" else set()
            assert {name: row[name] for name in row.keys() - times} == {n: other[n] for n in other.keys() - times}
            assert row.get("seconds") == pytest.approx(other.get("seconds"), abs=0.2)


async def test_what_the_chat_has_said_is_there_for_adks_own_service(converse: Converse, settings: Settings) -> None:
    async with converse(team()) as conversation:
        await told(conversation, "watch")
        key = conversation.key
    adks = DatabaseSessionService(db_url=settings.database_url)
    session = await adks.get_session(app_name=key.app_name, user_id=key.user_id, session_id=key.session_id)
    await adks.close()
    assert session is not None
    assert [event.author for event in session.events] == ["user", "manager", "manager", "manager"]
    assert session.state["user:preferences"]["stock_watchlist"] == ["NVDA"]


async def test_nothing_in_the_state_grows_with_the_conversation(converse: Converse, settings: Settings) -> None:
    sizes = []
    async with converse(team()) as conversation:
        for _ in range(3):
            for text in ("both", "watch"):
                await told(conversation, text)
            found = rows(
                file_of(settings.database_url),
                "SELECT (SELECT sum(length(state)) FROM sessions) "
                "+ (SELECT sum(length(state)) FROM user_states) AS size",
            )
            sizes.append(found[0]["size"])
    assert len(set(sizes)) == 1


async def test_a_reply_is_the_same_after_a_restart(converse: Converse) -> None:
    async with converse(team()) as conversation:
        said = reply(await told(conversation, "one"))
    play = team()
    async with converse(play) as conversation:
        await told(conversation, "and?")
    texts = [part.text for content in play.requests[0].contents for part in content.parts or [] if part.text]
    assert any(said in text for text in texts)
