"""What went wrong with a model, as one line for a person and one on what to do.

Providers raise a hundred classes; what they share is an HTTP status (`code` in google-genai, `status_code` in LiteLLM)
or a time-out. The rest is told as it is.
"""

from collections.abc import Iterator

import httpx


class ModelError(Exception):
    """A model cannot be used; `str()` is one line for a person, `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


_RETRY = "Nothing is lost: send the message again."
_KEY = "Check the key in .env (GOOGLE_API_KEY, or your provider's), or use --model offline."
_BY_STATUS = {
    401: ("the model's provider refused the key", _KEY),
    403: ("the model's provider refused the key", _KEY),
    404: ("the provider does not know this model", "Check the name in MODEL or --model."),
    408: ("the model took too long", f"{_RETRY} MODEL_TIMEOUT sets the seconds to wait."),
    429: ("the model's provider limits the rate", "Wait a minute and send the message again, or use another --model."),
}


def explain(error: BaseException) -> tuple[str, str]:
    """One line on what happened and one on what to do, for an error that ended a turn."""
    for cause in _causes(error):
        if isinstance(cause, ModelError):
            return str(cause), cause.hint
        if isinstance(cause, TimeoutError | httpx.TimeoutException):
            return _BY_STATUS[408]
        status = _status(cause)
        if status == 400 and "api key" in str(cause).lower():
            return _BY_STATUS[401]
        if status in _BY_STATUS:
            return _BY_STATUS[status]
        if status is not None and status >= 500:
            return f"the model's provider has a problem (HTTP {status})", _RETRY
        if isinstance(cause, httpx.TransportError | ConnectionError):
            return "the model's provider cannot be reached", "Check the network, or use --model offline."
    return _line(error), f"{_RETRY} --debug writes the details to the log file."


def _causes(error: BaseException, *, contexts: bool = True) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on; with `contexts`, also what was being handled."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (current.__context__ if contexts else None)


def _status(error: BaseException) -> int | None:
    for name in ("status_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and 100 <= value < 600:
            return value
    return None


def _line(error: BaseException) -> str:
    for cause in _causes(error, contexts=False):
        error = cause
    text = " ".join(str(error).split())
    return text[:200] if text else type(error).__name__
