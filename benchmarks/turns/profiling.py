"""Where the time of a turn goes: timers around the seams of this program, in a conversation of a given length.

Times are the event loop's own between a seam's entry and exit, so a seam that waits for the database contains that
wait; what the database itself did meanwhile, in calls of sqlite3, is told for each seam beside it.
"""

import asyncio
import functools
import inspect
import sqlite3
import threading
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from google.adk.flows.llm_flows.tools import _agent_tools

from benchmarks.turns.ours import ScriptedModel, opened
from benchmarks.turns.report import table
from benchmarks.turns.script import message
from conversation.context import Context
from conversation.translation import Translation
from conversation.turn import TurnRun
from manager.plugin import LedgerPlugin
from storage.adk.service import SessionService
from storage.database import Database
from storage.events import connection
from storage.events.log import EventLog, TurnLog

_seam: ContextVar[str] = ContextVar("_seam", default="ADK and the rest")

_WRITTEN = "events written"
_SEAMS: tuple[tuple[str, Any, tuple[str, ...]], ...] = (
    ("before ADK: session and preferences read", SessionService, ("open_turn",)),
    ("what was said before, made ready", SessionService, ("get_session",)),
    (_WRITTEN, SessionService, ("append_event",)),
    (
        "plugin",
        LedgerPlugin,
        (
            "on_user_message_callback",
            "on_event_callback",
            "before_model_callback",
            "before_tool_callback",
            "after_tool_callback",
            "after_run_callback",
        ),
    ),
    ("translation to turn events", Translation, ("of",)),
    ("the end: the last events written, and the outcome read", TurnRun, ("_outcome",)),
    ("summary, beside the next turn", Context, ("compact",)),
    ("scripted model", ScriptedModel, ("generate_content_async",)),
    ("ADK: tools declared anew for each model call", _agent_tools, ("process_agent_tools",)),
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A turn in milliseconds, by seam; and what it asks of the database.

    Attributes:
        turn: Wall time of a turn (median); `cpu` the process's CPU time of it (mean).
        seams: Seam -> (the loop's time, the database's time within).
        database: Time in sqlite3's calls, commits included, and in transactions of SQLAlchemy's engine.
        visits: Time in the event log's thread: those calls, and the Python around them.
        commits: How many of them; `commit` the time of them all.
        statements: SQL statements a turn.
        sqlalchemy: Transactions a turn that go through the engine instead.
    """

    turn: float
    cpu: float
    seams: dict[str, tuple[float, float]]
    database: float
    visits: float
    commits: float
    commit: float
    statements: float
    sqlalchemy: float


class _Timers:
    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.within: defaultdict[str, float] = defaultdict(float)
        self.counts: Counter[str] = Counter()
        self.commit = 0.0
        self.visits = 0.0
        self.visited_from = ""
        self.lock = threading.Lock()

    def clear(self) -> None:
        self.seconds.clear()
        self.within.clear()
        self.counts.clear()
        self.commit = self.visits = 0.0

    @contextmanager
    def seam(self, name: str) -> Iterator[None]:
        """Time within the outermost seam counts for it alone, but for what goes on beside."""
        if _seam.get() != "ADK and the rest" and "beside" not in name:
            yield
            return
        token = _seam.set(name)
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - began
            try:
                _seam.reset(token)
            except ValueError:  # a generator was closed in another context
                _seam.set("ADK and the rest")


def profile(file: Path, held: int, *, window: int, turns: int = 100, warm: int = 10) -> Profile:
    """Holds some more turns of a conversation with timers on.

    Args:
        file: A database of this program; it is written to.
        held: Turns it holds.
        window: Events that are sent to the model.
        turns: Turns that count.
        warm: Turns before them.
    """
    return asyncio.run(_profile(file, held, window, turns, warm))


async def _profile(file: Path, held: int, window: int, turns: int, warm: int) -> Profile:
    timers = _Timers()
    walls = []
    with _timed(timers):
        async with opened(file, window) as system:
            for number in range(warm):
                await system.turn(message(held + number + 1))
            timers.clear()
            cpu = time.process_time()
            for number in range(turns):
                began = time.perf_counter()
                await system.turn(message(held + warm + number + 1))
                walls.append(time.perf_counter() - began)
            cpu = time.process_time() - cpu
    each = 1000 / turns
    seams = {name: (each * spent, each * timers.within[name]) for name, spent in timers.seconds.items()}
    return Profile(
        turn=1000 * median(walls),
        cpu=each * cpu,
        seams=seams,
        database=each * sum(timers.within.values()),
        visits=each * timers.visits,
        commits=timers.counts["COMMIT"] / turns,
        commit=each * timers.commit,
        statements=timers.counts["statements"] / turns,
        sqlalchemy=timers.counts["sqlalchemy"] / turns,
    )


@contextmanager
def _timed(timers: _Timers) -> Iterator[None]:
    patches = [
        patch.object(owner, name, _wrapped(timers, seam, getattr(owner, name)))
        for seam, owner, names in _SEAMS
        for name in names
    ]
    patches += [
        patch.object(EventLog, "do", _visit(timers)),
        patch.object(TurnLog, "_write", _write(timers)),
        patch.object(connection, "_Driven", _driven(timers)),
        patch.object(Database, "read", _counted(timers, Database.read)),
        patch.object(Database, "write", _counted(timers, Database.write)),
    ]
    for each in patches:
        each.start()
    try:
        yield
    finally:
        for each in patches:
            each.stop()


def _wrapped(timers: _Timers, seam: str, function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(function):

        @functools.wraps(function)
        async def generate(*args: Any, **kwargs: Any) -> Any:
            with timers.seam(seam):
                found = [each async for each in function(*args, **kwargs)]
            for each in found:
                yield each

        return generate
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def listed(*args: Any, **kwargs: Any) -> Any:
            with timers.seam(seam):
                return list(function(*args, **kwargs))

        return listed

    @functools.wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        with timers.seam(seam):
            return await function(*args, **kwargs)

    return call


def _visit(timers: _Timers) -> Callable[..., Any]:
    original = EventLog.do

    async def visit(self: EventLog, work: Callable[[], Any], **how: Any) -> Any:
        return await original(self, functools.partial(_busy, timers, _seam.get(), work), **how)

    return visit


def _write(timers: _Timers) -> Callable[..., Any]:
    original = TurnLog._write

    def write(self: TurnLog, *given: Any) -> Any:
        return _busy(timers, _WRITTEN, lambda: original(self, *given))

    return write


def _busy(timers: _Timers, seam: str, work: Callable[[], Any]) -> Any:
    timers.visited_from = seam
    began = time.perf_counter()
    try:
        return work()
    finally:
        timers.visits += time.perf_counter() - began


def _driven(timers: _Timers) -> type[sqlite3.Connection]:
    class Timed(connection._Driven):
        def execute(self, *args: Any) -> sqlite3.Cursor:
            began = time.perf_counter()
            try:
                return super().execute(*args)
            finally:
                spent = time.perf_counter() - began
                timers.counts["statements"] += 1
                with timers.lock:
                    timers.within[timers.visited_from] += spent
                if args[0] == "COMMIT":
                    timers.counts["COMMIT"] += 1
                    timers.commit += spent

    return Timed


def _counted(timers: _Timers, function: Callable[..., Any]) -> Callable[..., Any]:
    @asynccontextmanager
    async def counted(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        timers.counts["sqlalchemy"] += 1
        seam, began = _seam.get(), time.perf_counter()
        try:
            async with function(*args, **kwargs) as conn:
                yield conn
        finally:
            with timers.lock:
                timers.within[seam] += time.perf_counter() - began

    return counted


def profile_table(found: Profile) -> str:
    """Seam by seam, the largest first; then what the database did."""
    beside = {name: spent for name, spent in found.seams.items() if "beside" in name}
    inside = {name: spent for name, spent in found.seams.items() if "beside" not in name}
    rest = found.turn - sum(spent for spent, _ in inside.values())
    spent = {**inside, "ADK's runner, and the event loop": (rest, 0.0)}
    rows = [
        [name, f"{loop:.2f}", f"{100 * loop / found.turn:.0f}%", f"{within:.2f}"]
        for name, (loop, within) in sorted(spent.items(), key=lambda each: -each[1][0])
    ]
    rows.append(["**a turn**", f"**{found.turn:.2f}**", "100%", f"**{found.database:.2f}**"])
    rows += [[name, f"({loop:.2f})", "", f"({within:.2f})"] for name, (loop, within) in beside.items()]
    told = (
        f"CPU time of a turn: {found.cpu:.1f} ms. The event log: {found.statements:.0f} statements and"
        f" {found.commits:.1f} durable commits a turn, which take {found.commit:.2f} of the {found.database:.2f} ms in"
        f" sqlite3; its thread is busy for {found.visits:.2f} ms;"
        f" {found.sqlalchemy:.1f} transactions a turn go through SQLAlchemy's engine instead."
    )
    return f"{table(('part of a turn', 'ms', 'share', 'of it in the database, ms'), rows)}\n\n{told}"
