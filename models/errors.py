"""What went wrong with a model, as one line for a person and one on what to do.

Providers raise a hundred classes; what they share is an HTTP status (`code` in google-genai, `status_code` in LiteLLM)
or a time-out. The rest is told as it is. A model that stops by itself says why with a code (`SAFETY`, `MAX_TOKENS`);
each is told in words. What was kept is not known here, so nothing is said of it.
"""

import httpx

from settings import env_name
from storage.errors import causes
from storage.strict import encodable
from told import Told


class ModelError(Told):
    """A model cannot be used; `code` is what the model gave."""

    def __init__(self, message: str, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint)
        self.code = code


_RETRY = "Send the message again."
_LONGEST = 200
"""Characters of what a library says that are told."""
_BY_STATUS = {
    404: ("the provider does not know this model", "Check the name in MODEL or --model."),
    408: ("the model took too long", f"{_RETRY} MODEL_TIMEOUT sets the seconds to wait."),
    429: ("the model's provider limits the rate", "Wait a minute and send the message again, or use another --model."),
}

NO_ANSWER = "MODEL_RETURNED_NO_CONTENT"
"""ADK's code for a model that stopped, but said nothing."""
_FILTERED = (
    "the provider's filter for harmful content stopped it",
    "The same message would be stopped again: put it in other words, or use another --model.",
)
_BAD_CALL = (
    "the model called a tool in a way that cannot be read",
    "Send the message again; if that happens twice, put it more simply or use another --model.",
)
_BY_CODE = {
    NO_ANSWER: (
        "the model stopped without a word",
        "Send the message again; if that happens twice, put it in other words or use another --model.",
    ),
    "MAX_TOKENS": (
        "the model wrote as much as it may in one answer",
        "Ask for less at once, or for the rest; the same message would most likely end in the same way.",
    ),
    "RECITATION": (
        "it came too close to a text that somebody else has published",
        "Ask for it in the model's own words, or for less of it; the same message would be stopped again.",
    ),
    "LANGUAGE": (
        "the model does not know the language",
        "Write in another language, or use another --model.",
    ),
    **dict.fromkeys(("SAFETY", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "JAILBREAK", "MODEL_ARMOR"), _FILTERED),
    **dict.fromkeys(("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT"), _FILTERED),
    **dict.fromkeys(("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"), _BAD_CALL),
}
_NO_REASON = "the model gave no reason"
_REPHRASE = "Send the message again, put it in other words, or use another --model."


def in_words(code: str, said: str = "", *, cut: bool = False) -> ModelError:
    """What the code means with which a model stopped.

    Args:
        code: As the model gave it.
        said: What the model's provider said of it, for codes that are not known here.
        cut: Whether there is an answer, which then is not whole.
    """
    reason, hint = _BY_CODE.get(code) or (_words(said) or _NO_REASON, _REPHRASE)
    named = "" if code == NO_ANSWER else f" ({_one_line(code)})"
    return ModelError(f"{'the answer is not whole' if cut else 'there is no answer'}: {reason}{named}", hint, code)


def too_many_calls(limit: int) -> ModelError:
    """Why a turn that has asked its models so often is stopped."""
    hint = "Ask for less at once; TURN_MODEL_CALLS sets how often a turn may ask."
    return ModelError(f"the turn was stopped: it had asked its models {limit} times", hint)


def explain(error: BaseException) -> tuple[str, str]:
    """One line on what happened and one on what to do, for an error that ended a turn.

    One of ours that says something is told as it is.
    """
    for cause in causes(error):
        if isinstance(cause, Told) and _words(str(cause)):
            return str(cause), cause.hint
        if isinstance(cause, TimeoutError | httpx.TimeoutException):
            return _BY_STATUS[408]
        status = _status(cause)
        if status in (401, 403) or (status == 400 and "api key" in str(cause).lower()):
            return _refused()
        if status in _BY_STATUS:
            return _BY_STATUS[status]
        if status is not None and status >= 500:
            return f"the model's provider has a problem (HTTP {status})", _RETRY
        if isinstance(cause, httpx.TransportError | ConnectionError):
            return "the model's provider cannot be reached", "Check the network, or use --model offline."
    return _line(error), f"{_RETRY} --debug writes the details to the log file."


def _refused() -> tuple[str, str]:
    hint = f"Check the key in {env_name()} (GOOGLE_API_KEY, or your provider's), or use --model offline."
    return "the model's provider refused the key", hint


def _status(error: BaseException) -> int | None:
    for name in ("status_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and 100 <= value < 600:
            return value
    return None


def _line(error: BaseException) -> str:
    for cause in causes(error, contexts=False):
        error = cause
    text = str(error)
    return _words(text) or _one_line(f"it failed with {type(error).__name__}{text and f': {text}'}")


def _words(text: str) -> str:
    """The text in one short line; empty when it is a bare code or nothing."""
    line = _one_line(text)
    return line if " " in line else ""


def _one_line(text: str) -> str:
    return " ".join(encodable(text).split())[:_LONGEST]
