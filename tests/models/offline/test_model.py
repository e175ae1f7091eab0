"""The offline model as ADK sees it: parts, streams, usage, and never a tool that is not there."""

from google.adk.models import LlmRequest, LlmResponse
from google.genai import types
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.offline.model import OfflineModel
from models.offline.request import tell_user_name
from tests.models.offline.conftest import called, request, returned, user
from tests.routing.evaluate import Team

CUES = ("add", "it,", "not", "no", "AAPL", "joke?", "and", "java", "news", "about", "what", "one")
ALL = ("funny_nerd", "stock_analyst", "news_analyst", "librarian", "add_to_stock_watchlist", "get_user_preferences")


async def responses(model: OfflineModel, asked: LlmRequest, stream: bool = False) -> list[LlmResponse]:
    return [response async for response in model.generate_content_async(asked, stream)]


def text_of(response: LlmResponse) -> str:
    assert response.content is not None
    return "".join(part.text or "" for part in response.content.parts or [])


def calls_of(parts: list[types.Part]) -> list[tuple[str | None, dict[str, object] | None]]:
    return [(part.function_call.name, part.function_call.args) for part in parts if part.function_call]


def test_several_requests_become_several_calls_in_the_order_asked(manager: OfflineModel) -> None:
    parts = manager.answer(request(user("price of AAPL, put NVDA on my watchlist and a joke about java"), tools=ALL))
    assert calls_of(parts) == [
        ("stock_analyst", {"request": "What is the stock price of AAPL?"}),
        ("add_to_stock_watchlist", {"ticker": "NVDA"}),
        ("funny_nerd", {"request": "Tell me a joke about java."}),
    ]


def test_a_member_calls_its_tool_once_for_each_ticker(offline_team: Team) -> None:
    asked = request(user("What is the stock price of AAPL and MSFT?"), tools=["get_stock_price"])
    parts = offline_team.members["stock_analyst"].answer(asked)
    assert calls_of(parts) == [("get_stock_price", {"ticker": "AAPL"}), ("get_stock_price", {"ticker": "MSFT"})]


def test_a_member_says_so_when_a_request_is_not_its_own(offline_team: Team) -> None:
    parts = offline_team.members["funny_nerd"].answer(request(user("bake a cake"), tools=["get_nerd_joke"]))
    assert not calls_of(parts)
    assert parts[0].text is not None
    assert parts[0].text.startswith("I can't map that")


def test_a_tool_that_the_request_does_not_declare_is_never_called(manager: OfflineModel) -> None:
    parts = manager.answer(request(user("tell me a joke and the price of AAPL"), tools=["stock_analyst"]))
    assert [name for name, _ in calls_of(parts)] == ["stock_analyst"]
    assert not calls_of(manager.answer(request(user("tell me a joke"))))


async def test_streamed_pieces_add_up_to_the_final_text(manager: OfflineModel) -> None:
    streamed = await responses(manager, request(user("what can you do?"), tools=ALL), stream=True)
    *pieces, final = streamed
    assert len(pieces) > 3
    assert all(piece.partial for piece in pieces)
    assert "".join(map(text_of, pieces)) == text_of(final)
    assert not final.partial


async def test_calls_are_not_streamed_in_pieces(manager: OfflineModel) -> None:
    assert len(await responses(manager, request(user("tell me a joke"), tools=ALL), stream=True)) == 1


async def test_usage_is_always_filled(manager: OfflineModel) -> None:
    (answer,) = await responses(manager, request(user("hello"), tools=ALL))
    usage = answer.usage_metadata
    assert usage is not None
    assert usage.prompt_token_count and usage.candidates_token_count
    assert usage.total_token_count == usage.prompt_token_count + usage.candidates_token_count
    assert answer.model_version == "offline"


def test_delegated_answers_are_joined_in_order_without_being_repeated(manager: OfflineModel) -> None:
    asked = request(
        user("a java joke and the headlines"),
        called("funny_nerd", request="Tell me a joke about java."),
        returned(("funny_nerd", {"result": "Why?\n\nBecause."}), ("news_analyst", {"result": "- one\n- two"})),
        tools=ALL,
    )
    assert manager.answer(asked)[0].text == "Why?\n\nBecause.\n\n- one\n- two"


def test_a_result_is_told_in_the_words_of_the_question(manager: OfflineModel) -> None:
    preferences = {"stock_watchlist": ["NVDA"], "joke_preferences": ["math"], "nerd_topics": [], "favorite_agent": None}
    result = {"status": "success", "user_name": "Sam", "preferences": preferences}
    told = {}
    for question in ("who am I?", "what's on my watchlist?", "which jokes do I like?"):
        asked = request(user(question), called("get_user_preferences"), returned(("get_user_preferences", result)))
        told[question] = manager.answer(asked)[0].text
    assert (
        told["who am I?"] == "You are Sam. What I have noted:\n\n- on your watchlist: NVDA\n- you like jokes about math"
    )
    assert told["what's on my watchlist?"] == "1 stock on your watchlist: NVDA."
    assert told["which jokes do I like?"] == "You like jokes about math."


def test_an_error_is_told_as_an_error(manager: OfflineModel) -> None:
    failed = {"status": "error", "error_message": "The record could not be written."}
    asked = request(
        user("add NVDA to my watchlist"),
        called("add_to_stock_watchlist", ticker="NVDA"),
        returned(("add_to_stock_watchlist", failed)),
    )
    assert manager.answer(asked)[0].text == "That did not work: the record could not be written."


def test_the_name_it_is_told_is_used_in_greetings_whatever_the_instruction_says(manager: OfflineModel) -> None:
    asked = request(user("hi"), tools=ALL, system="Be kind.\nThe user's name is Eve.")
    (stranger,) = manager.answer(asked)
    assert "Eve" not in (stranger.text or "")
    tell_user_name(asked, "Dr. No. 7\n(retired)")
    (greeting,) = manager.answer(asked)
    assert (greeting.text or "").startswith("Hello, Dr. No. 7\n(retired)!")


def test_the_same_request_has_the_same_answer(manager: OfflineModel) -> None:
    asked = request(user("news about AI and my stocks"), tools=ALL)
    assert manager.answer(asked) == OfflineModel(skills=manager.skills).answer(asked)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=300), st.lists(st.sampled_from(CUES), max_size=20).map(" ".join)))
def test_any_text_is_answered(manager: OfflineModel, text: str) -> None:
    assert manager.answer(request(user(text), tools=ALL))


def test_a_request_without_contents_is_answered(manager: OfflineModel) -> None:
    assert manager.answer(request())[0].text
