"""The beat of a lease: raised on the thread of the event log, so that a loop that is busy does not look dead.

It beats only while a turn runs under the lease; a program in which nothing happens writes nothing.
"""

import logging
import sqlite3
import time

from storage.errors import StorageError
from storage.events.connection import WarmConnection
from storage.leases import Lease, beat, release

logger = logging.getLogger(__name__)


class Heart:
    """A lease and the connection that it beats through; for the thread of that."""

    def __init__(self, connection: WarmConnection, lease: Lease, interval: float) -> None:
        """Args: where the lease is, the lease, and the seconds between two beats."""
        self._connection = connection
        self._lease = lease
        self._interval = interval
        self._beats = False
        self._taken = False
        self._due = 0.0

    def begin(self) -> None:
        """A turn begins, and takes the lease: from now on it beats, as long as one runs."""
        if not self._beats:
            self._due = time.monotonic() + self._interval
            self._beats = self._taken = True

    def rest(self) -> float | None:
        """Beats when it is time; returns the seconds to the next beat, None when there is none."""
        if self._beats and (left := self._due - time.monotonic()) > 0:
            return left
        if self._beats:
            self._due = time.monotonic() + self._interval
            self._beat()
        return self._interval if self._beats else None

    def end(self) -> None:
        """Gives the lease back.

        Raises:
            sqlite3.Error, StorageError: It cannot be written.
        """
        if self._taken:
            self._connection.write(lambda: release(self._connection.execute, self._lease))

    def _beat(self) -> None:
        try:
            self._beats = self._connection.write(lambda: beat(self._connection.execute, self._lease))
        except (sqlite3.Error, StorageError, OSError):
            logger.warning("a lease could not beat; it is tried again", exc_info=True)
