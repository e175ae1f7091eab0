"""`make bench-record`: how long questions to a large record take, with the plans of their queries.

Times are of the database alone: from a statement's start until its rows are there, summed over the statements of a
question; the best and the median of several runs, on a file that was just written.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import event

from benchmarks.generate import ADA, RARE_WORD, Size, fill, fill_with_events, prepare
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import search, sessions
from storage.stats import figures
from storage.stats.filter import StatsFilter
from storage.stats.overview import overview

STATS = Size(sessions=2_000, turns_each=50, delegations_each=3)
MESSAGES = Size(sessions=10_000, turns_each=50, delegations_each=1)
"""A million messages: as many answers as questions."""
TIMES_TEN = Size(sessions=10_000, turns_each=100, delegations_each=3)
ADK = Size(sessions=100, turns_each=20, delegations_each=3)
"""What ADK's own calls still answer in a time that one waits for."""

StatsQuery = Callable[[Database], Awaitable[Any]]


@dataclass
class Watch:
    """The statements of a database, and how long each took, in milliseconds."""

    took: list[tuple[float, str, Any]] = field(default_factory=list)
    _begun: float = 0.0

    def on(self, database: Database) -> None:
        engine = database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)

    def _before(self, *_: Any) -> None:
        self._begun = time.perf_counter()

    def _after(self, _conn: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        self.took.append(((time.perf_counter() - self._begun) * 1000, statement, values))


@dataclass(frozen=True)
class Measured:
    """A question's time in the database, in milliseconds, and its statements."""

    best: float
    middle: float
    statements: list[tuple[float, str, Any]]


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.record", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each question")
    parser.add_argument("--small", action="store_true", help="a hundredth of everything, to see that it works")
    parser.add_argument("--without-ten", action="store_true", help="leave out the record that is ten times as large")
    parser.add_argument("--folder", type=Path, help="where the files are made and kept; else they are removed")
    parser.add_argument("--plans", action="store_true", help="print the plan of every statement")
    asked = parser.parse_args()
    if asked.folder:
        asked.folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(_measure(asked, asked.folder))
        return
    with tempfile.TemporaryDirectory(prefix="record-") as folder:
        asyncio.run(_measure(asked, Path(folder)))


async def _measure(asked: argparse.Namespace, folder: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    part = 100 if asked.small else 1

    def reduced(size: Size) -> Size:
        return Size(max(size.sessions // part, 10), size.turns_each, size.delegations_each)

    normal = await _made(folder / "stats.db", reduced(STATS), now)
    await _ask(normal, reduced(STATS), _stats_questions(now), asked)
    if not asked.without_ten:
        ten = await _made(folder / "stats-ten-times.db", reduced(TIMES_TEN), now)
        await _ask(ten, reduced(TIMES_TEN), _stats_questions(now), asked, times=10)
    messages = await _made(folder / "messages.db", reduced(MESSAGES), now)
    await _ask(messages, reduced(MESSAGES), _message_questions(), asked)
    await _beside_adk(folder / "adk.db", Size(ADK.sessions // min(part, 10), ADK.turns_each, 3), now)


def _stats_questions(now: datetime) -> dict[str, tuple[float, StatsQuery]]:
    """Name -> milliseconds it may take at the normal size, and how to ask it."""
    month = StatsFilter(since=now - timedelta(days=30))
    return {
        "stats": (300.0, lambda database: overview(database, ADA, now=now)),
        "stats agents --since 30d": (100.0, lambda database: figures.agent_stats(database, ADA, month)),
        "stats --since 30d": (300.0, lambda database: overview(database, ADA, month, now=now)),
        "stats agents": (300.0, lambda database: figures.agent_stats(database, ADA)),
    }


def _message_questions() -> dict[str, tuple[float, StatsQuery]]:
    return {
        "sessions": (50.0, lambda database: sessions.listing(database, ADA, limit=20)),
        "sessions --page 400": (50.0, lambda database: sessions.listing(database, ADA, limit=20, offset=7_980)),
        "sessions search WORD": (50.0, lambda database: search.search(database, ADA, RARE_WORD, limit=20)),
    }


async def _made(file: Path, size: Size, now: datetime) -> Path:
    if not file.exists():
        begun = time.monotonic()
        await prepare(file)
        fill(file, size, now)
        _say(f"made {file.name} in {time.monotonic() - begun:.0f} s")
    return file


async def _ask(
    file: Path, size: Size, questions: dict[str, tuple[float, StatsQuery]], asked: argparse.Namespace, times: int = 1
) -> None:
    """Measures every question; a record so many times as large may take so many times as long."""
    print(f"\n## {_told(size)}")
    print(f"\n{file.stat().st_size / 1e6:,.0f} MB, SQLite\n")
    print("| question | statements | best ms | median ms | to be under ms |\n|---|---|---|---|---|")
    plans: dict[str, Measured] = {}
    async with Database.open(str(file)) as database:
        watch = Watch()
        watch.on(database)
        for name, (limit, question) in questions.items():
            found = plans[name] = await _time(database, watch, question, asked.runs)
            allowed = limit * times
            print(f"| `{name}` | {len(found.statements)} | {found.best:.1f} | {found.middle:.1f} | {allowed:,.0f} |")
        for name, found in plans.items():
            await _plan(database, name, found, everything=asked.plans)
    sys.stdout.flush()


async def _time(database: Database, watch: Watch, question: StatsQuery, runs: int) -> Measured:
    totals: list[float] = []
    for _ in range(runs):
        watch.took.clear()
        await question(database)
        totals.append(sum(took for took, _, _ in watch.took))
    return Measured(min(totals), median(totals), list(watch.took))


async def _plan(database: Database, name: str, found: Measured, *, everything: bool) -> None:
    """How SQLite runs the statements of a question: each kind of step once."""
    steps: dict[str, None] = {}
    async with database.read() as conn:
        for _, statement, values in found.statements:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                plan = await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                steps.update(dict.fromkeys(str(row.detail) for row in plan.all()))
    reading = [step for step in steps if everything or step.startswith("SEARCH") or _reads_all(step)]
    print(f"\nPlan of `{name}` ({'reads a whole table' if any(map(_reads_all, steps)) else 'no full scan'}):\n")
    for step in reading:
        print(f"- {step}")


def _reads_all(step: str) -> bool:
    """Whether a step reads a whole table, and not the query's own results or what a full-text index found."""
    return step.startswith("SCAN") and step.split()[1] in _TABLES


_TABLES = {"turns", "delegations", "tool_calls", "session_info", "sessions", "events"}


async def _beside_adk(file: Path, size: Size, now: datetime) -> None:
    """The same question asked through ADK: every session is listed, loaded, and its events counted."""
    if not file.exists():
        await prepare(file)
        fill_with_events(file, size, now)
    print(f"\n## Beside ADK's own calls: {_told(size)}\n")
    async with Database.open(str(file)) as database:
        begun = time.perf_counter()
        ours = {agent.agent_name: agent.delegations for agent in await figures.agent_stats(database, ADA)}
        with_ledger = time.perf_counter() - begun
        service = SessionService(database)
        begun = time.perf_counter()
        theirs: dict[str, int] = {}
        listed = await service.list_sessions(app_name=ADA.app_name, user_id=ADA.adk_id)
        for listed_session in listed.sessions:
            session = await service.get_session(app_name=ADA.app_name, user_id=ADA.adk_id, session_id=listed_session.id)
            assert session is not None, "it was listed"
            for made in session.events:
                given = (made.custom_metadata or {}).get("delegations", ())
                for call in made.get_function_calls():
                    if call.id in given and call.name:
                        theirs[call.name] = theirs.get(call.name, 0) + 1
        with_adk = time.perf_counter() - begun
    same = "the same" if ours == theirs else f"DIFFERENT: {ours} and {theirs}"
    print("| delegations by agent | seconds |\n|---|---|")
    print(f"| `stats agents` | {with_ledger:.3f} |")
    print(f"| `list_sessions` and `get_session` of each | {with_adk:.3f} |")
    print(f"\nThe figures are {same}; ADK took {with_adk / with_ledger:.0f} times as long.")


def _told(size: Size) -> str:
    return f"{size.sessions:,} sessions, {size.turns:,} turns, {size.delegations:,} delegations"


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
