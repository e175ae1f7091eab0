"""What is said of a turn that failed: what happened, what is kept of it and what is not, and what to do.

That something is kept is said only where it is known: where it was committed before, or read back afterwards.
"""

from enum import Enum

from google.adk.errors.session_not_found_error import SessionNotFoundError

from conversation.events import TurnError, TurnFinished
from models.errors import explain
from storage.errors import MissingError, failure_of_storage
from storage.schema.tables import FAILED


class Kept(Enum):
    """What of a failed turn is in the database for certain."""

    NOTHING = "Your message was not kept: send it again."
    MESSAGE = "Your message is kept, its answer is not: send it again."
    UNENDED = "Your message is kept, its answer is not; it will be marked as interrupted."
    SHOWN = "What was shown is kept."
    UNKNOWN = "Whether your message is kept is not known: look at the history before you send it again."


def told(error: BaseException, kept: Kept) -> tuple[str, str]:
    """One line on what ended a turn, and one on what is kept of it and what to do."""
    if is_deleted(error):
        return str(MissingError()), "Send the message again: it begins a new session."
    message, hint = explained(error)
    if failure_of_storage(error) is None and kept is Kept.MESSAGE:
        return message, hint
    return message, " ".join(filter(None, (hint, kept.value)))


def explained(error: BaseException) -> tuple[str, str]:
    """One line on what happened and one on what to do, whether it is the model or the database that failed."""
    return explain(failure_of_storage(error) or error)


def before_any_event(error: BaseException) -> Kept:
    """What is kept of a turn that failed before its message was known to be: one that ran out of time may yet be."""
    return Kept.UNKNOWN if isinstance(error.__cause__, TimeoutError) else Kept.NOTHING


def unopened(error: Exception, model: str) -> tuple[TurnError, TurnFinished]:
    """All that happens in a turn that could not begin: nothing of it was written."""
    return TurnError(*told(error, Kept.NOTHING)), TurnFinished("", FAILED, model, 0, 0, 0, 0.0)


def is_deleted(error: BaseException) -> bool:
    """Whether it says that the session is not there any more."""
    return isinstance(error, SessionNotFoundError) or isinstance(failure_of_storage(error), MissingError)
