"""The ledger once more, from ADK's events alone: naive, in Python, and without a line of the program.

How a turn ended that no event ended is not in the events: it has the status None here, and so have calls that never
came back.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

REPORTING = "track_agent_delegation"
ABORTED = "INVOCATION_ABORTED"
MOST_TOKENS = 1_000_000_000
"""What a model call is said to have at most; none has fewer than 0."""


@dataclass
class Call:
    """A delegation, or a tool call."""

    by: str
    name: str
    what: Any
    status: str | None = None
    reported: bool = False
    """Whether only the manager has told of it."""


@dataclass
class Turn:
    number: int
    user_input: str
    event_id: str
    agent_response: str | None = None
    status: str | None = None
    undone: bool = False
    model_calls: int = 0
    prompt_tokens: int = 0
    output_tokens: int = 0
    events: int = 0
    delegations: dict[str, Call] = field(default_factory=dict)
    tool_calls: dict[str, Call] = field(default_factory=dict)


def turns_of(events: Iterable[str]) -> dict[str, Turn]:
    """Invocation -> turn, from the JSON of a session's events, the oldest first."""
    turns: dict[str, Turn] = {}
    for text in events:
        event = json.loads(text)
        actions = event.get("actions") or {}
        if target := actions.get("rewind_before_invocation_id"):
            _undo(turns, target)
        elif not actions.get("compaction") and not event.get("partial"):
            _read(turns, event)
    return turns


def _undo(turns: dict[str, Turn], target: str) -> None:
    if target in turns:
        for turn in turns.values():
            turn.undone = turn.undone or turn.number >= turns[target].number


def _read(turns: dict[str, Turn], event: Mapping[str, Any]) -> None:
    content = event.get("content") or {}
    parts = content.get("parts") or []
    text = "".join(part["text"] for part in parts if part.get("text") and not part.get("thought"))
    answers = [part["function_response"] for part in parts if part.get("function_response")]
    id_, is_message = event["invocation_id"], event["author"] == "user" and not answers
    if is_message and parts and id_ not in turns:
        live = [turn.number for turn in turns.values() if not turn.undone]
        turns[id_] = Turn(1 + max(live, default=0), text, event["id"])
    if id_ not in turns:
        return
    turn = turns[id_]
    turn.events += 1
    if is_message:
        return
    _count(turn, event, content.get("role"))
    calls = [part["function_call"] for part in parts if part.get("function_call")]
    for call in calls:
        _begin(turn, call, event)
    for answer in answers:
        _end(turn, answer, event)
    if not calls:
        _answered(turn, text, event)


def _count(turn: Turn, event: Mapping[str, Any], role: str | None) -> None:
    usage = event.get("usage_metadata") or {}
    asked, *written = (
        sorted((0, usage.get(f"{kind}_token_count") or 0, MOST_TOKENS))[1]
        for kind in ("prompt", "candidates", "thoughts")
    )
    if role == "model" or usage:
        turn.model_calls += 1
        turn.prompt_tokens += asked
        turn.output_tokens += sum(written)


def _delegated(event: Mapping[str, Any]) -> list[str]:
    return list((event.get("custom_metadata") or {}).get("delegations") or [])


def _begin(turn: Turn, call: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    """A call whose id the turn has had is none of its own."""
    arguments, name, by = call.get("args") or {}, call.get("name") or "", event["author"]
    if call["id"] in _delegated(event):
        handed = Call(by, name, _task(arguments))
        for id_ in [id_ for id_, other in turn.delegations.items() if other.reported and _is_same(other, handed)]:
            del turn.delegations[id_]
        turn.delegations.setdefault(call["id"], handed)
        return
    turn.tool_calls.setdefault(call["id"], Call(by, name, arguments))
    if name == REPORTING and arguments.get("agent_name"):
        told = Call(by, str(arguments["agent_name"]), str(arguments.get("task", "")), "delegated", reported=True)
        if not any(_is_same(other, told) for other in turn.delegations.values()):
            turn.delegations.setdefault(call["id"], told)


def _task(arguments: Mapping[str, Any]) -> str:
    """The request in words; of a call without one, whatever it was given instead."""
    if arguments.get("request"):
        return str(arguments["request"])
    return str(arguments) if arguments else ""


def _is_same(one: Call, other: Call) -> bool:
    """Whether it is the same task for the same agent: it stands in the ledger once, reported or not."""
    return (one.name, one.what) == (other.name, other.what)


def _end(turn: Turn, answer: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    said = answer.get("response") or {}
    failed = bool(said.get("error")) or said.get("status") == "error"
    calls = turn.delegations if answer["id"] in _delegated(event) else turn.tool_calls
    status = "cancelled" if event.get("error_code") == ABORTED else "failed" if failed else "completed"
    _settle(calls, answer["id"], status)


def _settle(calls: dict[str, Call], id_: str, status: str) -> None:
    call = calls.get(id_)
    if call and (call.status is None or status == "failed"):
        call.status = status


def _answered(turn: Turn, text: str, event: Mapping[str, Any]) -> None:
    """A text ends the turn, or the delegation on whose branch it was said; so does an error, and what still ran.

    A text with an error is an answer that was cut, unless somebody has stopped it; blanks are no text.
    """
    code, branch = event.get("error_code"), event.get("branch") or ""
    if code == ABORTED:
        status = "cancelled"
    elif text.strip():
        status = "completed"
    elif code:
        status = "failed"
    else:
        return
    if "@" in branch:
        _settle(turn.delegations, branch.rpartition("@")[2], status)
        return
    turn.status, turn.event_id = status, event["id"]
    if status == "completed":
        turn.agent_response = text
        return
    for call in (*turn.delegations.values(), *turn.tool_calls.values()):
        call.status = call.status or status
