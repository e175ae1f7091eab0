"""What an ADK event means for the ledger: one pure function, event -> entries.

Every door that writes events goes through it: the mapper hook (`adk/hook.py`), and catch-up (`adk/catchup.py`) for what
was written without us. It reads the event's JSON, so it needs neither ADK nor the agents: which function calls are
delegations is written on the event itself (`custom_metadata`) by the manager's plugin, together with the exact times of
parallel calls, which ADK merges into one event. Texts and names are such as every database stores and an import takes,
whoever wrote the event.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from storage.adk.words import ABORTED, call_of
from storage.names import name
from storage.schema.tables import CANCELLED, COMPLETED, FAILED
from storage.strict import encodable

DELEGATIONS = "delegations"
"""Key in an event's custom metadata: ids of the function calls, or responses, that are delegations."""
SPANS = "spans"
"""Key in an event's custom metadata: function call id -> [start, end] in seconds since the epoch."""
REPORTING_TOOL = "track_agent_delegation"
_MOST_TOKENS = 10**9
"""More than a model call can have; archives take a thousand times as many of a turn."""

Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TurnStarted:
    at: datetime
    event_id: str
    user_input: str


@dataclass(frozen=True, slots=True)
class ModelCalled:
    model: str | None
    prompt_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The end of a turn; with a response, `error` says why that is not whole."""

    at: datetime
    status: str
    event_id: str
    response: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class DelegationStarted:
    id: str
    at: datetime
    from_agent: str
    agent_name: str
    task: str
    reported: bool


@dataclass(frozen=True, slots=True)
class ToolCallStarted:
    id: str
    at: datetime
    agent_name: str
    tool_name: str
    arguments: Json


@dataclass(frozen=True, slots=True)
class CallEnded:
    id: str
    delegation: bool
    status: str
    started_at: datetime | None
    ended_at: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class TurnsUndone:
    """All turns from this invocation on were undone."""

    at: datetime
    from_invocation_id: str


Entry: TypeAlias = TurnsUndone | TurnStarted | ModelCalled | TurnEnded | DelegationStarted | ToolCallStarted | CallEnded


def entries(event: Json, delegation_ids: Collection[str] = ()) -> list[Entry]:
    """The ledger entries of one stored event, in the order they apply.

    Args:
        event: The event as ADK stores it (`Event.model_dump(exclude_none=True, mode="json")`).
        delegation_ids: Function calls known to be delegations, besides those the event names itself.
    """
    actions: Json = event.get("actions") or {}
    if event.get("partial") or actions.get("compaction"):
        return []
    at = _time(event["timestamp"])
    if undone_from := actions.get("rewind_before_invocation_id"):
        return [TurnsUndone(at, undone_from)]
    parts: list[Json] = (event.get("content") or {}).get("parts") or []
    metadata: Json = event.get("custom_metadata") or {}
    known = {*delegation_ids, *metadata.get(DELEGATIONS, ())}
    text = encodable("".join(part["text"] for part in parts if part.get("text") and not part.get("thought")))
    calls = [part["function_call"] for part in parts if part.get("function_call")]
    responses = [part["function_response"] for part in parts if part.get("function_response")]

    if event.get("author") == "user" and not responses:
        return [TurnStarted(at, event["id"], text)] if parts else []

    found: list[Entry] = []
    if (event.get("content") or {}).get("role") == "model" or event.get("usage_metadata"):
        usage: Json = event.get("usage_metadata") or {}
        written = _count(usage, "candidates_token_count") + _count(usage, "thoughts_token_count")
        model = event.get("model_version")
        found.append(ModelCalled(model and name(model), _count(usage, "prompt_token_count"), written))
    for call in calls:
        found += _started(call, at, event["author"], known)
    spans: Json = metadata.get(SPANS) or {}
    for response in responses:
        found.append(_ended(response, at, spans.get(response.get("id")), known, event.get("error_code") == ABORTED))
    if not calls:
        found += _answered(event, at, text)
    return found


def delegation_id(event: Json) -> str | None:
    """The function call an event of a delegated agent answers to, or None for the root agent's events."""
    return call_of(event.get("branch"))


def _started(call: Json, at: datetime, author: str, known: Collection[str]) -> list[Entry]:
    arguments: Json = call.get("args") or {}
    called = name(call.get("name") or "")
    if call["id"] in known:
        task = encodable(str(arguments.get("request") or arguments or ""))
        return [DelegationStarted(call["id"], at, author, called, task, reported=False)]
    found: list[Entry] = [ToolCallStarted(call["id"], at, author, called, arguments)]
    if called == REPORTING_TOOL and arguments.get("agent_name"):
        agent, task = name(str(arguments["agent_name"])), encodable(str(arguments.get("task", "")))
        found.append(DelegationStarted(call["id"], at, author, agent, task, reported=True))
    return found


def _ended(
    response: Json, at: datetime, span: tuple[float, float] | None, known: Collection[str], aborted: bool
) -> CallEnded:
    answer = response.get("response")
    error = _error(answer) if isinstance(answer, Mapping) else None
    status = CANCELLED if aborted else FAILED if error else COMPLETED
    start, end = (_time(span[0]), _time(span[1])) if span else (None, at)
    return CallEnded(response["id"], response["id"] in known, status, start, end, error)


def _answered(event: Json, at: datetime, text: str) -> list[Entry]:
    """A text without calls ends a delegation, or the turn when the root agent says it; so does an error.

    With both, there is an answer that is not whole. Blanks are no answer.
    """
    error = _why_stopped(event)
    aborted = event.get("error_code") == ABORTED
    answered = bool(text.strip()) and not aborted
    status = COMPLETED if answered else CANCELLED if aborted else FAILED if error else None
    if status is None:
        return []
    if call_id := delegation_id(event):
        return [CallEnded(call_id, True, status, None, at, error)]
    return [TurnEnded(at, status, event["id"], text if answered else None, None if aborted else error)]


def _why_stopped(event: Json) -> str | None:
    code, said = event.get("error_code"), event.get("error_message")
    if not code:
        return None
    return encodable(said if said and said != code else f"the model stopped: {code}")


def _error(answer: Json) -> str | None:
    if answer.get("error"):
        return encodable(str(answer["error"]))
    if answer.get("status") == "error":
        return encodable(str(answer.get("error_message") or "error"))
    return None


def _count(usage: Json, name: str) -> int:
    """A number of tokens, within what is countable: their sums must be numbers to the database."""
    return min(max(usage.get(name) or 0, 0), _MOST_TOKENS)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
