"""Summaries of older turns: extracted from the record, or written by the model that answers."""

from collections.abc import Sequence
from typing import Protocol

from google.adk.models import BaseLlm, LlmRequest
from google.genai import types

from manager.arrival import receive
from storage.queries.turns import Turn

_LINES = 12
"""Newest older turns that an extracted summary tells one by one."""
_WIDTH = 100
"""Characters of each message and answer in it."""
_COVERS = "Summary of turns 1 to "
_SAID = "- The user said: "

_TASK = """\
Below are an earlier summary of a conversation between a person and a team of agents, and the turns that followed it.
Write one summary of both, in at most 300 words: what the person said about themselves, asked for and decided, with
names, figures and dates, and what was left open. Write plain sentences and nothing else.
"""


class Summarizer(Protocol):
    """Makes one text of an earlier summary, which may be empty, and the turns since, oldest first."""

    async def __call__(self, earlier: str, older: Sequence[Turn]) -> str: ...


async def extract(earlier: str, older: Sequence[Turn]) -> str:
    """The beginning of the session and the last of the older turns, shortened; costs no model call.

    Of an earlier summary, all stays that does not tell turns one by one: what a model has written is not lost.
    """
    lines = [f"{_COVERS}{older[-1].number} of this conversation."]
    if older[0].number == 1:
        lines.append(f"It began on {older[0].started_at:%Y-%m-%d} with: {_short(older[0].user_input)}")
    lines += [line for line in earlier.splitlines() if not line.startswith((_COVERS, _SAID))]
    for turn in older[-_LINES:]:
        by = f" ({', '.join(turn.agents)})" if turn.agents else ""
        lines.append(f"{_SAID}{_short(turn.user_input)} Answer{by}: {_short(turn.agent_response or turn.status)}")
    return "\n".join(lines)


class ModelSummarizer:
    """Asks the model that answers the person. What it says is taken in as an answer is; a half summary is none."""

    def __init__(self, model: BaseLlm) -> None:
        self._model = model

    async def __call__(self, earlier: str, older: Sequence[Turn]) -> str:
        told = "\n\n".join(f"User: {turn.user_input}\nTeam: {turn.agent_response or turn.status}" for turn in older)
        material = f"{_TASK}\nEarlier summary:\n{earlier or '(none)'}\n\nTurns:\n{told}"
        request = LlmRequest(
            model=self._model.model, contents=[types.Content(role="user", parts=[types.Part(text=material)])]
        )
        text = ""
        async for response in self._model.generate_content_async(request):
            if why := receive(response, set()):
                raise why
            parts = (response.content.parts if response.content and not response.partial else None) or []
            text += "".join(part.text or "" for part in parts if not part.thought)
        if not text.strip():
            raise ValueError("the model wrote no summary")
        return f"Summary of the conversation so far:\n{text.strip()}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1].rstrip() + "…"
