"""Models that say odd things, and what every turn with one has at its end."""

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias

from google.adk.models import LlmRequest, LlmResponse
from google.genai import types
from hypothesis import strategies as st

from conversation.conversation import Conversation
from settings import Settings
from tests.conversation.support import Told, of_type, reply, status, told
from tests.scripted import call_as, is_manager, responses, said_last, said_piece, said_whole
from tests.storage.support import file_of, rows

Steps: TypeAlias = Iterable[LlmResponse | BaseException]


Odd: TypeAlias = Callable[[LlmRequest], Steps]


THOUGHT = types.Part(text="hmm", thought=True)


def a_bare_code(message: str) -> bool:
    return " " not in message.strip()


def odd_manager(odd: Odd) -> Odd:
    """The manager says odd things until it is told "hello"."""

    def script(request: LlmRequest) -> Steps:
        return [said_whole("hello yourself")] if said_last(request) == "hello" else odd(request)

    return script


def odd_member(odd: Odd, *names: str) -> Odd:
    """Agents say odd things; the manager delegates to them, and tells what they answered."""

    def script(request: LlmRequest) -> Steps:
        if not is_manager(request):
            return odd(request)
        if answers := responses(request):
            return [said_whole(f"they said {json.dumps(answers)}")]
        if said_last(request) == "hello":
            return [said_whole("hello yourself")]
        return [said_whole(*(call_as(None, name, request="do it") for name in names or ("funny_nerd",)))]

    return script


Opened: TypeAlias = Callable[[Odd], AbstractAsyncContextManager[Conversation]]


def turn_rows(settings: Settings) -> list[dict[str, Any]]:
    return rows(file_of(settings.database_url), "SELECT * FROM turns ORDER BY number")


def all_running(settings: Settings) -> list[dict[str, Any]]:
    """A tool over which its agent failed never ends, and is told as such in the statistics; all else does."""
    tables = ("turns", "delegations")
    return [
        row
        for table in tables
        for row in rows(file_of(settings.database_url), f"SELECT * FROM {table} WHERE status = 'running'")
    ]


def answer_of(events: Told) -> str:
    """What a program that follows the pieces has at the end."""
    text = ""
    for event in of_type(events, "text"):
        text = event["delta"] if event["start"] else text + event["delta"]
    return text


def check_end(events: Told, settings: Settings) -> str:
    """What holds for every turn; returns how it ended."""
    ended = status(events)
    assert ended in ("completed", "failed", "cancelled")
    row = turn_rows(settings)[-1]
    assert row["status"] == ended and row["invocation_id"] == events[-1]["turn_id"]
    assert all_running(settings) == []
    for event in of_type(events, "error", "cut"):
        assert not a_bare_code(event["message"]) and event["hint"]
        assert event["message"] == row["error"]
    assert len(of_type(events, "error")) == (ended == "failed")
    assert len(of_type(events, "cut")) == (ended == "completed" and row["error"] is not None)
    assert len(of_type(events, "reply")) == (ended == "completed")
    if ended == "completed":
        assert reply(events) == row["agent_response"] == answer_of(events)
        assert reply(events).strip() and "Error running sub-agent" not in reply(events)
    started = [event["id"] for event in of_type(events, "delegation_started")]
    assert len(set(started)) == len(started)
    json.dumps(events, ensure_ascii=False, allow_nan=False).encode()
    return ended


async def takes(conversation: Conversation, settings: Settings, text: str = "go") -> Told:
    """One odd turn, and one that is not, which must work."""
    async with asyncio.timeout(20):
        events = await told(conversation, text)
        check_end(events, settings)
        after = await told(conversation, "hello")
    assert (check_end(after, settings), reply(after)) == ("completed", "hello yourself")
    return events


PARTS = st.sampled_from(["fine", "", " \n", "\ud800", "half \ud83d", "\x1b[31m", "x" * 500])


REASONS = st.sampled_from([None, "STOP", "MAX_TOKENS", "SAFETY", "OTHER", "MALFORMED_FUNCTION_CALL"])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


CALLS = st.builds(
    lambda id_, name, args: call_as(id_, name, **args),
    st.sampled_from([None, "", "a", "a", "b\ud800", "c@d"]),
    st.sampled_from(
        ["funny_nerd", "stock_analyst", "add_to_stock_watchlist", "recall", "get_stock_price", "no_tool", "\ud800", ""]
    ),
    st.dictionaries(
        st.sampled_from(["request", "ticker", "query", "limit", "x"]),
        st.just("NVDA") | st.just("do it") | VALUES,
        max_size=2,
    ),
)


WHOLE = st.builds(
    lambda parts, reason: said_whole(*parts, finish_reason=reason),
    st.lists(PARTS | CALLS | st.just(THOUGHT), max_size=3),
    REASONS,
)


STEP = (
    WHOLE
    | st.builds(said_piece, PARTS)
    | st.builds(lambda code: LlmResponse(error_code=code), st.sampled_from(["SAFETY", "OTHER", "429", "NO"]))
    | st.sampled_from([RuntimeError(), ValueError("it broke down"), TimeoutError(), asyncio.CancelledError()])
)


def in_turn(script: Iterable[list[Any]]) -> Odd:
    """One step of the script for each call, whoever asks; then the end. The manager still answers "hello"."""
    left = list(script)

    def play(request: LlmRequest) -> Steps:
        if said_last(request) == "hello" and is_manager(request):
            return [said_whole("hello yourself")]
        return left.pop(0) if left else [said_whole("the end")]

    return play
