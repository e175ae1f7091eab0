"""Who runs a turn: a lease, which must move.

An opened database that runs turns has a row in `leases`, whose beat is raised every third of `LEASE_SECONDS` while one
of its turns runs. No clock is compared with another one's: an owner is dead when one who looks on, by a clock that
nobody sets, has seen its beat stand still for all of a lease. What the looker missed, being frozen or kept out of the
database, counts nothing. An owner of this machine whose process is gone is dead at once.

A row is of use only while its owner runs a turn; without, anybody may delete it, and the next turn makes it anew.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from storage.ledger.statements import RUNS, Execute
from storage.process import Process, is_alive
from storage.scope import User

SECONDS = 15.0
"""The time of a lease, unless the settings name another: an owner that is silent for so long is dead."""
BEATS = 3
"""How often a lease beats in its time."""
_COLUMNS = "owner, beat, machine, pid, started, taken_at"
_VALUES = ":owner, :first, :machine, :pid, :started, :at"
_ANY = f"EXISTS (SELECT 1 FROM turns WHERE owner = :owner AND {RUNS})"
_AGAIN = "ON CONFLICT (owner) DO UPDATE SET beat = leases.beat + 1 RETURNING beat"


@dataclass(frozen=True, slots=True)
class Lease:
    """What an opened database runs its turns under: a name of its own, and the process that has it."""

    owner: str = field(default_factory=lambda: uuid4().hex)
    process: Process = field(default_factory=Process.this)


@dataclass(frozen=True, slots=True)
class Owner:
    """An owner of running turns, as it was found.

    Attributes:
        name: Empty where nobody says that they run them.
        beat: Of its lease; None when it has none.
        process: That of its lease.
        events: How many its running turns have.
    """

    name: str
    beat: int | None
    process: Process | None
    events: int

    def is_gone(self) -> bool:
        """Whether it is known that nobody runs the turns any more."""
        if self.process:
            return self.process.is_gone()
        return not self.name or is_alive(self.name) is False


def take(execute: Execute, lease: Lease) -> None:
    """Takes a lease, or lets it beat: in the transaction that begins a turn under it.

    Who takes one removes those under which nothing runs: that of a program that was killed between two turns has
    nobody else to do so.
    """
    values = _values(lease)
    ((beat,),) = execute(f"INSERT INTO leases ({_COLUMNS}) VALUES ({_VALUES}) {_AGAIN}", values)
    if beat == values["first"]:
        idle = f"NOT EXISTS (SELECT 1 FROM turns WHERE turns.owner = leases.owner AND {RUNS})"
        execute(f"DELETE FROM leases WHERE owner <> :owner AND {idle}", {"owner": lease.owner})


def beat(execute: Execute, lease: Lease) -> bool:
    """Raises the beat of a lease under which a turn runs; False when none does, and there is nothing to say until the
    next one. A row that somebody took away meanwhile is made anew."""
    return bool(execute(f"INSERT INTO leases ({_COLUMNS}) SELECT {_VALUES} WHERE {_ANY} {_AGAIN}", _values(lease)))


def drop(execute: Execute, owner: str) -> None:
    """Deletes a lease under which nothing runs; where a turn does, others need its row to see that it is dead."""
    execute(f"DELETE FROM leases WHERE owner = :owner AND NOT {_ANY}", {"owner": owner})


def others(execute: Execute, user: User | None, lease: Lease | None) -> list[Owner]:
    """Who else than `lease` runs turns: in the sessions of a user, or in all."""
    where, values = of_user(user)
    found = execute(
        "SELECT COALESCE(t.owner, ''), l.beat, l.machine, l.pid, l.started, SUM(t.events) FROM turns t"
        f" LEFT JOIN leases l ON l.owner = t.owner WHERE {RUNS} AND COALESCE(t.owner, '') <> :owner{where}"
        " GROUP BY COALESCE(t.owner, ''), l.beat, l.machine, l.pid, l.started",
        {"owner": lease.owner if lease else "-", **values},
    )
    return [_owner(*row) for row in found]


def of_user(user: User | None) -> tuple[str, dict[str, Any]]:
    """What to add to a condition, and to its values, for the turns of a user."""
    if user is None:
        return "", {}
    return (
        " AND app_name = :app_name AND user_id = :user_id",
        {"app_name": user.app_name, "user_id": user.adk_id},
    )


class Watch:
    """One who looks on at other owners, again and again, and tells which are dead.

    Each look is made within a transaction that may write: where a third one keeps all others from writing, nobody looks
    dead who only cannot beat.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Args: the time of a lease, the same for all on one database; and a clock that nobody sets."""
        self.seconds = seconds
        self._clock = clock
        self._seen: dict[str, _Seen] = {}

    @property
    def interval(self) -> float:
        """Seconds between two beats, and between two looks."""
        return self.seconds / BEATS

    def dead(self, found: Sequence[Owner]) -> list[Owner]:
        """Those that are dead, of the owners that were found just now."""
        now = self._clock()
        self._seen = {name: seen for name, seen in self._seen.items() if now - seen.at <= self.seconds}
        return [owner for owner in found if self._is_dead(owner, now)]

    def _is_dead(self, owner: Owner, now: float) -> bool:
        if owner.is_gone():
            return True
        if owner.beat is None and is_alive(owner.name):  # it has no beat that could tell more
            return False
        return self._still(owner.name, (owner.beat, owner.events if owner.beat is None else 0), now) >= self.seconds

    def _still(self, name: str, sign: tuple[int | None, int], now: float) -> float:
        """For how long an owner has stood still; of the time between two looks, only what is between two beats."""
        last = self._seen.get(name)
        same = last is not None and last.sign == sign
        still = last.still + min(now - last.at, self.interval) if last and same else 0.0
        self._seen[name] = _Seen(sign, now, still)
        return still


@dataclass(frozen=True, slots=True)
class _Seen:
    """What an owner was last seen to show, when, and for how long it had shown that."""

    sign: tuple[int | None, int]
    at: float
    still: float


def _owner(name: str, beat: int | None, machine: str, pid: int, started: float, events: int) -> Owner:
    return Owner(name, beat, Process(machine, pid, started) if beat is not None else None, events)


def _values(lease: Lease) -> dict[str, Any]:
    """A lease that is taken anew begins at any number: nobody may take it for the one that stood still."""
    process = lease.process
    return {
        "owner": lease.owner,
        "first": secrets.randbits(30),
        "machine": process.machine,
        "pid": process.pid,
        "started": process.started,
        "at": datetime.now(UTC),
    }
