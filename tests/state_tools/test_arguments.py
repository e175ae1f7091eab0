"""A tool is called with what it takes, or its caller is told what that is."""

from typing import Any

import pytest

from settings import Settings
from state_tools.arguments import ArgumentError, checked, checked_request
from state_tools.lookup import recall
from state_tools.preferences import add_to_stock_watchlist, get_user_preferences, update_tool
from sub_agents import OURS, kinds, state_tools

MEMBERS = [make(Settings()) for make in OURS]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"query": "a", "limit": 3}, {"query": "a", "limit": 3}),
        ({"query": "a", "limit": "3"}, {"query": "a", "limit": 3}),
        ({"query": "a", "limit": 3.0}, {"query": "a", "limit": 3}),
        ({"query": "a", "limit": None}, {"query": "a"}),
        ({"query": "a"}, {"query": "a"}),
    ],
)
def test_what_is_right_or_has_only_another_form_is_taken(given: dict[str, Any], taken: dict[str, Any]) -> None:
    assert checked(recall, given) == taken


@pytest.mark.parametrize(
    ("tool", "given", "said"),
    [
        (add_to_stock_watchlist, {"ticker": {"a": [1]}}, "ticker: input should be a valid string"),
        (add_to_stock_watchlist, {"ticker": 5}, "ticker: input should be a valid string"),
        (add_to_stock_watchlist, {"ticker": ["A"]}, "ticker: input should be a valid string"),
        (add_to_stock_watchlist, {"ticker": None}, "ticker: input should be a valid string"),
        (add_to_stock_watchlist, {}, "ticker is missing"),
        (add_to_stock_watchlist, {"ticker": "A", "x": 1}, "there is no argument 'x'"),
        (add_to_stock_watchlist, {"ticker": "A", "tool_context": {}}, "there is no argument 'tool_context'"),
        (get_user_preferences, {"user": "eve"}, "there is no argument 'user'"),
        (recall, {"query": "a", "limit": "many"}, "limit: input should be a valid integer"),
        (update_tool(kinds(MEMBERS)), {"preference": "mood", "value": "x"}, "preference: input should be 'user_name'"),
    ],
)
def test_what_is_wrong_is_named_with_what_is_right(tool: Any, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentError) as error:
        checked(tool, given)
    assert said in str(error.value) and "Call it again" in str(error.value)


@pytest.mark.parametrize(
    "tool",
    [*(tool.call for tool in state_tools(MEMBERS)), *(tool for member in MEMBERS for tool in member.tools)],
    ids=lambda tool: tool.__name__,
)
def test_every_tool_of_ours_can_be_checked(tool: Any) -> None:
    with pytest.raises(ArgumentError, match="there is no argument"):
        checked(tool, {"no_such_argument": 1})


@pytest.mark.parametrize("given", [{}, {"request": ""}, {"request": 5}, {"request": "x", "more": 1}, {"task": "x"}])
def test_a_delegation_takes_a_request_in_words(given: dict[str, Any]) -> None:
    checked_request({"request": "a joke"})
    with pytest.raises(ArgumentError, match="request"):
        checked_request(given)
