"""What ADK promises of times and of several writers, checked alike of its own session service and of ours."""

import asyncio

import pytest
from google.adk.errors import StaleSessionError
from google.adk.sessions import DatabaseSessionService, Session

from tests.storage.adk.door import ADA, APP, Door, changing, said


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
