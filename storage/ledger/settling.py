"""Turns that were left running by a dead owner end as interrupted: by one of those who find them, in one transaction.

It is done only while the owner's lease has the beat that it was seen to stand still at. A turn keeps its owner: one
that was only frozen finds there that the turn was ended without it. Its lease stays while turns of other users run
under it, to tell those who open their sessions that it is dead.
"""

from datetime import UTC, datetime

from storage.leases import Lease, Owner, Watch, drop, of_user, others
from storage.ledger.entries import TurnEnded
from storage.ledger.posting import end_turn
from storage.ledger.statements import RUNS, Execute
from storage.schema.tables import INTERRUPTED, RUNNING
from storage.scope import SessionKey, TurnKey, User

GONE = "the program ended before the answer"
SILENT = "nothing more was heard of the program that was to answer"


def settle_dead(execute: Execute, watch: Watch, user: User | None, lease: Lease | None = None) -> int:
    """Looks once who else runs turns, and ends those of the dead; returns how many turns that were.

    Args:
        execute: Runs statements in a transaction that may write.
        watch: Knows what was seen before.
        user: Whose sessions; all when left out.
        lease: One's own.
    """
    return sum(settle(execute, owner, user) for owner in watch.dead(others(execute, user, lease)))


def settle(execute: Execute, owner: Owner, user: User | None) -> int:
    """Ends what a dead owner left running in a user's sessions; returns how many turns, none when it has moved."""
    if not _stands(execute, owner):
        return 0
    where, values = of_user(user)
    left = execute(
        "SELECT app_name, user_id, session_id, invocation_id FROM turns"
        f" WHERE {RUNS} AND COALESCE(owner, '') = :owner{where}",
        {"owner": owner.name, **values},
    )
    end = TurnEnded(datetime.now(UTC), INTERRUPTED, "", None, GONE if owner.is_gone() else SILENT)
    ended = [end_turn(execute, TurnKey(SessionKey(*row[:3]), row[3]), end, statuses=(RUNNING,)) for row in left]
    drop(execute, owner.name)
    return sum(ended)


def _stands(execute: Execute, owner: Owner) -> bool:
    """Whether an owner is as it was seen; from here on it cannot move until the transaction is over."""
    if owner.beat is None:
        return not execute("SELECT 1 FROM leases WHERE owner = :owner", {"owner": owner.name})
    held = "UPDATE leases SET beat = beat WHERE owner = :owner AND beat = :beat RETURNING owner"
    return bool(execute(held, {"owner": owner.name, "beat": owner.beat}))
