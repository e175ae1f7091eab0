"""Sessions that agents make, which know when they were used, and the chat's, which answer beside them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from settings import APP_NAME
from storage.adk.service import SessionService
from storage.database import Database
from storage.memory import feed, sessions
from storage.memory.errors import BadNameError, BadValueError, ConflictError, TooLargeError
from storage.memory.sessions import Session
from storage.plans import records
from storage.queries import session_changes
from storage.queries import sessions as chats
from storage.scope import SessionKey, User
from tests.postgres import only_files
from tests.storage.support import START, exchange, store

AT = datetime.fromtimestamp(START, UTC)
ADA = User(APP_NAME, "ada", "acme")
MINE = (ADA.tenant, ADA.user_id)


def later(seconds: int) -> datetime:
    return AT + timedelta(seconds=seconds)


async def create(
    database: Database, session_id: str, *, whose: tuple[str, str] = MINE, at: datetime = AT, **given: Any
) -> Session:
    return await database.do(
        lambda execute: sessions.create(execute, *whose, session_id, at, app_name=APP_NAME, **given), writes=True
    )


async def get(database: Database, session_id: str, *, whose: tuple[str, str] = MINE) -> Session | None:
    return await database.do(lambda execute: sessions.get(execute, *whose, session_id, app_name=APP_NAME))


async def touch(database: Database, session_id: str, seconds: int, *, whose: tuple[str, str] = MINE) -> None:
    at = later(seconds)
    await database.do(lambda execute: sessions.touch(execute, *whose, session_id, at), writes=True)


async def delete(database: Database, session_id: str) -> bool:
    return await database.do(lambda execute: sessions.delete(execute, *MINE, session_id, AT), writes=True)


async def listed(database: Database, **asked: Any) -> list[str]:
    found = await database.do(lambda execute: sessions.listing(execute, *MINE, app_name=APP_NAME, **asked))
    for session in found:
        assert await get(database, session.session_id) == session
    return [session.session_id for session in found]


async def test_a_session_comes_back_as_it_was_made(database: Database) -> None:
    made = await create(database, "s", title="Q1 Product Launch", metadata={"phase": [1, None]})
    expected = Session("acme", "ada", "s", "Q1 Product Launch", {"phase": [1, None]}, AT, AT)
    assert made == expected == await get(database, "s")
    assert made.id == "s" and not made.chat
    assert (await create(database, "bare")).metadata == {}


async def test_P3_a_session_s_id_is_unique_in_its_tenant(database: Database) -> None:
    made = await create(database, "s", title="first")
    for whose in (MINE, ("acme", "eve")):
        with pytest.raises(ConflictError, match="there is a session 's' already"):
            await create(database, "s", whose=whose, title="second")
    assert await get(database, "s") == made
    assert (await create(database, "s", whose=("other", "ada"), title="theirs")).name == "theirs"


async def test_P6_a_new_plan_moves_the_last_interaction(database: Database) -> None:
    for session_id in ("a", "b", "c"):
        await create(database, session_id)
    assert await listed(database) == ["a", "b", "c"]
    await database.do(lambda execute: records.create(execute, *MINE, later(5), session_id="b"), writes=True)
    assert await listed(database) == ["b", "a", "c"]
    moved = await get(database, "b")
    assert moved and (moved.last_interaction, moved.created_at) == (later(5), AT)


async def test_P6_an_interaction_moves_it_and_never_back(database: Database) -> None:
    await create(database, "s")
    for seconds, then in ((7, 7), (3, 7), (9, 9)):
        await touch(database, "s", seconds)
        moved = await get(database, "s")
        assert moved and moved.last_interaction == later(then)
    for whose in (("acme", "eve"), ("other", "ada")):
        await touch(database, "s", 99, whose=whose)
    moved = await get(database, "s")
    assert moved and moved.last_interaction == later(9)


async def test_a_page_has_1_to_100_sessions(database: Database) -> None:
    for number in range(23):
        await create(database, f"{number:02}", at=later(number))
    assert await listed(database) == [f"{number:02}" for number in range(22, 2, -1)]
    assert await listed(database, limit=2, offset=21) == ["01", "00"]
    for limit in (0, 101):
        with pytest.raises(BadValueError, match=f"limit must be 1 to 100, not {limit}"):
            await listed(database, limit=limit)


@only_files
async def test_a_session_of_the_chat_answers_as_one(database: Database, service: SessionService) -> None:
    await store(service, exchange("what is new", at=START + 10), "chat", ADA)
    said = await chats.get(database, SessionKey.of(ADA, "chat"))
    assert said
    found = await get(database, "chat")
    assert found == Session("acme", "ada", "chat", "what is new", {}, said.created_at, said.last_event_at, chat=True)
    await session_changes.rename(database, SessionKey.of(ADA, "chat"), "News")
    renamed = await get(database, "chat")
    assert renamed and renamed.name == "News"
    assert await database.do(lambda execute: execute("SELECT COUNT(*) FROM memory_sessions", {})) in ([(0,)], [[0]])


@only_files
async def test_sessions_of_both_kinds_are_one_ordered_page(database: Database, service: SessionService) -> None:
    for number in range(6):
        if number % 2:
            await create(database, f"{number}", at=later(100 + number))
        else:
            await store(service, exchange(at=START + 99 + number), f"{number}", ADA)
    assert await listed(database) == ["5", "4", "3", "2", "1", "0"]
    pages = [await listed(database, limit=4, offset=offset) for offset in (0, 4)]
    assert pages == [["5", "4", "3", "2"], ["1", "0"]]
    await session_changes.remove(database, [SessionKey.of(ADA, "4")])
    assert await listed(database) == ["5", "3", "2", "1", "0"]


@only_files
async def test_a_chat_s_id_is_taken_for_its_user_and_not_told_to_others(
    database: Database, service: SessionService
) -> None:
    await store(service, exchange(), "chat", ADA)
    with pytest.raises(ConflictError):
        await create(database, "chat")
    assert await get(database, "chat", whose=("acme", "eve")) is None
    assert (await create(database, "chat", whose=("acme", "eve"))).session_id == "chat"


@only_files
async def test_a_chat_that_comes_later_does_not_take_the_place_of_a_session(
    database: Database, service: SessionService
) -> None:
    made = await create(database, "s", title="mine")
    await store(service, exchange(at=START + 50), "s", ADA)
    assert await get(database, "s") == made
    assert await listed(database) == ["s"]


@only_files
async def test_a_session_is_deleted_and_its_plans_stay(database: Database, service: SessionService) -> None:
    await create(database, "s")
    plan = await database.do(lambda execute: records.create(execute, *MINE, AT, session_id="s"), writes=True)
    await store(service, exchange(), "chat", ADA)
    assert [await delete(database, session_id) for session_id in ("s", "s", "chat")] == [True, False, False]
    assert await listed(database) == ["chat"]
    assert await database.do(lambda execute: records.listing(execute, *MINE, session_id="s")) == [plan]
    told = await database.do(lambda execute: feed.after(execute, *MINE, 0, ["sessions"]))
    assert [(each.key, each.kind) for each in told] == [("s", "created"), ("s", "deleted")]


async def test_what_cannot_be_kept_is_refused(database: Database) -> None:
    for session_id in ("", "x" * 257, "a\0"):
        with pytest.raises(BadNameError, match="session"):
            await create(database, session_id)
        with pytest.raises(BadNameError, match="session"):
            await delete(database, session_id)
    with pytest.raises(TooLargeError, match="metadata"):
        await create(database, "s", metadata={"long": "x" * 16 * 1024})
