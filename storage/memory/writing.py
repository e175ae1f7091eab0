"""How an entry is written: read, changed and kept in one transaction, with its history and the feed.

**The stricter holds.** An entry keeps the strategy that it was created with, and a later writer may ask for more, never
for less: of `last_write_wins`, `merge`, `first_write_wins` and `reject`, each is stricter than those before it. What
was created with `first_write_wins` or `reject` is not changed by anybody, with whatever strategy, operation or expected
version; it can be deleted, or expire, and then be created anew.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, NamedTuple

from storage.ledger.statements import Execute
from storage.memory import history
from storage.memory.changing import CREATED, Change, Operation
from storage.memory.entries import Entry, Stored
from storage.memory.errors import BadValueError, ConflictError
from storage.memory.removing import present
from storage.memory.scopes import STATE, Scope
from storage.memory.values import MOST_STATE, MOST_VALUE, fitting, kind_of

LAST_WRITE_WINS = "last_write_wins"
MERGE = "merge"
FIRST_WRITE_WINS = "first_write_wins"
REJECT = "reject"
STRATEGIES = (LAST_WRITE_WINS, MERGE, FIRST_WRITE_WINS, REJECT)
"""Each is stricter than those before it."""
LONGEST_TTL = 100 * 366 * 24 * 60 * 60
"""Seconds that an entry may be there for, when it is to expire at all."""


class Keep(Enum):
    """What is not named stays as it is."""

    KEEP = "as it is"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Terms:
    """What a writer asks for beside the new value.

    Attributes:
        by: The agent that writes.
        strategy: What is to be done when there is an entry.
        expected: The version that it must have, 0 for none; None for any.
        ttl: Seconds until it expires, None for never; of an entry that is changed, `KEEP` keeps it.
        metadata: What is said of it, as JSON; `KEEP` likewise.

    Raises:
        BadValueError: One of them cannot be.
    """

    by: str
    strategy: str = LAST_WRITE_WINS
    expected: int | None = None
    ttl: float | Keep | None = KEEP
    metadata: str | Keep = KEEP

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise BadValueError(f"there is no strategy {self.strategy!r}", f"There are {', '.join(STRATEGIES)}.")
        if self.expected is not None and (type(self.expected) is not int or self.expected < 0):
            raise BadValueError(f"expected_version must be a version, or 0 for none, not {self.expected!r}")
        if not (self.ttl is None or self.ttl is KEEP):
            _check_ttl(self.ttl)


class Put(NamedTuple):
    """What has come of writing: the row that stands now, and whether it is what was written."""

    stored: Stored
    applied: bool


def put(execute: Execute, scope: Scope, key: str, operation: Operation, terms: Terms, at: datetime) -> Put:
    """Creates an entry, or changes the one that is there.

    Raises:
        ConflictError: There is one and it is, or is asked to be, created only once; or it has another version.
        WrongTypeError, BadValueError, TooLargeError: It cannot be changed so.
    """
    before = present(execute, scope, key, at)
    _refuse_other_version(scope, key, before, terms.expected)
    if before is None:
        return _create(execute, scope, key, operation.absent, terms, at)
    strategy = max(before.strategy, terms.strategy, key=STRATEGIES.index)
    if strategy == REJECT:
        raise ConflictError(
            f"{key!r} is there since {before.created_at:%Y-%m-%d %H:%M:%S} UTC, and is not written again",
            "Delete it first, or use another key.",
            entry=Entry.of(scope, before),
        )
    if strategy == FIRST_WRITE_WINS:
        return Put(before, False)
    return _change(execute, scope, before, operation.change(before.value, strategy == MERGE), terms, at)


def change(execute: Execute, scope: Scope, key: str, operation: Operation, terms: Terms, at: datetime) -> Stored:
    """As `put`, for who must have it applied.

    Raises:
        ConflictError: As `put`; or the entry's first writer has won.
    """
    stored, applied = put(execute, scope, key, operation, terms, at)
    if applied:
        return stored
    raise ConflictError(
        f"{key!r} was created with first_write_wins, and is not changed",
        "Delete it first, or use another key.",
        entry=Entry.of(scope, stored),
    )


def _create(execute: Execute, scope: Scope, key: str, value: str, terms: Terms, at: datetime) -> Put:
    metadata = "{}" if terms.metadata is KEEP else terms.metadata
    expires_at = _expiry(terms.ttl, None, at)
    made = Stored(key, value, 1, terms.strategy, metadata, at, terms.by, at, terms.by, expires_at)
    return _kept(execute, scope, made, Change(value, CREATED, value))


def _change(execute: Execute, scope: Scope, before: Stored, done: Change, terms: Terms, at: datetime) -> Put:
    after = before._replace(
        value=done.value,
        version=before.version + 1,
        metadata=before.metadata if terms.metadata is KEEP else terms.metadata,
        updated_at=at,
        updated_by=terms.by,
        expires_at=_expiry(terms.ttl, before.expires_at, at),
    )
    return _kept(execute, scope, after, done)


def _kept(execute: Execute, scope: Scope, after: Stored, done: Change) -> Put:
    most = MOST_STATE if scope.kind == STATE else MOST_VALUE
    fitting(after.value, f"the value of {after.key!r}", most)
    if scope.kind == STATE and after.value[0] != "{":
        raise BadValueError(f"the state of {scope.id!r} must be a dict, not {kind_of(after.value)}")
    execute(_UPSERT, {**scope.values, **after._asdict()})
    history.record(execute, scope, after.key, after.version, done.kind, done.told, after.updated_by, after.updated_at)
    return Put(after, True)


def _refuse_other_version(scope: Scope, key: str, before: Stored | None, expected: int | None) -> None:
    version = before.version if before else 0
    if expected is None or expected == version:
        return
    found = f"has version {version}" if before else "is not there"
    raise ConflictError(
        f"{key!r} {found}, not version {expected}" if expected else f"{key!r} is there already, in version {version}",
        "Read it again.",
        entry=Entry.of(scope, before) if before else None,
    )


def _expiry(ttl: float | Keep | None, present: datetime | None, at: datetime) -> datetime | None:
    if ttl is None:
        return None
    return present if isinstance(ttl, Keep) else at + timedelta(seconds=ttl)


def _check_ttl(ttl: object) -> None:
    if isinstance(ttl, bool) or not isinstance(ttl, (int, float)) or not 0 < ttl <= LONGEST_TTL:
        raise BadValueError(f"ttl_seconds must be a number of seconds above 0 and up to {LONGEST_TTL:,}, not {ttl!r}")


_SCOPED = ("tenant", "user_id", "scope", "scope_id", "key")
_REPLACED = tuple(field for field in Stored._fields if field != "key")
_NAMES = (*_SCOPED, *_REPLACED)
_UPSERT = (
    f"INSERT INTO memory_entries ({', '.join(_NAMES)}) VALUES ({', '.join(f':{name}' for name in _NAMES)})"
    f" ON CONFLICT ({', '.join(_SCOPED)}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _REPLACED)}"
)
