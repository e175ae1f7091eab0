"""The other processes on the file: they open it, read or checkpoint it, and exit, all the time.

One that exits as the last that SQLite can see makes a checkpoint and deletes the write-ahead log: whoever has lost his
locks on the file loses what he writes from then on. Run as a program, this module is one such neighbour.

light     bare connections that read, hold a read transaction, or checkpoint; the `sqlite3` tool
real      commands of the program, and a turn of another user
"""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from os import getppid
from pathlib import Path

from settings import ROOT
from tests.crash.program import Program, Stuck, signalled
from tests.crash.seen import NEIGHBOUR, Seen, in_file

KINDS = ("light", "real")
_COMMANDS = (("sessions",), ("stats",), ("sql", "select count(*) from turns"))


class Neighbours:
    """The neighbours of one record, each a process, or several, in a group of its own."""

    def __init__(self, file: Path, folder: Path, rng: random.Random, kinds: Sequence[str]) -> None:
        self._kinds = kinds
        self._file = file
        self._folder = folder
        self._rng = rng
        self._processes: list[subprocess.Popen[bytes]] = []

    @classmethod
    @contextmanager
    def around(
        cls, file: Path, folder: Path, rng: random.Random, kinds: Sequence[str] = KINDS
    ) -> Iterator["Neighbours"]:
        """They come and go while the block runs, and are killed at its end."""
        neighbours = cls(file, folder, rng, kinds)
        neighbours.start()
        try:
            yield neighbours
        finally:
            neighbours.kill()

    def start(self) -> None:
        for kind in self._kinds:
            arguments = [kind, str(self._file), str(self._folder), str(self._rng.random())]
            command = [sys.executable, "-m", "tests.crash.neighbours", *arguments]
            self._processes.append(subprocess.Popen(command, cwd=ROOT, start_new_session=True))

    def kill(self) -> None:
        """Kills them in whatever they are doing."""
        for process in self._processes:
            signalled(process.pid, signal.SIGKILL, group=True)
        for process in self._processes:
            process.wait()
        self._processes.clear()

    def stop(self, *, going_on: bool = False) -> None:
        """Stops them where they are, or lets them go on."""
        for process in self._processes:
            signalled(process.pid, signal.SIGCONT if going_on else signal.SIGSTOP, group=True)

    def seen(self) -> list[Seen]:
        """What the neighbours' turns have shown to the neighbour."""
        return [
            seen
            for said in self._folder.glob("said-*")
            for seen in in_file(Path(said.read_text()), [_message(said)], NEIGHBOUR)
        ]

    def complaints(self) -> list[str]:
        """What went wrong for a neighbour that nobody had killed."""
        return [file.read_text() for file in sorted(self._folder.glob("complaint-*"))]


def _message(said: Path) -> str:
    return f"tell me a joke, neighbour {said.name.removeprefix('said-')}"


def light(file: Path, _folder: Path, rng: random.Random) -> None:
    """One bare visit to the file."""
    time.sleep(rng.uniform(0.0, 0.2))
    if not file.exists():
        return
    if rng.random() < 0.1 and (tool := shutil.which("sqlite3")):
        subprocess.run([tool, str(file), ".timeout 30000", "select count(*) from sqlite_master"], capture_output=True)
        return
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=rw", uri=True, timeout=30.0, isolation_level=None)) as bare:
        bare.execute("BEGIN")
        bare.execute("SELECT COUNT(*) FROM sqlite_master").fetchall()
        if rng.random() < 0.2:
            time.sleep(rng.uniform(0.0, 0.3))
        bare.execute("COMMIT")
        if rng.random() < 0.2:
            bare.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def real(file: Path, folder: Path, rng: random.Random) -> None:
    """One command of the program, from its start to its exit."""
    time.sleep(rng.uniform(0.5, 5.0))
    program = Program(folder)
    number = time.monotonic_ns()
    match rng.randrange(6):
        case 0 | 1:
            said = folder / f"said-{number}"
            running = program.start("--json", "--new", "-p", _message(said), db=file, user=NEIGHBOUR)
            said.write_text(str(running.output))
            running.ended()
        case 2:
            program.run("sessions", "backup", str(folder / f"backup-{number}.db"), db=file)
        case _:
            program.run(*rng.choice(_COMMANDS), db=file)


def main(kind: str, file: Path, folder: Path, seed: str) -> None:
    """Visits the file until its parent is gone."""
    rng = random.Random(seed)
    visit: Callable[[Path, Path, random.Random], None] = {"light": light, "real": real}[kind]
    parent = getppid()
    while getppid() == parent:
        try:
            visit(file, folder, rng)
        except (Stuck, sqlite3.Error) as error:
            (folder / f"complaint-{time.monotonic_ns()}").write_text(f"a neighbour ({kind}): {error}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
