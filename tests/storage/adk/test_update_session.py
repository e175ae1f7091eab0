"""`update_session` changes the state of a session by one event that is no turn, and disturbs none."""

import asyncio
from typing import Any

import pytest
from google.adk.agents import LlmAgent
from google.adk.apps import App
from google.adk.errors.session_not_found_error import SessionNotFoundError
from google.adk.runners import Runner
from google.adk.sessions import Session
from google.genai.types import UserContent

from conversation.host import Host
from manager.plugin import LedgerPlugin
from settings import APP_NAME, Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import SessionBusyError
from storage.queries import sessions, turns
from tests.conversation.support import Gate, reply, status, told
from tests.scripted import Play, ScriptedModel
from tests.storage.support import ADA, Turn, exchange, file_of, key, ledger, rows, store


async def read(service: SessionService, session_id: str = "session-1") -> Session:
    session = await service.get_session(app_name=APP_NAME, user_id="ada", session_id=session_id)
    assert session is not None
    return session


async def test_each_part_of_the_state_is_changed_by_one_event(service: SessionService, settings: Settings) -> None:
    await service.create_session(app_name=APP_NAME, user_id="ada", session_id="session-1", state={"a": 1, "b": 1})
    event = await service.update_session(key(), {"b": 2, "user:c": 3, "app:d": 4, "temp:e": 5})
    session = await read(service)
    assert session.state == {"a": 1, "b": 2, "user:c": 3, "app:d": 4}
    assert [each.id for each in session.events] == [event.id]
    assert event.actions.state_delta == {"b": 2, "user:c": 3, "app:d": 4}
    assert not ledger(file_of(settings.database_url))["turns"]
    info = await sessions.get(service.database, key())
    assert info is not None and (info.turns, info.title) == (0, "")
    assert info.last_event_at.timestamp() == pytest.approx(event.timestamp, abs=1e-5)


async def test_it_is_no_part_of_the_turns_around_it(service: SessionService, settings: Settings) -> None:
    await store(service, exchange())
    before = ledger(file_of(settings.database_url))
    await service.update_session(key(), {"a": 1})
    after = ledger(file_of(settings.database_url))
    assert {**after, "session_info": None} == {**before, "session_info": None}


async def test_a_session_that_is_not_there_is_not_made(service: SessionService, settings: Settings) -> None:
    with pytest.raises(SessionNotFoundError):
        await service.update_session(key(), {"a": 1})
    assert rows(file_of(settings.database_url), "SELECT * FROM sessions") == []


async def test_many_changes_at_once_are_all_kept(service: SessionService, settings: Settings) -> None:
    await store(service, exchange())
    async with Database.open(settings.database_url) as elsewhere:
        doors = [service, SessionService(elsewhere)]
        await asyncio.gather(*(doors[n % 2].update_session(key(), {f"n{n}": n}) for n in range(10)))
    assert (await read(service)).state == {f"n{n}": n for n in range(10)}


async def test_a_turn_that_does_not_end_is_told(database: Database) -> None:
    service = SessionService(database, turn_wait=0.2)
    running = Turn()
    await store(service, [running.user("hello")])
    with pytest.raises(SessionBusyError):
        await service.update_session(key(), {"a": 1})
    assert (await read(service)).state == {}
    (turn,) = await turns.history(database, key(), limit=9)
    assert turn.status == "running"


async def test_a_runner_that_is_no_conversation_is_waited_for(service: SessionService) -> None:
    gate = Gate("done")
    agent = LlmAgent(name="clerk", model=ScriptedModel(script=gate))
    runner = Runner(app=App(name=APP_NAME, root_agent=agent, plugins=[LedgerPlugin()]), session_service=service)
    await service.create_session(app_name=APP_NAME, user_id="ada", session_id="session-1")

    async def run() -> None:
        message = UserContent("slow")
        async for _ in runner.run_async(user_id="ada", session_id="session-1", new_message=message):
            pass

    running = asyncio.create_task(run())
    await gate.entered.wait()
    change = asyncio.create_task(service.update_session(key(), {"a": 1}))
    await asyncio.wait([change], timeout=0.2)
    assert not change.done()
    gate.opened.set()
    await running
    event = await change
    (turn,) = await turns.history(service.database, key(), limit=9)
    assert (turn.status, turn.agent_response) == ("completed", "done")
    assert turn.started_at.timestamp() < (await read(service)).events[-2].timestamp < event.timestamp
    assert (await read(service)).state == {"a": 1}
    await runner.close()


async def test_a_conversation_goes_on_as_if_nothing_had_been(settings: Settings) -> None:
    gate, sent = Gate("slowly"), []

    def hears(request: Any) -> str:
        sent.append([part.text for content in request.contents for part in content.parts or []])
        return "heard"

    play = Play(manager={"slow": gate, "again": hears, "hello": "hi"})
    async with Host.open(settings, models=lambda _: ScriptedModel(script=play)) as host:
        conversation = await host.conversation("ada", new=True)
        await told(conversation, "hello")
        slow = asyncio.create_task(told(conversation, "slow"))
        await gate.entered.wait()
        change = asyncio.create_task(conversation._service.update_session(conversation.key, {"a": 1}))
        await asyncio.wait([change], timeout=0.2)
        assert not change.done()
        gate.opened.set()
        assert reply(await slow) == "slowly"
        await change
        assert status(await told(conversation, "again")) == "completed"
        found = await turns.history(host.database, conversation.key, limit=9)
        assert [turn.number for turn in found] == [3, 2, 1]
    assert sent == [["hello", "hi", "slow", "slowly", "again"]]
    (row,) = rows(file_of(settings.database_url), "SELECT state FROM sessions WHERE user_id = ?", ADA.user_id)
    assert row["state"] == '{"a": 1}'
