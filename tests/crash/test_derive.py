"""The judge's own ledger is the program's, row by row, of whatever models say and do."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from google.genai import types
from hypothesis import strategies as st

from conversation.conversation import Conversation
from settings import Settings
from storage.adk.service import SessionService
from tests.conversation.odd import STEP, in_turn
from tests.conversation.support import told
from tests.crash.checks import bare, ledger
from tests.crash.seen import Book
from tests.scripted import RawModel
from tests.storage.support import Turn, call_part, delegating, file_of, response_part, store

pytestmark = pytest.mark.usefixtures("quiet")


def wrong(file: Path) -> list[str]:
    with bare(file) as conn:
        return list(ledger(conn, Book()))


def cut(turn: Turn) -> None:
    turn.model("half an answer", error_code="MAX_TOKENS", error_message="it was cut")


def cut_by_an_agent(turn: Turn) -> None:
    turn.model(call_part("d", "funny_nerd", request="a joke"), **delegating("d"))
    turn.model("ha", author="funny_nerd", of="d", error_code="SAFETY", error_message="it was cut")
    turn.tools(response_part("d", "funny_nerd", result="ha"), types.Part(text="ha"), **delegating("d"))


def stopped_by_a_person(turn: Turn) -> None:
    turn.model("half", error_code="INVOCATION_ABORTED", error_message="aborted")


def blanks(turn: Turn) -> None:
    turn.model("\xa0\u2003 \n")


def blanks_and_a_code(turn: Turn) -> None:
    turn.model("\xa0", error_code="OTHER")


def without_words(turn: Turn, **arguments: Any) -> None:
    turn.model(call_part("d", "funny_nerd", **arguments), **delegating("d"))
    turn.tools(response_part("d", "funny_nerd", status="error"), **delegating("d"))
    turn.model("no")


def counted(turn: Turn) -> None:
    for tokens in (2**70, -5, 10**9, 10**9 + 1):
        made = turn.model("much")
        made.usage_metadata = types.GenerateContentResponseUsageMetadata(
            prompt_token_count=tokens, candidates_token_count=tokens, thoughts_token_count=tokens
        )


def told_and_seen(turn: Turn) -> None:
    report = {"agent_name": "funny_nerd", "task": "a joke"}
    turn.model(call_part("r", "track_agent_delegation", **report))
    turn.model(call_part("q", "track_agent_delegation", agent_name="bob"), call_part("p", "track_agent_delegation"))
    turn.model(call_part("d", "funny_nerd", request="a joke"), **delegating("d"))
    turn.model(call_part("s", "track_agent_delegation", **report))
    turn.model("ha")


def one_id(turn: Turn) -> None:
    for topic in ("math", "python"):
        turn.model(call_part("c", "add_joke_preference", topic=topic))
        turn.tools(response_part("c", "add_joke_preference", status="success"))
    turn.model("done")


def failed_and_went_on(turn: Turn) -> None:
    turn.model(call_part("c", "get_current_time"), call_part("d", "funny_nerd", request="x"), **delegating("d"))
    turn.bare(error_code="500", error_message="it is overloaded")
    turn.tools(response_part("c", "get_current_time", status="success"))
    turn.model("done after all")


def answered_by_a_person(turn: Turn) -> None:
    turn.model(call_part("c", "ask"))
    turn.tools(response_part("c", "ask", result="yes"), author="user")
    turn.model("done")


def begun_anew(turn: Turn) -> None:
    turn.model("one")
    turn.user("a second message of the same turn")
    turn.bare(error_code="500")


ODD: dict[str, Callable[[Turn], None]] = {
    each.__name__: each
    for each in (
        cut, cut_by_an_agent, stopped_by_a_person, blanks, blanks_and_a_code, counted, told_and_seen, one_id,
        failed_and_went_on, answered_by_a_person, begun_anew,
    )
}  # fmt: skip
ARGUMENTS: list[dict[str, Any]] = [{}, {"request": None}, {"request": {"a": 1}}, {"request": "", "x": 1}, {"task": "x"}]


@pytest.mark.parametrize("name", ODD)
async def test_what_a_turn_can_be_like_is_read_as_the_ledger_reads_it(
    service: SessionService, settings: Settings, name: str
) -> None:
    turn = Turn()
    turn.user("go")
    ODD[name](turn)
    await store(service, turn.made)
    assert wrong(file_of(settings.database_url)) == []


@pytest.mark.parametrize("arguments", ARGUMENTS)
async def test_a_delegation_without_a_request_in_words_is_read_as_the_ledger_reads_it(
    service: SessionService, settings: Settings, arguments: dict[str, Any]
) -> None:
    turn = Turn()
    turn.user("go")
    without_words(turn, **arguments)
    await store(service, turn.made)
    assert wrong(file_of(settings.database_url)) == []


@pytest.mark.slow
@hypothesis.settings(max_examples=40, suppress_health_check=list(hypothesis.HealthCheck))
@hypothesis.given(script=st.lists(st.lists(STEP, max_size=3), min_size=1, max_size=5))
async def test_it_is_the_ledger_of_whatever_models_say(
    settings: Settings, made_database: Path, script: list[list[Any]]
) -> None:
    async with Conversation.open(settings, models=lambda _: RawModel(script=in_turn(script)), new=True) as conversation:
        async with asyncio.timeout(20):
            for text in ("go", "hello", "go on"):
                await told(conversation, text)
    assert wrong(made_database) == []
