"""Live quotes from Yahoo Finance through the optional extra `stocks` (yfinance).

yfinance is imported at the first quote, because it brings pandas: a second of start-up that the sample does not need.
It blocks, so it runs in a thread with a time-out; its many ways of failing become one `ProviderError` sentence.
"""

import asyncio
import importlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import launch
from sub_agents.stock_analyst.providers import Directory, ProviderError
from sub_agents.stock_analyst.quotes import Quote

DAYS = 60
TIMEOUT = 15.0
"""Seconds one quote may take."""
_INSTEAD = "or set STOCK_PROVIDER=sample for the sample data"


def _now() -> datetime:
    return datetime.now(UTC)


class YahooProvider:
    """Quotes of today; `module` stands in for yfinance in tests."""

    name = "Yahoo Finance"

    def __init__(
        self,
        directory: Directory,
        timeout: float = TIMEOUT,
        module: Any | None = None,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.directory = directory
        self._timeout = timeout
        self._module = module
        self._now = now

    async def quote(self, ticker: str) -> Quote:
        """The latest quote with up to 60 daily closes.

        Raises UnknownTickerError when Yahoo has no such symbol; ProviderError when yfinance is not installed, Yahoo
        does not answer within the time-out, refuses, or answers what cannot be read.
        """
        symbol = self.directory.ticker_of(ticker)
        yfinance = self._yfinance()
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.to_thread(self._fetch, yfinance, symbol)
        except TimeoutError as error:
            raise ProviderError(
                f"Yahoo Finance did not answer for {symbol} in {self._timeout:g} seconds: try again, {_INSTEAD}."
            ) from error
        except yfinance.exceptions.YFTickerMissingError as error:
            raise self.directory.unknown(symbol) from error
        except yfinance.exceptions.YFRateLimitError as error:
            raise ProviderError(
                f"Yahoo Finance takes no more requests for now: wait some minutes, {_INSTEAD}."
            ) from error
        except (yfinance.exceptions.YFException, OSError) as error:
            raise ProviderError(
                f"Yahoo Finance could not be reached for {symbol}: check the network, {_INSTEAD}."
            ) from error
        except (LookupError, TypeError, ValueError) as error:
            raise ProviderError(
                f"Yahoo Finance's answer for {symbol} could not be read: update yfinance, {_INSTEAD}."
            ) from error

    def _yfinance(self) -> Any:
        if self._module is None:
            try:
                self._module = importlib.import_module("yfinance")
            except ModuleNotFoundError as error:
                raise ProviderError(
                    f"Live prices need yfinance: {launch.pip_install('yfinance')}, {_INSTEAD}."
                ) from error
        return self._module

    def _fetch(self, yfinance: Any, symbol: str) -> Quote:
        # Otherwise a failed request looks like a symbol without prices.
        yfinance.config.debug.hide_exceptions = False
        stock = yfinance.Ticker(symbol)
        closes = stock.history(period="6mo", auto_adjust=False, timeout=self._timeout)["Close"]
        days = [(day.date(), float(close)) for day, close in closes.items() if close == close][-DAYS:]
        if not days:
            raise self.directory.unknown(symbol)
        about = stock.get_history_metadata()
        return Quote(
            ticker=symbol,
            name=about.get("longName") or about.get("shortName") or symbol,
            currency=about.get("currency") or "",
            closes=tuple(close for _, close in days),
            as_of=days[-1][0],
            source=f"{self.name}, {self._now():%Y-%m-%d %H:%M} UTC",
        )
