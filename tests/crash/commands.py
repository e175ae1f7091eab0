"""Phases of commands: turns without a prompt, and what is done to whole sessions.

What a person asked for is done wholly or not at all, and done when it was told to be done.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.crash.checks import ALWAYS, bare, part, talked
from tests.crash.seen import USER, Book
from tests.crash.stage import After, Stage, nothing_else


def piped_lines(stage: Stage) -> After:
    lines = stage.messages(6)
    victim = stage.start("--json", *stage.anywhere(), lines=lines)
    stage.strike(victim, stage.template.turn + 0.3 * len(lines))
    stage.book.add(victim.seen())
    return nothing_else


def one_message(stage: Stage) -> After:
    message = stage.message()
    victim = stage.start("--json", *stage.anywhere(), "-p", message)
    stage.strike(victim, stage.template.turn)
    stage.book.add(victim.seen([message]))
    return nothing_else


def import_(stage: Stage) -> After:
    before = _ids(stage.file)
    with bare(stage.template.database) as conn:
        whole = part(conn, stage.template.session_id)
    victim = stage.start("sessions", "import", str(stage.template.archive), "--json")
    stage.strike(victim, stage.template.turn)
    return _copied(before, whole, told=bool(victim.printed.strip()))


def fork(stage: Stage) -> After:
    before, session_id = _ids(stage.file), stage.session()
    with bare(stage.file) as conn:
        turns = _live(conn, session_id)
        at = stage.rng.randint(1, len(turns))
        whole = part(conn, session_id, at)
    victim = stage.start("sessions", "fork", session_id, "--at", str(at), "--json")
    stage.strike(victim, stage.template.command)
    return _copied(before, whole, told=bool(victim.printed.strip()), summaries=False)


def _copied(before: set[str], whole: Mapping[str, list[str]], *, told: bool, summaries: bool = True) -> After:
    """One new session that has all of something, or none; one when it was told to be there."""

    def check(conn: sqlite3.Connection) -> Iterator[str]:
        new = set(talked(conn)) - before
        if len(new) > 1 or (told and not new):
            yield f"{len(new)} sessions were made, it was {'' if told else 'not '}told that one was"
        for session_id in new:
            made = part(conn, session_id, summaries=summaries)
            for table, rows in whole.items():
                if made[table] != rows:
                    yield f"the new session has {len(made[table])} {table}, and not the {len(rows)} it was made of"

    return check


def undo(stage: Stage) -> After:
    session_id = stage.session()
    with bare(stage.file) as conn:
        turns = _live(conn, session_id)
    count = stage.rng.randint(1, min(3, len(turns)))
    taken = set(turns[-count:])
    stage.may_be_undone |= taken
    victim = stage.start("sessions", "undo", session_id, "--turns", str(count))
    stage.strike(victim, stage.template.command + stage.template.turn)
    told = "Undid" in victim.printed

    def check(conn: sqlite3.Connection) -> Iterator[str]:
        left = taken & set(_live(conn, session_id))
        if left not in (set(), taken) or (told and left):
            yield f"{len(taken) - len(left)} of {len(taken)} turns were undone, told was {'an' if told else 'no'} undo"

    return check


def retry(stage: Stage) -> After:
    session_id = stage.session()
    with bare(stage.file) as conn:
        last = _live(conn, session_id)[-1]
        message = str(_said(conn, session_id, [last])[0])
    stage.may_be_undone.add(last)
    victim = stage.start("sessions", "retry", session_id, "--json")
    stage.strike(victim, stage.template.command + stage.template.turn)
    stage.book.add(victim.seen([message]))

    def check(conn: sqlite3.Connection) -> Iterator[str]:
        live = _live(conn, session_id)
        if message not in _said(conn, session_id, live):
            yield f"the message {message!r} was sent again and is out of the conversation"
        if last in live and _said(conn, session_id, live).count(message) > 1:
            yield f"the message {message!r} is twice in the conversation"

    return check


def delete(stage: Stage) -> After:
    ids = sorted(_ids(stage.file))
    gone = set(stage.rng.sample(ids, k=min(2, len(ids) - 1)))
    if not gone:
        return fork(stage)
    return _deleted(stage, gone, ["delete", *sorted(gone)])


def prune(stage: Stage) -> After:
    """All but the newest, by the time of the last use."""
    keep = stage.rng.randint(1, 2)
    with bare(stage.file) as conn:
        query = "SELECT session_id FROM session_info WHERE user_id = ? ORDER BY last_event_at DESC, session_id"
        gone = {row[0] for row in conn.execute(query, (USER,)).fetchall()[keep:]}
    return _deleted(stage, gone, ["prune", "--older-than", "0m", "--keep", str(keep)])


def _deleted(stage: Stage, gone: set[str], command: list[str]) -> After:
    stage.may_vanish |= gone
    victim = stage.start("sessions", *command, "--yes")
    stage.strike(victim, 1.2 * stage.template.command)
    told = "Deleted" in victim.printed

    def check(conn: sqlite3.Connection) -> Iterator[str]:
        left = gone & set(talked(conn))
        if left not in (set(), gone) or (told and left):
            yield f"{len(gone) - len(left)} of {len(gone)} sessions were deleted, told were {'all' if told else 'none'}"
        if not left:
            stage.book.forget(gone)

    return check


def backup(stage: Stage) -> After:
    target = stage.folder / f"backup-of-{stage.rng.getrandbits(40)}.db"
    victim = stage.start("sessions", "backup", str(target))
    stage.strike(victim, stage.template.command, file=target)
    told = "bytes" in victim.printed
    seen = Book(list(stage.book.seen))

    def check(_conn: sqlite3.Connection) -> Iterator[str]:
        if told:
            with bare(target) as copy:
                yield from (f"the backup: {wrong}" for each in ALWAYS for wrong in each(copy, seen))

    return check


def _ids(file: Path) -> set[str]:
    with bare(file) as conn:
        return set(talked(conn))


def _live(conn: sqlite3.Connection, session_id: str) -> list[str]:
    """The turns that are in a session's conversation, the oldest first."""
    query = "SELECT invocation_id FROM turns WHERE user_id = ? AND session_id = ? AND undone_at IS NULL ORDER BY number"
    return [row[0] for row in conn.execute(query, (USER, session_id))]


def _said(conn: sqlite3.Connection, session_id: str, turns: list[str]) -> list[str]:
    query = "SELECT invocation_id, user_input FROM turns WHERE user_id = ? AND session_id = ?"
    said = {row[0]: row[1] for row in conn.execute(query, (USER, session_id))}
    return [said[id_] for id_ in turns]
