"""Whatever a provider's library raises is one line for a person and one on what to do."""

from collections.abc import Callable

import httpx
import pytest
from google.genai.errors import ClientError, ServerError

from models.errors import ModelError, explain


class ProviderError(Exception):
    """As libraries raise it: with the HTTP status in an attribute of their own choice."""

    def __init__(self, message: str = "", **attributes: object) -> None:
        super().__init__(message)
        vars(self).update(attributes)


def wrapped(error: BaseException) -> BaseException:
    try:
        try:
            raise error
        except BaseException as inner:
            raise RuntimeError("the agent failed") from inner
    except RuntimeError as outer:
        return outer


def met_while_handling(error: BaseException) -> BaseException:
    try:
        try:
            raise error
        except BaseException:
            raise RuntimeError("the agent failed")  # noqa: B904  (the implicit context is what is tested)
    except RuntimeError as outer:
        return outer


STATUSES = {
    401: "refused the key",
    403: "refused the key",
    404: "does not know this model",
    408: "too long",
    429: "limits the rate",
    500: "has a problem (HTTP 500)",
    503: "has a problem (HTTP 503)",
}


@pytest.mark.parametrize("name", ["code", "status_code"])
@pytest.mark.parametrize("wrap", [lambda error: error, wrapped, met_while_handling])
def test_a_status_says_what_happened_however_it_is_wrapped(
    name: str, wrap: Callable[[BaseException], BaseException]
) -> None:
    for status, line in STATUSES.items():
        message, hint = explain(wrap(ProviderError("a long text", **{name: status})))
        assert line in message and hint
        assert "\n" not in message + hint


@pytest.mark.parametrize(
    "error",
    [
        ClientError(400, {"error": {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}}),
        ProviderError("Please pass a valid API KEY", status_code=400),
    ],
)
def test_a_bad_request_about_the_key_is_a_refused_key(error: Exception) -> None:
    message, hint = explain(error)
    assert "refused the key" in message and "GOOGLE_API_KEY" in hint


def test_any_other_bad_request_is_told_as_it_is() -> None:
    error = ProviderError("the prompt is too long", code=400)
    assert explain(error)[0] == "the prompt is too long"


def test_errors_of_google_genai_are_known() -> None:
    limited = ClientError(429, {"error": {"code": 429, "message": "quota", "status": "RESOURCE_EXHAUSTED"}})
    assert "limits the rate" in explain(limited)[0]
    broken = ServerError(503, {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}})
    assert "HTTP 503" in explain(broken)[0]


@pytest.mark.parametrize("error", [TimeoutError(), TimeoutError(), httpx.ReadTimeout("slow")])
def test_a_time_out_is_a_model_that_took_too_long(error: Exception) -> None:
    for raised in (error, wrapped(error)):
        message, hint = explain(raised)
        assert "too long" in message and "MODEL_TIMEOUT" in hint


@pytest.mark.parametrize(
    "error", [ConnectionRefusedError(), ConnectionResetError(), httpx.ConnectError("no route"), httpx.ReadError("cut")]
)
def test_a_lost_connection_is_a_provider_that_cannot_be_reached(error: Exception) -> None:
    for raised in (error, wrapped(error)):
        message, hint = explain(raised)
        assert "cannot be reached" in message and "network" in hint


def test_our_own_line_wins_over_what_caused_it() -> None:
    error = ModelError("no such luck", "Try again.")
    error.__cause__ = ProviderError(code=429)
    assert explain(error) == explain(wrapped(error)) == ("no such luck", "Try again.")


def test_anything_else_is_its_own_text_in_one_short_line() -> None:
    assert explain(ValueError("one\n  two"))[0] == "one two"
    assert explain(ValueError())[0] == "it failed with ValueError"
    assert explain(ValueError("429"))[0] == "it failed with ValueError: 429"
    assert explain(ValueError("half a \ud800 character"))[0] == "half a \ufffd character"
    assert len(explain(ValueError("x" * 5000))[0]) == 200
    assert explain(wrapped(ValueError("the cause")))[0] == "the cause"


@pytest.mark.parametrize("value", ["429", True, 42, 9999, None, object()])
def test_what_is_no_http_status_is_not_taken_for_one(value: object) -> None:
    assert explain(ProviderError("told as it is", code=value))[0] == "told as it is"


def test_causes_that_go_round_in_a_circle_end() -> None:
    one, other = ValueError("one"), ValueError("other")
    one.__context__, other.__context__ = other, one
    assert explain(one)[0] in ("it failed with ValueError: one", "it failed with ValueError: other")
