"""What an archive brings in is bounded, and its ledger is the one of its events; or nothing of it is read in."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.adk.events import Event, EventActions
from google.adk.events.event_actions import EventCompaction
from google.genai import types
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from storage.adk.catchup import catch_up
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.ledger.summaries import Coverage
from storage.queries import archive, search, session_changes, session_document, sessions, trace, turns
from storage.queries.archive_document import MAX_BYTES
from storage.schema.tables import CANCELLED, INTERRUPTED
from storage.scope import TurnKey
from storage.stats import figures, overview
from tests.conftest import Converse
from tests.conversation.support import team, told
from tests.storage.adk.test_catchup import conversation
from tests.storage.support import ADA, START, delegated_turn, exchange, execute, key, ledger, older, rows, store

Change = Callable[[Any], None]
DERIVED = ("turns", "delegations", "tool_calls")


@pytest.fixture
async def elsewhere(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(f"sqlite+aiosqlite:///{tmp_path / 'elsewhere.db'}") as opened:
        await SessionService(opened).prepare_tables()
        yield opened


async def everything(database: Database, service: SessionService) -> str:
    """The id of a session with a turn of every kind and end, some taken back, and a summary."""
    await store(service, conversation(), "one")
    for number, end in enumerate((CANCELLED, INTERRUPTED)):
        id_ = f"left-{number}"
        await store(service, delegated_turn(id_, START + 1000 + 100 * number)[:4], "one")
        await turns.end_if_running(database, TurnKey(key("one"), id_), end, "stopped")
    await store(service, exchange("no luck", invocation_id="unlucky", at=START + 1300)[:1], "one")
    await turns.fail(database, TurnKey(key("one"), "unlucky"), "no luck")
    await store(service, exchange("take me back", "done", "undone", START + 1400), "one")
    actions = EventActions(rewind_before_invocation_id="undone")
    rewind = Event(id="r", invocation_id="e-r", author="user", timestamp=START + 1500, actions=actions)
    await store(service, [rewind], "one")
    await store(service, exchange("你好世界再见", "再见", "again", START + 1600), "one")
    told = types.Content(role="model", parts=[types.Part(text="what was said")])
    compaction = EventCompaction(start_timestamp=START, end_timestamp=START + 900, compacted_content=told)
    third = next(turn for turn in await turns.history(database, key("one"), limit=100) if turn.number == 3)
    covers = Coverage(third.number, third.invocation_id)
    summary = Event(
        id="s",
        invocation_id="e-s",
        author="user",
        timestamp=START + 1700,
        actions=EventActions(compaction=compaction),
        custom_metadata=covers.metadata(),
    )
    assert await service.log.add_summary(key("one"), summary.model_dump(exclude_none=True, mode="json"), covers)
    return "one"


@pytest.fixture(scope="session")
def exported(blank_database: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `everything` is exported as."""
    file = shutil.copy(blank_database, tmp_path_factory.mktemp("everything") / "everything.db")

    async def export() -> str:
        async with Database.open(str(file)) as opened:
            await everything(opened, SessionService(opened))
            return (await archive.export(opened, key("one"))).model_dump_json()

    return asyncio.run(export())


@pytest.fixture
def document(exported: str) -> Any:
    return json.loads(exported)


def setting(*path: Any, value: Any) -> Change:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = value

    return change


async def refused(database: Database, text: str | bytes, reason: str = "not an exported session") -> str:
    """Nothing is written, and it is told in one line."""
    with pytest.raises(StorageError, match=reason) as wrong:
        await archive.import_(database, ADA, text)
    assert wrong.value.hint == "Nothing was written."
    told = str(wrong.value)
    assert told.isprintable() and len(told) < 500
    for table in ("sessions", "events", "session_info", *DERIVED):
        assert rows(Path(database.name), f"SELECT 1 FROM {table}") == []
    return told


async def test_a_session_with_every_kind_of_turn_is_the_same_there_and_back(
    database: Database, service: SessionService, elsewhere: Database
) -> None:
    await everything(database, service)
    forked = await session_changes.fork(database, key("one"), at=4)
    for each in (key("one"), forked):
        exported = (await archive.export(database, each)).model_dump_json()
        assert await archive.import_(elsewhere, ADA, exported) == each
        assert (await archive.export(elsewhere, each)).model_dump_json() == exported
    assert ledger(Path(elsewhere.name)) == ledger(Path(database.name))
    assert await catch_up(elsewhere) == 0


async def test_what_was_really_said_is_the_same_there_and_back(converse: Converse, elsewhere: Database) -> None:
    async with converse(team()) as talk:
        for text in ("both", "watch", "mixed", "a\x1bb \u202e世界", "one"):
            await told(talk, text)
        await talk.undo(2)
        async for _ in talk.retry():
            pass
        async for event in talk.send("both"):
            if event.to_json()["type"] == "delegation_started":
                talk.cancel()
        exported = (await archive.export(talk.database, talk.key)).model_dump_json()
    there = await archive.import_(elsewhere, ADA, exported)
    assert (await archive.export(elsewhere, there)).model_dump_json() == exported


async def test_a_failed_turn_is_the_same_there_and_back(converse: Converse, elsewhere: Database) -> None:
    def broken(_request: object) -> str:
        raise RuntimeError("no model today")

    async with converse(broken) as talk:
        await told(talk, "hello")
        exported = (await archive.export(talk.database, talk.key)).model_dump_json()
    there = await archive.import_(elsewhere, ADA, exported)
    assert (await archive.export(elsewhere, there)).model_dump_json() == exported


TOO_MUCH: dict[str, Change] = {
    "endless seconds": setting("turns", 0, "seconds", value=1e300),
    "negative seconds": setting("delegations", 0, "seconds", value=-1.0),
    "other seconds": setting("turns", 0, "seconds", value=77.0),
    "many tokens": setting("turns", 0, "prompt_tokens", value=2**62),
    "other tokens": setting("turns", 0, "output_tokens", value=4),
    "negative calls": setting("turns", 0, "model_calls", value=-1),
    "the first year": setting("turns", 0, "started_at", value="0001-01-01T00:00:00+14:00"),
    "the last year": setting("session", "last_event_at", value="9999-12-31T23:59:59-14:00"),
    "a time that is a number": setting("session", "created_at", value=5),
    "an event at another time": setting("events", 0, "timestamp", value="2020-01-01T00:00:00Z"),
    "an event in no time": setting("events", 0, "event_data", "timestamp", value=1e300),
    "a huge number": setting("turns", 0, "number", value=10**30),
    "a number twice": setting("turns", 1, "number", value=1),
    "numbers from nought": setting("turns", 0, "number", value=0),
    "no id": setting("turns", 0, "invocation_id", value=""),
    "a long id": setting("events", 0, "id", value="x" * 129),
    "an escape in an id": setting("delegations", 0, "id", value="\x1b[2J"),
    "an escape in a name": setting("delegations", 0, "agent_name", value="\x1b]0;x\x07"),
    "a name that turns the line": setting("tool_calls", 0, "tool_name", value="a\u202eb"),
    "a NUL": setting("turns", 0, "user_input", value="a\x00b"),
    "another message": setting("turns", 0, "user_input", value="something else"),
    "another answer": setting("turns", 0, "agent_response", value="something else"),
    "another task": setting("delegations", 0, "task", value="something else"),
    "other arguments": setting("tool_calls", 0, "arguments", value={"ticker": "NVDA"}),
    "another end": setting("turns", 0, "status", value="failed"),
    "another end of a failed turn": setting("turns", 4, "status", value="completed"),
    "an end that nothing tells": setting("turns", 5, "status", value="completed"),
    "running and ended": setting("turns", 0, "status", value="running"),
    "reported by nobody": setting("delegations", 0, "reported", value=True),
    "taken back by nobody": setting("turns", 0, "undone_at", value="2026-01-02T03:04:05Z"),
    "not undone": setting("turns", 8, "undone_at", value=None),
    "a summary that is none": setting("session", "summary_event_id", value="turn-0-0"),
    "a summary of what is to come": setting("session", "summarized_through", value=99),
    "a fork from nowhere": setting("session", "forked_at_turn", value=1),
    "a turn that nothing tells": lambda data: data["turns"].append({**data["turns"][0], "invocation_id": "x"}),
    "a turn that is missing": lambda data: data["turns"].pop(0),
    "a call that is missing": lambda data: data["tool_calls"].pop(),
    "a turn twice": lambda data: data["turns"].append(data["turns"][0]),
    "an event that is missing": lambda data: data["events"].pop(1),
    "text for a truth": setting("delegations", 0, "reported", value="no"),
    "an id that is no text": setting("session", "id", value=5),
    "a long strange key": lambda data: data.update({"\x1b[31m" * 1000: 1}),
}


@pytest.mark.parametrize("change", TOO_MUCH.values(), ids=TOO_MUCH.keys())
async def test_what_is_beyond_its_limits_or_not_in_the_events_is_refused(
    document: Any, elsewhere: Database, change: Change
) -> None:
    change(document)
    await refused(elsewhere, json.dumps(document))


def everywhere(text: str, instead: str) -> Change:
    """A document that says something else in its events and in its ledger alike."""

    def change(data: Any) -> None:
        said = json.dumps(data)
        assert json.dumps(text)[1:-1] in said
        data.clear()
        data.update(json.loads(said.replace(json.dumps(text)[1:-1], json.dumps(instead)[1:-1])))

    return change


def counting(name: str, told: str, value: int) -> Change:
    def change(data: Any) -> None:
        data["turns"][0][name] = data["events"][1]["event_data"]["usage_metadata"][told] = value

    return change


def begun_at(when: str) -> Change:
    """The first turn is at another time, whatever tells it."""

    def change(data: Any) -> None:
        data["turns"][0].update(started_at=when, ended_at=when, seconds=0.0)
        for event in data["events"][:2]:
            event["timestamp"] = when
            event["event_data"]["timestamp"] = datetime.fromisoformat(when).timestamp()

    return change


AGREED: dict[str, Change] = {
    "many tokens": counting("prompt_tokens", "prompt_token_count", 2**62),
    "too many tokens to add": counting("output_tokens", "candidates_token_count", 10**30),
    "tokens owed": counting("prompt_tokens", "prompt_token_count", -5),
    "the first year": begun_at("0001-01-01T00:00:00+00:00"),
    "the last year": begun_at("9999-12-31T23:59:59+00:00"),
    "an escape in a turn's id": everywhere("turn-0", "\x1b[2J"),
    "an escape in a call's id": everywhere("turn-1-joke", "\x1b[2J"),
    "an escape in an agent's name": everywhere("funny_nerd", "\x1b]0;x\x07"),
    "an agent's name that turns the line": everywhere("funny_nerd", "n\u202e"),
    "an escape in a tool's name": everywhere("add_to_stock_watchlist", "\x9b2J"),
    "an escape in a model's name": everywhere("scripted", "\x1b[2J"),
    "an agent without a name": everywhere("funny_nerd", ""),
}


@pytest.mark.parametrize("change", AGREED.values(), ids=AGREED.keys())
async def test_what_is_beyond_its_limits_is_refused_where_the_events_say_it_too(
    document: Any, elsewhere: Database, change: Change
) -> None:
    change(document)
    assert "the events" not in await refused(elsewhere, json.dumps(document))


async def test_what_is_no_strict_json_is_refused(document: Any, elsewhere: Database) -> None:
    text = json.dumps(document)
    state_ = '"state": {'
    assert state_ in text
    for worse in (
        '"a": NaN',
        '"a": -Infinity',
        '"a": 1e999',
        f'"a": {"1" * 5000}',
        '"a": 1, "a": 2',
        '"a": "\\ud800"',
        f'"a": {"[" * 300}{"]" * 300}',
        f'"a": {"[" * 50_000}{"]" * 50_000}',
    ):
        await refused(elsewhere, text.replace(state_, state_ + worse, 1))
    for encoded in (text.encode("utf-16"), b"", b"\xff" + text.encode(), b" " * (MAX_BYTES + 1)):
        await refused(elsewhere, encoded)
    await refused(elsewhere, "\ud800")
    assert (await archive.import_(elsewhere, ADA, b"\xef\xbb\xbf" + text.encode())).session_id == "one"


@pytest.mark.parametrize("id_", ["", " ", "last", "LAST", "--yes", "a\nb", "\x1b[2J", "a\u202eb", " one", "x" * 129])
async def test_an_id_that_nobody_can_type_is_given_anew(document: Any, elsewhere: Database, id_: str) -> None:
    document["session"]["id"] = id_
    made = await archive.import_(elsewhere, ADA, json.dumps(document))
    assert len(made.session_id) == 36
    (listed,) = await sessions.listing(elsewhere, ADA, limit=9)
    assert listed.session_id == made.session_id


async def test_a_title_is_kept_as_by_rename(document: Any, elsewhere: Database) -> None:
    document["session"]["title"] = "\x1b]0;evil\x07 a\u202e\n b" + "x" * 10**6
    await archive.import_(elsewhere, ADA, json.dumps(document))
    (listed,) = await sessions.listing(elsewhere, ADA, limit=9)
    assert listed.title.startswith("]0;evil a bxxx") and len(listed.title) == session_changes.TITLE_LENGTH


async def asked(database: Database, session_id: str) -> None:
    """Everything that is read of a session can be read."""
    (info,) = [each for each in await sessions.listing(database, ADA, limit=9) if each.session_id == session_id]
    there = key(session_id)
    for turn in await turns.history(database, there, limit=99):
        told = await trace.trace(database, there, turn.number)
        assert turn.started_at.astimezone().year and told.root.started_at
    now = datetime.now(UTC)
    await overview.overview(database, ADA, now=now, zone=None)
    await figures.agent_stats(database, ADA)
    json.dumps(await session_document.document(database, there, info))
    await search.search(database, ADA, "世界", limit=9, session_id=session_id)
    (await archive.export(database, there)).model_dump_json()


def completed(database: Database) -> list[dict[str, Any]]:
    """What the ledger has of turns that an event has ended, and of what was done in them."""
    told = "event_id, user_input, agent_response, started_at, ended_at, seconds, events, prompt_tokens, output_tokens"
    file = Path(database.name)
    found = rows(file, f"SELECT invocation_id, {told} FROM turns WHERE status = 'completed' ORDER BY invocation_id")
    ended = f"status = 'completed' AND invocation_id IN ({', '.join(repr(row['invocation_id']) for row in found)})"
    for table in ("delegations", "tool_calls"):
        found += rows(file, f"SELECT * FROM {table} WHERE {ended} ORDER BY invocation_id, id")
    return found


async def made_anew(database: Database) -> list[dict[str, Any]]:
    execute(
        Path(database.name),
        "UPDATE turns SET events = -1",
        "UPDATE session_info SET last_event_at = '2199-01-01 00:00:00'",
    )
    await catch_up(database)
    return completed(database)


def steps(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(way for name, held in inner for way in steps(held, (*path, name)))]


STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        [2**62, 2**70, 1e300, "", "last", "--yes", "\x1b[2J", "\u202e", "completed", "running", "failed", "turn-1"]
    ),
    st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    st.just([]),
    st.just({}),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)


TAMPERING = st.tuples(st.integers(0, 100_000), st.sampled_from(["set", "drop", "copy"]), STRANGE)
"""Which value of a document, counted round; what is done to it; what is set."""


@pytest.mark.usefixtures("service")
@hypothesis_settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tampering=st.lists(TAMPERING, min_size=1, max_size=2))
async def test_a_document_that_was_tampered_with_is_refused_or_harmless(
    document: Any, elsewhere: Database, tampering: list[tuple[int, str, Any]]
) -> None:
    changed = deepcopy(document)
    for number, how, strange in tampering:
        ways = steps(changed)[1:]
        path = ways[number % len(ways)]
        place = changed
        for step in path[:-1]:
            place = place[step]
        if how == "drop":
            place.pop(path[-1])
        elif how == "copy" and isinstance(place, list):
            place.append(deepcopy(place[path[-1]]))
        else:
            place[path[-1]] = strange
    try:
        made = await archive.import_(elsewhere, ADA, json.dumps(changed))
    except StorageError as wrong:
        assert str(wrong).isprintable() and wrong.hint == "Nothing was written."
        assert rows(Path(elsewhere.name), "SELECT 1 FROM sessions UNION ALL SELECT 1 FROM events") == []
        return
    try:
        await asked(elsewhere, made.session_id)
        assert await catch_up(elsewhere) == 0
        assert completed(elsewhere) == await made_anew(elsewhere)
    finally:
        await session_changes.remove(elsewhere, [made])


async def test_what_an_older_version_took_in_is_repaired_when_it_is_opened(
    database: Database, service: SessionService
) -> None:
    await everything(database, service)
    file = older(Path(database.name), "0003")
    execute(
        file,
        "UPDATE turns SET seconds = 9e999 WHERE number = 1",
        "UPDATE delegations SET seconds = 9e999, started_at = '0001-01-01 00:00:00.000000'",
        f"UPDATE turns SET prompt_tokens = {2**62}, output_tokens = {2**62}",
        "UPDATE turns SET started_at = '0001-01-01 00:00:00.000000' WHERE number = 1",
        "UPDATE turns SET started_at = '9999-12-31 23:59:59.999999' WHERE number = 2",
        "UPDATE session_info SET last_event_at = '9999-12-31 23:59:59.999999'",
        "UPDATE sessions SET update_time = '9999-12-31 23:59:59.999999'",
    )
    async with Database.open(f"sqlite+aiosqlite:///{file}") as opened:
        await asked(opened, "one")
        totals = await figures.totals(opened, ADA)
        assert totals.first_turn and totals.first_turn.astimezone().year in (1969, 1970)
        assert totals.last_turn and totals.last_turn - totals.first_turn < timedelta(days=366 * 231)
        assert await catch_up(opened) == 0
