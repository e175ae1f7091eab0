"""A turn's story is a tree: what was done, in what, when and for how long."""

from typing import Any, TypeAlias

import pytest

from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.queries.trace import DELEGATION, MODEL, TOOL, TURN, Span, numbered, trace
from tests.storage.support import (
    START,
    Turn,
    call_part,
    delegated_turn,
    delegating,
    exchange,
    key,
    response_part,
    store,
)

Told: TypeAlias = tuple[str, str, list[Any]]


def told(span: Span) -> Told:
    return span.kind, span.name, [told(child) for child in span.children]


async def test_calls_and_model_calls_stand_below_what_they_were_made_in(
    database: Database, service: SessionService
) -> None:
    await store(service, delegated_turn())
    shown = await trace(database, key())
    model: Told = (MODEL, "scripted", [])
    kind, _, children = told(shown.root)
    assert kind == TURN
    assert sorted(children, key=str) == sorted(
        [
            model,
            (DELEGATION, "funny_nerd", [model]),
            (DELEGATION, "stock_analyst", [model, (TOOL, "get_stock_price", []), model]),
            (TOOL, "add_to_stock_watchlist", []),
            model,
        ],
        key=str,
    )
    assert (shown.number, shown.model_calls, shown.answer) == (1, 5, "ha, and 250")
    assert (shown.root.prompt_tokens, shown.root.output_tokens) == (50, 15)


async def test_spans_have_times_tokens_and_what_they_did(database: Database, service: SessionService) -> None:
    await store(service, delegated_turn())
    root = (await trace(database, key())).root
    assert (root.detail, root.seconds, root.started_at.timestamp()) == ("a joke and a price", 7.0, START)
    first = root.children[0]
    assert (first.kind, first.agent, first.seconds) == (MODEL, "manager", 1.0)
    assert first.detail == "funny_nerd, stock_analyst, add_to_stock_watchlist"
    assert (first.prompt_tokens, first.output_tokens) == (10, 3)
    stock = next(span for span in root.children if span.name == "stock_analyst")
    assert (stock.detail, stock.seconds, stock.status, stock.agent) == ("a price", 4.0, "completed", "manager")
    tool = next(span for span in stock.children if span.kind == TOOL)
    assert (tool.detail, tool.seconds, tool.agent) == ("ticker='AAPL'", 1.0, "stock_analyst")
    assert [span.started_at for span in stock.children] == sorted(span.started_at for span in stock.children)


async def test_what_failed_or_never_ended_is_told(database: Database, service: SessionService) -> None:
    turn = Turn()
    turn.user("a joke")
    turn.model(call_part("joke", "funny_nerd", request="a joke"), **delegating("joke"))
    turn.bare(error_code="500", error_message="the model is down")
    await store(service, turn.made)
    root = (await trace(database, key())).root
    assert (root.status, root.error) == ("failed", "the model is down")
    (joke,) = [span for span in root.children if span.kind == DELEGATION]
    assert (joke.status, joke.children) == ("failed", [])


async def test_a_turn_is_named_by_its_number_and_else_the_last(database: Database, service: SessionService) -> None:
    await store(service, exchange("one", "1", "turn-1", START))
    await store(service, exchange("two", "2", "turn-2", START + 10))
    assert (await trace(database, key())).answer == "2"
    assert (await trace(database, key(), 1)).answer == "1"
    assert (await numbered(database, key(), 2)).user_input == "two"


async def test_a_turn_that_is_not_there_is_told(database: Database, service: SessionService) -> None:
    with pytest.raises(StorageError, match="no turns"):
        await trace(database, key())
    await store(service, exchange())
    with pytest.raises(StorageError, match="no turn 7"):
        await trace(database, key(), 7)
    with pytest.raises(StorageError, match="no turn 7"):
        await numbered(database, key(), 7)


async def test_a_story_is_told_in_its_order_whatever_the_clock(database: Database, service: SessionService) -> None:
    turn = Turn("t-1", START + 3600)
    turn.user("look")
    turn.model(call_part("c1", "look"))
    turn.at = START
    turn.tools(response_part("c1", "look", found=1))
    turn.model("found")
    await store(service, turn.made)
    root = (await trace(database, key())).root
    assert [(child.kind, child.detail) for child in root.children] == [
        ("model", "look"),
        ("tool", ""),
        ("model", "found"),
    ]
