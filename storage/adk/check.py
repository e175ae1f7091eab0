"""Whether ADK can read the events of a document: what it cannot read would break the session for good."""

from google.adk.events import Event
from pydantic import ValidationError

from storage.queries.archive_document import Archive, refused

_SAME_TIME = 0.001
"""Seconds that an event and the row it is filed in may differ by."""


def check_events(archive: Archive) -> None:
    """Raises StorageError when an event of the document is none that ADK knows, or not the one it is filed as."""
    for number, stored in enumerate(archive.events):
        where = f"events.{number}"
        try:
            event = Event.model_validate(stored.event_data)
        except (ValidationError, ValueError, TypeError, RecursionError) as error:
            raise refused(where, "is no event") from error
        if stored.event_data.get("invocation_id") != stored.invocation_id:
            raise refused(where, "is of another turn")
        if stored.event_data.get("id") != stored.id:
            raise refused(where, "has another id in its data")
        if not abs(event.timestamp - stored.timestamp.timestamp()) <= _SAME_TIME:
            raise refused(where, "has another time in its data")
        if not event.author.isprintable():
            raise refused(where, "has an author that cannot be seen")
