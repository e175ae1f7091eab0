"""What ADK promises of a session service, checked alike of its own `DatabaseSessionService` and of ours."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.adk.errors import StaleSessionError
from google.adk.errors.already_exists_error import AlreadyExistsError
from google.adk.errors.session_not_found_error import SessionNotFoundError
from google.adk.events import Event, EventActions
from google.adk.events.event_actions import EventCompaction
from google.adk.sessions import BaseSessionService, DatabaseSessionService, Session
from google.adk.sessions.base_session_service import GetSessionConfig
from google.genai import types

from storage.adk.service import SessionService
from storage.database import Database
from tests.storage.support import call_part, execute, response_part, rows

APP, ADA, EVE = "app", "ada", "eve"


@dataclass(frozen=True)
class Door:
    """A session service, and how another one on the same file is opened."""

    service: BaseSessionService
    file: Path

    async def make(self, id_: str | None = None, user: str = ADA, app: str = APP, **state: Any) -> Session:
        return await self.service.create_session(app_name=app, user_id=user, session_id=id_, state=state or None)

    async def get(self, id_: str = "s", user: str = ADA, app: str = APP, **config: Any) -> Session | None:
        wanted = GetSessionConfig(**config) if config else None
        return await self.service.get_session(app_name=app, user_id=user, session_id=id_, config=wanted)

    async def again(self, id_: str = "s", user: str = ADA, app: str = APP, **config: Any) -> Session:
        """The session as it is stored."""
        found = await self.get(id_, user, app, **config)
        assert found is not None
        return found

    async def add(self, session: Session, *events: Event) -> None:
        for event in events:
            await self.service.append_event(session, event)

    async def listed(self, user: str | None = ADA, app: str = APP) -> list[Session]:
        return (await self.service.list_sessions(app_name=app, user_id=user)).sessions


@pytest.fixture(params=["adks", "ours"])
async def door(request: pytest.FixtureRequest, tmp_path: Path, blank_database: Path) -> AsyncIterator[Door]:
    file = tmp_path / "contract.db"
    url = f"sqlite+aiosqlite:///{file}"
    if request.param == "ours":
        shutil.copy(blank_database, file)
    service = DatabaseSessionService(db_url=url) if request.param == "adks" else SessionService(Database.at(url))
    async with service:
        yield Door(service, file)


def said(text: str = "hello", author: str = "user", **values: Any) -> Event:
    role = "user" if author == "user" else "model"
    content = types.Content(role=role, parts=[types.Part(text=text)])
    return Event(invocation_id=values.pop("invocation_id", "turn"), author=author, content=content, **values)


def changing(**delta: Any) -> Event:
    """An event that changes states; a double underscore stands for the colon of a prefix."""
    state = {name.replace("__", ":"): value for name, value in delta.items()}
    return Event(invocation_id="turn", author="agent", actions=EventActions(state_delta=state))


# Making, reading, listing, deleting


async def test_a_session_that_is_not_there_is_none(door: Door) -> None:
    assert await door.get() is None


async def test_what_was_made_is_what_is_read(door: Door) -> None:
    made = await door.make("s", key="value")
    assert (made.app_name, made.user_id, made.id, made.state) == (APP, ADA, "s", {"key": "value"})
    assert await door.get() == made


async def test_a_session_without_an_id_is_given_one(door: Door) -> None:
    one, other = await door.make(), await door.make()
    assert one.id and other.id and one.id != other.id
    assert await door.get(one.id) == one


@pytest.mark.parametrize(
    "id_", ["my session", "  s\n", "ü\N{SNOWMAN}/?#%", "a.b:c@d", "x" * 128, "'; DROP TABLE events; --"]
)
async def test_any_id_is_kept_as_it_was_given(door: Door, id_: str) -> None:
    made = await door.make(id_)
    await door.add(made, said())
    assert made.id == id_
    assert [event.id for event in (await door.again(id_)).events] == [event.id for event in made.events]


@pytest.mark.parametrize(("user", "app"), [("ü mann", APP), ("a/b", APP), (ADA, "my app"), ("u" * 128, "a" * 128)])
async def test_any_user_and_app_is_kept_as_it_was_given(door: Door, user: str, app: str) -> None:
    await door.add(await door.make("s", user, app), said())
    found = await door.again("s", user, app)
    assert (found.user_id, found.app_name, len(found.events)) == (user, app, 1)


async def test_an_id_is_taken_once(door: Door) -> None:
    await door.make("s", key="first")
    with pytest.raises(AlreadyExistsError):
        await door.make("s", key="second")
    assert (await door.again()).state == {"key": "first"}


async def test_an_id_is_taken_once_when_several_ask_together(door: Door) -> None:
    await door.make("warm")
    made = await asyncio.gather(*(door.make("s") for _ in range(4)), return_exceptions=True)
    assert sorted(type(each).__name__ for each in made) == ["AlreadyExistsError"] * 3 + ["Session"]


async def test_users_and_apps_may_have_sessions_of_one_id(door: Door) -> None:
    for user, app in ((ADA, APP), (EVE, APP), (ADA, "other")):
        await door.add(await door.make("s", user, app), said(f"{user} in {app}"))
    texts = [(await door.again("s", user, app)).events[0].content for user, app in ((EVE, APP), (ADA, "other"))]
    assert [content and content.parts and content.parts[0].text for content in texts] == ["eve in app", "ada in other"]
    assert await door.get("s", EVE, "other") is None


async def test_sessions_are_listed_without_events_those_changed_last_at_the_end(door: Door) -> None:
    made = [await door.make(f"s{number}") for number in range(4)]
    await door.add(made[1], said())
    listed = await door.listed()
    assert [session.id for session in listed] == ["s0", "s2", "s3", "s1"]
    assert [session.events for session in listed] == [[]] * 4


async def test_a_list_has_the_states_of_each_session(door: Door) -> None:
    await door.add(await door.make("s", mine=1), changing(user__ours=2, app__all=3))
    await door.make("other", EVE)
    assert (await door.listed())[0].state == {"mine": 1, "user:ours": 2, "app:all": 3}
    assert (await door.listed(EVE))[0].state == {"app:all": 3}


async def test_a_list_of_an_app_has_all_users(door: Door) -> None:
    await door.add(await door.make("one"), changing(user__mine=1))
    await door.make("two", EVE)
    await door.make("three", ADA, "other")
    found = {session.id: (session.user_id, session.state) for session in await door.listed(None)}
    assert found == {"one": (ADA, {"user:mine": 1}), "two": (EVE, {})}


async def test_a_list_of_nothing_is_empty(door: Door) -> None:
    assert await door.listed() == []
    assert await door.listed(None) == []


async def test_a_deleted_session_is_gone_with_its_events(door: Door) -> None:
    for id_ in ("s", "stays"):
        await door.add(await door.make(id_), said())
    await door.service.delete_session(app_name=APP, user_id=ADA, session_id="s")
    assert await door.get() is None
    assert len((await door.again("stays")).events) == 1
    assert (await door.make("s")).events == (await door.again()).events == []


async def test_deleting_what_is_not_there_is_no_error(door: Door) -> None:
    await door.service.delete_session(app_name=APP, user_id=ADA, session_id="s")


async def test_deleting_a_session_takes_no_state_of_its_user(door: Door) -> None:
    await door.add(await door.make("s"), changing(user__ours=1, app__all=2, mine=3))
    await door.service.delete_session(app_name=APP, user_id=ADA, session_id="s")
    assert (await door.make("s")).state == {"user:ours": 1, "app:all": 2}


async def test_another_users_session_is_not_deleted(door: Door) -> None:
    await door.make("s")
    await door.service.delete_session(app_name=APP, user_id=EVE, session_id="s")
    assert await door.get()


async def test_an_event_for_a_deleted_session_is_refused(door: Door) -> None:
    session = await door.make("s")
    await door.service.delete_session(app_name=APP, user_id=ADA, session_id="s")
    with pytest.raises(SessionNotFoundError):
        await door.add(session, said())
    assert rows(door.file, "SELECT id FROM events") == []


async def test_an_event_for_a_session_that_never_was_is_refused(door: Door) -> None:
    await door.make("warm")
    with pytest.raises(SessionNotFoundError):
        await door.add(Session(app_name=APP, user_id=ADA, id="s", last_update_time=time.time()), said())


# States


async def test_each_kind_of_state_reaches_whom_it_is_for(door: Door) -> None:
    session = await door.make("s", mine=0)
    await door.make("other")
    await door.make("hers", EVE)
    await door.add(session, changing(mine=1, user__ours=2, app__all=3, temp__gone=4))
    assert (await door.again()).state == {"mine": 1, "user:ours": 2, "app:all": 3}
    assert (await door.again("other")).state == {"user:ours": 2, "app:all": 3}
    assert (await door.again("hers", EVE)).state == {"app:all": 3}


async def test_a_new_session_has_the_states_that_are_there(door: Door) -> None:
    await door.add(await door.make("s"), changing(user__ours=1, app__all=2, mine=3))
    assert (await door.make("new", own=4)).state == {"user:ours": 1, "app:all": 2, "own": 4}


async def test_the_first_state_of_a_session_has_all_kinds(door: Door) -> None:
    made = await door.service.create_session(
        app_name=APP, user_id=ADA, session_id="s", state={"mine": 1, "user:ours": 2, "app:all": 3, "temp:gone": 4}
    )
    assert {name: made.state[name] for name in ("mine", "user:ours", "app:all")} == (await door.again()).state
    assert (await door.make("new")).state == {"user:ours": 2, "app:all": 3}


async def test_a_state_for_a_moment_is_seen_in_the_turn_and_not_stored(door: Door) -> None:
    session = await door.make("s")
    event = changing(temp__now=1, kept=2)
    await door.add(session, event)
    assert session.state == {"temp:now": 1, "kept": 2}
    assert event.actions.state_delta == {"kept": 2}
    stored = await door.again()
    assert (stored.state, stored.events[0].actions.state_delta) == ({"kept": 2}, {"kept": 2})


async def test_the_session_in_hand_has_the_change_as_well(door: Door) -> None:
    session = await door.make("s", old=1)
    await door.add(session, changing(old=2, user__ours=3, app__all=4))
    assert session.state == {"old": 2, "user:ours": 3, "app:all": 4} == (await door.again()).state


@pytest.mark.parametrize(
    "value",
    [
        None,
        False,
        0,
        1.5,
        "",
        "ü\N{SNOWMAN}\n",
        [],
        {},
        [1, None, {"deep": [True]}],
        {"a b": {"": None}},
        "x" * 100_000,
    ],
    ids=lambda value: repr(value)[:20],
)
async def test_a_value_comes_back_as_it_was(door: Door, value: Any) -> None:
    session = await door.make("s")
    await door.add(session, changing(mine=value, user__ours=value, app__all=value))
    assert (await door.again()).state == {"mine": value, "user:ours": value, "app:all": value}


async def test_a_value_that_is_no_json_is_kept_as_json_can(door: Door) -> None:
    session = await door.make("s")
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    await door.add(session, changing(when=at, which={"b"}, user__where=Path("/x")))
    assert (await door.again()).state == {"when": "2026-01-02T03:04:05Z", "which": ["b"], "user:where": "/x"}


async def test_a_later_change_wins_and_leaves_the_rest(door: Door) -> None:
    session = await door.make("s", a=1, b=1)
    await door.add(session, changing(a=2, user__a=2), changing(a=3, user__b=3))
    assert (await door.again()).state == {"a": 3, "b": 1, "user:a": 2, "user:b": 3}


async def test_two_sessions_of_a_user_change_one_state_and_lose_nothing(door: Door) -> None:
    made = [await door.make(f"s{number}") for number in range(4)]
    for round_ in range(3):
        for number, session in enumerate(made):
            await door.add(session, changing(**{f"user__{number}-{round_}": 1, f"app__{number}-{round_}": 1}))
    assert len((await door.again("s0")).state) == 24


async def test_the_state_of_a_user_can_be_asked_for(door: Door) -> None:
    ask = door.service.get_user_state
    assert await ask(app_name=APP, user_id=ADA) == {}
    await door.add(await door.make("s"), changing(user__ours=1, app__all=2, mine=3))
    assert await ask(app_name=APP, user_id=ADA) == {"ours": 1}
    assert await ask(app_name=APP, user_id=EVE) == {}


@pytest.mark.parametrize("event", [changing(user__ours=1), changing(app__all=1), changing(mine=1), said()])
@pytest.mark.parametrize(
    ("table", "words"), [("app_states", "App state missing"), ("user_states", "User state missing")]
)
async def test_without_the_row_of_a_state_nothing_is_written(door: Door, event: Event, table: str, words: str) -> None:
    session = await door.make("s")
    execute(door.file, f"DELETE FROM {table}")
    with pytest.raises(ValueError, match=words):
        await door.add(session, event.model_copy(deep=True))
    assert rows(door.file, "SELECT id FROM events") == []
    assert session.events == []


async def test_a_session_is_read_without_the_rows_of_states(door: Door) -> None:
    await door.make("s", mine=1)
    execute(door.file, "DELETE FROM app_states", "DELETE FROM user_states")
    assert (await door.again()).state == {"mine": 1}
    assert (await door.listed())[0].state == {"mine": 1}


# Events


async def test_every_field_of_an_event_comes_back(door: Door) -> None:
    session = await door.make("s")
    event = Event(
        invocation_id="turn",
        author="agent",
        branch="agent@1.other",
        content=types.Content(
            role="model",
            parts=[
                types.Part(text="text"),
                types.Part(text="hmm", thought=True, thought_signature=b"\x00\xff"),
                types.Part.from_bytes(data=b"\x00image\xff", mime_type="image/png"),
                call_part("call", "look", deep={"a": [1, None, 1.5]}),
                response_part("call", "look", found="ü"),
            ],
        ),
        actions=EventActions(
            skip_summarization=True,
            state_delta={"mine": 1},
            artifact_delta={"file": 0},
            transfer_to_agent="other",
            escalate=True,
            compaction=EventCompaction(
                start_timestamp=1.5, end_timestamp=2.5, compacted_content=types.Content(role="model", parts=[])
            ),
        ),
        long_running_tool_ids={"call"},
        grounding_metadata=types.GroundingMetadata(search_entry_point=types.SearchEntryPoint(sdk_blob=b"blob")),
        usage_metadata=types.GenerateContentResponseUsageMetadata(prompt_token_count=1, candidates_token_count=2),
        finish_reason=types.FinishReason.MAX_TOKENS,
        model_version="scripted",
        custom_metadata={"ours": [1, {"deep": None}]},
        turn_complete=True,
        partial=False,
        error_code="code",
        error_message="message",
        interrupted=True,
        timestamp=1234.567891,
    )
    await door.add(session, event)
    assert (await door.again()).events == [event] == session.events


@pytest.mark.parametrize(
    "part",
    [
        types.Part(text=""),
        types.Part(text="\N{SNOWMAN} \U0001f600\n\t\x00\x1b"),
        types.Part(text="x" * 1_000_000),
        types.Part.from_bytes(data=bytes(range(256)), mime_type="application/octet-stream"),
        types.Part.from_uri(file_uri="gs://x/y.png", mime_type="image/png"),
        types.Part(executable_code=types.ExecutableCode(code="1", language=types.Language.PYTHON)),
        types.Part(code_execution_result=types.CodeExecutionResult(outcome=types.Outcome.OUTCOME_OK, output="1")),
    ],
    ids=lambda part: part.model_dump_json(exclude_none=True)[:30],
)
async def test_every_kind_of_part_comes_back(door: Door, part: types.Part) -> None:
    event = Event(invocation_id="turn", author="agent", content=types.Content(role="model", parts=[part]))
    await door.add(await door.make("s"), event)
    assert (await door.again()).events == [event]


async def test_an_event_without_content_is_an_event(door: Door) -> None:
    bare = [Event(author="user"), Event(invocation_id="turn", author="agent", error_code="500"), changing(a=1)]
    await door.add(await door.make("s"), *bare)
    assert (await door.again()).events == bare


async def test_a_whole_session_comes_back_as_it_is_in_hand(door: Door) -> None:
    session = await door.make("s", mine=1)
    await door.add(session, said("one"), changing(mine=2, user__ours=3), said("two", "agent"))
    assert await door.get() == session


async def test_a_piece_of_an_answer_is_not_stored(door: Door) -> None:
    session = await door.make("s")
    piece = said("hel", "agent", partial=True, actions=EventActions(state_delta={"mine": 1}))
    assert await door.service.append_event(session, piece) is piece
    assert (session.events, (await door.again()).events, (await door.again()).state) == ([], [], {})
    await door.add(session, said("hello", "agent"))
    assert len((await door.again()).events) == 1


async def test_the_event_that_was_added_is_returned(door: Door) -> None:
    event = said()
    assert await door.service.append_event(await door.make("s"), event) is event


async def test_an_event_is_added_once(door: Door) -> None:
    session, event = await door.make("s"), said()
    await door.add(session, event)
    with pytest.raises(Exception, match="UNIQUE"):
        await door.add(session, event)
    assert len((await door.again()).events) == 1
    await door.add(await door.again(), said("next"))


async def test_events_come_back_in_the_order_of_their_times(door: Door) -> None:
    at = time.time()
    await door.add(await door.make("s"), *(said(str(number), timestamp=at + number) for number in range(20)))
    assert [event.timestamp for event in (await door.again()).events] == [at + number for number in range(20)]


async def test_events_of_one_moment_come_back_in_one_order(door: Door) -> None:
    await door.add(await door.make("s"), *(said(id=id_, timestamp=1_000.0) for id_ in ("c", "a", "b")))
    assert [event.id for event in (await door.again()).events] == ["a", "b", "c"]
    assert [event.id for event in (await door.again(num_recent_events=2)).events] == ["b", "c"]


@pytest.fixture
async def five(door: Door) -> Session:
    session = await door.make("s")
    await door.add(session, *(said(str(number), timestamp=float(number), id=str(number)) for number in range(1, 6)))
    return session


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({}, "12345"),
        ({"num_recent_events": 3}, "345"),
        ({"num_recent_events": 0}, ""),
        ({"num_recent_events": 99}, "12345"),
        ({"after_timestamp": 4.0}, "45"),
        ({"after_timestamp": 4.000001}, "5"),
        ({"after_timestamp": 50.0}, ""),
        ({"after_timestamp": 0.0}, "12345"),
        ({"after_timestamp": 4.0, "num_recent_events": 3}, "45"),
        ({"after_timestamp": 2.0, "num_recent_events": 1}, "5"),
    ],
)
async def test_some_of_the_events_are_read(door: Door, config: dict[str, Any], found: str) -> None:
    session = await door.again(**config)
    assert "".join(event.id for event in session.events) == found


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize("config", [{"num_recent_events": 0}, {"num_recent_events": 1}, {"after_timestamp": 50.0}])
async def test_a_session_that_was_read_in_part_can_go_on(door: Door, config: dict[str, Any]) -> None:
    part = await door.again(**config)
    await door.add(part, said("6", timestamp=6.0, id="6"), changing(mine=1))
    whole = await door.again()
    assert ([event.id for event in whole.events[:6]], whole.state) == (["1", "2", "3", "4", "5", "6"], {"mine": 1})


# Times and writers


async def test_the_time_of_a_session_is_that_of_its_newest_event(door: Door) -> None:
    session = await door.make("s")
    await door.add(session, said(timestamp=1_000.25))
    assert session.last_update_time == (await door.again()).last_update_time == 1_000.25
    assert (await door.listed())[0].last_update_time == 1_000.25


async def test_events_may_be_older_than_their_session(door: Door) -> None:
    session = await door.make("s")
    await door.add(session, said(timestamp=2_000.0), said(timestamp=1_000.0), said(timestamp=3_000.0))
    assert [event.timestamp for event in (await door.again()).events] == [1_000.0, 2_000.0, 3_000.0]


async def test_a_session_that_was_changed_since_it_was_read_is_refused(door: Door) -> None:
    await door.make("s")
    stale, fresh = await door.again(), await door.again()
    await door.add(fresh, said("first"))
    with pytest.raises(StaleSessionError, match="modified in storage"):
        await door.add(stale, said("late"))
    assert len((await door.again()).events) == 1
    await door.add(await door.again(), said("second"))


async def test_a_stale_change_of_a_state_is_refused_with_its_event(door: Door) -> None:
    await door.make("s")
    stale, fresh = await door.again(), await door.again()
    await door.add(fresh, changing(mine=1, user__ours=1, app__all=1))
    with pytest.raises(StaleSessionError, match="modified in storage"):
        await door.add(stale, changing(mine=2, user__ours=2, app__all=2))
    assert (await door.again()).state == {"mine": 1, "user:ours": 1, "app:all": 1}


async def test_a_session_in_hand_is_stale_when_another_was_changed_in_the_same_moment(door: Door) -> None:
    await door.make("s")
    stale, fresh = await door.again(), await door.again()
    await door.add(fresh, said(timestamp=fresh.last_update_time + 0.000001))
    with pytest.raises(StaleSessionError, match="modified in storage"):
        await door.add(stale, said())


async def test_a_session_can_go_on_after_it_was_refused(door: Door) -> None:
    made = await door.make("s")
    await door.add(await door.again(), said("first"))
    for _ in range(2):
        with pytest.raises(StaleSessionError):
            await door.add(made, said("late"))
    again = await door.again()
    await door.add(again, said("second"), said("third"))
    assert len((await door.again()).events) == 3


async def test_a_session_without_a_marker_goes_by_its_time(door: Door) -> None:
    made = await door.make("s")
    bare = Session(app_name=APP, user_id=ADA, id="s", last_update_time=made.last_update_time)
    await door.add(bare, said("first"), said("second"))
    assert len((await door.again()).events) == 2


async def test_an_old_session_without_a_marker_is_refused(door: Door) -> None:
    made = await door.make("s")
    await door.add(made, said(timestamp=made.last_update_time + 10))
    old = Session(app_name=APP, user_id=ADA, id="s", last_update_time=made.last_update_time - 20)
    with pytest.raises(StaleSessionError, match="modified in storage"):
        await door.add(old, said("late"))


async def test_an_old_time_with_the_same_events_is_not_stale(door: Door) -> None:
    made = await door.make("s")
    await door.add(made, said())
    same = made.model_copy(deep=True)
    same._storage_update_marker = None
    same.last_update_time -= 5
    await door.add(same, said("next"))
    assert len((await door.again()).events) == 2


async def test_events_of_one_session_added_together_are_all_there(door: Door) -> None:
    session = await door.make("s")
    events = [said(str(number)) for number in range(12)]
    await asyncio.gather(*(door.service.append_event(session, event) for event in events))
    assert len(session.events) == len((await door.again()).events) == 12


async def test_changes_of_one_state_made_together_are_all_there(door: Door) -> None:
    made = [await door.make(f"s{number}") for number in range(3)]
    for number in range(4):
        await asyncio.gather(*(door.add(session, changing(**{f"{number}-{session.id}": 1})) for session in made))
    for session in made:
        assert len((await door.again(session.id)).state) == 4


async def test_of_two_that_write_together_with_sessions_of_their_own_one_is_refused(door: Door) -> None:
    await door.make("s")
    both = [await door.again(), await door.again()]
    added = await asyncio.gather(*(door.add(each, said()) for each in both), return_exceptions=True)
    assert sorted(type(each).__name__ for each in added) == ["NoneType", "StaleSessionError"]
    assert len((await door.again()).events) == 1


async def test_what_one_service_wrote_another_reads_and_goes_on_with(door: Door) -> None:
    session = await door.make("s")
    await door.add(session, said("first"), changing(user__ours=1))
    other = DatabaseSessionService(db_url=f"sqlite+aiosqlite:///{door.file}")
    read = await other.get_session(app_name=APP, user_id=ADA, session_id="s")
    assert read == session
    await other.append_event(read, said("second"))
    await other.close()
    with pytest.raises(StaleSessionError):
        await door.add(session, said("late"))
    assert len((await door.again()).events) == 3
