"""What a dead program left running is settled once; one that was only frozen finds that its turn is over."""

import dataclasses
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from storage.database import Database
from storage.errors import BusyError, SessionBusyError, TurnLostError, failure
from storage.leases import BEATS, Lease, Watch, others
from storage.ledger.settling import GONE, SILENT, settle, settle_dead
from storage.process import Process
from storage.queries import turns
from storage.scope import TurnKey
from tests.storage.conftest import Sessions
from tests.storage.owner import LEASE_SECONDS, Other, Program, transaction
from tests.storage.support import ADA, EVE, execute, key, rows

ELSEWHERE = Lease(process=dataclasses.replace(Process.this(), machine="elsewhere//"))


def state(file: Path) -> list[tuple[str, str, str | None]]:
    return [
        (row["invocation_id"], row["status"], row["error"])
        for row in rows(file, "SELECT invocation_id, status, error FROM turns ORDER BY invocation_id")
    ]


def looked(program: Program, looks: int = BEATS + 1, between: Callable[[], object] = lambda: None) -> list[int]:
    """What so many looks come to, a beat's time apart by the looker's own clock."""
    now, settled = 0.0, []
    program.watch = Watch(LEASE_SECONDS, lambda: now)
    for _ in range(looks):
        settled.append(program.look())
        now += program.watch.interval
        between()
    return settled


@pytest.mark.slow
def test_a_frozen_program_whose_turn_was_settled_writes_nothing_more_to_it(sessions: Sessions) -> None:
    mine = Program(sessions.file)
    with Other(sessions.file) as other:
        other.ask("begin", "session-1", "turn-1")
        os.kill(other.process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, other.process.pid, os.WSTOPPED)
        with pytest.raises(SessionBusyError):
            mine.begin("session-1", "turn-2")
        assert looked(mine) == [0] * BEATS + [1]
        mine.begin("session-1", "turn-2")
        mine.say("session-1", "turn-2")
        os.kill(other.process.pid, signal.SIGCONT)
        with pytest.raises(AssertionError, match=r"TurnLostError: .*stood still"):
            other.ask("say", "session-1", "turn-1")
        assert other.ask("end", "session-1", "turn-1") is False
        assert other.ask("beat") is False
        assert state(sessions.file) == [("turn-1", "interrupted", SILENT), ("turn-2", "completed", None)]
        assert len(rows(sessions.file, "SELECT id FROM events")) == 3
        other.ask("begin", "session-1", "turn-3")
        other.ask("say", "session-1", "turn-3")
    assert state(sessions.file)[2] == ("turn-3", "completed", None)


@pytest.mark.slow
def test_a_program_that_stands_still_by_the_real_clock_is_settled_in_a_lease(sessions: Sessions) -> None:
    mine = Program(sessions.file)
    with Other(sessions.file) as other:
        other.ask("begin", "session-1", "turn-1")
        os.kill(other.process.pid, signal.SIGSTOP)
        began = time.monotonic()
        while not mine.look():
            time.sleep(mine.watch.interval / 4)
        assert LEASE_SECONDS <= time.monotonic() - began < 5 * LEASE_SECONDS


@pytest.mark.slow
def test_a_program_that_is_killed_is_settled_at_once(sessions: Sessions) -> None:
    with Other(sessions.file) as other:
        other.ask("begin", "session-1", "turn-1")
        other.process.kill()
        os.waitid(os.P_PID, other.process.pid, os.WEXITED | os.WNOWAIT)  # its parent has not looked yet
        assert Program(sessions.file).look() == 1
    assert state(sessions.file) == [("turn-1", "interrupted", GONE)]
    assert sessions.leases() == []


@pytest.mark.slow
@pytest.mark.parametrize("ahead", [3600.0, -3600.0])
def test_programs_whose_clocks_differ_by_an_hour_leave_each_other_alone(sessions: Sessions, ahead: float) -> None:
    mine = Program(sessions.file)
    with Other(sessions.file, ahead) as other:
        other.ask("begin", "session-1", "turn-1")
        mine.begin("session-2", "turn-2")
        (taken,) = [lease for lease in sessions.leases() if lease["owner"] != mine.lease.owner]
        apart = datetime.fromisoformat(taken["taken_at"]) - datetime.fromisoformat(mine_taken(sessions, mine))
        assert abs(apart.total_seconds() - ahead) < 60
        assert looked(mine, 3 * BEATS, lambda: other.ask("beat")) == [0] * 3 * BEATS
        for _ in range(3 * BEATS):
            assert other.ask("look") == 0
            mine.beat()
        other.ask("say", "session-1", "turn-1")
        mine.say("session-2", "turn-2")
    assert state(sessions.file) == [("turn-1", "completed", None), ("turn-2", "completed", None)]
    assert {row["n"] for row in rows(sessions.file, "SELECT count(*) AS n FROM events GROUP BY session_id")} == {2}


def mine_taken(sessions: Sessions, program: Program) -> str:
    (lease,) = [lease for lease in sessions.leases() if lease["owner"] == program.lease.owner]
    return str(lease["taken_at"])


def test_a_turn_that_was_taken_by_a_clock_an_hour_ahead_ends_after_no_time(sessions: Sessions) -> None:
    Program(sessions.file, 3600.0, ELSEWHERE).begin("session-1", "turn-1")
    assert looked(Program(sessions.file))[-1] == 1
    assert rows(sessions.file, "SELECT seconds FROM turns") == [{"seconds": 0.0}]


async def test_another_machines_turn_is_not_interrupted_when_the_database_is_opened(sessions: Sessions) -> None:
    Program(sessions.file, lease=ELSEWHERE).begin("session-1", "turn-1")
    for _ in range(3):
        with closing(sqlite3.connect(sessions.file)) as writing:
            writing.execute("BEGIN IMMEDIATE")
            await sessions.opened_again()  # nor need it wait for whoever writes
    assert state(sessions.file) == [("turn-1", "running", None)]


async def test_an_owner_that_a_third_one_keeps_from_beating_is_not_dead(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT", 0.01)
    Program(sessions.file, lease=ELSEWHERE).begin("session-1", "turn-1")
    now = 0.0
    watch = Watch(LEASE_SECONDS, lambda: now)
    async with Database.open(str(sessions.file)) as opened:
        assert await turns.settle_dead(opened, watch, ADA) == 0
        with closing(sqlite3.connect(sessions.file)) as third:
            third.execute("BEGIN IMMEDIATE")
            for _ in range(3 * BEATS):
                now += watch.interval
                with pytest.raises(Exception) as raised:
                    await turns.settle_dead(opened, watch, ADA)
                assert isinstance(failure(raised.value), BusyError)
        now += watch.interval
        assert await turns.settle_dead(opened, watch, ADA) == 0
    assert state(sessions.file) == [("turn-1", "running", None)]


def test_of_two_that_find_a_dead_owner_one_settles_its_turn(sessions: Sessions) -> None:
    Program(sessions.file, lease=ELSEWHERE).begin("session-1", "turn-1")
    one, two = Program(sessions.file), Program(sessions.file)
    assert looked(one, BEATS) + looked(two, BEATS) == [0] * 2 * BEATS
    assert [looked(one)[-1], looked(two)[-1]] == [1, 0]


@pytest.mark.parametrize("leased", [True, False], ids=["its lease beats", "it takes a lease"])
def test_an_owner_that_moves_after_it_was_found_dead_keeps_its_turn(sessions: Sessions, leased: bool) -> None:
    """Where transactions run beside each other, the look and the end are two moments."""
    late = Program(sessions.file, lease=ELSEWHERE)
    late.begin("session-1", "turn-1")
    if not leased:
        execute(sessions.file, "DELETE FROM leases")
    with transaction(sessions.file) as statements:
        (found,) = others(statements, ADA, None)
    late.beat()
    with transaction(sessions.file) as statements:
        assert settle(statements, found, ADA) == 0
        (again,) = others(statements, ADA, None)
        assert settle(statements, again, ADA) == 1
    assert state(sessions.file) == [("turn-1", "interrupted", SILENT)]


def test_a_lease_that_is_taken_anew_is_not_the_one_that_stood_still(sessions: Sessions) -> None:
    """One looker settles a turn, its owner comes back for another one: a second looker does not go on where it was."""
    frozen, slow, quick = Program(sessions.file, lease=ELSEWHERE), Program(sessions.file), Program(sessions.file)
    frozen.begin("session-1", "turn-1")
    now = 0.0
    slow.watch = Watch(LEASE_SECONDS, lambda: now)
    for _ in range(BEATS):
        assert slow.look() == 0
        now += slow.watch.interval
    assert looked(quick)[-1] == 1
    frozen.begin("session-1", "turn-2")
    assert slow.look() == 0
    frozen.say("session-1", "turn-2")
    assert [status for _, status, _ in state(sessions.file)] == ["interrupted", "completed"]


def test_only_the_turns_of_the_user_are_settled_and_the_others_by_whom_they_concern(sessions: Sessions) -> None:
    gone = Program(sessions.file, lease=Lease(process=dataclasses.replace(Process.this(), pid=2**22 + 1)))
    gone.begin("session-1", "turn-1")
    with transaction(sessions.file) as statements:
        assert settle_dead(statements, Watch(LEASE_SECONDS), EVE) == 0
    execute(sessions.file, "UPDATE turns SET user_id = 'ada'")
    gone.begin("session-2", "turn-2")
    execute(
        sessions.file,
        "INSERT INTO sessions SELECT app_name, 'eve', id, state, create_time, update_time FROM sessions",
        "UPDATE turns SET user_id = 'eve' WHERE invocation_id = 'turn-2'",
    )
    with transaction(sessions.file) as statements:
        assert settle_dead(statements, Watch(LEASE_SECONDS), ADA) == 1
    assert [status for _, status, _ in state(sessions.file)] == ["interrupted", "running"]
    with transaction(sessions.file) as statements:
        assert settle_dead(statements, Watch(LEASE_SECONDS), EVE) == 1
    assert [status for _, status, _ in state(sessions.file)] == ["interrupted", "interrupted"]
    assert sessions.leases() == []


def test_a_second_turn_of_a_session_is_told_who_runs_the_first(sessions: Sessions) -> None:
    one, two = Program(sessions.file), Program(sessions.file, lease=ELSEWHERE)
    two.begin("session-1", "turn-1")
    before = rows(sessions.file, "SELECT update_time FROM sessions ORDER BY id")
    with pytest.raises(
        SessionBusyError, match=rf"since \d\d:\d\d:\d\d UTC, in process {os.getpid()} of elsewhere$"
    ) as busy:
        one.begin("session-1", "turn-2")
    assert (busy.value.invocation_id, busy.value.owner) == ("turn-1", ELSEWHERE.owner)
    assert rows(sessions.file, "SELECT update_time FROM sessions ORDER BY id") == before
    one.begin("session-2", "turn-3")
    two.say("session-1", "turn-1")
    one.begin("session-1", "turn-2")
    execute(sessions.file, "UPDATE turns SET owner = 'host:1:1' WHERE invocation_id = 'turn-2'")
    with pytest.raises(SessionBusyError, match=r"in another program$"):
        two.begin("session-1", "turn-4")


def test_a_second_message_goes_into_the_running_turn_that_it_is_for(sessions: Sessions) -> None:
    program = Program(sessions.file)
    program.begin("session-1", "turn-1")
    execute(sessions.file, "UPDATE events SET id = 'earlier'")
    program.begin("session-1", "turn-1")
    program.say("session-1", "turn-1")
    assert state(sessions.file) == [("turn-1", "completed", None)]


def test_a_turn_that_another_program_has_settled_may_be_gone_on_with_by_a_third(sessions: Sessions) -> None:
    frozen, third = Program(sessions.file, lease=ELSEWHERE), Program(sessions.file)
    frozen.begin("session-1", "turn-1")
    assert looked(third)[-1] == 1
    with pytest.raises(TurnLostError):
        frozen.say("session-1", "turn-1")
    third.say("session-1", "turn-1")  # as ADK goes on with a call that had to wait for a person
    assert state(sessions.file) == [("turn-1", "completed", None)]


async def test_what_ends_turns_by_hand_leaves_one_that_was_settled(sessions: Sessions) -> None:
    Program(sessions.file, lease=ELSEWHERE).begin("session-1", "turn-1")
    assert looked(Program(sessions.file))[-1] == 1
    async with Database.open(str(sessions.file)) as opened:
        turn = TurnKey(key(), "turn-1")
        assert not await turns.end_if_running(opened, turn, "cancelled")
        assert not await turns.fail(opened, turn, "it failed")
    assert state(sessions.file) == [("turn-1", "interrupted", SILENT)]
