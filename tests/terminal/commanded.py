"""Commands of the program, run in this process, and what a person is told of one that fails."""

import sqlite3
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner, Result

from terminal.cli import cli

READING = (
    "sessions",
    "sessions search hello",
    "history",
    "history --trace",
    "history --turn 1",
    "state",
    "stats",
    "stats days",
    "memory",
    "memory list --scope semantic",
    "sessions export last --format json",
    "sessions export last",
    "sql SELECT\xa0*\xa0FROM\xa0turns",
)
WRITING = (
    "sessions rename last other",
    "sessions delete last --yes",
    "sessions fork last",
    "sessions undo last",
    "sessions prune --older-than 0m --keep 0 --yes",
    "sessions import DOCUMENT",
    "memory set --scope shared key value",
)
TURNS = ("-p again", "--new -p again", "sessions retry last")


def run(record: Path, command: str) -> Result:
    words = command.replace("DOCUMENT", str(record.with_name("document.json"))).split(" ")
    words = [word.replace("\xa0", " ") for word in words]
    return CliRunner().invoke(cli, ["--db", str(record), "--user", "ada", *words])


def is_told(result: Result, *, code: int = 2) -> str:
    """What is said of a failure, when it is said as it should be."""
    assert result.exit_code == code, (result.output, result.exception)
    lines = result.stderr.strip().splitlines()
    assert 1 <= len(lines) <= 2 and lines[0].lower().startswith("error: ")
    for never in ("Traceback", "sqlalche", "sqlite3.", "SELECT ", "INSERT ", "UPDATE ", "Nothing is lost"):
        assert never not in result.output
    return result.stderr


def dumped(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())
