"""How people ask the news analyst, and how headlines, finds and digests are told."""

from collections.abc import Mapping
from typing import Any

from models.offline.compose import clipped, day, failed, plural
from models.offline.skill import Intent, Response, Skill, phrases


def _origin(article: Mapping[str, Any]) -> str:
    return f"{article.get('source') or 'unknown source'}, {day(article.get('published'))}"


def _line(article: Mapping[str, Any], summary: bool = True) -> str:
    title = str(article["title"]).rstrip(".")
    headline = f"[{title}]({article['url']})" if article.get("url") else title
    origin = _origin(article)
    return f"- **{headline}** ({origin})" + (
        f": {clipped(article['summary'], 200)}" if summary and article.get("summary") else ""
    )


def _note(response: Response) -> str:
    note = str(response.get("note") or "")
    return f"\n\n*{note[0].upper()}{note[1:].rstrip('.')}.*" if note else ""


def _found(response: Response) -> str:
    if error := failed(response):
        return error
    articles = response.get("articles") or ()
    if not articles:
        return f"I found no news about {response['query']}.{_note(response)}"
    head = f"{plural(len(articles), 'article').capitalize()} about {response['query']}:"
    return "\n".join([head, "", *map(_line, articles)]) + _note(response)


def _headlines(response: Response) -> str:
    if error := failed(response):
        return error
    articles = response.get("articles") or ()
    if not articles:
        return f"There are no headlines right now.{_note(response)}"
    return "\n".join(["The headlines:", "", *(_line(article, summary=False) for article in articles)]) + _note(response)


def _digest(response: Response) -> str:
    if error := failed(response):
        return error
    articles = response.get("articles") or ()
    if not articles:
        return f"There is nothing to sum up on {response['topic']}.{_note(response)}"
    lines = (
        f"- {clipped(article.get('summary') or article['title'], 200)} ({_origin(article)})" for article in articles
    )
    return "\n".join(
        [f"{response['topic']} in short:"[:1].upper() + f"{response['topic']} in short:"[1:], "", *lines]
    ) + _note(response)


SKILL = Skill(
    agent="news_analyst",
    help="the headlines, news on any subject, and a two-line digest",
    names=phrases("""
        news analyst | the news analyst | news agent | the news agent | news guy | newsanalyst | the reporter
        news reporter | the news guy | the journalist
    """),
    acts={
        "search": phrases("""
            search for | search | find | find me | look for | look up | look through | dig up | searching for
            hunt for | scan | scan for | find out | google for | browse
        """),
        "catchup": phrases("""
            catch me up | catch me up on | bring me up to speed | bring me up to speed on | fill me in
            fill me in on | keep me posted on | get me up to speed on | update me on | brief me | update me
            inform me about | keep me informed about | get me caught up on
        """),
        "askagent": ("ask", "can you ask", "could you ask", "go ask", "please ask"),
        "readabout": ("read about", "hear about", "know about", "read up on", "learn about"),
    },
    things={
        "happening": phrases("""
            going on with | happening with | going on in | happening in | happening to | going on around
        """),
        "news": phrases("""
            news | the news | in the news | news item | news items | in the press | in the papers | the papers
            developments in | latest developments | latest developments in | breaking news | what is new in
            what is new with | what is new on | what is new about | latest on | the latest on | the latest about
            the latest in | latest in | the latest with | latest with | latest about | what is the latest on
            what is the latest in | what is the latest about | what is the latest with | anything new on
            anything new in | anything new about | anything new with | something new about | whats new in
            new developments in | what is happening in | what are the papers saying about
            what do the papers say about | what is the press saying about | updates on | news updates | news update
            latest updates on | newsworthy | news reports | news coverage | what is new in the world of
            what is going on in | breaking stories | what is being reported about | nwes
        """),
        "article": phrases("""
            article | articles | news article | news articles | stories | news stories | story on | coverage
            reporting on | press | reports about | pieces | a piece | write up | write ups | publications
        """),
        "headlines": phrases("""
            headlines | headline | top stories | top news | the top stories | news headlines | news stories
            the stories | top headlines | front page | main stories | big stories | what is happening in the world
            what is going on in the world | what is happening today | what is happening in the world today
            what is new in the world | what is new today | what happened today | what happened in the world
            anything new in the world | todays news | daily news | world news | what is going on today
            what is happening | current events | lead stories | morning news | latest headlines | latest stories
            news of the day | breaking headlines | what is happening around the world
            what is going on around the world | what did i miss in the news | what is in the news
            anything in the news | what is the news | what is on the news | anything new in the news | top story
            the day's news
        """),
        "digest": phrases("""
            digest | digest of | news digest | digest on | two line digest | two-line digest | short digest | brief
            briefing | briefing on | briefing about | short summary of the news | summary of the news | news summary
            news briefing | two line summary | sum up the news | summarize the news | summary of news
            summarize news | in brief | news recap | roundup of | news roundup | in two lines | round up | two lines
            two sentences on | summarize the latest news | summary of the latest news | sum up
        """),
    },
    intents=(
        Intent(
            "search",
            phrases("""
                news about {query} | {query} news | tell me the news about {query} | give me {query} news
                what is the news about {query} | what {query} news | search news for {query}
                search the news about {query} | search for {query} news | search {query} in the news
                find news about {query} | find {query} news | is there news about {query}
                what news is there about {query} | anything about {query} in the news | has {query} been in the news
                is {query} in the news | i want to read about {query} in the news
                what is going on with {query} in the news | what is happening with {query} in the news
                what are news saying about {query} | what are they saying about {query} in the news
                any news about {query} recently | have there been news about {query}
                have there been any news on {query} recently | have there been articles on {query}
                {query} headlines | headlines about {query} | i want to read about {query} in the news
                tell me headlines about {query} | give {query} headlines | ask {agent} news about {query}
                ask {agent} to find news about {query} | ask {agent} for {query} news
                ask {agent} what is new about {query} | catch me up on {query} news
                catch me up on news about {query} | is there anything in the news about {query}
                i follow news about {query} | what does the news say about {query}
                what did the news say about {query} | what has been in the news about {query}
                any news articles about {query} | articles about {query} | find articles about {query}
                give me articles about {query} | is there an article about {query}
                have there been any articles about {query} | articles about {query} in the news
                search articles about {query} | show me {query} articles | give me {query} stories
                find me {query} articles | what articles are there about {query} | news about {query} please
                show me news on {query} | check the news for {query} | check news about {query}
                look for {query} news | look up news on {query} | what are the headlines about {query}
                anything new about {query} | happening in {query} news | look something up | look up something
                more news about {query}
                have the papers mentioned {query}
            """),
            _found,
            tool="search_news",
            slots={"query": "query"},
            request=("Find news about {query}.",),
            label=("the news about {query}",),
            repeats=True,
        ),
        Intent(
            "headlines",
            phrases("""
                news | headlines | what is the news | what are the headlines | tell me the news
                give me the headlines | is there news | what news is there | any news
                anything interesting in the news | what is in the news | catch me up on the news | catch me up
                catch me up on the headlines | headlines in the news | top {number} headlines
                give me {number} headlines | {number} headlines | {number} news | give me the top {number} news
                read the news | i want to read the news | show news headlines | ask {agent} for the headlines
                ask {agent} news | ask {agent} what is in the news | ask {agent} for the news | my news
                another headlines | more headlines | more news | check the news | check the headlines
                what made the news | what made the headlines | search the news
                what are the top {number} headlines | headline {number} | how is the news | are there any headlines
            """),
            _headlines,
            tool="get_headlines",
            slots={"limit": "number"},
            optional=("number",),
            request=("Give me the top {number} headlines.", "Give me the headlines."),
            label=("the headlines",),
            repeats=True,
        ),
        Intent(
            "digest",
            phrases("""
                digest | news digest | give me a digest | digest of {query} | digest on {query}
                give me a digest of {query} | give me a {query} digest
                give me a digest on {query} news | digest about {query} in the news | digest of the {query} news
                digest of news about {query} | digest about {query} | what is the digest on {query}
                digest of {query} headlines | ask {agent} for a digest of {query} | ask {agent} digest {query}
                brief me on {query} news | catch me up on {query} digest | my digest of {query} | digest for {query}
                prepare a digest on {query} | make a digest on {query} | digest the news on {query}
                write a digest on {query} | another digest on {query} | shorter as a digest
            """),
            _digest,
            tool="get_news_digest",
            slots={"topic": "query"},
            request=("Give me a digest of the news about {query}.",),
            label=("a digest of the news about {query}",),
            repeats=True,
        ),
        Intent(
            "more_on",
            phrases("""
                anything about {query} | something about {query} | and about {query} | anything on {query}
            """),
            _found,
            tool="search_news",
            slots={"query": "query"},
            request=("Find news about {query}.",),
            label=("the news about {query}",),
            after=("search", "headlines", "digest", "more_on"),
        ),
    ),
)
