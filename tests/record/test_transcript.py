"""A session exported for reading: complete, agent by agent, and harmless whatever was said in it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from record.transcript import Transcript, transcript
from record.transcript_html import as_html
from record.transcript_markdown import as_markdown
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import sessions, turns
from storage.scope import TurnKey
from tests.record.test_quoted_markdown import does
from tests.storage.support import ADA, START, delegated_turn, exchange, key, store

EVIL = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) "
    "![p](http://evil.test/p.png) \x1b[2J"
)


@pytest.fixture
async def told(database: Database, service: SessionService) -> Transcript:
    """Three turns: two agents at once, a failure, and one that means harm."""
    await store(service, delegated_turn("t-1"), "one")
    await store(service, exchange("second", "", "t-2", START + 100)[:1], "one")
    await turns.fail(database, TurnKey(key("one"), "t-2"), "the model <took> too long")
    await store(
        service, exchange(EVIL, f"# Title\n\n{EVIL}\n\n| a | b |\n|---|---|\n| `1` | 2 |", "t-3", START + 200), "one"
    )
    return await transcript(database, ADA, await sessions.find(database, ADA, "one"))


def test_it_is_told_from_the_first_turn_with_each_call_at_its_agent(told: Transcript) -> None:
    first, second, third = told.exchanges
    assert [exchange.turn.number for exchange in told.exchanges] == [1, 2, 3]
    assert [call.tool_name for call in first.calls] == ["add_to_stock_watchlist"]
    assert [(task.delegation.agent_name, [call.tool_name for call in task.calls]) for task in first.tasks] == [
        ("funny_nerd", []),
        ("stock_analyst", ["get_stock_price"]),
    ]
    assert (first.by, second.by, third.by) == ("funny_nerd + stock_analyst", "manager", "manager")
    assert [(share.agent, share.tasks, share.failed, share.calls) for share in told.shares] == [
        ("funny_nerd", 1, 0, 0),
        ("stock_analyst", 1, 0, 1),
    ]


def test_markdown_has_all_that_was_said_and_who_did_what(told: Transcript) -> None:
    text = as_markdown(told)
    assert text.startswith("# a joke and a price\n")
    for said in (
        "| stock_analyst | 1 | 0 | 1 |",
        "\n> a joke and a price\n",
        "**funny_nerd + stock_analyst**\n\nha, and 250\n",
        '- manager: `add_to_stock_watchlist(ticker="AAPL")`',
        "- **stock_analyst**: a price",
        '  - `get_stock_price(ticker="AAPL")`',
        "*failed: the model \\<took\\> too long*",
    ):
        assert said in text, said
    assert "\x1b" not in text


def test_markdown_does_nothing_and_names_are_text_in_it(told: Transcript) -> None:
    evil = "a`b``c <b> | ![x](https://evil.test) *d* \n# e &lt;"
    session = replace(told.session, session_id=evil, forked_from=evil, title=evil)
    shares = tuple(replace(share, agent=evil) for share in told.shares)
    first = told.exchanges[0]
    tasks = tuple(
        replace(task, delegation=replace(task.delegation, agent_name=evil, task=evil, status=evil))
        for task in first.tasks
    )
    calls = tuple(replace(call, tool_name=evil, arguments={evil: evil}, status=evil) for call in first.calls)
    turn = replace(first.turn, agents=(evil,), user_input=evil, agent_response=evil, error=evil, status=evil)
    exchanges = (replace(first, turn=turn, tasks=tasks, calls=calls), *told.exchanges[1:])
    text = as_markdown(replace(told, session=session, shares=shares, exchanges=exchanges, user=evil))
    assert does(text) == []
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert len(headings) == 1 + len(exchanges) + 2  # and one of each answer's own
    (columns,) = {len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("| ")} - {3}
    assert columns == 6


class Page(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


def test_html_is_one_file_that_loads_nothing_and_runs_nothing(told: Transcript) -> None:
    page = Page(as_html(told))
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "img", "link", "iframe", "object"}
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")], tag
        assert not (attributes.get("href") or "").startswith("javascript:"), tag
        assert "src" not in attributes, tag
    assert EVIL.replace("\x1b", "") in page.said
    assert "\x1b" not in page.said


def test_a_link_in_html_leads_to_the_web_or_is_none(told: Transcript) -> None:
    links = "[a](https://x.test) [b](mailto:a@x.test) [c](data:image/png;base64,x) [d](file:///x) [e](vscode:x) [f](/x)"
    turn = replace(told.exchanges[0].turn, agent_response=links)
    page = Page(as_html(replace(told, exchanges=(replace(told.exchanges[0], turn=turn),))))
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"] == ["https://x.test", "mailto:a@x.test"]


def test_html_reads_well_on_a_phone_by_day_and_by_night(told: Transcript) -> None:
    text = as_html(told)
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "prefers-color-scheme: dark" in text
    assert not re.search(r"url\(|@import", text)


def test_html_renders_answers_and_tells_who_did_what(told: Transcript) -> None:
    text = as_html(told)
    for said in (
        "<h1>a joke and a price</h1>",
        '<p class="by">funny_nerd + stock_analyst</p>',
        "<summary>Who did what: 2 tasks, 2 tool calls",
        "<b>stock_analyst</b>: a price",
        "<code>get_stock_price(ticker=&quot;AAPL&quot;)</code>",
        '<p class="bad">failed: the model &lt;took&gt; too long</p>',
        "<h1>Title</h1>",
        "<td><code>1</code></td>",
    ):
        assert said in text, said


def test_every_tag_that_is_opened_is_closed(told: Transcript) -> None:
    text = as_html(told)
    for tag in ("article", "details", "ul", "li", "div", "p", "table", "body", "html"):
        assert len(re.findall(rf"<{tag}[ >]", text)) == text.count(f"</{tag}>"), tag


def test_a_fork_says_where_it_came_from_and_a_session_without_a_title_has_one(told: Transcript) -> None:
    forked = replace(told, session=replace(told.session, forked_from="one", forked_at_turn=2, title=""), shares=())
    assert "Forked from session `one` after turn 2." in as_markdown(forked)
    assert "Forked from session one after turn 2." in as_html(forked)
    assert "<title>Session</title>" in as_html(forked)
