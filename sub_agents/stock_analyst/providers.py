"""Who gives quotes: the interface, the sample that is shipped, and how a person's wording becomes a ticker.

Always holds: a provider answers with a quote that names its source, or raises `ProviderError` whose text is a sentence
a person can act on. It never invents a price.
"""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol, Self

from rapidfuzz import fuzz, process

from storage.shipped import read_json
from sub_agents.stock_analyst.quotes import Quote

_TICKER = re.compile(r"\^?[A-Z0-9][A-Z0-9.=-]{0,14}")


class ProviderError(Exception):
    """No quote, and the one sentence why; what to do about it included."""


class UnknownTickerError(ProviderError):
    """The provider works, but has no such ticker."""


class QuoteProvider(Protocol):
    """Anything that can quote a stock."""

    @property
    def name(self) -> str:
        """What the source is called in an answer."""
        ...

    async def quote(self, ticker: str) -> Quote:
        """The latest quote. Raises UnknownTickerError, or ProviderError when the source cannot be asked."""
        ...


@dataclass(frozen=True, slots=True)
class Company:
    """A well-known company: its ticker, its name, and what else people call it."""

    ticker: str
    name: str
    also: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.ticker if self.name == self.ticker else f"{self.ticker} ({self.name})"


class Directory:
    """The companies known by name, whichever provider quotes them."""

    def __init__(self, companies: tuple[Company, ...]) -> None:
        self.companies = companies
        self._by_name = {
            name.casefold(): company for company in companies for name in (*company.also, company.name, company.ticker)
        }

    def ticker_of(self, text: str) -> str:
        """The ticker that `text` means: a company's name, or a ticker in any case, with or without a dollar sign.

        Raises UnknownTickerError when it cannot be a ticker at all.
        """
        wanted = text.strip().removeprefix("$")
        company = self._by_name.get(wanted.casefold())
        if company:
            return company.ticker
        if not _TICKER.fullmatch(wanted.upper()):
            raise self.unknown(text)
        return wanted.upper()

    def near(self, text: str, limit: int = 3) -> list[str]:
        """The companies whose ticker or name is spelt most like `text`, as "AAPL (Apple)", the nearest first."""
        found = process.extract(
            text.strip().casefold(), list(self._by_name), scorer=fuzz.ratio, score_cutoff=60, limit=9
        )
        return list(dict.fromkeys(self._by_name[name].label for name, _, _ in found))[:limit]

    def unknown(self, text: str) -> UnknownTickerError:
        """The error to raise for `text`, naming what is spelt like it."""
        near = self.near(text)
        examples = [company.label for company in self.companies[:3]]
        hint = f"did you mean {_either(near)}?" if near else f"try a symbol such as {_either(examples)}."
        return UnknownTickerError(f"I know no stock called '{text.strip()}': {hint}")


def _either(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} or {items[-1]}"


class SampleProvider:
    """The quotes that are shipped: fixed, labelled as a sample with their date, for use with no network."""

    name = "sample data"

    def __init__(self, quotes: tuple[Quote, ...], directory: Directory) -> None:
        self.directory = directory
        self._quotes = {quote.ticker: quote for quote in quotes}

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads the sample from `path`. Raises StorageError if it cannot be read, or is none."""
        return read_json(path, cls._of)

    @classmethod
    def _of(cls, sample: Any) -> Self:
        as_of = date.fromisoformat(sample["as_of"])
        companies = tuple(Company(each["ticker"], each["name"], tuple(each["also"])) for each in sample["stocks"])
        quotes = tuple(
            Quote(
                ticker=each["ticker"],
                name=each["name"],
                currency=each["currency"],
                closes=tuple(each["closes"]),
                as_of=as_of,
                source=f"{cls.name}, as of {as_of}",
            )
            for each in sample["stocks"]
        )
        return cls(quotes, Directory(companies))

    async def quote(self, ticker: str) -> Quote:
        """The sample's quote. Raises UnknownTickerError naming the nearest of its tickers."""
        found = self._quotes.get(self.directory.ticker_of(ticker))
        if found is None:
            raise UnknownTickerError(
                f"{self.directory.unknown(ticker)} The sample data has {len(self._quotes)} stocks."
            )
        return found
