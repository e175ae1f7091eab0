"""This program: a `Conversation` whose agents answer from the script."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.genai import types

from benchmarks.turns.adk_model import answered_with, pieces
from benchmarks.turns.child import main
from benchmarks.turns.script import ANSWER, EVENTS, MANAGER_TOOL, MEMBER, MEMBER_TOOL, REQUEST, Prompts, Step, next_step
from settings import Settings
from terminal.chat.loading import for_good

with for_good():  # as the program's command line does
    from conversation.conversation import Conversation
    from conversation.events import Reply, TurnFinished


class ScriptedModel(BaseLlm):
    """Says at once what the script says; writes a summary when it is asked for one."""

    model: str = "scripted"
    prompts: Any
    seconds: float = 0.0
    """How long it takes."""

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        newest = (llm_request.contents[-1].parts if llm_request.contents else None) or []
        if not llm_request.tools_dict:
            said = types.Part(text="The person asked for the time and for topics of jokes, and was told both. " * 4)
        else:
            self.prompts.add(pieces(llm_request))
            answered = sum(part.function_response is not None for part in newest)
            said = _part(next_step(manager=MEMBER in llm_request.tools_dict, answered=answered), llm_request)
        if self.seconds:
            await asyncio.sleep(self.seconds)
        yield answered_with(said, self.model)


def _part(step: Step, request: LlmRequest) -> types.Part:
    match step:
        case Step.TOOL:
            name = MANAGER_TOOL if MEMBER in request.tools_dict else MEMBER_TOOL
            return types.Part(function_call=types.FunctionCall(name=name, args={}))
        case Step.HAND_OVER:
            return types.Part(function_call=types.FunctionCall(name=MEMBER, args={"request": REQUEST}))
        case Step.ANSWER:
            return types.Part(text=ANSWER)


class Ours:
    """A `child.System`."""

    def __init__(self, conversation: Conversation, prompts: Prompts) -> None:
        self.conversation = conversation
        self.prompts = prompts

    async def turn(self, text: str) -> str:
        answer = ""
        async for event in self.conversation.send(text):
            if isinstance(event, Reply):
                answer = event.text
            elif isinstance(event, TurnFinished):
                assert event.status == "completed", event
        return answer


def settings_on(file: Path, window: int | None) -> Settings:
    """The settings for a file; without a window, with the program's own budget.

    Between two summaries the program sends half its budget of turns to all of it: so with four thirds of the turns that
    a window holds, it sends as many as others on average, and its summary on top.
    """
    turns = window // EVENTS * 4 // 3 if window else None
    return Settings(database_url=str(file), chat_user="someone", model="scripted/model", context_turns=turns)


@asynccontextmanager
async def opened(file: Path, window: int | None) -> AsyncIterator[Ours]:
    """A conversation on a file."""
    prompts = Prompts()
    async with Conversation.open(
        settings_on(file, window), models=lambda _: ScriptedModel(prompts=prompts)
    ) as conversation:
        yield Ours(conversation, prompts)


if __name__ == "__main__":
    main(opened)
