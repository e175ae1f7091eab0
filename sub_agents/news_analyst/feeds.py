"""Articles from the RSS and Atom feeds a person lists in the settings.

Always holds: feeds are asked at the same time, each within the time-out and the size limit, and only for what has
changed since last time; one that fails does not spoil the others, and the note names it with the reason. What a feed
said last is kept in its reader, in memory only. Where a feed may lead is in `reach.py`.
"""

import asyncio
import io
from calendar import timegm
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import feedparser
import httpx

from sub_agents.news_analyst.articles import Article, News, NewsError, newest_first
from sub_agents.news_analyst.markup import plain_text
from sub_agents.news_analyst.reach import NOT_KEPT, Guard, NotPublic

MAX_BYTES = 5_000_000
MAX_ENTRIES = 100
"""How many of a feed's articles are kept, counted from its top."""
TITLE_LENGTH, SUMMARY_LENGTH = 200, 400
_UNREADABLE = "what it sends is not a readable feed"
HEADERS = {
    "User-Agent": "persistent-multi-agent/0.1 (news reader)",
    "Accept": "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
}


class FeedError(Exception):
    """One feed gave nothing, and the few words why."""


@dataclass(frozen=True, slots=True)
class FeedCopy:
    """What a feed said, when, and the marks to ask it whether that has changed."""

    title: str
    articles: tuple[Article, ...]
    fetched: datetime
    etag: str | None
    modified: str | None

    def conditions(self) -> dict[str, str]:
        """The request headers that make a server answer 304 when nothing has changed."""
        marks = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in marks.items() if value}


class FeedReader:
    """Reads a fixed list of feeds; keeps each one's latest copy."""

    def __init__(self, urls: Sequence[str], timeout: float, max_bytes: int = MAX_BYTES) -> None:
        """`timeout` in seconds and `max_bytes` hold for each feed."""
        self._urls = tuple(dict.fromkeys(urls))
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._copies: dict[str, FeedCopy] = {}
        self._public: set[str] = set()
        """Feeds that were on the public web: a name that begins to lead to a private address is not followed there."""

    async def latest(self) -> News:
        """All feeds' articles, each once, the newest first. Raises NewsError when no feed has any copy to show."""
        async with httpx.AsyncHTTPTransport(limits=NOT_KEPT) as direct:
            answers = await asyncio.gather(*(self._refresh(direct, url) for url in self._urls))
        problems = [problem for problem in answers if problem]
        copies = [self._copies[url] for url in self._urls if url in self._copies]
        if not copies:
            raise NewsError(f"None of the news feeds could be read: {'; '.join(problems)}.")
        by_url = {article.url or article.title: article for copy in copies for article in copy.articles}
        titles = ", ".join(dict.fromkeys(copy.title for copy in copies))
        return News(newest_first(by_url.values()), "; ".join([f"from {titles}", *problems]))

    async def _refresh(self, direct: httpx.AsyncBaseTransport, url: str) -> str:
        """Brings the copy of `url` up to date, or says why not: the feed, the reason, and what is shown instead."""
        known = self._copies.get(url)
        try:
            async with asyncio.timeout(self._timeout):
                self._copies[url] = await self._fetch(direct, url, known)
        except (TimeoutError, httpx.TimeoutException):
            reason = f"no answer within {self._timeout:g} seconds"
        except httpx.HTTPStatusError as error:
            reason = f"the server answered {error.response.status_code} {error.response.reason_phrase}".strip()
        except httpx.TooManyRedirects:
            reason = "it redirects without end"
        except httpx.UnsupportedProtocol:
            reason = "its address must begin with http:// or https://"
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            reason = f"it could not be reached ({str(error) or type(error).__name__})"
        except (FeedError, NotPublic) as error:
            reason = str(error)
        else:
            return ""
        instead = f", shown as of {known.fetched:%Y-%m-%d %H:%M} UTC" if known else ""
        return f"{_name(url)} is missing: {reason}{instead}"

    async def _fetch(self, direct: httpx.AsyncBaseTransport, url: str, known: FeedCopy | None) -> FeedCopy:
        guard = Guard(url, direct, private=url not in self._public)
        client = httpx.AsyncClient(
            headers=HEADERS, timeout=self._timeout, follow_redirects=True, max_redirects=5, transport=guard
        )
        headers = known.conditions() if known else None
        async with client, client.stream("GET", url, headers=headers) as response:
            if guard.begins_public:
                self._public.add(url)
            if known and response.status_code == httpx.codes.NOT_MODIFIED:
                return replace(known, fetched=datetime.now(UTC))
            response.raise_for_status()
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._max_bytes:
                    raise FeedError(f"it is larger than {self._max_bytes / 1e6:g} MB")
            title, articles = await asyncio.to_thread(parse_feed, bytes(body), str(response.url), response.headers)
            marks = response.headers.get("etag"), response.headers.get("last-modified")
        return FeedCopy(title, articles, datetime.now(UTC), *marks)


def parse_feed(body: bytes, url: str, headers: Mapping[str, str]) -> tuple[str, tuple[Article, ...]]:
    """A feed's title and articles out of what `url` answered. Raises FeedError when that is no feed.

    A feed that breaks off gives what could be read of it.
    """
    hints = {"content-location": url, "content-type": headers.get("content-type", "")}
    try:
        # A stream, because feedparser takes bytes for the name of a file to open.
        feed = feedparser.parse(io.BytesIO(body), response_headers=hints)
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:  # its failures on odd input
        raise FeedError(_UNREADABLE) from error
    if not feed.entries and (feed.bozo or not feed.get("version")):
        raise FeedError(_UNREADABLE)
    title = plain_text(feed.feed.get("title") or "", TITLE_LENGTH) or _name(url)
    articles = (_article(entry, title) for entry in feed.entries[:MAX_ENTRIES])
    return title, tuple(article for article in articles if article.title)


def _article(entry: Any, source: str) -> Article:
    summary = entry.get("summary") or next((part.get("value") or "" for part in entry.get("content", ())), "")
    text = plain_text(summary, SUMMARY_LENGTH)
    link = entry.get("link") or ""
    tag = next((tag.get("term") for tag in entry.get("tags", ())), None) or "news"
    return Article(
        title=plain_text(entry.get("title") or "", TITLE_LENGTH) or text[:TITLE_LENGTH],
        summary=text,
        source=source,
        published=_utc(entry.get("published_parsed") or entry.get("updated_parsed")),
        url=link if link.startswith(("http://", "https://")) and link.isprintable() else "",
        topic=plain_text(tag, 40).casefold(),
    )


def _utc(parsed: Any) -> datetime | None:
    """feedparser gives dates in UTC, as the nine numbers of `time.struct_time`; impossible ones count as none."""
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None


def _name(url: str) -> str:
    """A feed's address as people know it, without a query, a user or a password."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.hostname}{parts.path}" if parts.hostname else url
