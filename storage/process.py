"""Which process runs a turn, so that a later one can tell a turn that is running from one that was left behind."""

import functools
import os
import socket

import psutil

_SAME_START = 2.0
"""Seconds two readings of one process's start time may differ by."""


@functools.cache
def _name_of(pid: int) -> str:
    return f"{socket.gethostname()}:{pid}:{psutil.Process(pid).create_time():.0f}"


def this_process() -> str:
    """The name of this process: host, pid and start time (a pid alone is reused)."""
    return _name_of(os.getpid())


def is_alive(owner: str | None) -> bool:
    """Whether the process that calls itself `owner` still runs on this machine.

    A process of another machine counts as gone: a SQLite file that has moved here has left its processes behind.
    """
    if not owner or owner.count(":") < 2:
        return False
    host, pid, start = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        process = psutil.Process(int(pid))
        same = abs(process.create_time() - float(start)) <= _SAME_START
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.AccessDenied:
        return True
    except (psutil.NoSuchProcess, ValueError):
        return False
