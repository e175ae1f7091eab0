"""What the stock analyst may call. Every answer names the source of its figures."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from google.adk.tools.tool_context import ToolContext

from state_tools.record import Record
from sub_agents.stock_analyst.providers import ProviderError, QuoteProvider, UnknownTickerError
from sub_agents.stock_analyst.quotes import Quote, as_answer, period_change_percent

MOST_STOCKS = 30
"""How many stocks one call quotes at most."""


@dataclass(frozen=True, slots=True)
class _Quotes:
    """What came of asking for several: quotes in the order asked, symbols nobody knows, and what went wrong."""

    found: list[Quote]
    unknown: list[str]
    problems: list[str]


def _error(message: object) -> dict[str, Any]:
    return {"status": "error", "error_message": str(message)}


class StockTools:
    """The tools over one provider of quotes."""

    def __init__(self, provider: QuoteProvider) -> None:
        self._provider = provider

    async def get_stock_price(self, ticker: str) -> dict[str, Any]:
        """Gives a stock's latest price, its change since the close before, and a sparkline of the last 60 days.

        Args:
            ticker: the symbol, such as "AAPL"; a well-known company's name works as well.

        Returns:
            The quote with its `source` and `as_of` date, or an error that names similar symbols.
        """
        try:
            return {"status": "success", **as_answer(await self._provider.quote(ticker))}
        except ProviderError as error:
            return _error(error)

    async def compare_stocks(self, tickers: list[str]) -> dict[str, Any]:
        """Compares several stocks: price, change since the close before, change over 60 trading days, sparkline.

        Args:
            tickers: the symbols, such as ["AAPL", "MSFT"]; at most 30.

        Returns:
            The stocks in the order asked, the tickers that did `best` and `worst` over the 60 days, the `source`, and
            the symbols that are `unknown`; `note` says what else is missing.
        """
        quotes = await self._quote_all(tickers)
        if not quotes.found:
            return _error(" ".join(quotes.problems) or "Name at least one stock to compare, such as AAPL.")
        ranked = sorted(quotes.found, key=lambda quote: period_change_percent(quote.closes))
        return {
            "status": "success",
            "stocks": self._rows(quotes.found),
            "best": ranked[-1].ticker,
            "worst": ranked[0].ticker,
            "source": quotes.found[0].source,
            "unknown": quotes.unknown,
            "note": " ".join(quotes.problems),
        }

    async def get_watchlist_summary(self, *, tool_context: ToolContext) -> dict[str, Any]:
        """Gives the latest price and change of every stock on this person's own watchlist ("my stocks").

        Returns:
            The stocks, the `watchlist` itself, the `source`, the symbols that are `unknown`, and a `note`; with an
            empty watchlist no stocks and a note that says how to fill it.
        """
        watchlist = (await Record.of(tool_context).preferences()).get("stock_watchlist", [])
        quotes = await self._quote_all(watchlist)
        if quotes.problems and not quotes.found and not quotes.unknown:
            return _error(" ".join(quotes.problems))
        empty = "" if watchlist else "Your watchlist is empty; say 'add NVDA to my watchlist' to start one."
        return {
            "status": "success",
            "stocks": self._rows(quotes.found),
            "source": quotes.found[0].source if quotes.found else self._provider.name,
            "watchlist": watchlist,
            "unknown": quotes.unknown,
            "note": empty or " ".join(quotes.problems),
        }

    async def _quote_all(self, tickers: Iterable[str]) -> _Quotes:
        """Quotes all at once, each stock only once; one that fails does not spoil the others."""
        asked = list(dict.fromkeys(ticker.strip().upper() for ticker in tickers if ticker.strip()))[:MOST_STOCKS]
        answers = await asyncio.gather(*(self._quote_or_error(ticker) for ticker in asked))
        found = {answer.ticker: answer for answer in answers if isinstance(answer, Quote)}
        unknown = [
            ticker for ticker, answer in zip(asked, answers, strict=True) if isinstance(answer, UnknownTickerError)
        ]
        problems = dict.fromkeys(str(answer) for answer in answers if isinstance(answer, ProviderError))
        return _Quotes(list(found.values()), unknown, list(problems))

    async def _quote_or_error(self, ticker: str) -> Quote | ProviderError:
        try:
            return await self._provider.quote(ticker)
        except ProviderError as error:
            return error

    def _rows(self, quotes: list[Quote]) -> list[dict[str, Any]]:
        return [
            {**as_answer(quote), "change_60d_percent": round(period_change_percent(quote.closes), 2)}
            for quote in quotes
        ]
