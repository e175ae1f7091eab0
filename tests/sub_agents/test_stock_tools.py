"""Prices, comparisons and the watchlist, on the sample and on a provider that fails."""

from datetime import date

from google.adk.tools.tool_context import ToolContext

from settings import DATA
from state_tools.kinds import STOCK_WATCHLIST
from state_tools.record import Record
from sub_agents.stock_analyst.providers import ProviderError, SampleProvider, UnknownTickerError
from sub_agents.stock_analyst.quotes import Quote
from sub_agents.stock_analyst.tools import StockTools

SAMPLE = "sample data, as of 2026-10-30"
TOOLS = StockTools(SampleProvider.load(DATA / "stocks.json"))


class Provider:
    """Quotes by the first letter: A rises, B falls, U is unknown, anything else cannot be asked."""

    name = "test"

    async def quote(self, ticker: str) -> Quote:
        closes = {"A": (100.0, 150.0), "B": (100.0, 80.0)}.get(ticker[0])
        if ticker.startswith("U"):
            raise UnknownTickerError(f"I know no stock called '{ticker}'.")
        if closes is None:
            raise ProviderError("The line is dead: try again.")
        return Quote(ticker, ticker.title(), "USD", closes, date(2026, 11, 20), "test line")


async def test_a_price_comes_with_change_sparkline_and_source() -> None:
    answer = await TOOLS.get_stock_price("aapl")
    assert answer["status"] == "success"
    assert (answer["ticker"], answer["name"], answer["source"], answer["as_of"]) == (
        "AAPL",
        "Apple",
        SAMPLE,
        "2026-10-30",
    )
    assert answer["price"] > 0
    assert len(answer["sparkline"]) == 20


async def test_an_unknown_ticker_is_an_error_with_suggestions() -> None:
    answer = await TOOLS.get_stock_price("NVDIA")
    assert answer["status"] == "error"
    assert "NVDA (NVIDIA)" in answer["error_message"]


async def test_a_comparison_keeps_the_order_and_names_best_and_worst() -> None:
    answer = await StockTools(Provider()).compare_stocks(["bb", "aa", "BB"])
    assert [(stock["ticker"], stock["change_60d_percent"]) for stock in answer["stocks"]] == [
        ("BB", -20.0),
        ("AA", 50.0),
    ]
    assert (answer["best"], answer["worst"], answer["source"], answer["unknown"]) == ("AA", "BB", "test line", [])


async def test_an_unknown_stock_is_named_and_does_not_spoil_a_comparison() -> None:
    answer = await TOOLS.compare_stocks(["MSFT", "APPL", "KO"])
    assert [stock["ticker"] for stock in answer["stocks"]] == ["MSFT", "KO"]
    assert answer["unknown"] == ["APPL"]
    assert "AAPL (Apple)" in answer["note"]
    assert answer["source"] == SAMPLE


async def test_two_names_of_one_company_are_one_row() -> None:
    answer = await TOOLS.compare_stocks(["Google", "GOOGL", "Apple"])
    assert [stock["ticker"] for stock in answer["stocks"]] == ["GOOGL", "AAPL"]


async def test_a_comparison_says_what_could_not_be_asked() -> None:
    answer = await StockTools(Provider()).compare_stocks(["AA", "XX", "YY"])
    assert (answer["status"], answer["unknown"], answer["note"]) == ("success", [], "The line is dead: try again.")


async def test_a_comparison_of_nothing_known_is_an_error() -> None:
    assert await StockTools(Provider()).compare_stocks(["XX"]) == {
        "status": "error",
        "error_message": "The line is dead: try again.",
    }
    assert "Name at least one stock" in (await TOOLS.compare_stocks([" "]))["error_message"]


async def test_the_watchlist_is_summed_up_from_the_record(tool_context: ToolContext, record: Record) -> None:
    for ticker in ("NVDA", "AAPL", "ZZQX"):
        await record.add_preference(STOCK_WATCHLIST, ticker)
    answer = await TOOLS.get_watchlist_summary(tool_context=tool_context)
    assert answer["status"] == "success"
    assert [stock["ticker"] for stock in answer["stocks"]] == ["NVDA", "AAPL"]
    assert (answer["watchlist"], answer["unknown"]) == (["NVDA", "AAPL", "ZZQX"], ["ZZQX"])
    assert answer["source"] == SAMPLE


async def test_an_empty_watchlist_is_a_friendly_success(tool_context: ToolContext) -> None:
    answer = await TOOLS.get_watchlist_summary(tool_context=tool_context)
    assert (answer["status"], answer["stocks"], answer["watchlist"]) == ("success", [], [])
    assert answer["note"] == "Your watchlist is empty; say 'add NVDA to my watchlist' to start one."


async def test_a_watchlist_that_cannot_be_asked_is_an_error(tool_context: ToolContext, record: Record) -> None:
    await record.add_preference(STOCK_WATCHLIST, "XX")
    answer = await StockTools(Provider()).get_watchlist_summary(tool_context=tool_context)
    assert answer == {"status": "error", "error_message": "The line is dead: try again."}


async def test_a_watchlist_of_unknown_symbols_says_which(tool_context: ToolContext, record: Record) -> None:
    await record.add_preference(STOCK_WATCHLIST, "UU")
    answer = await StockTools(Provider()).get_watchlist_summary(tool_context=tool_context)
    assert (answer["status"], answer["stocks"], answer["unknown"]) == ("success", [], ["UU"])
