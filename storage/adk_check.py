"""Whether ADK can read the events of a document: what it cannot read would break the session for good."""

from google.adk.events import Event
from pydantic import ValidationError

from storage.archive import Archive
from storage.errors import StorageError


def check_events(archive: Archive) -> None:
    """Raises StorageError when an event of the document is none that ADK knows, or not the one it is filed as."""
    for number, stored in enumerate(archive.events):
        try:
            event = Event.model_validate(stored.event_data)
        except (ValidationError, ValueError, TypeError) as error:
            raise StorageError(
                f"not an exported session: events.{number} is no event", "Nothing was written."
            ) from error
        if event.invocation_id and event.invocation_id != stored.invocation_id:
            raise StorageError(f"not an exported session: events.{number} is of another turn", "Nothing was written.")
