"""What was said in a finished turn, as the manager's model is told it in later ones.

What delegated agents did within is left out: the manager does not see it, and they begin anew each time. A call without
its response, or the other way round, as a cancelled turn leaves them, is left out as well: no model takes one.
"""

from collections.abc import Iterator, Sequence

from google.adk.events import Event
from google.genai import types

_MADE_BY_ADK = "adk-"


def contents(turn: Sequence[Event]) -> Iterator[types.Content]:
    """The contents of one turn's events, oldest first."""
    said = [event.content for event in turn if event.content and event.content.parts and not event.branch]
    parts = [part for content in said for part in content.parts or []]
    paired = {part.function_call.id for part in parts if part.function_call} & {
        part.function_response.id for part in parts if part.function_response
    }
    for content in said:
        kept = [part for part in content.parts or [] if _call_id(part) in {None, *paired}]
        if len(kept) == len(content.parts or []):
            yield content
        elif kept:
            yield types.Content(role=content.role, parts=kept)


def without_ids(history: Sequence[types.Content]) -> Iterator[types.Content]:
    """The same without the ids that ADK gave to calls: Gemini did not make them and is not sent them."""
    for content in history:
        if any((_call_id(part) or "").startswith(_MADE_BY_ADK) for part in content.parts or []):
            yield types.Content(role=content.role, parts=[_without_id(part) for part in content.parts or []])
        else:
            yield content


def _call_id(part: types.Part) -> str | None:
    call = part.function_call or part.function_response
    return (call.id or "") if call else None


def _without_id(part: types.Part) -> types.Part:
    nameless = {"id": None}
    return part.model_copy(
        update={
            "function_call": part.function_call and part.function_call.model_copy(update=nameless),
            "function_response": part.function_response and part.function_response.model_copy(update=nameless),
        }
    )
