"""The beat of a lease: raised on the thread of the event log, so that a loop that is busy does not look dead.

It beats only while a turn runs under the lease; a program in which nothing happens writes nothing. A turn whose end
could not be written is ended by the next beat: else it would run as long as the program, and keep its session from
others.
"""

import logging
import sqlite3
import time
from collections.abc import Collection
from datetime import UTC, datetime

from storage.errors import StorageError
from storage.events.connection import WarmConnection
from storage.leases import Lease, beat, drop
from storage.ledger.entries import TurnEnded
from storage.ledger.posting import end_turn
from storage.schema.tables import INTERRUPTED, RUNNING
from storage.scope import TurnKey

logger = logging.getLogger(__name__)

UNWRITTEN = "its end could not be written"


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
        self._left: set[TurnKey] = set()

    def begin(self) -> None:
        """A turn begins, and takes the lease: from now on it beats, as long as one runs."""
        if not self._beats:
            self._due = time.monotonic() + self._interval
            self._beats = self._taken = True

    def leave(self, key: TurnKey) -> None:
        """A turn is over, and its end could not be written; from any thread."""
        self._left.add(key)

    def is_left(self, key: TurnKey) -> bool:
        """Whether a turn is over, though it is not written so."""
        return key in self._left

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
            self._connection.write(lambda: drop(self._connection.execute, self._lease.owner))

    def _beat(self) -> None:
        left = tuple(self._left)
        try:
            self._beats = self._connection.write(lambda: self._end_and_beat(left))
            self._left.difference_update(left)
        except (sqlite3.Error, StorageError, OSError):
            logger.warning("a lease could not beat; it is tried again", exc_info=True)

    def _end_and_beat(self, left: Collection[TurnKey]) -> bool:
        for key in left:
            end = TurnEnded(datetime.now(UTC), INTERRUPTED, "", None, UNWRITTEN)
            end_turn(self._connection.execute, key, end, statuses=(RUNNING,))
        return beat(self._connection.execute, self._lease)
