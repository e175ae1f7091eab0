"""The sample provider, tickers by any name, and the live provider on a module that stands in for yfinance."""

import sys
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from settings import DATA, Settings
from sub_agents.stock_analyst.agent import quote_provider
from sub_agents.stock_analyst.providers import Directory, ProviderError, SampleProvider, UnknownTickerError
from sub_agents.stock_analyst.yahoo import YahooProvider

SAMPLE = SampleProvider.load(DATA / "stocks.json")
DIRECTORY: Directory = SAMPLE.directory
NOW = datetime(2026, 11, 20, 15, 4, tzinfo=UTC)


async def test_the_sample_quotes_with_its_date_as_source() -> None:
    quote = await SAMPLE.quote("AAPL")
    assert (quote.ticker, quote.name, quote.currency) == ("AAPL", "Apple", "USD")
    assert quote.source == "sample data, as of 2026-10-30"
    assert quote.price == quote.closes[-1] > 0


@pytest.mark.parametrize(
    ("said", "ticker"),
    [
        ("aapl", "AAPL"),
        ("$nvda", "NVDA"),
        ("Apple", "AAPL"),
        ("google", "GOOGL"),
        ("facebook", "META"),
        ("McDonald's", "MCD"),
        ("brk-b", "BRK-B"),
        ("v", "V"),
    ],
)
def test_a_ticker_is_known_by_symbol_and_company(said: str, ticker: str) -> None:
    assert DIRECTORY.ticker_of(said) == ticker


@pytest.mark.parametrize("said", ["", "not a ticker", "AAPL;DROP", "../etc", "x" * 30])
def test_what_cannot_be_a_ticker_is_refused(said: str) -> None:
    with pytest.raises(UnknownTickerError, match="I know no stock called"):
        DIRECTORY.ticker_of(said)


@pytest.mark.parametrize(("said", "suggestion"), [("APPL", "AAPL (Apple)"), ("Microsft", "MSFT (Microsoft)")])
async def test_an_unknown_ticker_names_the_nearest(said: str, suggestion: str) -> None:
    with pytest.raises(UnknownTickerError) as error:
        await SAMPLE.quote(said)
    assert suggestion in str(error.value)


async def test_an_unknown_ticker_like_no_other_names_examples() -> None:
    with pytest.raises(UnknownTickerError, match=r"AAPL \(Apple\).*30 stocks"):
        await SAMPLE.quote("ZZQX")


def test_the_settings_choose_the_provider() -> None:
    assert isinstance(quote_provider(Settings(stock_provider="sample"), SAMPLE), SampleProvider)
    assert isinstance(quote_provider(Settings(stock_provider="yfinance"), SAMPLE), YahooProvider)


class MissingError(Exception):
    """Stands in for yfinance.exceptions.YFTickerMissingError."""


class RateError(Exception):
    """Stands in for yfinance.exceptions.YFRateLimitError."""


class OtherError(Exception):
    """Stands in for yfinance.exceptions.YFException."""


class Yfinance:
    """The little of yfinance's interface that the provider uses, answering with `closes` or raising `error`."""

    def __init__(
        self, closes: list[float] | None = None, error: Exception | None = None, about: Any = None, hang: bool = False
    ) -> None:
        self.exceptions = SimpleNamespace(
            YFTickerMissingError=MissingError, YFRateLimitError=RateError, YFException=OtherError
        )
        self.config = SimpleNamespace(debug=SimpleNamespace(hide_exceptions=True))
        self.released = threading.Event()
        self._closes, self._error, self._about, self._hang = closes or [], error, about or {}, hang

    def Ticker(self, symbol: str) -> "Yfinance":
        return self

    def history(self, **_: Any) -> dict[str, dict[datetime, float]]:
        if self._hang:
            self.released.wait(30)
        if self._error:
            raise self._error
        return {"Close": {NOW - timedelta(days=len(self._closes) - n): v for n, v in enumerate(self._closes, 1)}}

    def get_history_metadata(self) -> dict[str, str]:
        return dict(self._about)


def yahoo(module: Any, timeout: float = 5.0) -> YahooProvider:
    return YahooProvider(DIRECTORY, timeout=timeout, module=module, now=lambda: NOW)


async def test_a_live_quote_carries_the_time_it_was_asked() -> None:
    module = Yfinance([1.0, float("nan"), 2.5], about={"longName": "Apple Inc.", "currency": "USD"})
    quote = await yahoo(module).quote("apple")
    assert (quote.ticker, quote.name, quote.currency, quote.closes) == ("AAPL", "Apple Inc.", "USD", (1.0, 2.5))
    assert quote.source == "Yahoo Finance, 2026-11-20 15:04 UTC"
    assert quote.as_of == NOW.date()


async def test_a_live_quote_keeps_the_last_sixty_closes() -> None:
    quote = await yahoo(Yfinance([float(n) for n in range(1, 101)])).quote("AAPL")
    assert len(quote.closes) == 60
    assert quote.closes[-1] == 100.0


async def test_yfinance_is_told_to_report_its_failures() -> None:
    module = Yfinance([1.0])
    await yahoo(module).quote("AAPL")
    assert module.config.debug.hide_exceptions is False


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RateError("429"), "takes no more requests"),
        (OtherError("?"), "check the network"),
        (ConnectionError("refused"), "check the network"),
        (KeyError("chart"), "could not be read"),
    ],
)
async def test_a_live_failure_is_one_sentence_on_what_to_do(error: Exception, sentence: str) -> None:
    with pytest.raises(ProviderError, match=sentence) as caught:
        await yahoo(Yfinance(error=error)).quote("AAPL")
    assert "STOCK_PROVIDER=sample" in str(caught.value)


@pytest.mark.parametrize("module", [Yfinance(error=MissingError("delisted")), Yfinance([])])
async def test_a_symbol_unknown_to_yahoo_is_an_unknown_ticker(module: Yfinance) -> None:
    with pytest.raises(UnknownTickerError, match="AAPL"):
        await yahoo(module).quote("APPL")


async def test_a_live_quote_that_takes_too_long_is_given_up() -> None:
    module = Yfinance([1.0], hang=True)
    with pytest.raises(ProviderError, match=r"did not answer for AAPL in 0\.02 seconds"):
        await yahoo(module, timeout=0.02).quote("AAPL")
    module.released.set()


async def test_a_missing_extra_is_one_sentence_on_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(ProviderError, match="pip install yfinance"):
        await yahoo(None).quote("AAPL")


async def test_an_installed_extra_is_loaded_at_the_first_quote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yfinance", Yfinance([3.0]))
    assert (await yahoo(None).quote("AAPL")).price == 3.0
