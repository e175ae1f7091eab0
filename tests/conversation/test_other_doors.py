"""Other programs on the same sessions: one that lives is waited for, one that stands still loses its turn."""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from conversation.host import Host
from settings import APP_NAME, ROOT, Settings
from storage.queries import turns
from storage.scope import SessionKey
from tests.conversation.support import Gate, of_type, reply, status, told
from tests.scripted import Play, ScriptedModel
from tests.storage.support import file_of, rows

LEASE = 0.9
KEY = SessionKey(APP_NAME, "ada", "shared")


@asynccontextmanager
async def program(settings: Settings, play: Play | None = None, **changed: float) -> AsyncIterator[Host]:
    """A program of its own on the database, with leases that are short."""
    changed = {"lease_seconds": LEASE, "turn_wait": 20.0, **changed}
    models = ScriptedModel(script=play or Play())
    async with Host.open(settings.model_copy(update=changed), models=lambda _: models) as host:
        yield host


async def test_two_programs_that_begin_a_session_together_are_both_in_it(settings: Settings) -> None:
    async with program(settings) as one, program(settings) as other:
        both = [await host.conversation("ada", KEY) for host in (one, other)]
        done = await asyncio.gather(*(told(each, f"hello {number}") for number, each in enumerate(both)))
    assert [status(events) for events in done] == ["completed"] * 2
    found = rows(file_of(settings.database_url), "SELECT number, user_input FROM turns ORDER BY number")
    assert [row["number"] for row in found] == [1, 2]
    assert {row["user_input"] for row in found} == {"hello 0", "hello 1"}


@contextmanager
def elsewhere(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of a turn of the shared session; a line lets its model answer."""
    arguments = [settings.database_url, str(LEASE), KEY.session_id]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.conversation.answering_process", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process:
        assert process.stdout.readline() == "at work\n"
        yield process
        process.kill()


def answered(process: subprocess.Popen[str]) -> list[str]:
    """How its turn ended, once its model may answer."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("go on\n")
    process.stdin.flush()
    told: list[str] = json.loads(process.stdout.readline())
    return told


def kept(settings: Settings) -> list[tuple[object, ...]]:
    query = "SELECT user_input, status, agent_response FROM turns ORDER BY number"
    return [tuple(row.values()) for row in rows(file_of(settings.database_url), query)]


async def test_the_turn_of_another_program_is_waited_for_and_its_answer_is_seen(settings: Settings) -> None:
    gate, play = Gate("the first"), Play()
    async with program(settings, Play(manager={"slow": gate})) as one, program(settings, play) as other:
        first = asyncio.create_task(told(await one.conversation("ada", KEY), "slow"))
        await gate.entered.wait()
        second = asyncio.create_task(told(await other.conversation("ada", KEY), "hello"))
        await asyncio.sleep(0.3)
        assert not second.done()
        gate.opened.set()
        assert reply(await first) == "the first" and status(await second) == "completed"
    texts = [part.text for content in play.requests[-1].contents for part in content.parts or []]
    assert texts == ["slow", "the first", "hello"]


async def test_an_undo_waits_for_the_turn_of_another_program(settings: Settings) -> None:
    gate = Gate("the first")
    async with program(settings, Play(manager={"slow": gate})) as one, program(settings) as other:
        first = asyncio.create_task(told(await one.conversation("ada", KEY), "slow"))
        await gate.entered.wait()
        undoing = asyncio.create_task((await other.conversation("ada", KEY)).undo())
        await asyncio.wait([undoing], timeout=0.3)
        assert not undoing.done()
        gate.opened.set()
        assert reply(await first) == "the first"
        assert (await undoing).messages == ("slow",)


async def test_an_undo_takes_nothing_back_that_it_does_not_tell(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with program(settings) as one, program(settings) as other:
        mine, theirs = await one.conversation("ada", KEY), await other.conversation("ada", KEY)
        await told(mine, "first")
        last = mine._last

        async def slowly(count: int) -> list[turns.Turn]:
            found = await last(count)
            if found[0].user_input == "first":
                await told(theirs, "meanwhile")
            return found

        monkeypatch.setattr(mine, "_last", slowly)
        undone = await mine.undo()
    gone = rows(file_of(settings.database_url), "SELECT user_input FROM turns WHERE undone_at IS NOT NULL")
    assert [row["user_input"] for row in gone] == list(undone.messages)


@pytest.mark.parametrize("doors", [1, 2])
async def test_who_waits_too_long_is_told_in_one_line_and_nothing_is_kept(settings: Settings, doors: int) -> None:
    gate = Gate()
    async with (
        program(settings, Play(manager={"slow": gate}), turn_wait=0.2) as one,
        program(settings, turn_wait=0.2) as other,
    ):
        first = asyncio.create_task(told(await one.conversation("ada", KEY), "slow"))
        await gate.entered.wait()
        events = await told(await (one if doors == 1 else other).conversation("ada", KEY), "hello")
        (error,) = of_type(events, "error")
        assert "this session is answering a message since" in error["message"] and "\n" not in error["message"]
        assert (status(events), events[-1]["turn_id"]) == ("failed", "")
        gate.opened.set()
        assert status(await first) == "completed"
    assert [text for text, *_ in kept(settings)] == ["slow"]


async def test_all_who_wait_in_one_program_for_the_turn_of_another_are_told_the_same(settings: Settings) -> None:
    gate = Gate()
    async with program(settings, Play(manager={"slow": gate})) as one, program(settings, turn_wait=0.2) as other:
        first = asyncio.create_task(told(await one.conversation("ada", KEY), "slow"))
        await gate.entered.wait()
        waiting = [told(await other.conversation("ada", KEY), text) for text in ("hello", "and I", "me too")]
        for events in await asyncio.gather(*waiting):
            (error,) = of_type(events, "error")
            assert "this session is answering a message since" in error["message"]
        gate.opened.set()
        assert status(await first) == "completed"
    assert [text for text, *_ in kept(settings)] == ["slow"]


async def test_a_turn_that_takes_longer_than_a_lease_is_not_taken_from_who_runs_it(settings: Settings) -> None:
    gate = Gate("slow but sure")
    async with program(settings, Play(manager={"slow": gate})) as one, program(settings) as other:
        first = asyncio.create_task(told(await one.conversation("ada", KEY), "slow"))
        await gate.entered.wait()
        await other.conversation("ada", new=True)  # whose host looks on
        await asyncio.sleep(3 * LEASE)
        assert kept(settings) == [("slow", "running", None)]
        gate.opened.set()
        assert reply(await first) == "slow but sure"


@pytest.mark.slow
@pytest.mark.parametrize("waits", [True, False], ids=["somebody waits", "somebody looks on"])
async def test_who_stands_still_loses_its_turn_and_finds_so_when_it_wakes(
    settings: Settings, made_database: Path, waits: bool
) -> None:
    with elsewhere(settings) as process:
        process.send_signal(signal.SIGSTOP)
        async with program(settings) as host:
            if waits:
                assert status(await told(await host.conversation("ada", KEY), "hello")) == "completed"
            else:
                await host.conversation("ada", new=True)
                async with asyncio.timeout(20):
                    while kept(settings)[0][1] == "running":
                        await asyncio.sleep(0.05)
        process.send_signal(signal.SIGCONT)
        ended, why = await asyncio.to_thread(answered, process)
    assert ended == "interrupted" and "stood still" in why
    assert kept(settings)[0] == ("slow", "interrupted", None)
    assert [row[:2] for row in kept(settings)[1:]] == [("hello", "completed")] * waits


async def test_who_looks_on_goes_on_when_a_third_program_kept_the_database_locked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate()
    async with program(settings, Play(manager={"slow": gate})) as one:
        first = asyncio.create_task(told(await one.conversation("ada", KEY), "slow"))
        await gate.entered.wait()
        monkeypatch.setattr("storage.database.BUSY_TIMEOUT", 0.05)
        async with program(settings) as host:
            with closing(sqlite3.connect(file_of(settings.database_url), isolation_level=None)) as third:
                third.execute("BEGIN IMMEDIATE")
                watching = asyncio.create_task(host._service.watch_over(KEY.user))
                await asyncio.wait([watching], timeout=1.0)
                assert not watching.done()
            gate.opened.set()
            await first
            async with asyncio.timeout(10):
                await watching


@pytest.mark.slow
async def test_a_killed_program_is_not_waited_for(settings: Settings, made_database: Path) -> None:
    with elsewhere(settings) as process:
        process.kill()
        process.wait()
        async with program(settings, lease_seconds=60.0) as host:
            async with asyncio.timeout(10):
                events = await told(await host.conversation("ada", KEY), "hello")
            assert status(events) == "completed"
    assert [row[:2] for row in kept(settings)] == [("slow", "interrupted"), ("hello", "completed")]


async def test_a_program_gives_its_lease_back_and_one_in_which_nothing_runs_has_none(settings: Settings) -> None:
    file = file_of(settings.database_url)
    async with program(settings) as host:
        conversation = await host.conversation("ada", KEY)
        assert rows(file, "SELECT * FROM leases") == []
        await told(conversation, "hello")
        assert len(rows(file, "SELECT * FROM leases")) == 1
    assert rows(file, "SELECT * FROM leases") == []
