"""What the router takes from a message: slots, negation, follow-ups, questions back, and how fast."""

import time

import pytest

from models.offline.dialogue import Act, Turn
from models.offline.explain import explained
from models.offline.routing.router import Decision, Router
from tests.routing.evaluate import cases


def acts(decision: Decision) -> list[tuple[str, dict[str, tuple[str, ...]]]]:
    return [(act.intent.tool or "", dict(act.slots)) for act in decision.acts]


def after(router: Router, *messages: str) -> list[Turn]:
    """A dialogue in which each message was done as understood."""
    turns: list[Turn] = []
    for message in messages:
        turns.append(Turn(message, router.decide(message, turns).acts))
    return turns


@pytest.mark.parametrize(
    ("message", "ticker"),
    [
        ("price of apple", "AAPL"),
        ("PRICE OF APPLE", "AAPL"),
        ("coca-cola stock price", "KO"),
        ("quote for $nvda", "NVDA"),
        ("whats microsfot trading at", "MSFT"),
        ("McDonald's share price", "MCD"),
        ("quote for V", "V"),
        ("stock price of ZZZZ", "ZZZZ"),
    ],
)
def test_symbols_names_and_misspellings_are_tickers(router: Router, message: str, ticker: str) -> None:
    assert acts(router.decide(message)) == [("get_stock_price", {"ticker": (ticker,)})]


@pytest.mark.parametrize("message", ["tell me a joke about SQL", "a database joke", "joke abuot databses plz"])
def test_topics_are_known_by_their_synonyms(router: Router, message: str) -> None:
    assert acts(router.decide(message)) == [("get_nerd_joke", {"topic": ("databases",)})]


@pytest.mark.parametrize(
    "message", ["price of an apple", "the price of V neck shirts", "a visa for Japan", "apple pie"]
)
def test_common_nouns_are_not_companies(router: Router, message: str) -> None:
    assert not router.decide(message).acts


@pytest.mark.parametrize(
    "message",
    [
        "don't tell me a joke",
        "never add TSLA to my watchlist",
        "if AAPL falls, add it to my watchlist",
        "he told me a joke about java",
        '"tell me a joke" said the king',
        "the joke about java was bad",
    ],
)
def test_negated_conditional_and_reported_requests_are_not_carried_out(router: Router, message: str) -> None:
    assert not router.decide(message).acts


def test_a_negated_part_leaves_the_rest(router: Router) -> None:
    assert acts(router.decide("not a joke, the headlines please")) == [("get_headlines", {})]


def test_another_one_repeats_what_can_be_repeated(router: Router) -> None:
    dialogue = after(router, "a python joke", "price of AAPL")
    assert acts(router.decide("another one", dialogue[:1])) == [("get_nerd_joke", {"topic": ("python",)})]
    assert router.decide("another one", dialogue[1:]).question


def test_a_name_alone_takes_over_the_last_request(router: Router) -> None:
    dialogue = after(router, "price of AAPL")
    assert acts(router.decide("and what about google?", dialogue)) == [("get_stock_price", {"ticker": ("GOOGL",)})]


def test_a_pronoun_means_what_was_named_before(router: Router) -> None:
    dialogue = after(router, "how is tesla doing")
    assert acts(router.decide("add it to my watchlist", dialogue)) == [
        ("add_to_stock_watchlist", {"ticker": ("TSLA",)})
    ]
    assert acts(router.decide("any news about it?", dialogue))[0][1]["query"] == ("tesla",)
    assert router.decide("add it to my watchlist").question


def test_a_correction_takes_back_what_was_done(router: Router) -> None:
    dialogue = after(router, "add apple to my watchlist")
    assert acts(router.decide("no, I meant Tesla", dialogue)) == [
        ("remove_from_stock_watchlist", {"ticker": ("AAPL",)}),
        ("add_to_stock_watchlist", {"ticker": ("TSLA",)}),
    ]


def test_a_joke_is_explained_only_when_one_was_told(router: Router) -> None:
    assert acts(router.decide("why?", after(router, "tell me a joke"))) == [("explain_joke", {})]
    assert not router.decide("why?").acts


def test_what_fits_two_agents_is_asked_back_and_the_answer_understood(router: Router) -> None:
    asked = router.decide("something about java")
    assert asked.question == "Do you want a joke about java or the news about java or what we said about java?"
    dialogue = [Turn("something about java", (), asked.question)]
    assert acts(router.decide("the joke", dialogue)) == [("get_nerd_joke", {"topic": ("java",)})]


def test_an_offer_is_taken_with_yes(router: Router) -> None:
    offered = Turn(
        "price of AAPL", router.decide("price of AAPL").acts, "It is at $1. Shall I add AAPL to your watchlist?"
    )
    assert acts(router.decide("yes please", [offered])) == [("add_to_stock_watchlist", {"ticker": ("AAPL",)})]


def test_one_agent_alone_reads_only_its_own_skill(router: Router) -> None:
    assert not router.decide("price of AAPL", only="funny_nerd").acts


def test_every_request_that_is_delegated_is_understood_by_its_member(router: Router) -> None:
    values = {"topic": ("java", "math"), "ticker": ("AAPL", "MSFT"), "query": ("electric cars",), "number": ("5",)}
    for skill in router.skills:
        for intent in skill.intents:
            slots = {kind.rstrip("+"): values[kind.rstrip("+")] for kind in intent.slots.values() if intent.request}
            text = Act(skill, intent, slots).text(intent.request)
            if text:
                (act,) = router.decide(text, only=skill.agent).acts
                assert (act.intent.tool, act.missing()) == (intent.tool, None), text
                assert {kind: act.slots[kind] for kind in slots} == slots


def test_an_explanation_shows_what_was_extracted_and_the_scores(router: Router) -> None:
    text = explained(router.decide("price of aple and gibberish"))
    assert "aple -> {ticker}" in text
    assert "not understood: gibberish" in text
    assert "stock_analyst.quote" in text


@pytest.mark.slow
def test_a_message_takes_a_few_milliseconds(router: Router) -> None:
    texts = [case.text for case in cases()]
    started = time.perf_counter()
    for text in texts:
        router.decide(text)
    assert (time.perf_counter() - started) / len(texts) < 0.02
