"""What every record begins with, made once: a database with some sessions, the same of an older version, an archive.

The times that commands take are measured while it is made.
"""

import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.crash.program import Program, Stuck
from tests.crash.seen import Seen

MESSAGES = (
    "tell me a joke about python, case 1",
    "put NVDA on my watchlist, case 2",
    "what's the price of AAPL and any tech news? case 3",
    "I like jokes about databases, case 4",
)


@dataclass(frozen=True)
class Template:
    """Files to be copied, and seconds.

    Attributes:
        database: A database of this version.
        older: The same as the first version of our tables had it.
        archive: One of its sessions, exported.
        session_id: That session.
        seen: What was shown when it was made.
        turn: What `-p` takes.
        command: What a command without agents takes.
    """

    database: Path
    older: Path
    archive: Path
    session_id: str
    seen: tuple[Seen, ...]
    turn: float
    command: float

    @classmethod
    def make(cls, folder: Path) -> "Template":
        """Makes it, with the program as it is.

        Raises:
            Stuck: The program does not work at all.
        """
        program = Program(folder)
        database, archive = folder / "template.db", folder / "archive.json"
        seen = _talk(program, database, ["--new"], MESSAGES)
        session_id = seen[0].session_id or ""
        program.run("sessions", "fork", session_id, db=database)
        began = time.monotonic()
        seen += _talk(program, database, ["--new"], [f"{MESSAGES[2]}-2"])
        turn = time.monotonic() - began
        began = time.monotonic()
        program.run("sessions", "export", session_id, "-o", str(archive), db=database)
        command = time.monotonic() - began
        older = _older(database, folder / "older.db")
        return cls(database, older, archive, session_id, tuple(seen), turn, command)

    def copy(self, to: Path, *, older: bool = False) -> Path:
        return Path(shutil.copy(self.older if older else self.database, to))


def _talk(program: Program, database: Path, options: list[str], messages: tuple[str, ...] | list[str]) -> list[Seen]:
    running = program.start("--json", *options, db=database, lines=messages)
    try:
        running.ended()
    finally:
        running.close()
    seen = running.seen()
    if [each.status for each in seen] != ["completed"] * len(messages):
        raise Stuck(f"the program does not answer: {seen}")
    return seen


def _older(database: Path, old: Path) -> Path:
    """The rows of a database in one that the first migration has made."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from google.adk.sessions.schemas.v1 import Base
    from sqlalchemy import create_engine

    from storage.schema.version import MIGRATIONS

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    first = ScriptDirectory.from_config(config).get_base()
    assert first is not None, "there are migrations"
    engine = create_engine(f"sqlite:///{old}")
    with engine.begin() as conn:
        Base.metadata.create_all(conn)
        config.attributes["connection"] = conn
        command.upgrade(config, first)
    engine.dispose()
    with closing(sqlite3.connect(old)) as bare, bare:
        bare.execute("ATTACH ? AS new", (str(database),))
        tables = [row[0] for row in bare.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
        for table in set(tables) - {"alembic_version"}:
            held = {row[1] for row in bare.execute(f"PRAGMA new.table_info({table})")}
            columns = ", ".join(row[1] for row in bare.execute(f"PRAGMA main.table_info({table})") if row[1] in held)
            bare.execute(f"DELETE FROM main.{table}")
            bare.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
    return old
