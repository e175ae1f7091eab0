"""Every query sees and changes the rows of one user only: another tenant's user of the same name is somebody else."""

import inspect
import pkgutil
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from sqlalchemy import select

from settings import APP_NAME, Settings
from storage import queries, stats
from storage.adk.service import SessionService, rewind
from storage.database import Database
from storage.errors import StorageError
from storage.leases import Lease, Watch
from storage.queries import (
    archive,
    forget,
    preferences,
    search,
    session_changes,
    session_document,
    sessions,
    shown,
    trace,
    turns,
)
from storage.schema.tables import events as adk_events
from storage.schema.tables import metadata, user_states
from storage.schema.tables import sessions as adk_sessions
from storage.scope import SessionKey, TurnKey, User
from storage.stats import figures, overview, series, tools
from storage.stats import preferences as stats_preferences
from storage.stats import turns as stats_turns
from storage.stats.filter import StatsFilter
from tests.storage.support import START, Turn, delegated_turn, exchange, file_of, rows, store

MINE = User(APP_NAME, "ada", "acme")
OTHERS = [
    User(APP_NAME, "ada"),
    User(APP_NAME, "acme/ada"),
    User(APP_NAME, "acme%2Fada"),
    User(APP_NAME, "ada", "acme/"),
    User(APP_NAME, "ada", "other"),
    User("another_app", "ada", "acme"),
]
NOBODY = User(APP_NAME, "ada", "nobody's")
"""Called as the others are, and without a row."""
LATER = datetime(2100, 1, 1, tzinfo=UTC)

Work: TypeAlias = Callable[[Database, User], Awaitable[object]]


def one(user: User) -> SessionKey:
    return SessionKey.of(user, "one")


def turn(user: User, invocation_id: str = "t-1") -> TurnKey:
    return TurnKey(one(user), invocation_id)


async def _document(database: Database, user: User) -> object:
    info = await sessions.get(database, one(user))
    return info and await session_document.document(database, one(user), info)


async def _chosen(database: Database, user: User) -> bool:
    return await sessions.get(database, await sessions.chosen(database, user)) is not None


async def _import(database: Database, user: User) -> object:
    document = (await archive.export(database, one(MINE))).model_dump_json()
    return await archive.import_(database, user, document)


async def _pick_all(database: Database, user: User) -> object:
    return [await shown.pick(database, user, "jokes/python", ["a"]) for _ in range(2)]


READS: dict[Any, Work] = {
    archive.export: lambda database, user: archive.export(database, one(user)),
    preferences.of_user: preferences.of_user,
    search.search: lambda database, user: search.search(database, user, "joke", limit=9),
    session_changes.prunable: lambda database, user: session_changes.prunable(database, user, older_than=LATER, keep=0),
    session_document.document: _document,
    sessions.by_id: lambda database, user: sessions.by_id(database, user, ["one"]),
    sessions.chosen: _chosen,
    sessions.count: sessions.count,
    sessions.find: lambda database, user: sessions.find(database, user, "A joke and a price"),
    sessions.get: lambda database, user: sessions.get(database, one(user)),
    sessions.latest: sessions.latest,
    sessions.listing: lambda database, user: sessions.listing(database, user, limit=9),
    shown.last: lambda database, user: shown.last(database, user, "jokes"),
    trace.numbered: lambda database, user: trace.numbered(database, one(user), 1),
    trace.trace: lambda database, user: trace.trace(database, one(user)),
    turns.are_run_elsewhere: lambda database, user: turns.are_run_elsewhere(database, user, Lease()),
    turns.between: lambda database, user: turns.between(database, one(user), 0, 9, limit=9),
    turns.first: lambda database, user: turns.first(database, one(user)),
    turns.history: lambda database, user: turns.history(database, one(user), limit=9),
    turns.last_answer: lambda database, user: turns.last_answer(database, one(user)),
    turns.of_user: lambda database, user: turns.of_user(database, user, limit=9),
    turns.recent_delegations: lambda database, user: turns.recent_delegations(database, user, limit=9),
    turns.tokens_of_session: lambda database, user: turns.tokens_of_session(database, one(user)),
    turns.tool_calls_of: lambda database, user: turns.tool_calls_of(database, one(user), ["t-1"]),
    figures.agent_stats: figures.agent_stats,
    figures.totals: figures.totals,
    overview.overview: lambda database, user: overview.overview(database, user, now=LATER, zone=UTC),
    series.series: lambda database, user: series.series(database, user, zone=UTC),
    stats_preferences.held: stats_preferences.held,
    stats_turns.days: lambda database, user: stats_turns.days(database, user, zone=UTC),
    stats_turns.models: stats_turns.models,
    stats_turns.sessions: lambda database, user: stats_turns.sessions(database, user, limit=9),
    tools.tools: tools.tools,
}
WRITES: dict[Any, Work] = {
    archive.import_: _import,
    forget.begin_anew: forget.begin_anew,
    preferences.add: lambda database, user: preferences.add(database, user, "user_name", "Eve", single=True),
    preferences.remove: lambda database, user: preferences.remove(database, user, "user_name", "Ada"),
    session_changes.fork: lambda database, user: session_changes.fork(database, one(user)),
    session_changes.remove: lambda database, user: session_changes.remove(database, [one(user)]),
    session_changes.rename: lambda database, user: session_changes.rename(database, one(user), "Eve's"),
    shown.pick: _pick_all,
    turns.end_if_running: lambda database, user: turns.end_if_running(database, turn(user, "t-3"), "cancelled"),
    turns.fail: lambda database, user: turns.fail(database, turn(user, "t-3"), "no"),
    turns.settle_dead: lambda database, user: turns.settle_dead(database, Watch(0), user, Lease()),
}


@pytest.fixture
async def kept(service: SessionService) -> None:
    """The record of `MINE`: two turns that ended and one that runs, a preference, and a joke."""
    database = service.database
    await store(service, delegated_turn("t-1"), "one", MINE)
    await store(service, exchange("second joke", invocation_id="t-2", at=START + 100), "one", MINE)
    running = Turn("t-3", START + 200)
    await store(service, [running.user("third")], "one", MINE)
    await session_changes.fork(database, one(MINE), at=2)
    await preferences.add(database, MINE, "user_name", "Ada", turn(MINE), single=True)
    await shown.pick(database, MINE, "jokes/python", ["a", "b"])


async def outcome(work: Work, database: Database, user: User) -> object:
    try:
        return await work(database, user)
    except StorageError as error:
        return str(error)


async def record_of(database: Database, user: User) -> dict[str, list[Any]]:
    """All rows of a user of an app, in our tables and ADK's."""
    tables = (adk_sessions, adk_events, user_states, *(t for t in metadata.tables.values() if "app_name" in t.c))
    mine = {
        table.name: select(table).where(table.c.app_name == user.app_name, table.c.user_id == user.adk_id)
        for table in tables
    }
    async with database.read() as conn:
        return {name: sorted(map(repr, (await conn.execute(query)).all())) for name, query in mine.items()}


def test_every_query_of_a_user_is_tried_here() -> None:
    found = set()
    for package in (queries, stats):
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for name, function in inspect.getmembers(import_module(info.name), inspect.iscoroutinefunction):
                kinds = [str(each.annotation) for each in inspect.signature(function).parameters.values()]
                is_ours = function.__module__ == info.name and not name.startswith("_")
                if is_ours and all(
                    any(each in kind for kind in kinds) for each in ("storage.database", "storage.scope")
                ):
                    found.add(f"{info.name}.{name}")
    assert found == {f"{each.__module__}.{each.__name__}" for each in (*READS, *WRITES)}


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("read", READS.values(), ids=[f"{each.__module__}.{each.__name__}" for each in READS])
async def test_a_user_sees_nothing_of_another(database: Database, read: Work) -> None:
    nothing = await outcome(read, database, NOBODY)
    assert await outcome(read, database, MINE) != nothing
    for other in OTHERS:
        assert await outcome(read, database, other) == nothing, other


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("write", WRITES.values(), ids=[f"{each.__module__}.{each.__name__}" for each in WRITES])
async def test_a_user_changes_nothing_of_another(database: Database, write: Work) -> None:
    mine = await record_of(database, MINE)
    assert all(mine.values())
    for other in OTHERS:
        await outcome(write, database, other)
        assert await record_of(database, MINE) == mine, other
    await outcome(write, database, MINE)
    assert await record_of(database, MINE) != mine


@pytest.mark.usefixtures("kept")
async def test_what_is_imported_is_the_importer_s(database: Database) -> None:
    document = (await archive.export(database, one(MINE))).model_dump_json()
    assert "acme" not in document
    key = await archive.import_(database, OTHERS[0], document)
    assert key.user == OTHERS[0]
    assert (await archive.export(database, key)).events == (await archive.export(database, one(MINE))).events


@pytest.mark.usefixtures("kept")
async def test_what_is_told_beside_a_row_is_the_user_s_too(database: Database, service: SessionService) -> None:
    await store(service, exchange("something else"), "one", OTHERS[0])
    info = await sessions.get(database, one(MINE))
    assert info and info.agents == ("funny_nerd", "stock_analyst")
    (counted,) = await stats_turns.sessions(database, MINE, StatsFilter(session_id="one"), limit=9)
    assert (counted.title, counted.turns) == ("a joke and a price", 3)


@pytest.mark.usefixtures("kept")
async def test_a_fork_is_named_and_counted_among_the_user_s_own(database: Database, service: SessionService) -> None:
    other = OTHERS[0]
    await store(service, delegated_turn("t-1"), "one", other)
    for user, number in ((MINE, " 2"), (other, "")):
        forked = await session_changes.fork(database, one(user))
        info = await sessions.get(database, forked)
        assert info and info.title == f"a joke and a price (fork{number})"
    assert (await figures.totals(database, other)).copied == 1
    assert (await figures.totals(database, MINE)).copied == 5


@pytest.mark.usefixtures("kept")
async def test_adk_s_service_undoes_and_reads_only_what_is_the_user_s(
    database: Database, service: SessionService
) -> None:
    mine = await record_of(database, MINE)
    for other in OTHERS:
        app, id_ = other.app_name, other.adk_id
        assert (await service.list_sessions(app_name=app, user_id=id_)).sessions == []
        assert await service.get_session(app_name=app, user_id=id_, session_id="one") is None
        session = await service.create_session(app_name=app, user_id=id_, session_id="one")
        await service.append_event(session, rewind("t-1"))
        await service.delete_session(app_name=app, user_id=id_, session_id="one")
    assert await record_of(database, MINE) == mine


@pytest.mark.usefixtures("kept")
async def test_plain_sql_tells_tenants_apart(database: Database, service: SessionService, settings: Settings) -> None:
    for other in (OTHERS[0], OTHERS[1], OTHERS[3]):
        await store(service, exchange(), "one", other)
    file: Path = file_of(settings.database_url)
    for table in ("turns", "session_info", "conversation_history"):
        found = {(row["user_id"], row["tenant"]) for row in rows(file, f"SELECT user_id, tenant FROM {table}")}
        assert found == {
            ("acme/ada", "acme"),
            ("ada", "local"),
            ("local/acme%2Fada", "local"),
            ("acme%2F/ada", "acme/"),
        }
    for table in ("agent_stats", "agent_delegations", "delegations", "tool_calls", "preferences", "shown_items"):
        assert {row["tenant"] for row in rows(file, f"SELECT tenant FROM {table}")} == {"acme"}, table
