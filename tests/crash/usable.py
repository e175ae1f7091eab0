"""What must work when a process was killed, tried with the program itself."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

from tests.crash.checks import bare, talked
from tests.crash.program import Program, Stuck
from tests.crash.seen import USER, Book


def next_start(program: Program, file: Path, book: Book, message: str) -> Iterator[str]:
    """A message is answered, and its turn is told to be completed."""
    running = program.start("-p", message, "--json", db=file)
    try:
        running.ended()
    except Stuck as stuck:
        yield f"the next start: {stuck}"
    finally:
        running.close()
    seen = running.seen([message])
    book.add(seen)
    if [each.status for each in seen] != ["completed"]:
        yield f"the next start has told {[each.status for each in seen]} instead of one completed turn"


def listing(program: Program, file: Path, _rng: random.Random, _folder: Path) -> Iterator[str]:
    """`sessions` lists all there are."""
    told = {each["session_id"] for each in json.loads(program.run("sessions", "--json", "--limit", "1000", db=file))}
    with bare(file) as conn:
        kept = set(talked(conn))
    if told != kept:
        yield f"`sessions` tells {len(told)} sessions, there are {len(kept)}"


def history(program: Program, file: Path, rng: random.Random, _folder: Path) -> Iterator[str]:
    """`history` tells the live turns of a session."""
    with bare(file) as conn:
        session_id = rng.choice(talked(conn))
        query = (
            "SELECT user_input, agent_response FROM turns"
            " WHERE user_id = ? AND session_id = ? AND undone_at IS NULL ORDER BY number"
        )
        kept = [tuple(row) for row in conn.execute(query, (USER, session_id))]
    told = json.loads(program.run("history", "--session", session_id, "--json", "--limit", "1000", db=file))
    said = sorted((turn["user_input"], turn["agent_response"]) for turn in told)
    if said != sorted(kept):
        yield f"`history` tells {len(told)} turns of the session {session_id[:8]}, there are {len(kept)}"


def moved(program: Program, file: Path, rng: random.Random, folder: Path) -> Iterator[str]:
    """A session that is exported and imported elsewhere is the same when it is exported from there."""
    with bare(file) as conn:
        session_id = rng.choice(talked(conn))
    number = rng.getrandbits(48)
    first, second, other = (folder / f"{number}{end}" for end in (".json", ".again.json", ".db"))
    program.run("sessions", "export", session_id, "-o", str(first), db=file)
    program.run("sessions", "import", str(first), db=other)
    program.run("sessions", "export", session_id, "-o", str(second), db=other)
    if first.read_bytes() != second.read_bytes():
        yield f"the session {session_id[:8]} is another one when it is exported, imported and exported"


Try: TypeAlias = Callable[[Program, Path, random.Random, Path], Iterator[str]]
TRIES: tuple[Try, ...] = (listing, history, listing, history, moved)
"""One of them is tried after each kill."""
