"""A program that runs turns under a lease, for tests: one command a line, each in one transaction, answered with JSON.

begin SESSION TURN          writes the message of a turn, when no other turn of the session runs
say TURN                    writes an answer into it
end TURN                    ends it by hand, as failed
beat                        lets the lease beat
look                        looks once at the others, and settles the turns of the dead

Args: the file, and the seconds that its clock is ahead.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from settings import ROOT
from storage.events.writes import NewEvent, append
from storage.leases import Lease, Watch, beat
from storage.ledger.entries import TurnEnded
from storage.ledger.posting import end_turn, stamp
from storage.ledger.settling import settle_dead
from storage.ledger.statements import Execute, Values
from storage.schema.tables import FAILED, RUNNING
from storage.scope import TurnKey
from tests.storage.support import ADA, key

LEASE_SECONDS = 0.6


@contextmanager
def transaction(file: Path, timeout: float = 30.0) -> Iterator[Execute]:
    """Statements in one transaction that may write."""
    connection = sqlite3.connect(file, timeout=timeout, isolation_level=None)

    def execute(statement: str, values: Values) -> Sequence[Sequence[Any]]:
        stored = {k: stamp(v) if isinstance(v, datetime) else v for k, v in values.items()}
        return connection.execute(statement, stored).fetchall()

    try:
        connection.execute("BEGIN IMMEDIATE")
        yield execute
        connection.execute("COMMIT")
    finally:
        connection.close()


def message(id_: str, text: str, author: str, at: float) -> NewEvent:
    role = "user" if author == "user" else "model"
    return NewEvent(
        {
            "id": id_,
            "invocation_id": id_.partition("/")[0],
            "author": author,
            "timestamp": at,
            "content": {"role": role, "parts": [{"text": text}]},
        }
    )


class Program:
    """What does the commands: in the process of the test, or behind `Other`."""

    def __init__(self, file: Path, ahead: float = 0.0, lease: Lease | None = None) -> None:
        self.file = file
        self.ahead = ahead
        self.lease = lease or Lease()
        self.watch = Watch(LEASE_SECONDS)

    def begin(self, session: str, turn: str) -> None:
        at = time.time() + self.ahead
        with transaction(self.file) as execute:
            first = message(f"{turn}/message", "hello", "user", at)
            append(execute, TurnKey(key(session), turn), [first], None, self.lease, alone=True)

    def say(self, session: str, turn: str) -> None:
        at = time.time() + self.ahead
        with transaction(self.file) as execute:
            append(execute, TurnKey(key(session), turn), [message(f"{turn}/a", "hi", "manager", at)], None, self.lease)

    def end(self, session: str, turn: str) -> bool:
        ended = TurnEnded(datetime.now(UTC), FAILED, "", None, "it failed")
        with transaction(self.file) as execute:
            return end_turn(execute, TurnKey(key(session), turn), ended, statuses=(RUNNING, FAILED))

    def beat(self) -> bool:
        with transaction(self.file) as execute:
            return beat(execute, self.lease)

    def look(self) -> int:
        with transaction(self.file) as execute:
            return settle_dead(execute, self.watch, ADA, self.lease)


class Other:
    """A program in a process of its own."""

    def __init__(self, file: Path, ahead: float = 0.0) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.storage.owner", str(file), str(ahead)],
            cwd=ROOT,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, *words: str) -> Any:
        """What a command came to; fails when it failed."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def clock(ahead: float) -> type[datetime]:
    """`datetime`, as on a machine whose clock is set so."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return super().now(tz) + timedelta(seconds=ahead)

    return Ahead


def main() -> None:
    program, ahead = Program(Path(sys.argv[1]), float(sys.argv[2])), clock(float(sys.argv[2]))
    with patch("storage.leases.datetime", ahead), patch("storage.ledger.settling.datetime", ahead):
        for line in sys.stdin:
            command, *words = line.split()
            try:
                answer = {"answer": getattr(program, command)(*words)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
