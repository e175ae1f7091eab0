"""Search over articles, and the tools that give them."""

from datetime import UTC, datetime

import pytest

from settings import DATA, Settings
from sub_agents.news_analyst.agent import news_source
from sub_agents.news_analyst.articles import Article, News, NewsError, SampleNews, newest_first, search
from sub_agents.news_analyst.feeds import FeedReader
from sub_agents.news_analyst.tools import NewsTools

SAMPLE = SampleNews.load(DATA / "news.json")


def article(title: str, day: int | None = 1, topic: str = "news", summary: str = "") -> Article:
    published = datetime(2026, 10, day, tzinfo=UTC) if day else None
    return Article(title, summary, "Test Wire", published, f"https://example.com/{title}", topic)


def titles(found: list[Article]) -> list[str]:
    return [each.title for each in found]


def test_a_match_in_the_title_comes_before_one_in_the_summary() -> None:
    articles = [article("Soup", 9, summary="with beetles"), article("Beetles", 1)]
    assert titles(search(articles, "BEETLES")) == ["Beetles", "Soup"]


def test_equal_matches_come_newest_first() -> None:
    assert titles(search([article("robot a", 1), article("robot b", 3)], "robot")) == ["robot b", "robot a"]


def test_a_misspelt_word_is_found() -> None:
    assert titles(search([article("Quantum sensors"), article("Bread")], "quantom")) == ["Quantum sensors"]


@pytest.mark.parametrize("query", ["chips", "chip"])
def test_a_plural_is_found(query: str) -> None:
    assert search([article("Chip cools itself"), article("Ships sail")], query) == [article("Chip cools itself")]


def test_short_words_are_found_only_as_words() -> None:
    assert search([article("Rain in Spain")], "ai") == []


def test_an_article_with_fewer_than_half_of_the_words_is_left_out() -> None:
    assert search([article("robot")], "robot picks ripe pears") == []


def test_small_words_do_not_count() -> None:
    assert titles(search([article("robot"), article("the news")], "what's the latest news on the robot?")) == ["robot"]


def test_a_query_of_small_words_gives_everything() -> None:
    assert titles(search([article("a", 1), article("b", 2)], "what's new today?")) == ["b", "a"]


def test_undated_articles_come_last() -> None:
    assert titles(list(newest_first([article("undated", None), article("dated")]))) == ["dated", "undated"]


@pytest.mark.parametrize("query", ["tech", "Tech news"])
async def test_tech_finds_technology_ai_and_programming(query: str) -> None:
    answer = await NewsTools(SAMPLE).search_news(query)
    assert {each["topic"] for each in answer["articles"]} == {"technology", "ai", "programming"}


@pytest.mark.parametrize(
    ("query", "topic"),
    [
        ("AI", "ai"),
        ("technology", "technology"),
        ("artificial intelligence", "ai"),
        ("climate change", "climate"),
        ("sport", "sports"),
        ("cyber security", "security"),
        ("latest space news", "space"),
        ("the economy", "business"),
    ],
)
async def test_a_topic_is_found_by_what_people_call_it(query: str, topic: str) -> None:
    found = search((await SAMPLE.latest()).articles, query)
    assert [each.topic for each in found[:4]] == [topic] * 4


async def test_a_search_gives_articles_with_source_and_date() -> None:
    answer = await NewsTools(SAMPLE).search_news("quantum tunnels")
    assert answer["status"] == "success"
    assert answer["query"] == "quantum tunnels"
    assert answer["note"] == "sample articles, as of 2026-10-30"
    first = answer["articles"][0]
    assert set(first) == {"title", "summary", "source", "published", "url", "topic"}
    assert (first["source"], first["published"]) == ("Sample Wire", "2026-10-28")


async def test_a_search_without_result_is_an_honest_success() -> None:
    answer = await NewsTools(SAMPLE).search_news("knitting")
    assert (answer["status"], answer["articles"]) == ("success", [])
    assert answer["note"].startswith("none matches; the topics are technology, ai,")
    assert answer["note"].endswith("sample articles, as of 2026-10-30")


async def test_headlines_are_the_newest() -> None:
    days = [each["published"] for each in (await NewsTools(SAMPLE).get_headlines())["articles"]]
    assert len(days) == 5
    assert days == sorted(days, reverse=True)
    assert days[0] == "2026-10-30"


@pytest.mark.parametrize(("limit", "count"), [(-3, 1), (0, 1), (3, 3), (1000, 20)])
async def test_headlines_stay_within_one_and_twenty(limit: int, count: int) -> None:
    assert len((await NewsTools(SAMPLE).get_headlines(limit))["articles"]) == count


@pytest.mark.parametrize("topic", ["climate", ""])
async def test_a_digest_is_two_articles(topic: str) -> None:
    answer = await NewsTools(SAMPLE).get_news_digest(topic)
    assert (answer["status"], answer["topic"], len(answer["articles"])) == ("success", topic, 2)


class DeadSource:
    async def latest(self) -> News:
        raise NewsError("None of the news feeds could be read.")


async def test_a_source_with_nothing_to_give_is_an_error_with_its_reason() -> None:
    tools = NewsTools(DeadSource())
    expected = {"status": "error", "error_message": "None of the news feeds could be read."}
    assert await tools.get_headlines() == expected
    assert await tools.search_news("ai") == expected
    assert await tools.get_news_digest("ai") == expected


async def test_an_undated_article_has_an_empty_date() -> None:
    assert article("x", None).as_answer()["published"] == ""


def test_feeds_in_the_settings_replace_the_sample() -> None:
    assert isinstance(news_source(Settings(news_feeds=())), SampleNews)
    assert isinstance(news_source(Settings(news_feeds=("http://127.0.0.1/feed",))), FeedReader)
