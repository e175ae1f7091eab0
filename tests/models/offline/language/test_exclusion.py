"""What a message excludes is never acted on, while the rest of it is; and "the first one" picks one of several."""

import pytest

from tests.routing.evaluate import Case, team

COMPARED: tuple[dict[str, object], ...] = (
    {
        "user": "compare Apple and Intel",
        "calls": [{"name": "stock_analyst", "args": {"request": "Compare AAPL and INTC."}}],
        "reply": "Apple (AAPL) is at 1 USD. Intel (INTC) is at 2 USD.",
    },
)


def calls(text: str, *context: dict[str, object]) -> list[tuple[str, ...]]:
    """Each tool called, with the values it was given."""
    made = team().run(Case("", text, (), context)).calls
    return [(call.tool, *(str(value) for value in call.args.values())) for call in made]


@pytest.mark.parametrize(
    "text",
    [
        "add Apple to my watchlist but not Tesla",
        "add Apple to my watchlist but leave Tesla out",
        "add Apple to my watchlist, leaving Tesla out",
        "put Apple on my watchlist and leave Tesla off",
        "add Apple, not Tesla",
    ],
)
def test_an_excluded_stock_is_not_added(text: str) -> None:
    assert calls(text) == [("add_to_stock_watchlist", "AAPL")]


def test_a_stock_to_keep_is_not_removed() -> None:
    assert calls("remove Apple but keep Tesla") == [("remove_from_stock_watchlist", "AAPL")]


@pytest.mark.parametrize("text", ["any joke except a python one", "a joke please, though not one about physics"])
def test_an_excluded_topic_is_not_asked_for(text: str) -> None:
    assert calls(text) == [("get_nerd_joke",)]


def test_what_is_put_aside_for_another_is_not_looked_up() -> None:
    assert calls("forget Tesla, how is Apple doing?") == [("get_stock_price", "AAPL")]


def test_a_refusal_of_everything_does_nothing() -> None:
    assert calls("add everything but Tesla") == []


def test_signs_before_symbols_add_and_remove() -> None:
    assert calls("watchlist: +AMD, -INTC") == [
        ("add_to_stock_watchlist", "AMD"),
        ("remove_from_stock_watchlist", "INTC"),
    ]


@pytest.mark.parametrize(("text", "symbol"), [("add the first one", "AAPL"), ("add the second one", "INTC")])
def test_a_position_picks_one_of_the_values_before(text: str, symbol: str) -> None:
    assert calls(text, *COMPARED) == [("add_to_stock_watchlist", symbol)]


def test_a_list_of_bare_requests_loses_none() -> None:
    assert calls("I could use the headlines, a MSFT quote and a laugh") == [
        ("get_headlines",),
        ("get_stock_price", "MSFT"),
        ("get_nerd_joke",),
    ]
