"""Whatever is said, fails, is stopped, undone, forked and deleted: every figure equals one counted from the events."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from google.adk.events import Event, EventActions
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from settings import APP_NAME, Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import turns
from storage.queries.session_changes import fork, remove
from storage.scope import SessionKey, TurnKey, User
from storage.stats import figures, series
from storage.stats import tools as stats_tools
from storage.stats import turns as stats_turns
from storage.stats.filter import EVERYTHING, StatsFilter
from storage.stats.overview import Trend, overview
from tests.storage.stats.naive import Naive
from tests.storage.support import (
    Turn,
    call_part,
    delegated_turn,
    delegating,
    execute,
    file_of,
    response_part,
    rows,
    store,
)

BEGIN = datetime(2026, 3, 27, 20, 0, tzinfo=UTC)
"""Two days before the clocks change in Berlin."""
BERLIN = ZoneInfo("Europe/Berlin")
KOLKATA = ZoneInfo("Asia/Kolkata")
USERS = count()
SESSIONS = ("one", "two")


def plain(turn: Turn) -> None:
    turn.user("hello")
    turn.model("hi", tokens=7)


def no_answer(turn: Turn) -> None:
    turn.user("hello")
    turn.bare(error_code="500", error_message="the model is down")


def stopped(turn: Turn) -> None:
    _delegates(turn)
    turn.bare(error_code="INVOCATION_ABORTED")


def agent_fails(turn: Turn) -> None:
    _delegates(turn)
    call = f"{turn.invocation_id}-joke"
    turn.tools(response_part(call, "funny_nerd", error="no jokes left"), **delegating(call))
    turn.model("sorry")


def tool_fails(turn: Turn) -> None:
    turn.user("price of ZZZZ")
    call = f"{turn.invocation_id}-price"
    turn.model(call_part(call, "get_stock_price", ticker="ZZZZ"))
    turn.tools(response_part(call, "get_stock_price", status="error", error_message="no such ticker"))
    turn.model("there is none")


def forgotten(turn: Turn) -> None:
    """A call that nobody answered, in a turn that went on."""
    _delegates(turn)
    turn.model(call_part(f"{turn.invocation_id}-lost", "compare_stocks", tickers=["NVDA", "aapl"]))
    turn.model("never mind")


def reported(turn: Turn) -> None:
    turn.user("track it")
    call = f"{turn.invocation_id}-report"
    turn.model(call_part(call, "track_agent_delegation", agent_name="librarian", task="look it up"))
    turn.tools(response_part(call, "track_agent_delegation", status="success"))
    turn.model("done")


def unfinished(turn: Turn) -> None:
    _delegates(turn)


def busy(turn: Turn) -> None:
    turn.made += delegated_turn(turn.invocation_id, turn.at)


def _delegates(turn: Turn) -> None:
    call = f"{turn.invocation_id}-joke"
    turn.user("a joke")
    turn.model(call_part(call, "funny_nerd", request="a joke"), **delegating(call))
    turn.model(call_part(f"{call}-tool", "get_nerd_joke", topic="Python"), author="funny_nerd", of=call)


ENDED = {"ended by the plugin": "completed", "stopped": "cancelled", "failed": "failed", "left": "interrupted"}
talk = st.tuples(
    st.just("talk"),
    st.sampled_from(SESSIONS),
    st.sampled_from([plain, no_answer, stopped, agent_fails, tool_fails, forgotten, reported, busy]),
    st.sampled_from(["offline", "gemini-2.5-flash"]),
)
leave = st.tuples(st.just("leave"), st.sampled_from(SESSIONS), st.just(unfinished), st.sampled_from([*ENDED, "runs"]))
undo = st.tuples(st.just("undo"), st.sampled_from(SESSIONS), st.integers(1, 3))
forks = st.tuples(st.just("fork"), st.sampled_from(SESSIONS), st.integers(0, 3))
delete = st.tuples(st.just("delete"), st.sampled_from(SESSIONS))
work = st.lists(st.one_of(talk, talk, talk, leave, undo, forks, delete), min_size=1, max_size=14)


@dataclass
class Life:
    """A user to whom all of it happens, with what the events cannot tell."""

    database: Database
    service: SessionService
    file: Any
    user: User = field(default_factory=lambda: User(APP_NAME, f"user-{next(USERS)}"))
    at: datetime = BEGIN
    numbers: Any = field(default_factory=count)
    forked: dict[str, datetime] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)

    async def happens(self, kind: str, session: str, *more: Any) -> None:
        self.at += timedelta(hours=5, minutes=17)
        steps: dict[str, Callable[..., Awaitable[object]]] = {
            "talk": self._talk, "leave": self._leave, "undo": self._undo, "fork": self._fork, "delete": self._delete,
        }  # fmt: skip
        await steps[kind](session, *more)

    def key(self, session: str) -> SessionKey:
        return SessionKey.of(self.user, session)

    async def _talk(self, session: str, says: Callable[[Turn], None], model: str) -> str:
        turn = ModelTurn(f"{self.user.user_id}-{next(self.numbers)}", self.at.timestamp(), model=model)
        says(turn)
        await store(self.service, turn.made, session, self.user)
        return turn.invocation_id

    async def _leave(self, session: str, says: Callable[[Turn], None], how: str) -> None:
        invocation = await self._talk(session, says, "offline")
        if how == "runs":
            return
        self.ended[invocation] = ENDED[how]
        if how == "left":
            execute(self.file, f"UPDATE turns SET owner = NULL WHERE invocation_id = '{invocation}'")
            await turns.settle_dead(self.database, None, self.user)
        else:
            await turns.end_if_running(self.database, TurnKey(self.key(session), invocation), ENDED[how])

    async def _undo(self, session: str, number: int) -> None:
        taken = await turns.history(self.database, self.key(session), limit=number)
        if taken:
            actions = EventActions(rewind_before_invocation_id=taken[-1].invocation_id)
            rewind = Event(invocation_id=f"undo-{next(self.numbers)}", author="user", actions=actions)
            rewind.timestamp = self.at.timestamp()
            await store(self.service, [rewind], session, self.user)

    async def _fork(self, session: str, at: int) -> None:
        live = await turns.history(self.database, self.key(session), limit=100)
        if live:
            target = await fork(self.database, self.key(session), at=live[min(at, len(live) - 1)].number)
            made = rows(self.file, "SELECT created_at FROM session_info WHERE session_id = ?", target.session_id)
            self.forked[target.session_id] = datetime.fromisoformat(made[0]["created_at"]).replace(tzinfo=UTC)

    async def _delete(self, session: str) -> None:
        await remove(self.database, [self.key(session)])

    def naive(self) -> Naive:
        stored = rows(
            self.file,
            "SELECT session_id, event_data FROM events WHERE user_id = ? ORDER BY session_id, timestamp, id",
            self.user.user_id,
        )
        events: dict[str, list[dict[str, Any]]] = {}
        for row in stored:
            events.setdefault(row["session_id"], []).append(json.loads(row["event_data"]))
        return Naive.read(events, self.forked, self.ended)


@dataclass
class ModelTurn(Turn):
    """A turn answered by a model of that name."""

    model_name: str = "offline"

    def __init__(self, invocation_id: str, at: float, *, model: str) -> None:
        super().__init__(invocation_id, at)
        self.model_name = model

    def model(self, *parts: Any, tokens: int = 3, **values: Any) -> Event:
        event = super().model(*parts, **values)
        event.model_version = self.model_name
        assert event.usage_metadata is not None
        event.usage_metadata.candidates_token_count = tokens
        return event


def parts(life: Life) -> list[StatsFilter]:
    middle = BEGIN + (life.at - BEGIN) / 2
    agent = StatsFilter(agent_name="funny_nerd")
    return [
        EVERYTHING,
        StatsFilter(since=middle),
        StatsFilter(until=middle),
        StatsFilter(since=middle - timedelta(hours=9), until=middle + timedelta(hours=9)),
        StatsFilter(session_id="one"),
        agent,
        StatsFilter(since=middle, session_id="one", agent_name="stock_analyst"),
    ]


def same(found: Any, expected: dict[str, Any]) -> None:
    given = found if isinstance(found, dict) else asdict(found)
    rounded = {name: round(value, 9) if isinstance(value, float) else value for name, value in expected.items()}
    shown = {name: round(given[name], 9) if isinstance(given[name], float) else given[name] for name in expected}
    assert shown == rounded


@pytest.mark.slow
@hypothesis_settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=work)
async def test_every_figure_equals_one_counted_from_the_events(
    database: Database, service: SessionService, settings: Settings, steps: list[tuple[Any, ...]]
) -> None:
    life = Life(database, service, file_of(settings.database_url))
    for step in steps:
        await life.happens(*step)
    naive = life.naive()
    for part in parts(life):
        await check_turns(life, naive, part)
        await check_calls(life, naive, part)
        await check_overview(life, naive, part)
    check_view(life, naive)


async def check_turns(life: Life, naive: Naive, part: StatsFilter) -> None:
    same(await figures.totals(life.database, life.user, part), naive.totals(part))
    found = await stats_turns.models(life.database, life.user, part)
    expected = naive.models(part)
    assert {model.model for model in found} == set(expected)
    for model in found:
        same(model, expected[model.model])
    for zone in (BERLIN, KOLKATA):
        days = await stats_turns.days(life.database, life.user, part, zone=zone)
        assert [day.day for day in days] == sorted((day.day for day in days), reverse=True)
        assert {day.day: (day.turns, day.sessions, day.delegations) for day in days} == naive.days(part, zone)
    listed = await stats_turns.sessions(life.database, life.user, part, limit=100)
    assert len({session.session_id for session in listed}) == len(listed)
    for session in listed:
        mine = StatsFilter(part.since, part.until, session.session_id, part.agent_name)
        if part.session_id in (None, session.session_id):
            expected_sums = naive.totals(mine)
            wanted = ("turns", "failed", "undone", "model_calls", "prompt_tokens", "output_tokens", "last_turn")
            same(session, {name: expected_sums[name] for name in wanted})
            assert session.delegations == len(naive.delegations(mine))
    assert sum(session.turns for session in listed) == naive.totals(part)["turns"]


async def check_calls(life: Life, naive: Naive, part: StatsFilter) -> None:
    agents = await figures.agent_stats(life.database, life.user, part)
    expected = naive.agents(part)
    assert {agent.agent_name for agent in agents} == set(expected)
    for agent in agents:
        same(agent, expected[agent.agent_name])
    tools = await stats_tools.tools(life.database, life.user, part)
    made = naive.tools(part)
    assert {(tool.agent_name, tool.tool_name) for tool in tools} == set(made)
    for tool in tools:
        same(tool, made[tool.agent_name, tool.tool_name])
    drawn = await series.series(life.database, life.user, part, zone=BERLIN)
    by_agent = {(name, day): number for name, days in drawn.turns_by_agent.items() for day, number in days.items()}
    assert by_agent == naive.turns_by_agent(part, BERLIN)
    assert {name: list(counts) for name, counts in drawn.latencies.items()} == naive.latencies(part)
    spent = sum(days.total() for days in drawn.tokens_by_model.values())
    summed = naive.totals(part)
    assert spent == summed["prompt_tokens"] + summed["output_tokens"]


async def check_overview(life: Life, naive: Naive, part: StatsFilter) -> None:
    now = life.at + timedelta(hours=1)
    shown = await overview(life.database, life.user, part, now=now, zone=BERLIN)
    same(shown.totals, naive.totals(part))
    week = {(day, hour): number for day, row in enumerate(shown.week) for hour, number in enumerate(row) if number}
    assert week == naive.hours(part, BERLIN)
    spoken = [turns for turns, _, _ in naive.days(part, BERLIN).values()]
    assert shown.active_days == sum(number > 0 for number in spoken)
    calls = naive.tool_calls(part)
    assert shown.tool_calls.calls == len(calls)
    tools = naive.tools(part).values()
    for status in ("completed", "failed", "cancelled", "interrupted", "running", "orphaned"):
        assert getattr(shown.tool_calls, status) == sum(tool[status] for tool in tools)
    assert {topic.casefold(): number for topic, number in shown.topics} == naive.topics(part)
    period, before = part.periods(now, timedelta(days=30))
    assert shown.trends == {
        agent: Trend(
            sum(call.name == agent for _, call in naive.delegations(period)),
            sum(call.name == agent for _, call in naive.delegations(before)),
        )
        for agent in naive.agents(part)
    }


def check_view(life: Life, naive: Naive) -> None:
    expected = naive.agents(EVERYTHING)
    seen = rows(life.file, "SELECT * FROM agent_stats WHERE user_id = ?", life.user.user_id)
    assert {row["agent_name"] for row in seen} == set(expected)
    for row in seen:
        names = ("delegations", "completed", "failed", "median_seconds", "p95_seconds")
        wanted = {name: expected[row["agent_name"]][name] for name in names}
        same(dict(row), wanted)
