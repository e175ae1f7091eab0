"""The one thing tests replace: a model that says what the test tells it, through ADK's own interface."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.genai import types

Saying: TypeAlias = str | types.Part | Sequence[types.Part]
Script: TypeAlias = Callable[[LlmRequest], Saying | Awaitable[Saying]]


class ScriptedModel(BaseLlm):
    """Answers each request with what `script` returns for it; streams text word by word."""

    model: str = "scripted"
    script: Any

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        said = self.script(llm_request)
        if asyncio.iscoroutine(said):
            said = await said
        parts = said_parts(said)
        if stream and parts[0].text:
            for word in parts[0].text.split(" "):
                piece = types.Content(role="model", parts=[types.Part(text=f"{word} ")])
                yield LlmResponse(content=piece, partial=True)
        usage = types.GenerateContentResponseUsageMetadata(prompt_token_count=10, candidates_token_count=3)
        yield LlmResponse(
            content=types.Content(role="model", parts=parts), usage_metadata=usage, model_version=self.model
        )


def said_parts(said: Saying) -> list[types.Part]:
    if isinstance(said, str):
        return [types.Part(text=said)]
    return [said] if isinstance(said, types.Part) else list(said)


def call(name: str, **args: Any) -> types.Part:
    """A function call, as a model makes it."""
    return types.Part(function_call=types.FunctionCall(name=name, args=args))


def is_manager(request: LlmRequest) -> bool:
    """Whether the request comes from the manager: only it can call agents."""
    return "funny_nerd" in request.tools_dict


def said_last(request: LlmRequest) -> str:
    """The text of the newest content, empty when it holds responses of tools."""
    parts = request.contents[-1].parts or []
    return "".join(part.text or "" for part in parts) if not responses(request) else ""


def responses(request: LlmRequest) -> list[dict[str, Any]]:
    """The responses of tools in the newest content."""
    parts = request.contents[-1].parts or []
    return [part.function_response.response or {} for part in parts if part.function_response]
