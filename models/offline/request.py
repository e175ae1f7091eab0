"""Reads the conversation back out of a model request: turns, what was done in each, and the results just in.

A delegation is remembered by routing its request text once more, as the member did; own tools by their arguments.
The user's name comes as a label of the request: `tell_user_name` writes it, and only for the offline model.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.adk.models import LlmRequest
from google.genai import types

from models.offline.dialogue import Act, Turn
from models.offline.routing.router import Router

TURNS = 6
"""How many of the latest turns are looked at."""
_USER_NAME = "user_name"


@dataclass(frozen=True)
class Memory:
    """A request taken apart."""

    text: str
    """The message to answer."""
    dialogue: tuple[Turn, ...]
    """The turns before it."""
    results: tuple[tuple[str, Mapping[str, Any]], ...]
    """Tool names and responses that came in since that message, empty when it is still to be acted on."""
    user_name: str | None


@dataclass
class _Heard:
    user: str
    calls: list[types.FunctionCall] = field(default_factory=list)
    results: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    reply: str = ""


def tell_user_name(request: LlmRequest, name: str) -> None:
    """Tells the offline model what the user is called. A provider would be sent it: of labels it is sent all."""
    request.config.labels = {**(request.config.labels or {}), _USER_NAME: name}


def user_name(request: LlmRequest) -> str | None:
    """What the user is called, as far as the request tells."""
    return (request.config.labels or {}).get(_USER_NAME)


def remembered(router: Router, contents: Sequence[types.Content], user_name: str | None = None) -> Memory:
    """What `contents` tell."""
    heard = list(_turns(contents))
    if not heard:
        return Memory("", (), (), user_name)
    past = tuple(Turn(turn.user, tuple(_acts(router, turn)), turn.reply) for turn in heard[-TURNS - 1 : -1])
    last = heard[-1]
    return Memory(last.user, past, tuple(last.results), user_name)


def _turns(contents: Sequence[types.Content]) -> Iterator[_Heard]:
    current: _Heard | None = None
    for content in contents:
        parts = content.parts or []
        responses = [part.function_response for part in parts if part.function_response]
        text = "\n".join(part.text for part in parts if part.text and not part.thought).strip()
        if content.role == "user" and not responses:
            if not text:
                continue
            if current:
                yield current
            current = _Heard(text)
            continue
        current = current or _Heard("")
        for part in parts:
            if part.function_call:
                current.calls.append(part.function_call)
        current.results += [(r.name or "", r.response or {}) for r in responses]
        if text:
            current.reply = text
    if current:
        yield current


def _acts(router: Router, turn: _Heard) -> Iterator[Act]:
    agents = {skill.agent for skill in router.skills}
    own = [call for call in turn.calls if call.name not in agents]
    meant = {act.intent.tool: act for act in router.decide(turn.user).acts if not act.slots} if own else {}
    for call in turn.calls:
        args = dict(call.args or {})
        if call.name in agents:
            yield from router.decide(str(args.get("request", "")), only=call.name).acts
        else:
            act = meant.get(call.name) if not args else _own(router, call.name or "", args)
            act = act or _own(router, call.name or "", args)
            if act:
                yield act


def _own(router: Router, tool: str, args: Mapping[str, Any]) -> Act | None:
    for skill in router.skills:
        for intent in skill.intents:
            if intent.tool == tool and all(args.get(key) == value for key, value in intent.fixed.items()):
                slots: dict[str, tuple[str, ...]] = {}
                for name, kind in intent.slots.items():
                    value = args.get(name)
                    if value:
                        slots[kind.rstrip("+")] = tuple(map(str, value)) if isinstance(value, list) else (str(value),)
                return Act(skill, intent, slots)
    return None
