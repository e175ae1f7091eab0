"""What we rely on in ADK that it does not promise is as we rely on it: one test a name, and each says what for.

Much of it would break nothing at once. What may move is looked up within its test, so that only that one fails with it.
"""

import asyncio
import functools
import importlib
import inspect
import pickle
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, TypeAlias
from unittest.mock import AsyncMock

import pytest
from google.adk.agents import Context, LlmAgent
from google.adk.events import Event, EventActions
from google.adk.models import LlmRequest
from google.adk.sessions import DatabaseSessionService, InMemorySessionService, Session
from google.adk.tools import BaseTool, FunctionTool
from google.genai import types
from sqlalchemy import JSON, DateTime, Table
from sqlalchemy import event as sqlalchemy_event

from conversation.conversation import Conversation
from docs.generate import ADK_MODULES, documented, reliances
from settings import ROOT, Settings
from storage.adk import private, quick, words
from storage.adk.service import SessionService
from storage.database import Database
from storage.ledger.posting import stamp
from storage.schema import tables
from tests.scripted import ScriptedModel, call, is_manager, responses, said_last
from tests.storage.support import file_of, rows

Test: TypeAlias = Callable[..., Coroutine[Any, Any, None]]

PURPOSES = {name: each.purpose for each in reliances() for name in each.names}
TESTED: set[str] = set()
AT = datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC)


def relied_on(name: str) -> Callable[[Test], Test]:
    """Whatever a test finds is told as what it means."""
    TESTED.add(name)

    def told(test: Test) -> Test:
        @functools.wraps(test)
        async def run(**fixtures: Any) -> None:
            try:
                await test(**fixtures)
            except Exception as error:
                why = PURPOSES.get(name)
                pytest.fail(f"ADK has changed here: {name}, used for: {why} ({type(error).__name__}: {error})")

        return run

    return told


def signature(function: Callable[..., Any]) -> str:
    return ", ".join(inspect.signature(function).parameters)


@pytest.fixture
async def adks(tmp_path: Path) -> AsyncIterator[DatabaseSessionService]:
    """ADK's own service, on a database that only ADK has made."""
    service = DatabaseSessionService(f"sqlite+aiosqlite:///{tmp_path / 'adks.db'}")
    async with service:
        await service.prepare_tables()
        yield service


@pytest.fixture
async def session(adks: DatabaseSessionService) -> Session:
    return await adks.create_session(app_name="app", user_id="ada", session_id="s")


def event(**delta: Any) -> Event:
    return Event(
        invocation_id="turn", author="agent", timestamp=AT.timestamp(), actions=EventActions(state_delta=delta)
    )


def test_each_name_has_a_test() -> None:
    assert set(PURPOSES) == TESTED


@pytest.mark.parametrize("module", ADK_MODULES[:2])
def test_all_that_stands_there_says_for_which_name_and_why(module: str) -> None:
    known = {each.here for each in reliances() if each.module == module}
    assert [name for name, _ in documented(ROOT / module) if name not in known] == []


async def test_a_name_that_moved_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.adk.sessions._restricted_pickle", None)
    monkeypatch.delattr("google.adk.sessions._restricted_pickle")
    with pytest.raises(pytest.fail.Exception, match=r"ADK has changed here: _restricted_pickle\.loads, used for: what"):
        await test_the_reader_of_pickles_makes_nothing_but_data()


# private.py


@relied_on("Session._storage_update_marker")
async def test_a_session_has_its_revision_in_the_form_that_is_copied(
    adks: DatabaseSessionService, session: Session
) -> None:
    made = session._storage_update_marker
    at = private.revision_of(session)
    assert at is not None and at.timestamp() == pytest.approx(session.last_update_time)
    private.set_revision(session, at)
    assert session._storage_update_marker == made
    await adks.append_event(session, event())
    assert private.revision_of(session) == AT
    private.set_revision(session, datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(Exception, match="modified in storage"):
        await adks.append_event(session, event())


@relied_on("_apply_temp_state")
async def test_temporary_state_is_put_into_the_session(adks: DatabaseSessionService, session: Session) -> None:
    adks._apply_temp_state(session, event(**{"temp:a": 1, "b": 2}))
    assert session.state == {"temp:a": 1}


@relied_on("_trim_temp_delta_state")
async def test_temporary_state_is_taken_out_of_the_event(adks: DatabaseSessionService) -> None:
    assert adks._trim_temp_delta_state(event(**{"temp:a": 1, "b": 2})).actions.state_delta == {"b": 2}


@relied_on("_commit_event_to_session")
async def test_an_event_is_put_into_the_session_with_its_state(adks: DatabaseSessionService, session: Session) -> None:
    added = event(b=2)
    assert private.committed(adks, session, added) is added
    assert (session.events, session.state) == ([added], {"b": 2})


@relied_on("_with_session_lock")
async def test_one_lock_a_session_is_adks_own_too(adks: DatabaseSessionService, session: Session) -> None:
    assert signature(adks._with_session_lock) == "app_name, user_id, session_id"
    async with private.appending(adks, session):
        theirs = asyncio.create_task(adks.append_event(session, event()))
        await asyncio.wait([theirs], timeout=0.05)
        assert not theirs.done()
    await theirs


@relied_on("_schema_check_utils.LATEST_SCHEMA_VERSION")
async def test_new_tables_are_of_the_latest_version(adks: DatabaseSessionService, tmp_path: Path) -> None:
    (made,) = rows(tmp_path / "adks.db", "SELECT value FROM adk_internal_metadata WHERE key = 'schema_version'")
    assert made["value"] == private.latest_version()


@relied_on("schemas.v1.StorageEvent")
async def test_adk_stores_an_event_as_the_row_that_the_hook_waits_for(adks: DatabaseSessionService) -> None:
    stored = private.stored_event()
    assert adks._get_schema_classes().StorageEvent is stored
    key = {"app_name", "user_id", "session_id", "id"}
    columns = {*key, "invocation_id", "timestamp", "event_data"}
    assert {column.key for column in stored.__table__.columns} == columns
    made = stored.from_event(Session(app_name="app", user_id="ada", id="s"), event(b=2))
    assert (made.session_id, made.timestamp.replace(tzinfo=UTC)) == ("s", AT)
    assert made.event_data == event(b=2).model_dump(exclude_none=True, mode="json") | {"id": made.id}
    assert made.to_event().timestamp == AT.timestamp()


@relied_on("schemas.v1.StorageSession")
async def test_adk_makes_a_session_as_the_row_that_the_hook_waits_for(adks: DatabaseSessionService) -> None:
    stored = private.stored_session()
    assert adks._get_schema_classes().StorageSession is stored
    known = {"app_name", "user_id", "id", "state", "create_time", "update_time"}
    assert {column.key for column in stored.__table__.columns} == known


@relied_on("schemas.v1.StorageUserState")
@relied_on("database_session_factory")
async def test_the_hook_sees_what_a_session_is_made_with_and_by_whom(adks: DatabaseSessionService) -> None:
    told: list[object] = []

    def note(_mapper: Any, _conn: Any, stored: Any) -> None:
        told.append((stored.state, private.given_to_user(stored), private.kinds_of(stored)))

    sqlalchemy_event.listen(private.stored_session(), "after_insert", note)
    try:
        await adks.create_session(app_name="app", user_id="ada", state={"a": 1, "user:b": 2, "app:c": 3, "temp:d": 4})
        private.tell_kinds(adks, "kinds")
        await adks.create_session(app_name="app", user_id="ada", state={"a": 1})
    finally:
        sqlalchemy_event.remove(private.stored_session(), "after_insert", note)
    assert told == [({"a": 1}, {"b": 2}, None), ({"a": 1}, {}, "kinds")]


@relied_on("schemas.v0.StorageEvent")
async def test_an_event_of_the_first_schema_can_be_read() -> None:
    stored = private.pickled_event()
    written = {"id": "e", "invocation_id": "turn", "author": "agent", "branch": "a@b", "error_code": "429"}
    read = stored(**written, timestamp=AT.replace(tzinfo=None), actions=EventActions()).to_event()
    assert (read.id, read.branch, read.error_code, read.timestamp) == ("e", "a@b", "429", AT.timestamp())


@relied_on("_restricted_pickle.loads")
async def test_the_reader_of_pickles_makes_nothing_but_data() -> None:
    assert private.unpickled(pickle.dumps(EventActions(state_delta={"a": 1}))).state_delta == {"a": 1}
    with pytest.raises(pickle.UnpicklingError):
        private.unpickled(pickle.dumps(print))


@relied_on("service_factory.create_local_session_service")
async def test_adk_asks_what_was_put_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    factory = importlib.import_module("google.adk.cli.utils.service_factory")
    monkeypatch.setattr(factory, "create_local_session_service", factory.create_local_session_service)
    ours = InMemorySessionService()
    private.replace_default_sessions(lambda **_options: ours)
    assert factory.create_session_service_from_options(base_dir=tmp_path) is ours


@relied_on("_run_impl")
async def test_an_agent_runs_as_the_node_that_is_overridden() -> None:
    assert inspect.isasyncgenfunction(LlmAgent._run_impl)
    assert signature(LlmAgent._run_impl) == "self, ctx, node_input"


@relied_on("_output_value")
async def test_an_answer_can_be_set_once_until_it_is_taken_back() -> None:
    set_once = inspect.getattr_static(Context, "output").fset
    context = SimpleNamespace(_output_value=None, _output_delegated=False)
    set_once(context, "one")
    with pytest.raises(ValueError):
        set_once(context, "two")
    context._output_value = None
    set_once(context, "two")
    assert context._output_value == "two"


@relied_on("message_as_output")
async def test_a_message_counts_as_an_answer_by_a_mark_on_its_event() -> None:
    info = Event(author="agent").node_info
    assert info.message_as_output is None
    assert info.model_copy(update={"message_as_output": False}).message_as_output is False


# words.py


@relied_on("adk_internal_metadata")
async def test_the_version_of_adks_tables_is_that_of_ours(adks: DatabaseSessionService, tmp_path: Path) -> None:
    written = rows(tmp_path / "adks.db", "SELECT key, value FROM adk_internal_metadata")
    assert written == [{"key": "schema_version", "value": words.SCHEMA_VERSION}]


@relied_on("_setup_database_schema")
@relied_on("schemas.v1.Base")
async def test_the_tables_that_we_make_are_those_that_adk_makes(
    adks: DatabaseSessionService, settings: Settings, tmp_path: Path
) -> None:
    async with Database.open(settings.database_url) as ours:
        await SessionService(ours).prepare_tables()
    await adks.prepare_tables()
    named = ", ".join(map(repr, words.OBJECTS))
    query = f"SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name IN ({named}) ORDER BY name"
    made = rows(file_of(settings.database_url), query)
    assert len(made) == len(words.OBJECTS)
    assert made == rows(tmp_path / "adks.db", query)


@relied_on("_db_schema_version")
async def test_adk_takes_our_answer_for_its_check_of_the_tables(
    adks: DatabaseSessionService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = DatabaseSessionService(f"sqlite+aiosqlite:///{tmp_path / 'adks.db'}")
    async with answered:
        monkeypatch.setattr(answered, "prepare_tables", AsyncMock())  # as ours, which asks by itself
        assert answered._get_schema_classes().StorageEvent is not private.stored_event()
        private.accept_tables(answered, private.latest_version())
        assert answered._get_schema_classes().StorageEvent is private.stored_event()
        session = await answered.create_session(app_name="app", user_id="ada")
        await answered.append_event(session, event())
    assert rows(tmp_path / "adks.db", "SELECT invocation_id FROM events") == [{"invocation_id": "turn"}]


@relied_on("schemas.v1.Base.metadata")
async def test_adks_tables_are_as_we_read_and_write_them(
    adks: DatabaseSessionService, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "adks.db"
    made = rows(file, "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
    assert [row["name"] for row in made] == sorted(words.OBJECTS)
    for table in (tables.sessions, tables.events, tables.app_states, tables.user_states):
        theirs = rows(file, f"PRAGMA table_info({table.name})")
        assert {(row["name"], bool(row["pk"]), kind(str(row["type"]))) for row in theirs} == columns_of(table)
    await adks.append_event(session, event())
    assert rows(file, "SELECT timestamp FROM events") == [{"timestamp": stamp(AT)}]
    assert rows(file, "SELECT update_time FROM sessions") == [{"update_time": stamp(AT)}]


def columns_of(table: Table) -> set[tuple[str, bool, str]]:
    names = {JSON: "JSON", DateTime: "DATETIME"}
    return {
        (
            column.name,
            column.primary_key,
            next((n for t, n in names.items() if isinstance(_impl(column), t)), "VARCHAR"),
        )
        for column in table.columns
    }


def _impl(column: Any) -> Any:
    return getattr(column.type, "impl_instance", column.type)


def kind(declared: str) -> str:
    return "JSON" if declared == "TEXT" else declared.partition("(")[0]


@relied_on("INVOCATION_ABORTED")
async def test_a_cancelled_turn_is_sealed_with_the_word_that_we_know() -> None:
    seal = importlib.import_module("google.adk.events._abort_events")._build_abort_events
    asked = Event(invocation_id="turn", author="agent", content=types.Content(role="model", parts=[call("tool")]))
    asked.get_function_calls()[0].id = "c"
    for begun in ([], [asked]):
        (sealed,) = seal(begun, invocation_id="turn", root_agent_name="manager", branch=None)
        assert sealed.error_code == words.ABORTED


@relied_on("AF_FUNCTION_CALL_ID_PREFIX")
async def test_ids_that_adk_makes_up_begin_as_we_know() -> None:
    functions = importlib.import_module("google.adk.flows.llm_flows.functions")
    asked = Event(author="agent", content=types.Content(role="model", parts=[call("tool")]))
    functions.populate_client_function_call_id(asked)
    assert (asked.get_function_calls()[0].id or "").startswith(words.MADE_UP_ID)
    functions.remove_client_function_call_id(asked.content)
    assert asked.get_function_calls()[0].id is None


def left_out() -> Any:
    return importlib.import_module("google.adk.flows.llm_flows.contents")


async def is_left_out_by(name: str) -> None:
    by = getattr(left_out(), name)
    known = [
        word
        for word in words.INTERNAL_CALLS
        if by(Event(author="a", content=types.Content(role="model", parts=[call(word)])))
    ]
    assert len(known) == 1
    assert not by(Event(author="a", content=types.Content(role="model", parts=[call("a_tool")])))


@relied_on("_is_adk_framework_event")
async def test_adk_leaves_out_its_own_calls() -> None:
    await is_left_out_by("_is_adk_framework_event")


@relied_on("_is_auth_event")
async def test_adk_leaves_out_its_requests_for_credentials() -> None:
    await is_left_out_by("_is_auth_event")


@relied_on("_is_request_confirmation_event")
async def test_adk_leaves_out_its_requests_for_confirmation() -> None:
    await is_left_out_by("_is_request_confirmation_event")


@relied_on("Event.branch")
async def test_the_branch_of_an_agent_ends_with_the_call_that_it_answers(settings: Settings) -> None:
    async with talk(settings) as conversation:
        async for _ in conversation.send("a joke"):
            pass
        kept = rows(Path(conversation.database.name), "SELECT event_data FROM events ORDER BY rowid")
    made = [Event.model_validate_json(str(row["event_data"])) for row in kept]
    (asked,) = [asked.id for each in made for asked in each.get_function_calls() if asked.name == "funny_nerd"]
    assert {each.branch for each in made if each.author == "funny_nerd"} == {f"funny_nerd@{asked}"}
    assert {words.call_of(each.branch) for each in made if each.author == "funny_nerd"} == {asked}
    assert {each.branch for each in made if each.author in ("user", "manager")} == {None}


def talk(settings: Settings) -> Any:
    """A conversation in which each message is given to one agent, which calls a tool."""

    def script(request: LlmRequest) -> Any:
        if is_manager(request):
            return call("funny_nerd", request="a joke") if said_last(request) else "done"
        return "ha" if responses(request) else call("list_joke_topics")

    return Conversation.open(settings, models=lambda _: ScriptedModel(script=script))


# quick.py


@relied_on("BaseTool._get_declaration")
async def test_a_request_asks_a_tool_what_it_is_and_leaves_that_as_it_is() -> None:
    def greet(name: str) -> str:
        """Greets somebody."""
        return name

    once, request = quick.DeclaredOnce(greet), LlmRequest()
    before = FunctionTool(greet)._get_declaration()
    assert before is not once._get_declaration() and before == once._get_declaration()
    request.append_tools([once])
    (declared,) = (request.config.tools or [])[0].function_declarations  # type: ignore[union-attr, misc]
    assert declared is once._get_declaration() and declared == before
    assert signature(BaseTool._get_declaration) == "self"


@pytest.fixture
def asked_for(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is asked of the module for agents elsewhere, while it is one of ours."""
    asked: list[str] = []

    class Asked(ModuleType):
        def __getattr__(self, name: str) -> object:
            asked.append(name)
            raise AttributeError(name)

    monkeypatch.setitem(sys.modules, "google.adk.agents.remote_a2a_agent", Asked("remote_a2a_agent"))
    yield asked


@relied_on("google.adk.agents.remote_a2a_agent")
async def test_adk_asks_for_agents_elsewhere_for_each_agent_that_answers(
    settings: Settings, asked_for: list[str]
) -> None:
    async with talk(settings) as conversation:
        for _ in range(2):
            asked_for.clear()
            async for _ in conversation.send("a joke"):
                pass
            assert asked_for.count("RemoteA2aAgent") == 2


@relied_on("TelemetryConfig")
async def test_nothing_that_is_said_is_copied_into_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS", "true")
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "SPAN_AND_EVENT")
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "gen_ai_latest_experimental")
    config = quick.uncollected()
    asked = [name for name in dir(type(config)) if name.startswith("should_")]
    assert {name for name in asked if "content" in name or "semconv" in name} >= {
        "should_add_content_to_legacy_spans",
        "should_add_content_to_logs",
        "should_use_experimental_genai_semconv",
    }
    assert [name for name in asked if getattr(config, name)] == []


@pytest.mark.slow
@relied_on("google.adk.workflow.Workflow")
async def test_a_turn_needs_much_that_a_runner_does_not_load() -> None:
    program = (
        "import sys, google.adk.runners, google.adk.agents.llm_agent, storage.adk.quick\n"
        "before = len(sys.modules)\nstorage.adk.quick.load_for_turns()\nprint(len(sys.modules) - before)"
    )
    done = await asyncio.create_subprocess_exec(sys.executable, "-c", program, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    told, _ = await done.communicate()
    assert int(told) > 100
