"""Phases of a file's beginning: its first start, and its way from an older version, by two processes at once."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from storage.schema.version import HEAD
from tests.crash.checks import ALWAYS, bare, part, settled, talked
from tests.crash.neighbours import Neighbours
from tests.crash.program import Stuck
from tests.crash.seen import Book
from tests.crash.stage import After, Stage
from tests.crash.usable import next_start


def first_start(stage: Stage) -> After:
    """Two processes at once on a file that is not there; one is killed, and the other one answers."""
    return _two_at_once(stage, stage.folder / f"fresh-{stage.rng.getrandbits(40)}.db", Book(), None)


def migration(stage: Stage) -> After:
    """The same on a file of the first version."""
    file = stage.template.copy(stage.folder / f"older-{stage.rng.getrandbits(40)}.db", older=True)
    with bare(file) as conn:
        before = {id_: part(conn, id_) for id_ in talked(conn)}
    return _two_at_once(stage, file, Book(stage.template.seen), before)


def _two_at_once(stage: Stage, file: Path, book: Book, before: Mapping[str, Mapping[str, list[str]]] | None) -> After:
    said = stage.message(), stage.message()
    with Neighbours.around(file, stage.folder, stage.rng, kinds=("light",)):
        one, other = (stage.program.start("-p", each, "--new", "--json", db=file) for each in said)
        try:
            stage.strike(one, stage.template.turn, file=file)
            wrong = list(_answered(other.ended))
        finally:
            other.close()
        book.add(one.seen([said[0]]))
        book.add(other.seen([said[1]]))
    with bare(file) as conn:
        wrong += [sentence for each in ALWAYS for sentence in each(conn, book)]
        if before is not None:
            now = {id_: part(conn, id_) for id_ in before}
            wrong += [
                f"the session {id_} is another after the migration" for id_ in before if _differ(before, now, id_)
            ]
    wrong += next_start(stage.program, file, book, stage.message())
    with bare(file) as conn:
        wrong += [sentence for each in (*ALWAYS, settled) for sentence in each(conn, book)]
        found = [row[0] for row in conn.execute("SELECT version_num FROM alembic_version")]
        if found != [HEAD]:
            wrong.append(f"the database is of the version {found}, and not {HEAD}")
    return lambda _conn: iter(wrong)


def _answered(ended: Callable[[], str]) -> Iterator[str]:
    try:
        ended()
    except Stuck as stuck:
        yield f"the process beside the killed one: {stuck}"


def _differ(
    before: Mapping[str, Mapping[str, list[str]]], now: Mapping[str, Mapping[str, list[str]]], id_: str
) -> bool:
    """Whether a session has other rows; a newer version may have more columns."""
    return any(
        len(before[id_][table]) != len(now[id_][table])
        or any(
            not json.loads(old).items() <= json.loads(new).items()
            for old, new in zip(before[id_][table], now[id_][table], strict=True)
        )
        for table in before[id_]
    )
