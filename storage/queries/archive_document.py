"""The document that a session is written out as: its parts, the limits of each value, and how it is read.

It is strict JSON of a bounded size. Whether its events and its ledger agree is asked elsewhere (`archive_check.py`).
"""

import json
import math
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from storage import names
from storage.errors import StorageError
from storage.strict import encodable

VERSION = 1
_SHOWN = 200
"""Characters of a place and of a reason in an error."""


MAX_BYTES = 64 * 2**20
"""Bytes of a document that is read in at most."""
_MAX_TEXT, _MAX_ROWS, _MAX_NUMBER, _MAX_COUNT, _MAX_SECONDS = 10_000_000, 1_000_000, 1_000_000, 10**12, 1e9
_MAX_CALL_ID, _MAX_DIGITS = 4096, 300
_FIRST_TIME, _LAST_TIME = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def _printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError("has characters that cannot be seen")
    return text


def _title(text: str) -> str | None:
    return names.title(text) or None


_Time: TypeAlias = Annotated[AwareDatetime, Field(ge=_FIRST_TIME, lt=_LAST_TIME)]
_Seconds: TypeAlias = Annotated[float, Field(ge=0, le=_MAX_SECONDS, allow_inf_nan=False)]
_Count: TypeAlias = Annotated[int, Field(ge=0, le=_MAX_COUNT)]
_Number: TypeAlias = Annotated[int, Field(ge=1, le=_MAX_NUMBER)]
_Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=names.NAME_LENGTH), AfterValidator(_printable)]
_CallId: TypeAlias = Annotated[str, Field(min_length=1, max_length=_MAX_CALL_ID), AfterValidator(_printable)]
_Text: TypeAlias = Annotated[str, Field(max_length=_MAX_TEXT), AfterValidator(encodable)]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class ArchivedEvent(Part):
    id: _Name
    invocation_id: _Name
    timestamp: _Time
    event_data: dict[str, Any]


class Span(Part):
    """What a turn, a delegation and a tool call have in common: when it was, and how it ended."""

    invocation_id: _Name
    status: Literal["running", "completed", "failed", "cancelled", "interrupted", "delegated"]
    started_at: _Time
    ended_at: _Time | None
    seconds: _Seconds | None
    error: _Text | None


class ArchivedTurn(Span):
    number: _Number
    event_id: _Name
    user_input: _Text
    agent_response: _Text | None
    model: _Name | None
    model_calls: _Count
    prompt_tokens: _Count
    output_tokens: _Count
    undone_at: _Time | None
    events: _Count


class ArchivedDelegation(Span):
    id: _CallId
    from_agent: _Name
    agent_name: _Name
    task: _Text
    reported: bool


class ArchivedToolCall(Span):
    id: _CallId
    agent_name: _Name
    tool_name: _Name
    arguments: dict[str, Any]


class ArchivedSession(Part):
    id: str
    title: Annotated[str, AfterValidator(_title)] | None
    created_at: _Time
    last_event_at: _Time
    forked_from: _Name | None
    forked_at_turn: _Number | None
    summary_event_id: _Name | None
    summarized_through: _Number | None
    state: dict[str, Any]


class _Version(BaseModel):
    """What is read first: a newer document may have parts that are not known here."""

    format: Literal["persistent-multi-agent session"]
    version: int


class Archive(Part):
    """The document."""

    format: Literal["persistent-multi-agent session"] = "persistent-multi-agent session"
    version: int = VERSION
    session: ArchivedSession
    turns: Annotated[list[ArchivedTurn], Field(max_length=_MAX_ROWS)]
    delegations: Annotated[list[ArchivedDelegation], Field(max_length=_MAX_ROWS)]
    tool_calls: Annotated[list[ArchivedToolCall], Field(max_length=_MAX_ROWS)]
    events: Annotated[list[ArchivedEvent], Field(max_length=_MAX_ROWS)]


def parse(document: str | bytes) -> Archive:
    """The document, each of its values within its limits.

    Raises:
        StorageError: It is not such a document, or one of a newer version.
    """
    text = _decoded(document)
    try:
        _check_json(text)
        version = _Version.model_validate_json(text).version
        if version > VERSION:
            raise StorageError(
                f"the file is of a newer version ({version}; this program knows {VERSION})", "Nothing was written."
            )
        return Archive.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        raise refused(".".join(str(step) for step in first["loc"]) or "the file", first["msg"]) from error
    except (ValueError, RecursionError) as error:
        raise refused(
            "the file", "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        ) from error


def refused(where: str, what: str) -> StorageError:
    """The error for a document that is not read in, in one line."""
    line = names.one_clean_line(f"not an exported session: {where[:_SHOWN]}: {what[:_SHOWN]}")
    return StorageError(line, "Nothing was written.")


def _decoded(document: str | bytes) -> str:
    try:
        if isinstance(document, str):
            document = document.encode()
        if len(document) > MAX_BYTES:
            raise refused("the file", f"it is larger than {MAX_BYTES // 2**20} MB")
        return document.decode("utf-8-sig")
    except UnicodeError as error:
        raise refused("the file", "it is not UTF-8") from error


def _check_json(text: str) -> None:
    """Raises ValueError for what is no strict JSON, or would be read in another way elsewhere."""
    json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite, parse_int=_short)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) != len({name for name, _ in pairs}):
        raise ValueError("an object has the same key twice")


def _no_number(literal: str) -> None:
    raise ValueError(f"{literal} is no number of JSON")


def _finite(digits: str) -> None:
    if not math.isfinite(float(digits)):
        raise ValueError("a number is too large")


def _short(digits: str) -> None:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("a number is too large")
