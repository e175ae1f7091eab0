"""What ADK promises of a session service, checked alike of its own `DatabaseSessionService` and of ours."""

import asyncio
import time

import pytest
from google.adk.errors.already_exists_error import AlreadyExistsError
from google.adk.errors.session_not_found_error import SessionNotFoundError
from google.adk.sessions import Session

from tests.storage.adk.door import ADA, APP, EVE, Door, changing, said
from tests.storage.support import rows


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
