"""What a person or a model said and what a tool gave, made fit to be kept and told, where it comes in.

Texts can be encoded, arguments and results are strict JSON, each call of a turn has an id of its own (models repeat
them, and what is recorded of a call goes by its id), and a model that stopped before its end says so in words. What
only others can have said (the responses of tools) and what nobody can see is no part of what a model said.
"""

import json
import logging
import re
import unicodedata
from typing import Any
from uuid import uuid4

from google.adk.events import Event
from google.adk.models import LlmResponse
from google.genai import types
from pydantic import BaseModel

from models.errors import NO_ANSWER, ModelError, in_words
from storage.adk.words import ABORTED, MADE_UP_ID
from storage.ledger.entries import DELEGATIONS, SPANS
from storage.names import UNNAMED
from storage.strict import encodable, strict

logger = logging.getLogger(__name__)

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""What an id of a call may look like: ADK writes it into paths."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})
"""Categories of characters that leave a screen empty: controls, formats, halves of characters, blanks."""
_GOOD = frozenset({"", types.FinishReason.STOP.value, types.FinishReason.FINISH_REASON_UNSPECIFIED.value})


def is_answer(content: types.Content | None) -> bool:
    """Whether somebody can read it: it has a text that is neither blank nor a thought."""
    return any(part.text and part.text.strip() and not part.thought for part in (content and content.parts) or [])


def calls(content: types.Content | None) -> list[types.FunctionCall]:
    """The calls in what a model said."""
    return [part.function_call for part in (content and content.parts) or [] if part.function_call]


def hear(message: types.Content) -> None:
    """Changes what a person said in place, whichever door it came in by."""
    for part in message.parts or []:
        _clean(part)


def receive(response: LlmResponse, taken: set[str]) -> ModelError | None:
    """Changes what a model said in place; returns why it stopped, when it did not stop at its end.

    Args:
        response: A piece of an answer, or a whole one.
        taken: Ids of calls that are in use; those of this answer are added.
    """
    if response.content and not response.partial:
        response.content = _said(response.content)
    for part in (response.content and response.content.parts) or []:
        _clean(part)
    if response.partial:
        return None
    _keep_beside(response)
    for call in calls(response.content):
        _identify(call, taken)
    code = _code(response)
    if not code or calls(response.content):
        return None
    why = in_words(code, response.error_message or "", cut=is_answer(response.content))
    response.error_code, response.error_message = code, str(why)
    return why


def result_of(result: Any, tool: str) -> dict[str, Any] | None:
    """What a tool gave as strict JSON, when it is not that; an error for the model when there is no JSON for it."""
    try:
        kept = strict(result)
    except ValueError as error:
        return {"status": "error", "error_message": f"{tool} gave a result that cannot be used: {error}"}
    if kept == result:
        return None
    return kept if isinstance(kept, dict) else {"result": kept}


def admit(event: Event) -> None:
    """Changes an event in place, whoever made it: its results and its state are strict JSON, its error is in words."""
    for reply in event.get_function_responses():
        reply.response = result_of(reply.response, reply.name or UNNAMED) or reply.response
    if event.actions.state_delta:
        event.actions.state_delta = _kept(event.actions.state_delta)
    code, said = event.error_code or "", event.error_message or ""
    if code in ("", ABORTED):
        return
    bare = code == NO_ANSWER or " " not in said.strip()
    event.error_message = str(in_words(code, cut=is_answer(event.content))) if bare else encodable(said)


def _clean(part: types.Part) -> None:
    if part.text:
        part.text = encodable(part.text)
    if call := part.function_call:
        call.name = encodable(call.name or "").strip() or UNNAMED
        call.args = _arguments(call.args or {})
    if (code := part.executable_code) and code.code:
        code.code = encodable(code.code)
    if (ran := part.code_execution_result) and ran.output:
        ran.output = encodable(ran.output)
    if (data := part.inline_data) and data.mime_type:
        data.mime_type = encodable(data.mime_type)
    if file := part.file_data:
        file.mime_type = file.mime_type and encodable(file.mime_type)
        file.file_uri = file.file_uri and encodable(file.file_uri)


def _said(content: types.Content) -> types.Content:
    """Whatever role it takes, it is the model's; without what only a tool can have said, and what is not there."""
    parts = [part for part in content.parts or [] if not (part.function_response or _is_empty(part))]
    if not any(_is_seen(part.text or "") for part in parts):
        for part in parts:
            part.text = part.text and ""
    return types.Content(role="model", parts=parts if content.parts else content.parts)


def _is_empty(part: types.Part) -> bool:
    data, file = part.inline_data, part.file_data
    return bool((data and not data.data) or (file and not file.file_uri))


def _is_seen(text: str) -> bool:
    return any(unicodedata.category(character) not in _UNSEEN for character in set(text))


def _keep_beside(response: LlmResponse) -> None:
    """Changes what a model hands over beside its content: what has no strict JSON goes, or all of its field does.

    Which calls are delegations, and that a person has stopped the turn, is not a model's to say.
    """
    if response.error_code == ABORTED:
        response.error_code = "ABORTED"
    if own := response.custom_metadata:
        response.custom_metadata = {name: value for name, value in own.items() if name not in (DELEGATIONS, SPANS)}
    for name in response.model_fields_set - {"content"}:
        value = getattr(response, name)
        try:
            given = value.model_dump(exclude_none=True, mode="json") if isinstance(value, BaseModel) else value
            kept = strict(given)
            if kept != given:
                setattr(response, name, _like(value, kept))
        except ValueError:
            logger.warning("%s of a response is not kept: there is no JSON for it", name)
            setattr(response, name, None)


def _like(value: object, kept: Any) -> Any:
    return type(value).model_validate_json(json.dumps(kept)) if isinstance(value, BaseModel) else kept


def _arguments(given: dict[str, Any]) -> dict[str, Any]:
    """A model that writes no JSON has written no arguments: what it calls will say that they are missing."""
    try:
        kept = strict(given)
    except ValueError:
        return {}
    return dict(kept)


def _identify(call: types.FunctionCall, taken: set[str]) -> None:
    if not call.id or call.id in taken or not _ID.fullmatch(call.id):
        call.id = f"{MADE_UP_ID}{uuid4()}"
    taken.add(call.id)


def _kept(delta: dict[str, Any]) -> dict[str, Any]:
    """A state without what has no JSON: no session service could store it."""
    kept: dict[str, Any] = {}
    for name, value in delta.items():
        try:
            kept[encodable(name)] = strict(value)
        except ValueError:
            logger.warning("the state %r is not kept: there is no JSON for it", name)
    return kept


def _code(response: LlmResponse) -> str:
    """The code of a model that did not stop at the end of its answer; empty when all is well."""
    code = _value(response.error_code) or _value(response.finish_reason)
    return "" if code in _GOOD else code


def _value(code: object) -> str:
    return str(getattr(code, "value", code) or "")
