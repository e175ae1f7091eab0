"""How each tool's result is told: nothing parroted, plurals right, sample data called sample data, errors as errors."""

from typing import Any

import pytest

from models.offline.routing.router import Router
from models.offline.skill import Intent

QUOTE = {
    "ticker": "AMD",
    "name": "Advanced Micro Devices",
    "price": 1221.9,
    "currency": "USD",
    "change": 6.76,
    "change_percent": 3.14,
    "source": "sample data, as of 2026-10-30",
    "sparkline": "▁▃█",
    "change_60d_percent": 16.68,
}
FALLEN = {
    **QUOTE,
    "ticker": "NVDA",
    "name": "NVIDIA",
    "price": 196.5,
    "change_percent": -2.48,
    "change_60d_percent": 3.8,
}
ARTICLE = {
    "title": "A title",
    "summary": "A summary.",
    "source": "Wire",
    "published": "2026-10-30",
    "url": "https://x.example/",
}
TURN = {
    "when": "2026-11-21T02:51:00+00:00",
    "user_input": "hi",
    "agent_response": "> **Hello**\n\nmore",
    "agents": ["librarian"],
}
PREFERENCES: dict[str, object] = {
    "favorite_agent": None,
    "joke_preferences": [],
    "stock_watchlist": [],
    "nerd_topics": [],
}


def told(router: Router, intent_name: str, /, **response: Any) -> str:
    (intent,) = [i for skill in router.skills for i in skill.intents if i.name == intent_name]
    return intent.compose({"status": "success", **response})


def test_a_quote_is_a_sentence_with_its_source(router: Router) -> None:
    assert told(router, "quote", **QUOTE) == (
        "**Advanced Micro Devices** (AMD) is at **$1,221.90**, up 3.14% on the day.\n\n"
        "`▁▃█` over the last 60 days\n\n*Sample data, as of 2026-10-30.*"
    )


def test_a_comparison_names_the_best_and_what_is_unknown(router: Router) -> None:
    text = told(
        router, "compare", stocks=[QUOTE, FALLEN], best="AMD", worst="NVDA", unknown=["ZZZZ"], source="sample data"
    )
    assert text.startswith(
        "**Advanced Micro Devices** did best over 60 days (+16.68%), **NVIDIA** least well (+3.80%)."
    )
    assert "| NVIDIA (NVDA) | $196.50 | -2.48% | +3.80% | `▁▃█` |" in text
    assert "I have no quote for ZZZZ." in text
    assert text.endswith("*Sample data.*")


def test_an_empty_watchlist_says_how_to_start_one(router: Router) -> None:
    assert told(router, "portfolio", stocks=[], unknown=[]).startswith("Your watchlist is empty.")


def test_a_joke_says_when_it_was_the_last_fresh_one(router: Router) -> None:
    joke = {"topic": "java", "joke": "Ha.", "restarted": False}
    assert told(router, "joke", **joke, remaining=3) == "Ha."
    assert told(router, "joke", **joke, remaining=0) == "Ha.\n\n*(That was my last fresh one on java.)*"


def test_news_come_with_source_and_date(router: Router) -> None:
    text = told(router, "search", query="AI", articles=[ARTICLE], note="sample articles, as of 2026-10-30")
    assert text == (
        "1 article about AI:\n\n- **[A title](https://x.example/)** (Wire, 30 October 2026): A summary.\n\n"
        "*Sample articles, as of 2026-10-30.*"
    )
    assert told(router, "search", query="AI", articles=[], note="") == "I found no news about AI."
    assert told(router, "digest", topic="AI", articles=[ARTICLE], note="").endswith(
        "- A summary. (Wire, 30 October 2026)"
    )


def test_earlier_turns_are_told_by_their_gist(router: Router) -> None:
    assert told(router, "recent_turns", turns=[TURN]) == (
        "Your latest message:\n\n- 21 November 2026, 02:51: you said “hi”, answered: Hello *(librarian)*"
    )
    assert told(router, "search_record", query="tea", matches=[]) == "I find nothing about tea in your record."


def test_a_summary_counts_in_words(router: Router) -> None:
    text = told(
        router, "summary", session_turns=1, agents={"funny_nerd": 2, "librarian": 1}, recent=[], first_message="hi"
    )
    assert text == (
        "We have exchanged 1 message in this session. I asked the funny nerd twice and the librarian once. "
        "It began with “hi”."
    )


def test_a_summary_tells_of_a_turn_without_an_answer_how_it_ended(router: Router) -> None:
    stopped = {"user_input": "tell me a joke", "agent_response": None, "status": "cancelled"}
    text = told(router, "summary", session_turns=1, agents={}, recent=[stopped], first_message="hi")
    assert text.endswith("- “tell me a joke”: cancelled")


def test_an_unknown_person_is_told_how_to_become_known(router: Router) -> None:
    assert told(router, "whoami", user_name=None, preferences=PREFERENCES).startswith("I know nothing about you yet.")


def test_statistics_leave_out_what_was_not_measured(router: Router) -> None:
    agent = {
        "agent_name": "funny_nerd",
        "delegations": 2,
        "success_rate": None,
        "median_seconds": None,
        "p95_seconds": 1.5,
    }
    assert "| funny nerd | 2 | n/a | n/a | 1.50 s |" in told(router, "stats", agents=[agent])


@pytest.mark.parametrize(
    ("added", "text"), [(True, "NVDA is on your watchlist now."), (False, "NVDA is on your watchlist already.")]
)
def test_what_was_there_already_is_not_called_new(router: Router, added: bool, text: str) -> None:
    assert told(router, "watch", ticker="NVDA", added=added, stock_watchlist=["NVDA"]) == text


def test_every_tool_tells_an_error_as_an_error(router: Router) -> None:
    intents: list[Intent] = [i for skill in router.skills for i in skill.intents if i.tool]
    for intent in intents:
        assert intent.compose({"status": "error", "error_message": "The disk is full."}) == (
            "That did not work: the disk is full."
        ), intent.name
