"""Articles, where they come from, and the search over them.

Always holds: dates are UTC, an article without a date sorts as the oldest, and a search ranks only what it was given:
it finds nothing rather than something unrelated.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, Self

from rapidfuzz import fuzz, process

from storage.shipped import read_json

TOPICS = (
    "technology",
    "ai",
    "science",
    "business",
    "climate",
    "space",
    "health",
    "programming",
    "security",
    "sports",
)
"""The topics of the sample, and of a feed that uses these names as categories."""

_TOPICS_OF: dict[str, tuple[str, ...]] = {
    "tech": ("technology", "ai", "programming"),
    "gadget": ("technology",),
    "llm": ("ai",),
    "software": ("programming", "technology"),
    "coding": ("programming",),
    "code": ("programming",),
    "developer": ("programming",),
    "research": ("science",),
    "physics": ("science",),
    "economy": ("business",),
    "finance": ("business",),
    "financial": ("business",),
    "market": ("business",),
    "markets": ("business",),
    "environment": ("climate",),
    "energy": ("climate",),
    "weather": ("climate",),
    "astronomy": ("space",),
    "medicine": ("health",),
    "medical": ("health",),
    "privacy": ("security",),
    "cybersecurity": ("security",),
    "hacking": ("security",),
    "sport": ("sports",),
}
"""What else people say for a topic, or for several."""
_PHRASES = {
    "artificial intelligence": "ai",
    "machine learning": "ai",
    "language model": "ai",
    "global warming": "climate",
    "climate change": "climate",
    "cyber security": "security",
}
_NO_TERMS = frozenset(
    {"a", "about", "all", "and", "any", "anything", "are", "article", "articles", "at", "for", "from", "give", "going"}
    | {"happened", "happening", "headline", "headlines", "i", "in", "is", "it", "latest", "me", "new", "news", "of"}
    | {"on", "or", "please", "recent", "recently", "s", "show", "some", "stories", "story", "tell", "that", "the"}
    | {"there", "this", "to", "today", "week", "what", "whats", "with", "you"}
)
"""Words of a question that say nothing about what it is about."""
_OLDEST = datetime.min.replace(tzinfo=UTC)
_ALIKE = 85
"""From this rapidfuzz ratio on, two words of five letters or more count as the same word spelt differently."""


class NewsError(Exception):
    """No articles at all, and the one sentence why."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article: plain text without markup, and its date in UTC if it has one."""

    title: str
    summary: str
    source: str
    published: datetime | None
    url: str
    topic: str

    def as_answer(self) -> dict[str, Any]:
        """The article as a tool gives it to a model: the date in ISO form, empty when there is none."""
        return {
            "title": self.title,
            "summary": self.summary,
            "source": self.source,
            "published": self.published.date().isoformat() if self.published else "",
            "url": self.url,
            "topic": self.topic,
        }


@dataclass(frozen=True, slots=True)
class News:
    """Articles, newest first, and one note on where they come from or what is missing."""

    articles: tuple[Article, ...]
    note: str


class NewsSource(Protocol):
    """Anything that has articles."""

    async def latest(self) -> News:
        """The articles there are now. Raises NewsError when there is nothing to give."""
        ...


class SampleNews:
    """The articles that are shipped: invented, labelled as a sample with their date, for use with no network."""

    def __init__(self, articles: Iterable[Article], as_of: str) -> None:
        self._news = News(newest_first(articles), f"sample articles, as of {as_of}")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads the sample from `path`. Raises StorageError if it cannot be read, or is none."""
        return read_json(path, cls._of)

    @classmethod
    def _of(cls, sample: Any) -> Self:
        articles = [
            Article(**{**entry, "published": datetime.fromisoformat(entry["published"]).replace(tzinfo=UTC)})
            for entry in sample["articles"]
        ]
        return cls(articles, sample["as_of"])

    async def latest(self) -> News:
        return self._news


def newest_first(articles: Iterable[Article]) -> tuple[Article, ...]:
    """The articles by date, the newest first; equal dates stay in the order given."""
    return tuple(sorted(articles, key=lambda article: article.published or _OLDEST, reverse=True))


def search(articles: Sequence[Article], query: str) -> list[Article]:
    """The articles that `query` is about, the best match first, then the newest.

    An article must match at least half of the words that mean something; a query without any such word matches all.
    """
    terms = _terms(query)
    if not terms:
        return list(newest_first(articles))
    scored = [(_score(article, terms), article) for article in newest_first(articles)]
    return [article for score, article in sorted(scored, key=lambda pair: -pair[0]) if score > 0]


def _terms(query: str) -> list[str]:
    text = " ".join(_words(query))
    for phrase, term in _PHRASES.items():
        text = re.sub(rf"\b{phrase}s?\b", term, text)
    return list(dict.fromkeys(word for word in text.split() if word not in _NO_TERMS))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _score(article: Article, terms: Sequence[str]) -> float:
    """How well an article matches, from 0 (not at all, or fewer than half of the terms) to 1."""
    title, summary = _words(article.title), _words(article.summary)
    each = [
        max(_on_topic(article, term), _among(term, title, 0.95, 0.8), _among(term, summary, 0.7, 0.55))
        for term in terms
    ]
    return sum(each) / len(each) if 2 * sum(score > 0 for score in each) >= len(each) else 0.0


def _on_topic(article: Article, term: str) -> float:
    return 1.0 if article.topic in _TOPICS_OF.get(term, ()) else _among(term, [article.topic], 1.0, 0.85)


def _among(term: str, words: Sequence[str], same: float, alike: float) -> float:
    if term in words:
        return same
    if len(term) < 5:
        return alike if f"{term}s" in words or term.removesuffix("s") in words else 0.0
    return alike if process.extractOne(term, words, scorer=fuzz.ratio, score_cutoff=_ALIKE) else 0.0
