"""Every figure of the statistics once more, computed from ADK's events one by one, without the ledger and without SQL.

It knows of the events only what ADK writes and what the manager's plugin adds. How a turn ended that no event ended (a
process that died, a person who stopped it) is told by the test that did it.
"""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from math import ceil
from typing import Any

from storage.stats.filter import StatsFilter

REPORTING = "track_agent_delegation"
TOPICS = ("topic", "ticker", "tickers", "query")
EDGES = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 60.0)


@dataclass
class Call:
    """A delegation or a tool call."""

    id: str
    delegated: bool
    agent: str
    name: str
    arguments: Mapping[str, Any]
    at: datetime
    status: str = "running"
    seconds: float | None = None


@dataclass
class NaiveTurn:
    session: str
    invocation: str
    at: datetime
    status: str = "running"
    model: str | None = None
    model_calls: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0
    undone: bool = False
    copied: bool = False
    calls: list[Call] = field(default_factory=list)


@dataclass
class Naive:
    """All turns of a user, read from events; `forked` says when a session was forked, `ended` how turns ended."""

    turns: list[NaiveTurn] = field(default_factory=list)

    @classmethod
    def read(
        cls, events: Mapping[str, list[dict[str, Any]]], forked: Mapping[str, datetime], ended: Mapping[str, str]
    ) -> "Naive":
        found = cls()
        for session, stored in events.items():
            turns: dict[str, NaiveTurn] = {}
            for event in stored:
                _read(event, session, turns)
            for turn in turns.values():
                if turn.status == "running" and turn.invocation in ended:
                    _close(turn, ended[turn.invocation])
                turn.copied = session in forked and turn.at < forked[session]
            found.turns += turns.values()
        return found

    def within(self, part: StatsFilter) -> list[NaiveTurn]:
        return [
            turn
            for turn in self.turns
            if _is_in(turn.at, part)
            and part.session_id in (None, turn.session)
            and (part.agent_name is None or any(c.delegated and c.name == part.agent_name for c in turn.calls))
        ]

    def delegations(self, part: StatsFilter) -> list[tuple[NaiveTurn, Call]]:
        return [
            (turn, call)
            for turn in self.turns
            for call in turn.calls
            if call.delegated
            and _is_in(call.at, part)
            and part.session_id in (None, turn.session)
            and part.agent_name in (None, call.name)
        ]

    def tool_calls(self, part: StatsFilter) -> list[tuple[NaiveTurn, Call]]:
        return [
            (turn, call)
            for turn in self.turns
            for call in turn.calls
            if not call.delegated
            and _is_in(call.at, part)
            and part.session_id in (None, turn.session)
            and part.agent_name in (None, call.agent)
        ]

    def totals(self, part: StatsFilter) -> dict[str, Any]:
        turns = self.within(part)
        times = [turn.at for turn in turns]
        return {
            "sessions": len({turn.session for turn in turns}),
            "first_turn": min(times, default=None),
            "last_turn": max(times, default=None),
            "copied": sum(turn.copied for turn in turns),
            **_sums(turns),
        }

    def models(self, part: StatsFilter) -> dict[str | None, dict[str, int]]:
        turns = self.within(part)
        return {
            model: _sums([turn for turn in turns if turn.model == model]) for model in {turn.model for turn in turns}
        }

    def agents(self, part: StatsFilter) -> dict[str, dict[str, Any]]:
        given = self.delegations(part)
        return {
            name: {
                **statuses([pair for pair in given if pair[1].name == name]),
                **_times([call for _, call in given if call.name == name]),
                "delegations": sum(call.name == name for _, call in given),
                "last_used": max(call.at for _, call in given if call.name == name),
            }
            for name in {call.name for _, call in given}
        }

    def tools(self, part: StatsFilter) -> dict[tuple[str, str], dict[str, Any]]:
        made = self.tool_calls(part)
        return {
            key: {
                **statuses(mine := [pair for pair in made if (pair[1].agent, pair[1].name) == key]),
                "calls": len(mine),
                "longest_seconds": max(_completed(call for _, call in mine), default=None),
                "last_used": max(call.at for _, call in mine),
            }
            for key in {(call.agent, call.name) for _, call in made}
        }

    def topics(self, part: StatsFilter) -> Counter[str]:
        counts: Counter[str] = Counter()
        for _, call in self.tool_calls(part):
            named: set[str] = set()
            for argument in TOPICS:
                value = call.arguments.get(argument)
                named |= {item.casefold() for item in (value if isinstance(value, list) else [value]) if item}
            counts.update(named)
        return counts

    def hours(self, part: StatsFilter, zone: tzinfo) -> Counter[tuple[int, int]]:
        local = [turn.at.astimezone(zone) for turn in self.within(part)]
        return Counter((moment.weekday(), moment.hour) for moment in local)

    def days(self, part: StatsFilter, zone: tzinfo) -> dict[Any, tuple[int, int, int]]:
        """Local day -> turns, sessions, delegations."""
        turns, given = self.within(part), self.delegations(part)
        days = {turn.at.astimezone(zone).date() for turn in turns}
        days |= {call.at.astimezone(zone).date() for _, call in given}
        of = {day: [turn for turn in turns if turn.at.astimezone(zone).date() == day] for day in days}
        return {
            day: (
                len(of[day]),
                len({turn.session for turn in of[day]}),
                sum(call.at.astimezone(zone).date() == day for _, call in given),
            )
            for day in days
        }

    def turns_by_agent(self, part: StatsFilter, zone: tzinfo) -> Counter[tuple[str, Any]]:
        counts: Counter[tuple[str, Any]] = Counter()
        for turn in self.within(part):
            asked = {c.name for c in turn.calls if c.delegated and part.agent_name in (None, c.name)}
            for name in asked or {"(no agent)"}:
                counts[name, turn.at.astimezone(zone).date()] += 1
        return counts

    def latencies(self, part: StatsFilter) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for _, call in self.delegations(part):
            if call.status == "completed":
                assert call.seconds is not None
                place = sum(call.seconds >= edge for edge in EDGES)
                found.setdefault(call.name, [0] * (len(EDGES) + 1))[place] += 1
        return found


def statuses(calls: list[tuple[NaiveTurn, Call]]) -> dict[str, int]:
    counts = Counter(
        "orphaned" if call.status == "running" and turn.status != "running" else call.status for turn, call in calls
    )
    names = ("completed", "failed", "cancelled", "interrupted", "running", "orphaned")
    return {name: counts[name] for name in names}


def _read(event: dict[str, Any], session: str, turns: dict[str, NaiveTurn]) -> None:
    at = datetime.fromtimestamp(event["timestamp"], UTC)
    invocation = event["invocation_id"]
    undone_from = (event.get("actions") or {}).get("rewind_before_invocation_id")
    if undone_from:
        live = [turn for turn in turns.values() if not turn.undone]
        for turn in live[[turn.invocation for turn in live].index(undone_from) :]:
            turn.undone = True
        return
    parts = (event.get("content") or {}).get("parts") or []
    if event["author"] == "user":
        turns[invocation] = NaiveTurn(session, invocation, at)
        return
    turn = turns[invocation]
    if usage := event.get("usage_metadata"):
        turn.model_calls += 1
        turn.model = event.get("model_version") or turn.model
        turn.prompt_tokens += usage.get("prompt_token_count", 0)
        turn.output_tokens += usage.get("candidates_token_count", 0)
    text = "".join(part.get("text", "") for part in parts)
    calls = [part["function_call"] for part in parts if "function_call" in part]
    responses = [part["function_response"] for part in parts if "function_response" in part]
    delegated = (event.get("custom_metadata") or {}).get("delegations", [])
    for call in calls:
        _started(turn, call, call["id"] in delegated, event["author"], at)
    for response in responses:
        answer = response["response"]
        failed = "error" in answer or answer.get("status") == "error"
        _ended(turn, response["id"], response["id"] in delegated, "failed" if failed else "completed", at)
    if calls:
        return
    code = event.get("error_code")
    outcome = None if not code else "cancelled" if code == "INVOCATION_ABORTED" else "failed"
    if outcome is None and text:
        outcome = "completed"
    if outcome and "@" in (event.get("branch") or ""):
        _ended(turn, event["branch"].rsplit("@")[1], True, outcome, at)
    elif outcome:
        _close(turn, outcome)


def _started(turn: NaiveTurn, call: dict[str, Any], delegated: bool, author: str, at: datetime) -> None:
    arguments = call.get("args") or {}
    if delegated:
        turn.calls.append(Call(call["id"], True, author, call["name"], arguments, at))
        return
    turn.calls.append(Call(call["id"], False, author, call["name"], arguments, at))
    if call["name"] == REPORTING:
        same = [c for c in turn.calls if c.delegated and (c.name, c.arguments["request"]) == tuple(arguments.values())]
        if not same:
            told = {"request": arguments["task"]}
            turn.calls.append(Call(call["id"], True, author, arguments["agent_name"], told, at, "delegated"))


def _ended(turn: NaiveTurn, id_: str, delegated: bool, status: str, at: datetime) -> None:
    for call in turn.calls:
        if (call.id, call.delegated) == (id_, delegated) and (call.status == "running" or status == "failed"):
            call.status = status
            if call.seconds is None:
                call.seconds = round((at - call.at).total_seconds(), 6)


def _close(turn: NaiveTurn, status: str) -> None:
    """A turn that is answered leaves calls that never ended; any other end is theirs as well."""
    turn.status = status
    for call in turn.calls:
        if call.status == "running" and status != "completed":
            call.status = status


def _sums(turns: list[NaiveTurn]) -> dict[str, int]:
    ended = Counter(turn.status for turn in turns)
    return {
        "turns": len(turns),
        **{status: ended[status] for status in ("completed", "failed", "cancelled", "interrupted", "running")},
        "undone": sum(turn.undone for turn in turns),
        "model_calls": sum(turn.model_calls for turn in turns),
        "prompt_tokens": sum(turn.prompt_tokens for turn in turns),
        "output_tokens": sum(turn.output_tokens for turn in turns),
    }


def _completed(calls: Iterable[Call]) -> list[float]:
    return sorted(call.seconds for call in calls if call.status == "completed" and call.seconds is not None)


def _times(calls: list[Call]) -> dict[str, Any]:
    took = _completed(calls)
    return {
        "reported": sum(call.status == "delegated" for call in calls),
        "median_seconds": statistics.median(took) if took else None,
        "p95_seconds": took[ceil(0.95 * len(took)) - 1] if took else None,
    }


def _is_in(at: datetime, part: StatsFilter) -> bool:
    return (part.since is None or at >= part.since) and (part.until is None or at < part.until)
