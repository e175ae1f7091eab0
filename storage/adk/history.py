"""What was said in a finished turn, as the manager's model is told it in later ones.

It is what ADK itself would tell of the same events, without what a provider refuses or what is nobody's business later:
thoughts, contents in which nothing can be seen, and a call without its response or the other way round, as a cancelled
or failed turn leaves them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from google.genai import types

from storage.adk.words import INTERNAL_CALLS, MADE_UP_ID


def said(contents: Iterable[types.Content | None]) -> list[types.Content]:
    """What was said in one turn, of the contents of its events in order."""
    told = [content for content in contents if content and not _is_internal(content)]
    return [seen for content in _paired(told) if (seen := visible(content))]


def visible(content: types.Content) -> types.Content | None:
    """A content without what cannot be seen in it; None when that is all."""
    parts = [part for part in content.parts or [] if _is_visible(part)]
    if not any(part.text and part.text.strip() for part in parts):
        parts = [part for part in parts if not part.text]
    if not content.role or all(_only_signs(part) for part in parts):
        return None
    return _with(content, parts)


def without_ids(history: Sequence[types.Content]) -> Iterator[types.Content]:
    """The same without the ids that ADK gave to calls: Gemini did not make them and is not sent them."""
    for content in history:
        if any((_call_id(part) or "").startswith(MADE_UP_ID) for part in content.parts or []):
            yield types.Content(role=content.role, parts=[_without_id(part) for part in content.parts or []])
        else:
            yield content


def _paired(told: Sequence[types.Content]) -> Iterator[types.Content]:
    """Each response belongs to the first call before it of the same id that has none."""
    numbered = [list(enumerate(content.parts or [])) for content in told]
    waiting: dict[str, list[tuple[int, int]]] = defaultdict(list)
    pairs: set[tuple[int, int]] = set()
    for place, part in (((i, j), part) for i, parts in enumerate(numbered) for j, part in parts):
        id_ = _call_id(part)
        if id_ is not None and part.function_call:
            waiting[id_].append(place)
        elif id_ is not None and waiting[id_]:
            pairs |= {waiting[id_].pop(0), place}
    for i, content in enumerate(told):
        yield _with(content, [part for j, part in numbered[i] if _call_id(part) is None or (i, j) in pairs])


def _with(content: types.Content, parts: list[types.Part]) -> types.Content:
    return content if len(parts) == len(content.parts or []) else types.Content(role=content.role, parts=parts)


def _is_visible(part: types.Part) -> bool:
    """ADK's rule; but a thought is none of what was said, even when it is signed."""
    return _acts(part) or (not part.thought and bool(part.text or part.thought_signature or _has_data(part)))


def _only_signs(part: types.Part) -> bool:
    return not (_acts(part) or part.text or _has_data(part))


def _acts(part: types.Part) -> bool:
    return bool(part.function_call or part.function_response or part.tool_call or part.tool_response)


def _has_data(part: types.Part) -> bool:
    return bool(part.inline_data or part.file_data or part.executable_code or part.code_execution_result)


def _is_internal(content: types.Content) -> bool:
    calls = (part.function_call or part.function_response for part in content.parts or [])
    return any(call and call.name in INTERNAL_CALLS for call in calls)


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
