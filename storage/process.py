"""Which process runs a turn, and whether it is known to be gone: the one question that a lease's beat cannot answer at
once, so that a start after `kill -9` waits for nothing.

Only a process of this very machine can be known to be gone. Of any other, as of one whose machine is not named, nothing
is known: it is told by its beat.
"""

import functools
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_SAME_START = 2.0
"""Seconds two readings of one process's start time may differ by."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that no other one is mistaken for.

    Attributes:
        machine: As `this_machine` names it.
        started: When it started, by a clock that nobody sets where the system has one: a number is reused.
    """

    machine: str
    pid: int
    started: float

    @classmethod
    def this(cls) -> "Process":
        """This one."""
        return _process(os.getpid())

    def is_gone(self) -> bool:
        """Whether it is known to run no more."""
        return self.machine == this_machine() and not _runs(self.pid, self.started, _started)


@functools.cache
def this_machine() -> str:
    """Host, boot and process numbers: containers may share a host's name, and have their own numbers."""
    boot = namespace = ""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    with suppress(OSError):
        namespace = os.readlink("/proc/self/ns/pid")
    return f"{socket.gethostname()}/{boot}/{namespace}"


def this_process() -> str:
    """The name of this process, for a turn that has no lease: host, pid and start time."""
    return _name_of(os.getpid())


def is_alive(name: str) -> bool | None:
    """Whether the process of such a name runs; None when that is not known here."""
    try:
        host, pid, start = name.rsplit(":", 2)
        number, started = int(pid), float(start)
    except ValueError:
        return None
    return _runs(number, started, psutil.Process.create_time) if host == socket.gethostname() else None


@functools.cache
def _process(pid: int) -> Process:
    return Process(this_machine(), pid, _started(psutil.Process(pid)))


@functools.cache
def _name_of(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{psutil.Process(pid).create_time():.0f}"


def _started(process: psutil.Process) -> float:
    """Linux counts from the boot, and the time of the boot moves when the clock is set."""
    return process.create_time() - (psutil.boot_time() if psutil.LINUX else 0.0)


def _runs(pid: int, started: float, start_of: Callable[[psutil.Process], float]) -> bool:
    try:
        process = psutil.Process(pid)
        same = abs(start_of(process) - started) <= _SAME_START
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.AccessDenied:
        return True
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return False
