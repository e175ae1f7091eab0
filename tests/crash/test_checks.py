"""The judge's checks: nothing is wrong with a database as the service writes it, and each damage is seen."""

from pathlib import Path

import pytest
from google.adk.events import Event, EventActions

from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences, turns
from storage.schema.tables import INTERRUPTED
from storage.scope import TurnKey
from tests.crash.checks import ALWAYS, Standing, bare, settled
from tests.crash.seen import Book, Seen
from tests.storage.support import ADA, START, delegated_turn, exchange, execute, file_of, key, store

SEEN = Seen(
    "a joke and a price",
    session_id="session-1",
    turn_id="turn-1",
    status="completed",
    reply="ha, and 250",
    calls={"turn-1-joke": "completed", "turn-1-tool": "completed", "turn-1-stock": "running"},
    delegated=("funny_nerd", "stock_analyst"),
)


@pytest.fixture
async def file(settings: Settings) -> Path:
    """Turns of every end: answered, taken back, and left by a process that died."""
    async with Database.open(settings.database_url) as database:
        service = SessionService(database)
        await preferences.add(database, ADA, "stock_watchlist", "AAPL")
        await store(service, [*delegated_turn(), *exchange(invocation_id="turn-2", at=START + 100)])
        rewind = EventActions(rewind_before_invocation_id="turn-2")
        undo = Event(id="undo", invocation_id="rewind", author="user", timestamp=START + 200, actions=rewind)
        left = delegated_turn("turn-3", START + 300)[:4]
        await store(service, [undo, *left])
        await turns.end_if_running(database, TurnKey(key(), "turn-3"), INTERRUPTED)
    return file_of(settings.database_url)


def wrong(file: Path, *seen: Seen) -> list[str]:
    with bare(file) as conn:
        return [sentence for each in (*ALWAYS, settled) for sentence in each(conn, Book(seen))]


def test_nothing_is_wrong_with_what_the_service_has_written(file: Path) -> None:
    assert wrong(file, SEEN) == []


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("UPDATE turns SET agent_response = 'ha' WHERE number = 1", "another answer than was shown"),
        ("UPDATE turns SET status = 'failed' WHERE number = 1", "its events say completed"),
        ("UPDATE turns SET status = 'running' WHERE status = 'interrupted'", "still running"),
        ("UPDATE turns SET undone_at = NULL", "its events say otherwise"),
        ("UPDATE turns SET events = events + 1 WHERE number = 1", "events is 9, its events say 8"),
        ("UPDATE turns SET number = 9 WHERE number = 1", "has the turns [2, 9]"),
        ("DELETE FROM turns WHERE number = 1", "was shown and is gone"),
        ("DELETE FROM events WHERE invocation_id = 'turn-1'", "a turn without events"),
        ("DELETE FROM delegations WHERE id = 'turn-1-joke'", "delegations: missing"),
        ("UPDATE tool_calls SET arguments = '{}' WHERE id = 'turn-1-tool'", "tool_calls: "),
        ("UPDATE delegations SET status = 'failed'", "was shown as completed and is failed"),
        ("DELETE FROM preferences", "add_to_stock_watchlist has added 'aapl'"),
        ("UPDATE preferences SET kind = 'nerd_topics'; INSERT INTO preferences SELECT app_name, user_id, kind,"
         " 'aapl', created_at, session_id, invocation_id FROM preferences", "is there 2 times"),
        ("DELETE FROM sessions", "foreign_key_check"),
        ("PRAGMA writable_schema = ON; DELETE FROM sqlite_master WHERE name = 'ix_turns_number'", "integrity_check"),
    ],
)  # fmt: skip
def test_each_damage_is_seen(file: Path, damage: str, told: str) -> None:
    execute(file, *damage.split("; "))
    assert any(told in sentence for sentence in wrong(file, SEEN)), wrong(file, SEEN)


def test_what_stood_before_may_only_go_when_somebody_wanted_it(file: Path) -> None:
    with bare(file) as conn:
        before = Standing.of(conn)
    execute(file, "UPDATE turns SET undone_at = started_at WHERE invocation_id = 'turn-1'")
    with bare(file) as conn:
        now = Standing.of(conn)
    assert list(before.lost(now, set(), {"turn-1"})) == []
    assert ["1 turns of the session" in sentence for sentence in before.lost(now, set(), set())] == [True]
    execute(file, "DELETE FROM events WHERE id = 'turn-1-0'")
    with bare(file) as conn:
        assert len(list(before.lost(Standing.of(conn), set(), {"turn-1"}))) == 1
    execute(file, "DELETE FROM sessions", "DELETE FROM events", "DELETE FROM turns")
    with bare(file) as conn:
        gone = Standing.of(conn)
    assert list(before.lost(gone, {"session-1"}, set())) == []
    assert ["is gone" in sentence for sentence in before.lost(gone, set(), set())] == [True]
