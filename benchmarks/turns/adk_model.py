"""What the scripted models of all ADK systems do alike: read a request, and answer in one piece."""

from collections.abc import Iterator

from google.adk.models import LlmRequest, LlmResponse
from google.genai import types


def pieces(request: LlmRequest) -> Iterator[object]:
    """What a request holds of the conversation: texts, names, arguments and responses."""
    for content in request.contents:
        for part in content.parts or []:
            yield part.text or ""
            if part.function_call:
                yield from (part.function_call.name or "", part.function_call.args or {})
            if part.function_response:
                yield from (part.function_response.name or "", part.function_response.response or {})


def answered_with(part: types.Part, model: str) -> LlmResponse:
    """A whole answer, with its usage."""
    usage = types.GenerateContentResponseUsageMetadata(prompt_token_count=10, candidates_token_count=3)
    content = types.Content(role="model", parts=[part])
    return LlmResponse(content=content, usage_metadata=usage, model_version=model)
