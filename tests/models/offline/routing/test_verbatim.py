"""What follows a lead is taken as it was typed, where the router makes nothing of it."""

from collections.abc import Iterator

import pytest

from models.offline.model import OfflineModel
from tests.routing.evaluate import Team

QUOTE = "\N{RIGHT SINGLE QUOTATION MARK}"


@pytest.fixture(scope="module")
def manager() -> Iterator[OfflineModel]:
    yield Team().manager


def understood(manager: OfflineModel, text: str) -> list[tuple[str, str]]:
    """Tool and what it is about, for each act."""
    return [(act.intent.tool or "", " ".join(sum(act.slots.values(), ()))) for act in manager.explain(text).acts]


@pytest.mark.parametrize(
    "text, fact",
    [
        ("remember that my sister lives in Oslo", "my sister lives in Oslo"),
        ("Please remember, I am allergic to nuts!", "I am allergic to nuts"),
        (f"could you remember that Bob{QUOTE}s boss is Ann, please?", f"Bob{QUOTE}s boss is Ann"),
        ("Remember this: the code of the gate is 4711.", "the code of the gate is 4711"),
        (f"don{QUOTE}t forget my flight leaves at 9", "my flight leaves at 9"),
        (
            "Keep in mind that Mary and Tom never eat before eight in the evening",
            "Mary and Tom never eat before eight in the evening",
        ),
        ("remember that joke", ""),
        ("remember my favorite poem", ""),
        ("remember that my sister lives in Oslo?", ""),
        ("she asked me to remember that my sister lives in Oslo", ""),
        ("do not remember that my sister lives in Oslo", ""),
    ],
)
def test_a_statement_is_remembered_in_the_words_it_was_made_in(manager: OfflineModel, text: str, fact: str) -> None:
    assert understood(manager, text) == ([("remember_fact", fact)] if fact else [])


@pytest.mark.parametrize(
    "text, query",
    [
        ("what do you know about my sister?", "my sister"),
        ("Do you remember where my sister lives?", "my sister lives"),
        ("what do you remember?", ""),
        ("tell me what you remember about Oslo please", "Oslo"),
    ],
)
def test_what_is_remembered_is_asked_for(manager: OfflineModel, text: str, query: str) -> None:
    assert understood(manager, text) == [("recall_fact", query)]


@pytest.mark.parametrize(
    "text, fact",
    [
        ("forget that my sister lives in Oslo", "my sister lives in Oslo"),
        ("please forget about my sister", "my sister"),
        ("forget what I told you about the gate", "the gate"),
    ],
)
def test_a_fact_is_forgotten(manager: OfflineModel, text: str, fact: str) -> None:
    assert understood(manager, text) == [("forget_fact", fact)]


@pytest.mark.parametrize(
    "text, tool",
    [
        ("remember that I like python jokes", "add_joke_preference"),
        ("remember that my name is Ada", "update_user_preferences"),
        ("what do you know about me?", "get_user_preferences"),
        ("forget python jokes", "remove_joke_preference"),
    ],
)
def test_what_the_router_understands_is_not_taken_so(manager: OfflineModel, text: str, tool: str) -> None:
    (act,) = manager.explain(text).acts
    assert act.intent.tool == tool


def test_another_request_in_the_message_is_done_too(manager: OfflineModel) -> None:
    price = "What is the price of NVDA?"
    both = [("remember_fact", "I prefer short answers"), ("get_stock_price", "NVDA")]
    assert understood(manager, f"Remember that I prefer short answers. {price}") == both
    assert understood(manager, f"{price} Remember that I prefer short answers.") == both[::-1]
