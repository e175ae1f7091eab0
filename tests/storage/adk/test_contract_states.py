"""What ADK promises of states, checked alike of its own session service and of ours."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from google.adk.events import Event

from tests.storage.adk.door import ADA, APP, EVE, Door, changing, said
from tests.storage.support import execute, rows


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
