"""What the news analyst may call. Every answer names the source and the date of its articles."""

from collections.abc import Sequence
from typing import Any

from sub_agents.news_analyst.articles import TOPICS, Article, NewsError, NewsSource, search

MOST_FOUND = 5
MOST_HEADLINES = 20
DIGEST_LENGTH = 2


class NewsTools:
    """The tools over one source of articles."""

    def __init__(self, source: NewsSource) -> None:
        self._source = source

    async def search_news(self, query: str) -> dict[str, Any]:
        """Searches the news for articles on something.

        Args:
            query: a topic or a few words, such as "quantum sensors"; topics are technology, ai, science, business,
                climate, space, health, programming, security and sports.

        Returns:
            Up to 5 articles, the best match first; none is a success as well. `note` says where they come from and
            which feeds did not answer.
        """
        found = await self._search(query, MOST_FOUND)
        return found if found["status"] == "error" else {"status": "success", "query": query, **found}

    async def get_headlines(self, limit: int = 5) -> dict[str, Any]:
        """Gives the newest articles on anything.

        Args:
            limit: how many, from 1 to 20.

        Returns:
            The articles, the newest first. `note` says where they come from and which feeds did not answer.
        """
        try:
            news = await self._source.latest()
        except NewsError as error:
            return {"status": "error", "error_message": str(error)}
        newest = news.articles[: max(1, min(limit, MOST_HEADLINES))]
        return {"status": "success", "articles": _answers(newest), "note": news.note}

    async def get_news_digest(self, topic: str) -> dict[str, Any]:
        """Gives the two articles that sum a topic up best.

        Args:
            topic: such as "climate"; empty for the two newest articles on anything.

        Returns:
            At most 2 articles. `note` says where they come from and which feeds did not answer.
        """
        found = await self._search(topic, DIGEST_LENGTH)
        return found if found["status"] == "error" else {"status": "success", "topic": topic, **found}

    async def _search(self, query: str, limit: int) -> dict[str, Any]:
        try:
            news = await self._source.latest()
        except NewsError as error:
            return {"status": "error", "error_message": str(error)}
        found = search(news.articles, query)[:limit]
        none = "" if found else f"none matches; the topics are {', '.join(_topics(news.articles))}; "
        return {"status": "success", "articles": _answers(found), "note": none + news.note}


def _answers(articles: Sequence[Article]) -> list[dict[str, Any]]:
    return [article.as_answer() for article in articles]


def _topics(articles: tuple[Article, ...]) -> list[str]:
    """The topics of what there is to search, the usual ones first, at most ten."""
    there = dict.fromkeys(article.topic for article in articles)
    return [*(topic for topic in TOPICS if topic in there), *(topic for topic in there if topic not in TOPICS)][:10]
