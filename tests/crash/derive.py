"""The ledger once more, from ADK's events alone: naive, in Python, and without a line of the program.

How a turn ended that no event ended is not in the events: it has the status None here, and so have calls that never
came back.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

REPORTING = "track_agent_delegation"


@dataclass
class Call:
    """A delegation, or a tool call."""

    by: str
    name: str
    what: Any
    status: str | None = None


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
        if actions.get("compaction") or event.get("partial"):
            continue
        if target := actions.get("rewind_before_invocation_id"):
            _undo(turns, target)
        else:
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
    id_ = event["invocation_id"]
    if event["author"] == "user" and parts and not answers and id_ not in turns:
        live = [turn.number for turn in turns.values() if not turn.undone]
        turns[id_] = Turn(1 + max(live, default=0), text, event["id"])
    if id_ not in turns:
        return
    turn = turns[id_]
    turn.events += 1
    if event["author"] != "user":
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
    if role == "model" or usage:
        turn.model_calls += 1
        turn.prompt_tokens += usage.get("prompt_token_count") or 0
        turn.output_tokens += (usage.get("candidates_token_count") or 0) + (usage.get("thoughts_token_count") or 0)


def _delegated(event: Mapping[str, Any]) -> list[str]:
    return list((event.get("custom_metadata") or {}).get("delegations") or [])


def _begin(turn: Turn, call: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    arguments = call.get("args") or {}
    if call["id"] in _delegated(event):
        turn.delegations[call["id"]] = Call(event["author"], call["name"], arguments.get("request"))
    else:
        turn.tool_calls[call["id"]] = Call(event["author"], call["name"], arguments)
        if call["name"] == REPORTING:
            told = Call(event["author"], arguments["agent_name"], arguments.get("task", ""), "delegated")
            turn.delegations[call["id"]] = told


def _end(turn: Turn, answer: Mapping[str, Any], event: Mapping[str, Any]) -> None:
    said = answer.get("response") or {}
    failed = bool(said.get("error")) or said.get("status") == "error"
    calls = turn.delegations if answer["id"] in _delegated(event) else turn.tool_calls
    status = "cancelled" if event.get("error_code") == "INVOCATION_ABORTED" else "failed" if failed else "completed"
    _settle(calls, answer["id"], status)


def _settle(calls: dict[str, Call], id_: str, status: str) -> None:
    call = calls.get(id_)
    if call and (call.status is None or status == "failed"):
        call.status = status


def _answered(turn: Turn, text: str, event: Mapping[str, Any]) -> None:
    """A text ends the turn, or the delegation on whose branch it was said; an error does so too."""
    code = event.get("error_code")
    status = ("cancelled" if code == "INVOCATION_ABORTED" else "failed") if code else "completed" if text else None
    branch = event.get("branch") or ""
    if status and "@" in branch:
        _settle(turn.delegations, branch.rpartition("@")[2], status)
    elif status:
        turn.status, turn.event_id = status, event["id"]
        turn.agent_response = text if status == "completed" else turn.agent_response
