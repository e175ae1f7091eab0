"""What was said in a finished turn, as the manager's model is told it in later ones.

A call without its response, or the other way round, as a cancelled turn leaves them, is left out: no model takes one.
"""

from collections.abc import Iterator, Sequence

from google.genai import types

_MADE_BY_ADK = "adk-"


def paired(said: Sequence[types.Content]) -> Iterator[types.Content]:
    """What was said in one turn, without calls that have no response and responses that have no call."""
    parts = [part for content in said for part in content.parts or []]
    pairs = {part.function_call.id for part in parts if part.function_call} & {
        part.function_response.id for part in parts if part.function_response
    }
    for content in said:
        kept = [part for part in content.parts or [] if _call_id(part) in {None, *pairs}]
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
