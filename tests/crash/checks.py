"""What must hold whenever a process was killed, read by a bare connection in one transaction.

Each check gives sentences about what is wrong, and nothing when all is well.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tests.crash.derive import Call, Turn, turns_of
from tests.crash.seen import USER, Book, Seen, reduced

Rows: TypeAlias = list[sqlite3.Row]
Session: TypeAlias = tuple[str, str]
"""User and session id."""

_UNENDED = ("running", "failed", "cancelled", "interrupted")
_TURN = ("user_input", "event_id", "agent_response", "model_calls", "prompt_tokens", "output_tokens", "events")


@contextmanager
def bare(file: Path) -> Iterator[sqlite3.Connection]:
    """One consistent state of a file, read without the program."""
    with closing(sqlite3.connect(file, timeout=30.0, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        yield connection


def sound(conn: sqlite3.Connection, _book: Book) -> Iterator[str]:
    """The file itself: `integrity_check` and `foreign_key_check`."""
    told = [row[0] for row in conn.execute("PRAGMA integrity_check")]
    if told != ["ok"]:
        yield f"integrity_check: {'; '.join(told)[:300]}"
    broken = Counter(row["table"] for row in conn.execute("PRAGMA foreign_key_check"))
    if broken:
        yield f"foreign_key_check: {dict(broken)}"


def acknowledged(conn: sqlite3.Connection, book: Book) -> Iterator[str]:
    """What a person has seen is there, whole."""
    for number, seen in enumerate(book.seen):
        turn = _turn(conn, seen)
        if turn is None:
            yield f"{_called(seen)} was shown and is gone"
            continue
        book.seen[number] = Seen(**{**vars(seen), "session_id": turn["session_id"], "turn_id": turn["invocation_id"]})
        yield from _as_shown(conn, seen, turn)


def _turn(conn: sqlite3.Connection, seen: Seen) -> sqlite3.Row | None:
    query = "SELECT * FROM turns WHERE user_id = ? AND user_input = ?"
    values = [seen.user, seen.message]
    for column, value in (("invocation_id", seen.turn_id), ("session_id", seen.session_id)):
        if value:
            query += f" AND {column} = ?"
            values.append(value)
    found: sqlite3.Row | None = conn.execute(f"{query} ORDER BY id DESC", values).fetchone()
    return found


def _as_shown(conn: sqlite3.Connection, seen: Seen, turn: sqlite3.Row) -> Iterator[str]:
    answer = turn["agent_response"] or ""
    if seen.status and turn["status"] != seen.status:
        yield f"{_called(seen)} was shown as {seen.status} and is {turn['status']}"
    if (seen.reply is not None and seen.reply != answer) or (seen.rendered and seen.rendered != reduced(answer)):
        yield f"{_called(seen)} has another answer than was shown: {answer[:60]!r}"
    yield from _calls_as_shown(conn, seen, turn)


def _calls_as_shown(conn: sqlite3.Connection, seen: Seen, turn: sqlite3.Row) -> Iterator[str]:
    kept = {
        row["id"]: row
        for table in ("delegations", "tool_calls")
        for row in _rows(conn, f"SELECT * FROM {table} WHERE session_id = ? AND invocation_id = ?", turn)
    }
    for id_, status in seen.calls.items():
        if id_ not in kept:
            yield f"{_called(seen)}: a call was shown as {status} and is gone"
        elif status not in ("running", kept[id_]["status"]):
            yield f"{_called(seen)}: a call was shown as {status} and is {kept[id_]['status']}"
    done = [row["agent_name"] for row in kept.values() if "task" in row.keys() and row["status"] == "completed"]  # noqa: SIM118
    if lost := Counter(seen.delegated) - Counter(done):
        yield f"{_called(seen)}: delegations were shown as done and are not: {dict(lost)}"


def _called(seen: Seen) -> str:
    return f"the turn {seen.message[:60]!r} of {seen.user}"


def _rows(conn: sqlite3.Connection, query: str, turn: sqlite3.Row, column: str = "invocation_id") -> Rows:
    return conn.execute(query, (turn["session_id"], turn[column])).fetchall()


def ledger(conn: sqlite3.Connection, _book: Book) -> Iterator[str]:
    """The ledger, row by row, is what the events say."""
    for user, session_id in sessions(conn):
        events = conn.execute(
            "SELECT event_data FROM events WHERE user_id = ? AND session_id = ? ORDER BY timestamp, rowid",
            (user, session_id),
        )
        derived = turns_of(row[0] for row in events)
        kept = {row["invocation_id"]: row for row in _of(conn, "turns", (user, session_id))}
        name = f"session {session_id[:8]} of {user}"
        for odd in derived.keys() ^ kept.keys():
            yield f"{name}: {'events without a turn' if odd in derived else 'a turn without events'}"
        for id_ in derived.keys() & kept.keys():
            yield from (f"{name}, turn {kept[id_]['number']}: {wrong}" for wrong in _differ(derived[id_], kept[id_]))
        yield from (f"{name}: {wrong}" for wrong in _calls_differ(conn, (user, session_id), derived, kept))


def _of(conn: sqlite3.Connection, table: str, session: Session) -> Rows:
    return conn.execute(f"SELECT * FROM {table} WHERE user_id = ? AND session_id = ?", session).fetchall()


def _differ(derived: Turn, kept: sqlite3.Row) -> Iterator[str]:
    for column in _TURN:
        if kept[column] != getattr(derived, column):
            yield f"{column} is {kept[column]!r:.80}, its events say {getattr(derived, column)!r:.80}"
    if kept["number"] != derived.number:
        yield f"its number by its events is {derived.number}"
    if (kept["undone_at"] is not None) != derived.undone:
        yield f"it is {'' if kept['undone_at'] else 'not '}undone, its events say otherwise"
    if kept["status"] not in ((derived.status,) if derived.status else _UNENDED):
        yield f"it is {kept['status']}, its events say {derived.status or 'that it has not ended'}"


def _calls_differ(
    conn: sqlite3.Connection, session: Session, derived: dict[str, Turn], kept: dict[str, sqlite3.Row]
) -> Iterator[str]:
    for table, by, name, what in (
        ("delegations", "from_agent", "agent_name", "task"),
        ("tool_calls", "agent_name", "tool_name", "arguments"),
    ):
        known: dict[tuple[str, str], Call] = {
            (invocation, id_): call
            for invocation, turn in derived.items()
            for id_, call in getattr(turn, table).items()
        }
        rows = {(row["invocation_id"], row["id"]): row for row in _of(conn, table, session)}
        for odd in known.keys() ^ rows.keys():
            yield f"{table}: {'missing' if odd in known else 'without an event'}: {odd}"
        for key in known.keys() & rows.keys():
            call, row, turn = known[key], rows[key], kept.get(key[0])
            held = json.loads(row[what]) if what == "arguments" else row[what]
            left = "running" if turn is None or turn["status"] == "completed" else turn["status"]
            expected = (call.by, call.name, call.what, call.status or left)
            if (row[by], row[name], held, row["status"]) != expected:
                yield f"{table}: {(row[by], row[name], held, row['status'])}, the events say {expected}"


def preferences(conn: sqlite3.Connection, _book: Book) -> Iterator[str]:
    """Each is there once, in its table and in the snapshot that agents are shown; what a tool has added is there."""
    held = [(row["user_id"], row["kind"], row["value"].casefold()) for row in conn.execute(_SCANNED)]
    for twice, times in Counter(held).items():
        if times > 1:
            yield f"the preference {twice} is there {times} times"
    for user, state in conn.execute("SELECT user_id, state FROM user_states"):
        for kind, values in (json.loads(state).get("preferences") or {}).items():
            if isinstance(values, list) and len(set(values)) < len(values):
                yield f"the snapshot of {user} has doubles in {kind}: {values}"
    for row in conn.execute(_ADDED):
        arguments = json.loads(row["arguments"])
        for added in {str(value).casefold() for value in arguments.values()} - {value for _, _, value in held}:
            yield f"{row['tool_name']} has added {added!r}, and it is not there"


_SCANNED = "SELECT user_id, kind, value FROM preferences NOT INDEXED"
_ADDED = (
    "SELECT tool_name, arguments FROM tool_calls"
    " WHERE tool_name IN ('add_to_stock_watchlist', 'add_joke_preference') AND status = 'completed'"
)


def numbered(conn: sqlite3.Connection, _book: Book) -> Iterator[str]:
    """The live turns of a session are numbered from 1 without a gap."""
    for session in sessions(conn):
        numbers = sorted(row["number"] for row in _of(conn, "turns", session) if row["undone_at"] is None)
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"session {session[1][:8]} of {session[0]} has the turns {numbers}"


Check: TypeAlias = Callable[[sqlite3.Connection, Book], Iterator[str]]
ALWAYS: Sequence[Check] = (sound, acknowledged, ledger, preferences, numbered)
"""What holds after every kill, before anything else has opened the file."""


def settled(conn: sqlite3.Connection, _book: Book) -> Iterator[str]:
    """After the next start, nothing that a dead process has left is running."""
    left = conn.execute("SELECT user_input FROM turns WHERE user_id = ? AND status = 'running'", (USER,)).fetchall()
    if left:
        yield f"still running after the next start: {[row[0] for row in left]}"


def sessions(conn: sqlite3.Connection) -> list[Session]:
    """User and id of all sessions."""
    return [(row[0], row[1]) for row in conn.execute("SELECT user_id, id FROM sessions ORDER BY id")]


def talked(conn: sqlite3.Connection) -> list[str]:
    """The user's sessions in which something was said: one that was killed before that is none to a person."""
    query = "SELECT DISTINCT session_id FROM events WHERE user_id = ? ORDER BY session_id"
    return [row[0] for row in conn.execute(query, (USER,))]


@dataclass(frozen=True)
class Standing:
    """What stood in a file before a kill: nothing of it goes but what somebody wanted to go."""

    events: dict[Session, frozenset[str]]
    live: dict[Session, frozenset[str]]

    @classmethod
    def of(cls, conn: sqlite3.Connection) -> "Standing":
        events: dict[Session, set[str]] = {session: set() for session in sessions(conn)}
        live: dict[Session, set[str]] = {session: set() for session in events}
        for user, session_id, id_ in conn.execute("SELECT user_id, session_id, id FROM events"):
            events.setdefault((user, session_id), set()).add(id_)
        query = "SELECT user_id, session_id, invocation_id FROM turns WHERE undone_at IS NULL"
        for user, session_id, id_ in conn.execute(query):
            live.setdefault((user, session_id), set()).add(id_)
        return cls(*({key: frozenset(ids) for key, ids in held.items()} for held in (events, live)))

    def lost(self, now: "Standing", vanish: set[str], undone: set[str]) -> Iterator[str]:
        """What is gone by now beside the sessions and turns that may be."""
        for session, ids in self.events.items():
            if session not in now.events:
                if session[1] not in vanish:
                    yield f"the session {session} is gone"
            elif gone := ids - now.events[session]:
                yield f"{len(gone)} events of the session {session} are gone"
            elif gone := self.live.get(session, frozenset()) - now.live.get(session, frozenset()) - undone:
                yield f"{len(gone)} turns of the session {session} are no longer in it"


def part(
    conn: sqlite3.Connection, session_id: str, upto: int | None = None, *, summaries: bool = True
) -> dict[str, list[str]]:
    """What a session of the user consists of, as its copy must: all of it, or the live turns up to a number.

    A fork may bring along the summary of what is old in it, which is no turn's: without `summaries` they do not count.
    """
    mine = (USER, session_id)
    turns = _of(conn, "turns", mine)
    if upto is not None:
        turns = [row for row in turns if row["undone_at"] is None and row["number"] <= upto]
    ids = {row["invocation_id"] for row in turns}
    return {
        table: sorted(
            json.dumps({name: row[name] for name in row.keys() if name not in own})  # noqa: SIM118
            for row in _of(conn, table, mine)
            if (upto is None or row["invocation_id"] in ids) and (summaries or not _is_summary(table, row))
        )
        for table, own in _OWN.items()
    }


def _is_summary(table: str, row: sqlite3.Row) -> bool:
    return table == "events" and bool((json.loads(row["event_data"]).get("actions") or {}).get("compaction"))


_OWN = {
    "turns": ("id", "session_id", "owner"),
    "delegations": ("session_id",),
    "tool_calls": ("session_id",),
    "events": ("session_id",),
}
"""Table -> what two copies of a session need not have in common."""
