"""The statuses of a plan, and which may follow which: what has ended stays so."""

from collections.abc import Mapping

from storage.memory.errors import StatusError

PENDING = "pending"
RUNNING = "running"
PAUSED = "paused"
COMPLETED = "completed"
FAILED = "failed"
CANCELLED = "cancelled"
STATUSES = (PENDING, RUNNING, PAUSED, COMPLETED, FAILED, CANCELLED)
FIRST = (PENDING, RUNNING)
"""Those that a plan may begin with."""
ENDED = (COMPLETED, FAILED, CANCELLED)
NEXT: Mapping[str, tuple[str, ...]] = {
    PENDING: (RUNNING, CANCELLED, FAILED),
    RUNNING: (PAUSED, *ENDED),
    PAUSED: (RUNNING, FAILED, CANCELLED),
    **dict.fromkeys(ENDED, ()),
}
"""Status -> those that may follow it."""


def known(status: str) -> str:
    """The status, which is one.

    Raises:
        StatusError: It is none.
    """
    if status not in STATUSES:
        raise StatusError(f"a plan has no status {status!r}: it is {_either(STATUSES)}")
    return status


def first(status: str) -> str:
    """The status, which a plan may begin with.

    Raises:
        StatusError: It may not.
    """
    if known(status) not in FIRST:
        raise StatusError(f"a plan begins as {_either(FIRST)}, not as {status}")
    return status


def refuse_illegal(plan_id: str, before: str, status: str) -> None:
    """Raises `StatusError` where one may not follow the other."""
    may = NEXT[before]
    if status not in may:
        then = f"from there it becomes {_either(may)}" if may else "it has ended"
        raise StatusError(f"the plan {plan_id!r} is {before} and cannot become {status}: {then}")


def _either(statuses: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(statuses[:-1]), statuses[-1])))
