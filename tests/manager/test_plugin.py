"""The plugin keeps the ledger wherever ADK runs the app, and keeps nothing of a turn that is over."""

import asyncio
from contextlib import suppress

import pytest
from google.adk.agents import LlmAgent
from google.adk.agents.run_config import RunConfig
from google.adk.apps import App
from google.adk.events import Event
from google.adk.models import LlmRequest, LlmResponse
from google.adk.runners import Runner
from google.adk.sessions import BaseSessionService, DatabaseSessionService, InMemorySessionService
from google.genai import types

from manager.plugin import LedgerPlugin
from manager.team import build_app
from settings import APP_NAME, Settings
from storage.adk.catchup import catch_up
from storage.adk.service import SessionService
from storage.database import Database
from tests.conversation.support import team
from tests.scripted import Play, RawModel, ScriptedModel, call, is_manager, responses, said_piece, said_whole
from tests.storage.support import file_of, ledger, rows


def app_of(play: Play) -> App:
    return build_app(Settings(), lambda _: ScriptedModel(script=play))


async def run(app: App, service: BaseSessionService, text: str, session_id: str = "session-1") -> list[Event]:
    """One turn, as `adk run` and `adk web` take it."""
    runner = Runner(app=app, session_service=service, auto_create_session=True)
    message = types.Content(role="user", parts=[types.Part(text=text)])
    return [event async for event in runner.run_async(user_id="ada", session_id=session_id, new_message=message)]


async def test_adks_own_session_service_gets_the_ledger_from_the_first_message(settings: Settings) -> None:
    adks = DatabaseSessionService(db_url=settings.database_url)
    for text in ("both", "watch"):
        await run(app_of(team()), adks, text)
    await adks.close()
    found = ledger(file_of(settings.database_url))
    assert [(turn["user_input"], turn["status"]) for turn in found["turns"]] == [
        ("both", "completed"),
        ("watch", "completed"),
    ]
    assert {row["status"] for row in (*found["delegations"], *found["tool_calls"])} == {"completed"}
    assert len(found["delegations"]) == 2
    async with Database.open(settings.database_url) as opened:
        await SessionService(opened).prepare_tables()
        assert await catch_up(opened) == 0
    assert ledger(file_of(settings.database_url)) == found


async def test_on_a_server_there_is_no_record_yet_and_a_turn_says_so(blank_postgres: str) -> None:
    async with DatabaseSessionService(blank_postgres.replace("postgresql:", "postgresql+psycopg:")) as adks:
        with pytest.raises(RuntimeError, match="memory works on PostgreSQL"):
            await run(app_of(team()), adks, "both")


async def test_without_a_database_tools_say_so_and_the_turn_goes_on() -> None:
    play = team()
    events = await run(app_of(play), InMemorySessionService(), "watch")
    (answer,) = responses(play.requests[-1])
    assert answer["status"] == "error" and "not kept in a database" in answer["error_message"]
    assert events[-1].is_final_response()


async def test_events_name_their_delegations_and_the_times_of_their_calls(
    service: SessionService, settings: Settings
) -> None:
    events = await run(app_of(team()), service, "mixed")
    (calling,) = [event for event in events if event.author == "manager" and event.get_function_calls()]
    (answering,) = [event for event in events if event.author == "manager" and event.get_function_responses()]
    delegated, own = calling.get_function_calls()
    assert calling.custom_metadata == {"delegations": [delegated.id]}
    assert answering.custom_metadata is not None
    assert answering.custom_metadata["delegations"] == [delegated.id]
    spans = answering.custom_metadata["spans"]
    assert set(spans) == {delegated.id, own.id}
    assert all(start <= end for start, end in spans.values())


async def test_the_snapshot_follows_every_change_of_preferences(service: SessionService) -> None:
    play = Play(
        manager={
            "watch": [call("add_to_stock_watchlist", ticker="NVDA"), call("add_joke_preference", topic="math")],
            "forget": call("remove_from_stock_watchlist", ticker="NVDA"),
        }
    )
    app = app_of(play)
    kept = []
    for text in ("watch", "forget"):
        await run(app, service, text)
        session = await service.get_session(app_name=APP_NAME, user_id="ada", session_id="session-1")
        assert session is not None
        snapshot = session.state["user:preferences"]
        kept.append((snapshot["stock_watchlist"], snapshot["joke_preferences"]))
    assert kept == [(["NVDA"], ["math"]), ([], ["math"])]


async def test_nothing_of_a_turn_is_kept_when_it_is_over(service: SessionService) -> None:
    play = team()
    play.manager = {**play.manager, "boom": RuntimeError("kaput"), "agent boom": call("funny_nerd", request="boom")}
    play.members = {**play.members, "boom": RuntimeError("kaput")}
    app = app_of(play)
    (plugin,) = app.plugins
    assert isinstance(plugin, LedgerPlugin)
    kept = [value for value in vars(plugin).values() if isinstance(value, dict)]
    assert kept
    for text in ("both", "one", "watch"):
        await run(app, service, text)
        assert not any(kept), text
    for text in ("boom", "agent boom"):
        with pytest.raises(RuntimeError, match="kaput"):
            await run(app, service, text)
        assert not any(kept), text


async def test_users_at_the_same_time_do_not_meet(service: SessionService, settings: Settings) -> None:
    app = app_of(team())
    await asyncio.gather(*(run(app, service, text, f"session-{text}") for text in ("both", "mixed", "one", "hello")))
    found = rows(file_of(settings.database_url), "SELECT session_id, agents, status FROM conversation_history")
    agents = {row["session_id"]: sorted((row["agents"] or "").split(", ")) for row in found}
    assert {row["status"] for row in found} == {"completed"}
    assert agents == {
        "session-both": ["funny_nerd", "stock_analyst"],
        "session-mixed": ["funny_nerd"],
        "session-one": ["funny_nerd"],
        "session-hello": [""],
    }


THOUGHT = types.Part(text="hmm", thought=True)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [said_piece("half")],
        [asyncio.CancelledError()],
        [said_whole()],
        [said_whole(" ")],
        [said_whole(THOUGHT)],
        [said_whole(finish_reason=types.FinishReason.SAFETY)],
        [RuntimeError()],
    ],
)
@pytest.mark.parametrize("by_agent", [False, True])
async def test_no_turn_of_adks_own_tools_is_left_running(
    service: SessionService, settings: Settings, steps: list[LlmResponse | BaseException], by_agent: bool
) -> None:
    def script(request: LlmRequest) -> list[LlmResponse | BaseException]:
        delegates = by_agent and is_manager(request)
        return [said_whole(call("funny_nerd", request="a joke"))] if delegates else steps

    with suppress(Exception):
        await run(build_app(settings, lambda _: RawModel(script=script)), service, "go")
    (turn,) = rows(file_of(settings.database_url), "SELECT * FROM turns")
    assert turn["status"] == "failed" and " " in turn["error"]


async def test_a_model_call_too_many_ends_a_turn_of_adks_own_tools(service: SessionService, settings: Settings) -> None:
    app = build_app(settings, lambda _: RawModel(script=lambda _: [said_whole(call("get_current_time"))]))
    runner = Runner(app=app, session_service=service, auto_create_session=True)
    message = types.Content(role="user", parts=[types.Part(text="go")])
    turn = runner.run_async(user_id="ada", session_id="s", new_message=message, run_config=RunConfig(max_llm_calls=4))
    with pytest.raises(RuntimeError):
        [event async for event in turn]
    (row,) = rows(file_of(settings.database_url), "SELECT * FROM turns")
    assert (row["status"], row["model_calls"]) == ("failed", 4) and "4 times" in row["error"]


async def test_an_agent_keeps_its_own_callbacks_after_a_tool(service: SessionService, settings: Settings) -> None:
    app = build_app(settings, lambda _: ScriptedModel(script=team()))
    assert isinstance(app.root_agent, LlmAgent)
    seen: list[str] = []
    app.root_agent.after_tool_callback = lambda tool, **_: seen.append(tool.name)
    await run(app, service, "watch")
    assert seen == ["add_to_stock_watchlist"]
