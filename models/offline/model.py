"""The built-in model: answers by routing and composing, from nothing but the request and the skills it was given.

It is a `BaseLlm`, so it works wherever ADK takes a model. A user message becomes function calls or a text; function
responses become the final text. It calls only tools that the request declares, never waits, and gives the same answer
to the same request.
"""

import json
import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from typing import Any, Literal

from google.adk.models import BaseLlm, LlmRequest, LlmResponse
from google.genai import types
from pydantic import PrivateAttr

from models.offline.compose import addressed, failed, joined
from models.offline.dialogue import Act, Dialogue
from models.offline.request import Memory, remembered, user_name
from models.offline.routing.classifier import Classifier, shipped
from models.offline.routing.router import Decision, Router
from models.offline.routing.trained import TrainedRouter
from models.offline.routing.verbatim import Verbatim
from models.offline.skill import Intent, Skill, finished

_CHUNK = 3
"""Words in one streamed piece."""
_MUTE = (
    "The offline model cannot speak for {}, which has no phrases for it. "
    "A language model can: set GOOGLE_API_KEY, or MODEL=provider/name."
)


class OfflineModel(BaseLlm):
    """The offline model for one agent, or with several skills for the manager of a team."""

    model: str = "offline"
    skills: tuple[Skill, ...] = ()
    _compiled: Router | None = PrivateAttr(default=None)
    _verbatim: Verbatim | None = PrivateAttr(default=None)
    _classifier: Classifier | Literal["shipped"] | None = PrivateAttr(default="shipped")

    def __init__(
        self, skills: Sequence[Skill] = (), classifier: Classifier | Literal["shipped"] | None = "shipped", **data: Any
    ) -> None:
        super().__init__(**{"model": "offline", **data, "skills": tuple(skills)})
        self._classifier = classifier

    @property
    def router(self) -> Router:
        """The compiled skills; built on first use, so that a start does not wait for it."""
        if self._compiled is None:
            classifier = shipped() if isinstance(self._classifier, str) else self._classifier
            fits = classifier and classifier.agents <= {skill.agent for skill in self.skills}
            self._compiled = TrainedRouter(self.skills, classifier) if classifier and fits else Router(self.skills)
        return self._compiled

    @classmethod
    def supported_models(cls) -> list[str]:
        """The model names that ADK's registry may resolve to this class."""
        return ["offline"]

    async def generate_content_async(
        self, llm_request: LlmRequest, stream: bool = False
    ) -> AsyncGenerator[LlmResponse, None]:
        """Yields partial texts when streaming, then the whole answer with its usage."""
        parts = self.answer(llm_request)
        whole = "".join(part.text or "" for part in parts)
        usage = _usage(llm_request, parts)
        if stream and whole:
            for piece in _pieces(whole):
                yield LlmResponse(content=_content([types.Part(text=piece)]), partial=True, model_version=self.model)
        yield LlmResponse(
            content=_content(parts),
            partial=False,
            turn_complete=True,
            finish_reason=types.FinishReason.STOP,
            usage_metadata=usage,
            model_version=self.model,
        )

    def explain(self, text: str) -> Decision:
        """How a first message would be understood: segments with all scores, readings and slots."""
        return self._decide(text)

    def answer(self, request: LlmRequest) -> list[types.Part]:
        """The parts of the reply to `request`."""
        if len(self.skills) == 1 and not self.skills[0].intents:
            return [types.Part(text=_MUTE.format(self.skills[0].agent))]
        tools = tool_names(request)
        memory = remembered(self.router, request.contents or [], user_name(request))
        decision = self._decide(memory.text, memory.dialogue) if memory.text else Decision()
        if memory.results:
            return [types.Part(text=self._composed(decision, memory))]
        calls = list(self._calls(decision.acts, tools)) or list(self._named(decision, memory, tools))
        if calls:
            return calls
        return [types.Part(text=self._said(decision, memory, tools))]

    def _decide(self, text: str, dialogue: Dialogue = ()) -> Decision:
        self._verbatim = self._verbatim or Verbatim(self.skills)
        return self._verbatim.decide(self.router, text, dialogue)

    def _calls(self, acts: Sequence[Act], tools: frozenset[str]) -> Iterator[types.Part]:
        seen: set[str] = set()
        for act in acts:
            for name, args in calls(act, tools):
                key = json.dumps([name, args], sort_keys=True)
                if key not in seen:
                    seen.add(key)
                    yield types.Part(function_call=types.FunctionCall(name=name, args=args))

    def _named(self, decision: Decision, memory: Memory, tools: frozenset[str]) -> Iterator[types.Part]:
        """The whole message for each agent that has no phrases, where its name is said."""
        said = memory.text.casefold().replace("_", " ")
        for skill in self.skills:
            name = re.escape(skill.agent.casefold().replace("_", " "))
            if not (skill.intents or decision.refused) and skill.agent in tools and re.search(rf"\b{name}\b", said):
                args = {"request": memory.text}
                yield types.Part(function_call=types.FunctionCall(name=skill.agent, args=args))

    def _composed(self, decision: Decision, memory: Memory) -> str:
        """One text from all results, in the order asked."""
        replies: list[str] = []
        intents: dict[str, list[Intent]] = {}
        for act in decision.acts:
            copies = len(list(calls(act, frozenset({act.intent.tool or ""})))) or 1
            intents.setdefault(act.intent.tool or "", []).extend([act.intent] * copies)
        for name, result in memory.results:
            delegated = name in {skill.agent for skill in self.skills} and name not in intents
            error = failed(result)
            if delegated:
                replies.append(
                    error or str(result.get("result") or "").strip() or f"The {name.replace('_', ' ')} had no answer."
                )
                continue
            known = intents.get(name)
            intent = known.pop(0) if known else self._intent(name)
            replies.append(_told(intent, result))
        text = joined(replies) or "That is done, but there is nothing to report."
        return addressed(text, memory.user_name, f"{len(memory.dialogue)}{memory.text}") if len(replies) < 3 else text

    def _intent(self, tool: str) -> Intent | None:
        return next((i for skill in self.skills for i in skill.intents if i.tool == tool), None)

    def _said(self, decision: Decision, memory: Memory, tools: frozenset[str]) -> str:
        if decision.acts:
            return "I understand what you want, but I have no tool for it here."
        if decision.question:
            return decision.question
        names = {intent.name: intent for skill in self.router.skills for intent in skill.intents if intent.tool is None}
        said = [names[name] for name in decision.talk if name in names]
        response = {"user_name": memory.user_name, "help": self._help()}
        kept = [i for i in said if i.name != "ok"] or said
        if kept:
            return joined([intent.compose(response) for intent in kept[-2:]])
        if decision.refused:
            return "All right, I won't."
        if len(self.skills) == 1:
            return f"I can't map that to anything I do; I know {self.skills[0].help}."
        return f"That is beyond me while I'm offline. {self._help()}"

    def _help(self) -> str:
        team = [skill for skill in self.skills if skill.help]
        if len(team) == 1:
            return f"I can help with {team[0].help}."
        lines = [f"- **{skill.agent.replace('_', ' ')}**: {skill.help}" for skill in team]
        example = "*a python joke, the price of MSFT and news about AI*"
        return "\n".join(
            ["Here is what the team can do:", "", *lines, "", f"You can ask for several things at once: {example}."]
        )


def calls(act: Act, tools: frozenset[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The function calls that carry out `act` with the tools there are: a delegation, or the tool itself."""
    if act.skill.agent in tools:
        request = act.text(act.intent.request)
        if request:
            yield act.skill.agent, {"request": request}
        return
    tool = act.intent.tool
    if tool is None or tool not in tools:
        return
    fixed = dict(act.intent.fixed)
    rows: list[dict[str, Any]] = [fixed]
    for name, wanted in act.intent.slots.items():
        values = act.slots.get(wanted.rstrip("+"), ())
        if wanted.endswith("+"):
            rows = [{**row, name: list(values)} for row in rows]
        elif values:
            rows = [{**row, name: int(v) if wanted == "number" else v} for row in rows for v in values]
    for row in rows:
        yield tool, row


def tool_names(request: LlmRequest) -> frozenset[str]:
    """The names of the tools that `request` declares."""
    config = request.config
    declared = [
        d for tool in (config.tools or []) if isinstance(tool, types.Tool) for d in tool.function_declarations or []
    ]
    return frozenset(d.name for d in declared if d.name)


def _told(intent: Intent | None, result: Mapping[str, Any]) -> str:
    if error := failed(result):
        return error
    try:
        return (intent.compose if intent else finished)(result)
    except (KeyError, TypeError, ValueError):  # a result of another shape than this version's tools give
        return "An answer came back, but not in a form that I can put into words."


def _content(parts: list[types.Part]) -> types.Content:
    return types.Content(role="model", parts=parts)


def _system_text(request: LlmRequest) -> str:
    system = request.config.system_instruction
    return system if isinstance(system, str) else ""


def _pieces(text: str) -> Iterator[str]:
    """`text` in groups of words; joined they are `text`."""
    start = found = 0
    for at, char in enumerate(text):
        if char.isspace() and at + 1 < len(text) and not text[at + 1].isspace():
            found += 1
            if found == _CHUNK:
                yield text[start : at + 1]
                start, found = at + 1, 0
    if start < len(text):
        yield text[start:]


def _usage(request: LlmRequest, parts: Sequence[types.Part]) -> types.GenerateContentResponseUsageMetadata:
    """Token counts as an estimate of four characters each."""
    texts = [_system_text(request)]
    for content in request.contents or []:
        texts += [_part_text(part) for part in content.parts or []]
    prompt = _tokens("".join(texts))
    output = _tokens("".join(map(_part_text, parts)))
    return types.GenerateContentResponseUsageMetadata(
        prompt_token_count=prompt, candidates_token_count=output, total_token_count=prompt + output
    )


def _part_text(part: types.Part) -> str:
    if part.function_call:
        return f"{part.function_call.name}{part.function_call.args}"
    if part.function_response:
        return f"{part.function_response.name}{part.function_response.response}"
    return part.text or ""


def _tokens(text: str) -> int:
    return max(1, -(-len(text) // 4))
