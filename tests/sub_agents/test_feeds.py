"""RSS and Atom feeds from a real HTTP server on the loopback interface."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest

from sub_agents.news_analyst.articles import NewsError
from sub_agents.news_analyst.feeds import FeedReader
from sub_agents.news_analyst.markup import plain_text

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Loopback News</title>
<item><title>Older &amp; wiser</title><link>https://example.com/older</link>
  <description>&lt;p&gt;One &lt;b&gt;bold&lt;/b&gt; word.&lt;/p&gt;&lt;script&gt;steal()&lt;/script&gt;</description>
  <pubDate>Thu, 29 Oct 2026 23:30:00 -0500</pubDate><category>Science</category></item>
<item><title>Undated</title><link>javascript:alert(1)</link><description>No date.</description></item>
</channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Atomic Post</title><id>urn:x</id>
  <updated>2026-10-31T08:00:00Z</updated>
<entry><title type="html">&lt;i&gt;Newest&lt;/i&gt; of all</title><id>urn:x:1</id><link href="/entry/1"/>
  <updated>2026-10-31T10:00:00+02:00</updated>
  <content type="html">&lt;p&gt;Full&lt;/p&gt;&lt;p&gt;text&lt;/p&gt;</content></entry>
</feed>"""

Answer = Callable[[dict[str, str]], bytes | None]
"""Request headers -> the whole response; None never answers."""


def response(body: str | bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *lines])
    return head.encode() + b"\r\n\r\n" + content


@dataclass
class FeedServer:
    """Answers by path, and keeps the headers of each request."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def serves(self, path: str, answer: bytes | Answer) -> str:
        self.answers[path] = answer if callable(answer) else lambda _: answer
        return f"http://127.0.0.1:{self.port}{path}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        self.requests.append(headers)
        answer = self.answers[head[0].split()[1]](headers)
        if answer is None:
            await self.closing.wait()
        else:
            writer.write(answer)
        writer.close()


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FeedServer]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    feeds = FeedServer()
    listening = await asyncio.start_server(feeds.handle, "127.0.0.1", 0)
    feeds.port = listening.sockets[0].getsockname()[1]
    yield feeds
    feeds.closing.set()
    listening.close()
    await listening.wait_closed()


async def test_rss_becomes_plain_text_with_utc_dates(server: FeedServer) -> None:
    news = await FeedReader([server.serves("/rss", response(RSS))], timeout=5).latest()
    first, undated = news.articles
    assert (first.title, first.summary, first.source) == ("Older & wiser", "One bold word.", "Loopback News")
    assert first.published is not None
    assert first.published.isoformat() == "2026-10-30T04:30:00+00:00"
    assert (first.url, first.topic) == ("https://example.com/older", "science")
    assert (undated.published, undated.url, undated.topic) == (None, "", "news")
    assert news.note == "from Loopback News"


async def test_atom_is_read_as_well_with_links_made_absolute(server: FeedServer) -> None:
    news = await FeedReader([server.serves("/atom", response(ATOM))], timeout=5).latest()
    (entry,) = news.articles
    assert (entry.title, entry.summary, entry.source) == ("Newest of all", "Full text", "Atomic Post")
    assert entry.published is not None
    assert entry.published.isoformat() == "2026-10-31T08:00:00+00:00"
    assert entry.url == f"http://127.0.0.1:{server.port}/entry/1"


async def test_several_feeds_are_merged_newest_first_and_each_article_once(server: FeedServer) -> None:
    urls = [server.serves(path, response(body)) for path, body in (("/rss", RSS), ("/atom", ATOM), ("/copy", RSS))]
    news = await FeedReader(urls, timeout=5).latest()
    assert [article.title for article in news.articles] == ["Newest of all", "Older & wiser", "Undated"]
    assert news.note == "from Loopback News, Atomic Post"


async def test_an_unchanged_feed_is_not_sent_again(server: FeedServer) -> None:
    def answer(headers: dict[str, str]) -> bytes:
        if (
            headers.get("if-none-match") == '"v1"'
            and headers.get("if-modified-since") == "Fri, 30 Oct 2026 00:00:00 GMT"
        ):
            return response(status="304 Not Modified")
        return response(RSS, ETag='"v1"', Last_Modified="Fri, 30 Oct 2026 00:00:00 GMT")

    reader = FeedReader([server.serves("/rss", answer)], timeout=5)
    first = await reader.latest()
    assert "if-none-match" not in server.requests[0]
    assert await reader.latest() == first
    assert await reader.latest() == first
    assert [request.get("if-none-match") for request in server.requests] == [None, '"v1"', '"v1"']


async def test_a_changed_feed_replaces_its_copy(server: FeedServer) -> None:
    bodies = iter([RSS, RSS.replace("Undated", "Changed")])
    reader = FeedReader([server.serves("/rss", lambda _: response(next(bodies), ETag='"v"'))], timeout=5)
    await reader.latest()
    assert "Changed" in [article.title for article in (await reader.latest()).articles]


async def test_a_redirect_is_followed(server: FeedServer) -> None:
    server.serves("/new", response(RSS))
    old = server.serves("/old", response(status="301 Moved Permanently", Location="/new"))
    assert len((await FeedReader([old], timeout=5).latest()).articles) == 2


@pytest.mark.parametrize("host", ["localhost", "[::1]", "127.0.0.2"])
async def test_a_redirect_to_another_host_on_the_private_net_is_not_followed(server: FeedServer, host: str) -> None:
    server.serves("/secret", response(RSS))
    away = response(status="302 Found", Location=f"http://{host}:{server.port}/secret")
    with pytest.raises(NewsError, match="not on the public web"):
        await FeedReader([server.serves("/rss", away)], timeout=5).latest()
    assert len(server.requests) == 1


async def test_nor_is_one_to_another_port_of_the_same_host(server: FeedServer) -> None:
    other = FeedServer()
    listening = await asyncio.start_server(other.handle, "127.0.0.1", 0)
    other.port = listening.sockets[0].getsockname()[1]
    url = server.serves("/rss", response(status="302 Found", Location=other.serves("/secret", response(RSS))))
    with pytest.raises(NewsError, match="not on the public web"):
        await FeedReader([url], timeout=5).latest()
    assert other.requests == []
    listening.close()
    await listening.wait_closed()


async def test_the_body_of_a_redirect_is_not_read(server: FeedServer) -> None:
    server.serves("/new", response(RSS))
    endless = response(b"x" * 100, status="301 Moved Permanently", Location="/new").replace(b"100", b"1000000000")
    url = server.serves("/old", endless)
    assert len((await FeedReader([url], timeout=5, max_bytes=50_000).latest()).articles) == 2


async def test_a_compressed_feed_is_read(server: FeedServer) -> None:
    url = server.serves("/gz", response(gzip.compress(RSS.encode()), Content_Encoding="gzip"))
    assert len((await FeedReader([url], timeout=5).latest()).articles) == 2


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (response("oops", status="500 Internal Server Error"), "the server answered 500 Internal Server Error"),
        (response("<html><body>Not a feed</body></html>", Content_Type="text/html"), "not a readable feed"),
        (response("<rss><channel><tit"), "not a readable feed"),
        (response(""), "not a readable feed"),
        (response("/etc/hostname"), "not a readable feed"),
        (response(RSS.encode().replace(b"utf-8", b"utf-\xe2")), "not a readable feed"),
        (response(gzip.compress(b" " * 60_000), Content_Encoding="gzip"), "larger than 0.05 MB"),
        (response(b"no gzip", Content_Encoding="gzip"), "could not be reached"),
        (response(status="302 Found", Location="/bad"), "redirects without end"),
        (response(status="302 Found", Location="http://127.0.0.1:99999/"), "no port 99999"),
        (b"not even HTTP\r\n\r\n", "could not be reached"),
    ],
    ids=[
        "500",
        "html",
        "broken",
        "empty",
        "file name",
        "encoding",
        "too large",
        "bad gzip",
        "redirect loop",
        "bad port",
        "no HTTP",
    ],
)
async def test_a_bad_feed_is_named_with_the_reason_and_spoils_nothing(
    server: FeedServer, answer: bytes, reason: str
) -> None:
    urls = [server.serves("/bad", answer), server.serves("/rss", response(RSS))]
    news = await FeedReader(urls, timeout=5, max_bytes=50_000).latest()
    assert len(news.articles) == 2
    assert news.note.startswith("from Loopback News; 127.0.0.1/bad is missing: ")
    assert reason in news.note


async def test_a_feed_that_never_answers_is_given_up_and_spoils_nothing(server: FeedServer) -> None:
    urls = [server.serves("/rss", response(RSS)), server.serves("/slow", lambda _: None)]
    news = await FeedReader(urls, timeout=0.5).latest()
    assert len(news.articles) == 2
    assert news.note == "from Loopback News; 127.0.0.1/slow is missing: no answer within 0.5 seconds"


async def test_a_feed_that_breaks_off_gives_what_it_had(server: FeedServer) -> None:
    url = server.serves("/half", response(RSS[: RSS.index("<item><title>Undated")]))
    assert [article.title for article in (await FeedReader([url], timeout=5).latest()).articles] == ["Older & wiser"]


async def test_an_impossible_date_counts_as_none(server: FeedServer) -> None:
    url = server.serves("/rss", response(RSS.replace("Thu, 29 Oct 2026 23:30:00 -0500", "0000-00-00")))
    assert {article.published for article in (await FeedReader([url], timeout=5).latest()).articles} == {None}


async def test_a_feed_that_has_died_is_shown_as_it_was(server: FeedServer) -> None:
    answers = iter([response(RSS), response(status="503 Service Unavailable")])
    reader = FeedReader([server.serves("/rss", lambda _: next(answers))], timeout=5)
    before = await reader.latest()
    after = await reader.latest()
    assert after.articles == before.articles
    assert "503 Service Unavailable, shown as of 20" in after.note


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/feed", "feed", "http://[::1", "http://127.0.0.1:99999/feed"])
async def test_an_address_that_cannot_be_asked_is_a_reason_and_not_a_crash(url: str) -> None:
    with pytest.raises(NewsError, match=r"^None of the news feeds could be read: .* is missing: .*\.$"):
        await FeedReader([url], timeout=5).latest()


async def test_when_every_feed_is_dead_all_are_named_without_their_secrets(server: FeedServer) -> None:
    one, two = (server.serves(path, response(status="404 Not Found")) for path in ("/one?key=secret", "/two"))
    with pytest.raises(NewsError) as error:
        await FeedReader([one, two], timeout=5).latest()
    assert "127.0.0.1/one is missing" in str(error.value)
    assert "127.0.0.1/two is missing" in str(error.value)
    assert "secret" not in str(error.value)


def test_text_from_a_feed_cannot_steer_a_terminal() -> None:
    assert plain_text("a\x1b[31mred\x07 \u202e<b>b</b>\x0b\xa0c&#x202e;\u200b\U000e0041", 100) == "a[31mred b c"


@pytest.mark.parametrize("text", ["👩\u200d💻 at work", "❤\ufe0f\u200d🔥", "क\u094d\u200dष"])
def test_what_emoji_and_scripts_need_stays(text: str) -> None:
    assert plain_text(f"<p>{text}</p>", 100) == text


def test_long_text_is_cut_at_a_word() -> None:
    assert plain_text("one two three four", 12) == "one two…"
