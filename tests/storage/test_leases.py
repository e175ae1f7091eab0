"""Who runs turns, and who looks on: by a beat that must move and a clock that the looker has for itself."""

import dataclasses
import os
import socket

import pytest

from storage.leases import BEATS, Owner, Watch, drop, others
from storage.process import Process, this_machine, this_process
from tests.storage.conftest import Sessions
from tests.storage.owner import Program, transaction
from tests.storage.support import ADA, EVE, execute, rows

LEASE = 15.0
BEAT = LEASE / BEATS
HERE = Process.this()
ELSEWHERE = dataclasses.replace(HERE, machine="elsewhere//")
GONE = dataclasses.replace(HERE, started=HERE.started - 3600)


class Looker:
    """A watch with a clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.watch = Watch(LEASE, lambda: self.now)

    def sees(self, owner: Owner, after: float = BEAT) -> bool:
        """Whether an owner is found dead, when it is looked at so much later."""
        self.now += after
        return self.watch.dead([owner]) == [owner]


@pytest.fixture
def looker() -> Looker:
    return Looker()


def owner(beat: int | None = 1, process: Process | None = HERE, name: str = "o", events: int = 1) -> Owner:
    return Owner(name, beat, process, events)


@pytest.mark.parametrize("process", [HERE, ELSEWHERE], ids=["a process that lives", "another machine's"])
def test_who_stands_still_for_a_lease_is_dead(looker: Looker, process: Process) -> None:
    assert [looker.sees(owner(7, process)) for _ in range(BEATS + 1)] == [False] * BEATS + [True]


def test_who_moves_is_never_dead(looker: Looker) -> None:
    assert not any(looker.sees(owner(beat)) for beat in range(50))


def test_who_moves_once_begins_anew(looker: Looker) -> None:
    beats = [7] * BEATS + [8] * (BEATS + 1)
    assert [looker.sees(owner(beat)) for beat in beats] == [False] * (2 * BEATS) + [True]


def test_many_looks_count_no_more_than_the_time_between_them(looker: Looker) -> None:
    seen = [looker.sees(owner(), BEAT / 10) for _ in range(10 * BEATS + 5)]
    assert 10 * BEATS - 1 <= seen.index(True) <= 10 * BEATS + 1


@pytest.mark.parametrize("pause", [2 * BEAT, LEASE, 3600.0])
def test_what_the_looker_missed_does_not_count(looker: Looker, pause: float) -> None:
    looker.sees(owner())
    assert not looker.sees(owner())
    assert not looker.sees(owner(), pause)  # frozen, or kept from looking: the owner may have been so too
    assert not looker.sees(owner(8), BEAT)


def test_who_was_not_looked_at_for_a_lease_is_as_new(looker: Looker) -> None:
    for _ in range(BEATS):
        assert not looker.sees(owner())
    looker.now += 2 * LEASE
    assert [looker.sees(owner()) for _ in range(BEATS + 1)] == [False] * BEATS + [True]


def test_a_process_that_is_known_to_be_gone_is_dead_at_once(looker: Looker) -> None:
    assert looker.sees(owner(process=GONE))
    assert looker.sees(owner(process=dataclasses.replace(HERE, pid=2**22 + 1)))


def test_a_process_of_another_machine_is_not_known_to_be_gone(looker: Looker) -> None:
    host, boot, _ = this_machine().split("/", 2)
    for machine in ("elsewhere//", f"{host}//", f"{host}/{boot}/pid:[1]", f"{host}/another-boot/"):
        assert not looker.sees(owner(process=dataclasses.replace(GONE, machine=machine), name=machine))


def test_nobody_is_dead_at_once(looker: Looker) -> None:
    assert looker.sees(owner(None, None, name=""))


def test_a_process_without_a_lease_lives_as_long_as_it_runs(looker: Looker) -> None:
    host, pid, start = this_process().rsplit(":", 2)
    assert not any(looker.sees(owner(None, None, this_process())) for _ in range(3 * BEATS))
    assert looker.sees(owner(None, None, f"{host}:{pid}:{float(start) - 3600:.0f}"))


@pytest.mark.parametrize("name", ["elsewhere:1:1", "somebody", "a:b", "a:b:c", f"{socket.gethostname()}:x:y"])
def test_whom_nobody_here_knows_is_told_by_the_events_of_its_turns(looker: Looker, name: str) -> None:
    assert not any(looker.sees(owner(None, None, name, events)) for events in range(20))
    assert [looker.sees(owner(None, None, name, 20)) for _ in range(BEATS + 1)] == [False] * BEATS + [True]


def test_this_process_is_named_by_what_no_other_one_has() -> None:
    assert HERE.pid == os.getpid()
    assert HERE.machine.startswith(f"{socket.gethostname()}/")
    assert not HERE.is_gone()


def test_a_turn_takes_the_lease_and_its_end_lets_it_rest(sessions: Sessions) -> None:
    program = Program(sessions.file)
    assert not program.beat()
    program.begin("session-1", "turn-1")
    (taken,) = sessions.leases()
    assert (taken["owner"], taken["pid"], taken["machine"]) == (program.lease.owner, os.getpid(), this_machine())
    assert program.beat()
    (later,) = sessions.leases()
    assert later == {**taken, "beat": taken["beat"] + 1}
    program.say("session-1", "turn-1")
    assert not program.beat()
    assert sessions.leases() == [later]


def test_a_lease_that_was_taken_away_is_made_anew_while_its_turn_runs(sessions: Sessions) -> None:
    program = Program(sessions.file)
    program.begin("session-1", "turn-1")
    execute(sessions.file, "DELETE FROM leases")
    assert program.beat()
    assert [lease["owner"] for lease in sessions.leases()] == [program.lease.owner]


def test_a_lease_is_given_back_unless_a_turn_runs_under_it(sessions: Sessions) -> None:
    program = Program(sessions.file)
    program.begin("session-1", "turn-1")
    for left in (1, 0):
        with transaction(sessions.file) as statements:
            drop(statements, program.lease.owner)
        assert len(sessions.leases()) == left
        program.end("session-1", "turn-1")


def test_leases_of_programs_that_run_nothing_do_not_pile_up(sessions: Sessions) -> None:
    running = Program(sessions.file)
    running.begin("session-2", "turn-0")
    for number in range(1, 4):
        program = Program(sessions.file)
        program.begin("session-1", f"turn-{number}")
        program.say("session-1", f"turn-{number}")
    assert {lease["owner"] for lease in sessions.leases()} == {running.lease.owner, program.lease.owner}


def test_the_others_are_those_that_run_turns_of_the_user(sessions: Sessions) -> None:
    mine, other = Program(sessions.file), Program(sessions.file)
    mine.begin("session-1", "turn-1")
    other.begin("session-2", "turn-2")
    with transaction(sessions.file) as statements:
        (found,) = others(statements, ADA, mine.lease)
        assert (found.name, found.process, found.events) == (other.lease.owner, HERE, 1)
        assert len(others(statements, ADA, None)) == len(others(statements, None, None)) == 2
        assert others(statements, EVE, None) == []
    execute(sessions.file, "UPDATE turns SET owner = NULL", "DELETE FROM leases")
    with transaction(sessions.file) as statements:
        assert others(statements, ADA, mine.lease) == [Owner("", None, None, 2)]
    other.say("session-2", "turn-2")
    assert [row["status"] for row in rows(sessions.file, "SELECT status FROM turns ORDER BY session_id")] == [
        "running",
        "completed",
    ]
