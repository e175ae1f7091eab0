"""The one thing tests replace: a model that says what the test tells it, through ADK's own interface."""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
        if stream and parts and parts[0].text:
            for word in re.findall(r"\S+\s*|\s+", parts[0].text):
                piece = types.Content(role="model", parts=[types.Part(text=word)])
                yield LlmResponse(content=piece, partial=True)
        usage = types.GenerateContentResponseUsageMetadata(prompt_token_count=10, candidates_token_count=3)
        yield LlmResponse(
            content=types.Content(role="model", parts=parts), usage_metadata=usage, model_version=self.model
        )


def said_parts(said: Saying) -> list[types.Part]:
    """The parts of a saying; copies, because ADK writes the ids of calls into them."""
    if isinstance(said, str):
        return [types.Part(text=said)]
    parts = [said] if isinstance(said, types.Part) else said
    return [part.model_copy(deep=True) for part in parts]


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


def agent_of(request: LlmRequest) -> str:
    """The agent that asks its model, as ADK labels the request."""
    labels = request.config.labels or {}
    return labels["adk_agent_name"]


Line: TypeAlias = Saying | Script | Exception


@dataclass
class Play:
    """A script for the whole team: what is said to what, and who was asked.

    `manager` maps messages, `members` maps requests of delegations, to what the model says: parts, a script of its own,
    or an exception to raise. Unknown messages are echoed. What tools answered is told by the manager as `told(...)`.
    """

    manager: Mapping[str, Line] = field(default_factory=dict)
    members: Mapping[str, Line] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    requests: list[LlmRequest] = field(default_factory=list)

    def __call__(self, request: LlmRequest) -> Saying | Awaitable[Saying]:
        self.asked.append(agent_of(request))
        self.requests.append(request)
        if answers := responses(request):
            return f"{agent_of(request)} has {len(answers)} answers"
        said = said_last(request)
        line = (self.manager if is_manager(request) else self.members).get(said, f"{agent_of(request)}: {said}")
        if isinstance(line, Exception):
            raise line
        return line(request) if callable(line) else line


class RawModel(BaseLlm):
    """Yields exactly the responses that `script` gives for a request, one after the other, and raises exceptions."""

    model: str = "scripted"
    script: Callable[[LlmRequest], Iterable[LlmResponse | BaseException]]

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        for step in self.script(llm_request):
            if isinstance(step, BaseException):
                raise step
            yield step.model_copy(deep=True)


def said_whole(*parts: types.Part | str, **values: Any) -> LlmResponse:
    """A whole response of a model."""
    made = [types.Part(text=part) if isinstance(part, str) else part for part in parts]
    return LlmResponse(content=types.Content(role="model", parts=made), **values)


def said_piece(text: str) -> LlmResponse:
    """A piece of a streamed response."""
    return said_whole(text, partial=True)


def call_as(id_: str | None, name: str, **args: Any) -> types.Part:
    """A function call with an id that the model gave."""
    return types.Part(function_call=types.FunctionCall(id=id_, name=name, args=args))
