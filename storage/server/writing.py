"""The connection that writes to a server: one job after the other, and all that waits meanwhile in one transaction.

A transaction takes the database's one write lock before anything else, so that all who write queue, as they do on a
file: what it reads stays as it is until it commits, and numbers that rise do so in the order of the commits. The lock
goes with the transaction, and with the connection. Of several jobs in one transaction each is behind a savepoint, so
that one that fails takes nothing with it.

What was lost before its commit is done anew. Of a commit that was not answered nobody knows, and it is told so.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from storage.errors import StorageError, UnknownOutcomeError
from storage.events.thread import Job, Outcome, Worker
from storage.ledger.statements import Values
from storage.server.connection import ServerConnection, has_rows
from storage.server.opening import CLOCK, Clock

if TYPE_CHECKING:
    import psycopg

LOCK = 0x706D612D77726974
"""The write lock's number: the same for every version of the program, for ever."""
_TAKE = f"SELECT pg_advisory_xact_lock({LOCK}), {CLOCK}"
"""The lock, and then the time."""
_TRIES = 3
_STALE = ("0A000", "26000")
"""A plan that the server kept is none any more: tables have changed, or somebody between has changed the connection."""
_PASSING = ("40001", "40P01", *_STALE)
_REFUSED = "23"
_SENT_AWAY = "25P03"
"""For standing still: the server has not seen what was sent to it then."""
_NOT_KEPT = (_REFUSED, "40", _SENT_AWAY)
_UNKNOWN = "40003"


class Writing:
    """For one thread, its own."""

    def __init__(self, told: Mapping[str, Any], milliseconds: int, clock: Clock) -> None:
        """Args: as those of `ServerLog`."""
        # the wait for the lock is a statement too, and ends by itself before
        self.connection = ServerConnection(
            told,
            f"SET default_transaction_isolation = 'read committed'; SET lock_timeout = {milliseconds};"
            f" SET statement_timeout = {2 * milliseconds};"
            f" SET idle_in_transaction_session_timeout = {milliseconds // 2}",
        )
        self._clock = clock
        self._taken: psycopg.Cursor[Any] | None = None
        self.worker = Worker("server-writes", self._run, self.connection.close)

    def execute(self, statement: str, values: Values) -> Sequence[Sequence[Any]]:
        """Runs a statement with named parameters, and returns its rows."""
        rows = self.connection.execute(statement, values)
        self._tell()
        return rows

    def _run(self, jobs: Sequence[Job]) -> list[Outcome]:
        outcomes = tried(self.connection, lambda: self._in_one(jobs), len(jobs))
        return outcomes or [outcome for job in jobs for outcome in self._run([job])]

    def _in_one(self, jobs: Sequence[Job]) -> list[Outcome]:
        """How each job went; empty when of several one was refused by the commit, and none was kept."""
        self.connection.begin()
        self._taken = self.connection.send(_TAKE)
        outcomes: list[Outcome] = [self._apart(job) if len(jobs) > 1 else (job.work(), None) for job in jobs]
        if self._taken:  # only who has the lock asks for a commit: what is lost before it can be done anew
            self.connection.sync()
            self._tell()
        try:
            self._commit()
        except Exception as error:
            if len(jobs) > 1 and _state(error).startswith(_REFUSED):
                return []
            raise
        return outcomes

    def _apart(self, job: Job) -> Outcome:
        """A job that leaves nothing behind when it fails; what ends the whole transaction is raised."""
        try:
            self.connection.send("SAVEPOINT job")
            result = job.work()
            self.connection.send("RELEASE job")
            self.connection.sync()
            self._tell()
        except Exception as error:
            self._tell()
            if self._taken or may_pass(self.connection, error):
                raise
            self.connection.restore()
            return None, error
        return result, None

    def _tell(self) -> None:
        """Tells the server's time as soon as it is there."""
        if self._taken and has_rows(self._taken):
            self._clock.tell(self._taken.fetchall()[0][-1])
            self._taken = None

    def _commit(self) -> None:
        try:
            committed = self.connection.send("COMMIT")
            self.connection.leave()
        except Exception as error:
            state = _state(error)
            if self.connection.has_failed or (state.startswith(_NOT_KEPT) and state != _UNKNOWN):
                raise
            raise UnknownOutcomeError from error
        if committed.statusmessage != "COMMIT":
            raise _HiddenError


class _HiddenError(StorageError):
    """A job has gone on after an error of the database, which then keeps nothing of it."""

    def __init__(self) -> None:
        super().__init__("the database has kept nothing", "--debug writes the details to the log file.")


def tried(connection: ServerConnection, run: Callable[[], list[Outcome]], count: int) -> list[Outcome]:
    """What `run` returns, when what may pass has passed; else its error for each of so many."""
    for left in reversed(range(_TRIES)):
        try:
            return run()
        except BaseException as error:
            again = left and may_pass(connection, error)
            connection.reset()
            if _state(error) in _STALE:
                connection.close()
            if not again:
                return [(None, error)] * count
    raise AssertionError("the last try returns")


def may_pass(connection: ServerConnection, error: BaseException) -> bool:
    """Whether nothing was kept for a reason that may be gone at once."""
    return not isinstance(error, UnknownOutcomeError) and (connection.is_lost or _state(error) in _PASSING)


def _state(error: BaseException) -> str:
    """PostgreSQL's code of an error, as its driver raises it and as SQLAlchemy does."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""
