"""What memory refuses, each told in one line. Nothing is changed when one is raised; an outage is none of these."""

from typing import TYPE_CHECKING

from storage.errors import StorageError

if TYPE_CHECKING:
    from storage.memory.entries import Entry


class MemoryRefusedError(StorageError):
    """What was asked of memory cannot be."""


class ConflictError(MemoryRefusedError):
    """Another one was there first: what stands keeps standing.

    Attributes:
        entry: What stands; None when nothing does.
    """

    def __init__(self, message: str, hint: str = "", *, entry: "Entry | None" = None) -> None:
        super().__init__(message, hint)
        self.entry = entry

    @property
    def version(self) -> int:
        """The version that stands; 0 when none does."""
        return self.entry.version if self.entry else 0


class WrongTypeError(MemoryRefusedError):
    """The value under a key is not one that can be changed so."""

    def __init__(self, key: str, found: str, needed: str) -> None:
        super().__init__(f"{key!r} holds {found}, and needs {needed} for this; it stays as it is")


class TooLargeError(MemoryRefusedError):
    """There is more of it than is kept."""


class BadNameError(MemoryRefusedError):
    """Nothing can be called that."""


class BadValueError(MemoryRefusedError):
    """It cannot be kept, or an argument cannot be."""


class StatusError(MemoryRefusedError):
    """What is in one status cannot come into another."""


class NotThereError(MemoryRefusedError):
    """It is not there, or it is somebody else's."""
