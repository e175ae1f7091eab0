"""The data that is shipped: counts, ids, dates and the promises that agents make about it."""

import json
from collections import Counter
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from settings import DATA

JOKE_TOPICS = "python, javascript, java, programming, databases, recursion, math, physics, chemistry, biology"
NEWS_TOPICS = "technology, ai, science, business, climate, space, health, programming, security, sports"
TICKERS = (
    "AAPL, MSFT, GOOGL, AMZN, META, NVDA, TSLA, NFLX, AMD, INTC, ORCL, IBM, CRM, ADBE, CSCO, QCOM, AVGO, UBER, DIS, "
    "NKE, KO, PEP, MCD, SBUX, WMT, JPM, V, MA, BA, SPOT"
)
LAST_DAY = date(2026, 10, 30)


def read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def test_every_joke_topic_has_at_least_seven_jokes() -> None:
    count = Counter(joke["topic"] for joke in read("jokes.json"))
    assert ", ".join(count) == JOKE_TOPICS
    assert min(count.values()) >= 7


def test_jokes_are_unique_and_explained() -> None:
    jokes = read("jokes.json")
    assert len({joke["id"] for joke in jokes}) == len({joke["joke"] for joke in jokes}) == len(jokes) >= 70
    for joke in jokes:
        assert set(joke) == {"id", "topic", "joke", "explanation"}
        assert joke["id"].startswith(f"{joke['topic']}-")
        assert 30 < len(joke["explanation"]) < 250


def test_the_stock_sample_has_the_thirty_tickers_with_sixty_closes() -> None:
    sample = read("stocks.json")
    assert ", ".join(stock["ticker"] for stock in sample["stocks"]) == TICKERS
    for stock in sample["stocks"]:
        assert len(stock["closes"]) == len(sample["trading_days"]) == 60
        assert min(stock["closes"]) > 0
        assert stock["currency"] == "USD"
        assert stock["name"]


def test_no_sample_stock_moves_implausibly_in_a_day() -> None:
    for stock in read("stocks.json")["stocks"]:
        closes = stock["closes"]
        assert all(abs(b / a - 1) < 0.15 for a, b in pairwise(closes)), stock["ticker"]


def test_sample_trading_days_are_weekdays_up_to_the_date_named() -> None:
    sample = read("stocks.json")
    days = [date.fromisoformat(day) for day in sample["trading_days"]]
    assert days == sorted(set(days))
    assert all(day.weekday() < 5 for day in days)
    assert days[-1] == date.fromisoformat(sample["as_of"]) == LAST_DAY


def test_the_news_sample_covers_every_topic() -> None:
    count = Counter(article["topic"] for article in read("news.json")["articles"])
    assert ", ".join(count) == NEWS_TOPICS
    assert min(count.values()) >= 4
    assert count.total() >= 40


@pytest.mark.parametrize("field", ["title", "url", "summary"])
def test_sample_articles_are_unique_in(field: str) -> None:
    articles = read("news.json")["articles"]
    assert len({article[field] for article in articles}) == len(articles)


def test_sample_articles_are_dated_in_october_and_link_to_an_example() -> None:
    sample = read("news.json")
    assert date.fromisoformat(sample["as_of"]) == LAST_DAY
    for article in sample["articles"]:
        assert set(article) == {"title", "summary", "source", "published", "url", "topic"}
        assert date(2026, 10, 1) <= date.fromisoformat(article["published"]) <= LAST_DAY
        assert article["url"].startswith("https://example.com/")
