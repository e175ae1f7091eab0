"""What a door needs of whoever opens it."""

from typing import Protocol

from memory.store import Store


class HasStore(Protocol):
    """Something that has the store: a `MemoryClient`."""

    @property
    def store(self) -> Store:
        """The store."""
        ...
