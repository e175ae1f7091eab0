"""Whatever fails under a command is one or two lines and an exit code, on every command; and so is a number too big."""

import asyncio
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from io import StringIO
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner, Result

from conversation.conversation import Conversation
from conversation.events import TurnEvent
from settings import ROOT, Settings
from terminal.chat.lines import run_lines
from terminal.chat.talk import Agents
from terminal.cli import cli
from tests.conversation.support import told
from tests.scripted import ScriptedModel
from tests.terminal.talking import ENTER, opener, typed

Break: TypeAlias = Callable[[Path, ExitStack], None]
READING = (
    "sessions",
    "sessions search hello",
    "history",
    "history --trace",
    "history --turn 1",
    "state",
    "stats",
    "stats days",
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
)
TURNS = ("-p again", "--new -p again", "sessions retry last")


@pytest.fixture(scope="module")
def talked(tmp_path_factory: pytest.TempPathFactory, blank_database: Path) -> Path:
    """A database in which something was said, and beside it a document of it."""
    file = Path(shutil.copy(blank_database, tmp_path_factory.mktemp("talked") / "talked.db"))

    async def talk() -> None:
        settings = Settings(database_url=str(file), chat_user="ada")
        models = ScriptedModel(script=lambda _: "Fine. " * 500)
        async with Conversation.open(settings, models=lambda _skills: models) as conversation:
            for text in ("hello", "there"):
                await told(conversation, text)

    asyncio.run(talk())
    exported = CliRunner().invoke(cli, ["--db", str(file), "--user", "ada", "sessions", "export", "--format", "json"])
    (file.parent / "document.json").write_text(exported.output)
    return file


@pytest.fixture
def record(talked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it that a test may break; nobody waits for others long."""
    for limit in ("database.BUSY_TIMEOUT", "sql_access._BUSY_TIMEOUT", "backup._BUSY_TIMEOUT"):
        monkeypatch.setattr(f"storage.{limit}", 0.05)
    return Path(shutil.copy(talked, tmp_path / "record.db"))


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


def damaged(file: Path, _: ExitStack) -> None:
    content = bytearray(file.read_bytes())
    content[3 * 4096 :] = b"\xa5" * (len(content) - 3 * 4096)
    file.write_bytes(content)


def cut(file: Path, _: ExitStack) -> None:
    file.write_bytes(file.read_bytes()[: 5 * 4096 + 17])


def a_letter(file: Path, _: ExitStack) -> None:
    file.write_bytes(b"Dear Ada, this is not a database. " * 500)


def without_a_table(file: Path, _: ExitStack) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.executescript(
            "PRAGMA foreign_keys = OFF; DROP TABLE turns; DROP TABLE session_info; DROP TABLE preferences"
        )


def of_others(file: Path, held: ExitStack) -> None:
    """Another program has it for itself: nobody else may even read."""
    other = held.enter_context(closing(sqlite3.connect(file, isolation_level=None)))
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")


def being_written(file: Path, held: ExitStack) -> None:
    held.enter_context(closing(sqlite3.connect(file, isolation_level=None))).execute("BEGIN IMMEDIATE")


BROKEN: list[tuple[Break, str]] = [
    (damaged, "damaged"),
    (cut, "damaged"),
    (a_letter, "not a database"),
    (without_a_table, "not those that this program made"),
    (of_others, "in use by another program"),
]


@pytest.mark.slow
@pytest.mark.parametrize("command", [*READING, *WRITING, *TURNS, "sessions backup COPY"])
@pytest.mark.parametrize(("breaks", "said"), BROKEN, ids=lambda value: getattr(value, "__name__", ""))
def test_a_database_that_is_broken_is_one_sentence_on_every_command(
    talked: Path, record: Path, command: str, breaks: Break, said: str
) -> None:
    shutil.copy(talked.with_name("document.json"), record.with_name("document.json"))
    with ExitStack() as held:
        breaks(record, held)
        result = run(record, command.replace("COPY", str(record.with_name("copy.db"))))
    if "sql" in command and breaks is without_a_table:
        said = "no such table"  # of a person's own query, SQLite's words are the best
    assert said in is_told(result)


@pytest.mark.parametrize("command", WRITING)
def test_a_database_that_others_write_to_is_one_sentence_and_nothing_is_changed(
    talked: Path, record: Path, command: str
) -> None:
    shutil.copy(talked.with_name("document.json"), record.with_name("document.json"))
    before = dumped(record)
    with ExitStack() as held:
        being_written(record, held)
        assert "in use by another program" in is_told(run(record, command))
        for reading in READING:
            assert run(record, reading).exit_code == 0, reading
    assert dumped(record) == before
    assert run(record, command).exit_code == 0


@pytest.mark.parametrize("command", ["-p again", "--new -p again"])
def test_a_turn_that_others_keep_from_being_written_fails_and_says_what_was_kept(record: Path, command: str) -> None:
    before = dumped(record)
    with ExitStack() as held:
        being_written(record, held)
        said = is_told(run(record, command), code=1)
        assert "in use by another program" in said and "Your message was not kept: send it again." in said
        events = [json.loads(line) for line in run(record, f"--json {command}").stdout.splitlines()]
    assert [event["type"] for event in events][-2:] == ["error", "turn"] and events[-1]["status"] == "failed"
    assert dumped(record) == before
    assert run(record, command).exit_code == 0


def dumped(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


@contextmanager
def no_file_grows() -> Iterator[None]:
    """The system refuses what is written beyond the beginning of any file, as with a quota."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("command", [*READING, *WRITING, *TURNS, "sessions backup COPY"])
def test_a_disk_that_refuses_is_one_sentence_and_the_record_stays_whole(
    talked: Path, record: Path, command: str
) -> None:
    shutil.copy(talked.with_name("document.json"), record.with_name("document.json"))
    before = dumped(record)
    with no_file_grows():
        result = run(record, command.replace("COPY", str(record.with_name("copy.db"))))
    if result.exit_code:
        assert "disk" in is_told(result, code=result.exit_code)
        assert dumped(record) == before
    else:
        assert command in READING
    assert run(record, "-p again").exit_code == 0
    with closing(sqlite3.connect(record)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


HUGE = (str(2**31), str(2**63 - 1), str(2**63), "9" * 30, "9" * 5000)


@pytest.mark.parametrize(
    "command",
    [
        "sessions --page N",
        "sessions --limit N",
        "sessions search hello --page N",
        "sessions search hello --limit N",
        "sessions fork last --at N",
        "sessions undo last --turns N",
        "sessions prune --keep N --yes",
        "sessions prune --older-than Nd --yes",
        "history --page N",
        "history --limit N",
        "history --turn N",
        "history --trace --turn N",
        "stats --limit N",
        "stats days --page N",
        "stats --since Nd",
        "stats --until Nw",
        "sql SELECT\xa01 --limit N",
        "sql SELECT\xa01 --timeout N",
    ],
)
def test_a_number_that_is_too_big_is_refused(record: Path, command: str) -> None:
    for number in HUGE:
        result = run(record, command.replace("N", number))
        assert result.exit_code == 2, command
        assert "Traceback" not in result.output and isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("page", [1_000_000])
@pytest.mark.parametrize("command", ["sessions", "history", "sessions search hello", "stats days"])
def test_the_biggest_number_that_is_taken_is_counted_to(record: Path, command: str, page: int) -> None:
    assert run(record, f"{command} --page {page} --limit {page}").exit_code == 0


@pytest.mark.parametrize("timeout", ["nan", "inf", "-inf", "0", "1e300"])
def test_a_time_out_is_a_number_of_seconds(record: Path, timeout: str) -> None:
    assert run(record, f"sql SELECT\xa01 --timeout {timeout}").exit_code == 2


@pytest.mark.parametrize(
    "when", ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31", "9999-12-31T23:59:59-12:00", "0000-01-01"]
)
@pytest.mark.parametrize(
    "command",
    ["stats --since WHEN", "stats --until WHEN", "stats days --since WHEN", "sessions prune --older-than WHEN"],
)
def test_a_time_at_the_ends_of_the_calendar_is_refused(record: Path, command: str, when: str) -> None:
    result = run(record, command.replace("WHEN", when))
    assert result.exit_code == 2 and "is not a time" in result.output


@pytest.mark.parametrize("when", ["1900-01-02", "2999-12-30"])
def test_a_time_far_away_is_taken(record: Path, when: str) -> None:
    for command in ("stats", "stats days", "stats agents"):
        for option in ("--since", "--until"):
            assert run(record, f"{command} {option} {when}").exit_code == 0, (command, option)


@pytest.mark.parametrize("command", ["history", "sessions", "undo", "fork", "prune 1d", "sessions", "undo"])
async def test_a_number_too_big_in_the_chat_is_one_line(settings: Settings, record: Path, command: str) -> None:
    here = settings.model_copy(update={"database_url": str(record)})

    async with Conversation.open(here, models=lambda _skills: ScriptedModel(script=lambda _: "Fine.")) as talk:
        text = await typed("".join(f"/{command} {number}{ENTER}" for number in HUGE[:4]), talk, here)
    assert text.count("is not a number.") == 4


def test_a_fault_of_the_program_is_one_line_and_its_own_exit_code(
    record: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise KeyError("it\nbroke")

    monkeypatch.setenv("LOG_FILE", str(tmp_path / "debug.log"))
    monkeypatch.setattr("record.sessions.page", breaks)
    result = run(record, "--debug sessions")
    assert result.exit_code == 70
    first, second = result.stderr.splitlines()
    assert first.startswith("Error: this is a fault of the program: KeyError") and "--debug" in second
    assert "Traceback" in (tmp_path / "debug.log").read_text()


def test_an_interrupt_and_wrong_usage_stay_as_they_are(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stops(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("record.sessions.page", stops)
    assert run(record, "sessions").exit_code == 1
    assert "No such option" in run(record, "sessions --nonsense").stderr
    assert run(record, "sessions export nowhere-at-all").exit_code == 2


def test_a_text_that_cannot_be_kept_is_one_line(record: Path) -> None:
    assert "a title cannot be empty" in is_told(run(record, "sessions rename last \ud800"))
    assert run(record, "sessions search \ud800").exit_code == 0


async def test_in_the_chat_a_failure_is_one_line_and_the_chat_goes_on(settings: Settings, record: Path) -> None:
    here = settings.model_copy(update={"database_url": str(record)})
    async with Conversation.open(here, models=lambda _skills: ScriptedModel(script=lambda _: "Fine.")) as talk:
        with ExitStack() as held:
            being_written(record, held)
            keys = ("/rename other", "/fork", "/delete", "y", "/watchlist add NVDA", "/help")
            text = await typed("".join(key + ENTER for key in keys), talk, here)
    assert text.count("The database is in use by another program") == 4
    assert "/sessions" in text and "Nothing is lost" not in text and "sqlite" not in text


async def test_a_message_that_was_not_kept_is_in_the_line_again(
    settings: Settings, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settings.model_copy(update={"database_url": str(record)})
    async with Conversation.open(here, models=lambda _skills: ScriptedModel(script=lambda _: "Fine.")) as talk:
        keep = talk.send

        async def send(text: str) -> AsyncIterator[TurnEvent]:
            with ExitStack() as held:
                if not sent:
                    being_written(record, held)
                sent.append(text)
                async for event in keep(text):
                    yield event

        sent: list[str] = []
        monkeypatch.setattr(talk, "send", send)
        text = await typed(f"precious{ENTER}{ENTER}", talk, here)
    assert sent == ["precious", "precious"]
    assert "Your message was not kept: send it again." in text and "Fine." in text


def forgotten(file: Path) -> None:
    """Another program deletes all sessions."""
    with closing(sqlite3.connect(file)) as other:
        other.executescript("PRAGMA foreign_keys = ON; DELETE FROM sessions")


async def test_a_session_that_is_deleted_elsewhere_is_told_and_the_chat_goes_on_in_a_new_one(
    settings: Settings, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settings.model_copy(update={"database_url": str(record)})
    async with Conversation.open(here, models=lambda _skills: ScriptedModel(script=lambda _: "Fine.")) as talk:
        old, keep = talk.key.session_id, talk.send

        async def send(text: str) -> AsyncIterator[TurnEvent]:
            if text == "first":
                forgotten(record)
            async for event in keep(text):
                yield event

        monkeypatch.setattr(talk, "send", send)
        text = await typed(f"first{ENTER}second{ENTER}/history{ENTER}", talk, here)
        new = talk.key.session_id
    assert text.count("This session was deleted by another program: what was said in it is gone.") == 1
    assert new != old and f"--session {new[:8]}" in text
    assert "first" in text and "hello" not in text.partition("This session was deleted")[2]


async def test_commands_in_a_session_that_is_deleted_elsewhere_say_so(settings: Settings, record: Path) -> None:
    here = settings.model_copy(update={"database_url": str(record)})
    async with Conversation.open(here, models=lambda _skills: ScriptedModel(script=lambda _: "Fine.")) as talk:

        async def load() -> Agents:
            forgotten(record)
            return Agents(opener(talk))

        commands = ("/undo", "/retry", "/rename other", "/fork", "/export", "/delete")
        text = await typed("/agents" + ENTER + "".join(each + ENTER for each in commands), talk, here, load=load)
    assert text.count("This session was deleted by another program: what was said in it is gone") == len(commands)


async def test_in_a_pipe_a_session_that_is_deleted_elsewhere_is_told_too(settings: Settings, record: Path) -> None:
    here = settings.model_copy(update={"database_url": str(record)})
    async with Conversation.open(here, models=lambda _skills: ScriptedModel(script=lambda _: "Fine.")) as talk:
        out, err = StringIO(), StringIO()
        forgotten(record)
        assert await run_lines(talk, ["hello"], as_json=False, out=out, err=err) == 0
        assert out.getvalue() == "Fine.\n" and "A new session begins here." in err.getvalue()
        forgotten(record)
        out = StringIO()
        assert await run_lines(talk, ["hello"], as_json=True, out=out, err=err) == 0
    assert [json.loads(line)["type"] for line in out.getvalue().splitlines()][:2] == ["session", "session_deleted"]


TINY = """
import sqlite3, subprocess, sys
from pathlib import Path
from click.testing import CliRunner
from terminal.cli import cli

disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", disk], check=True)

def run(*words):
    return CliRunner().invoke(cli, ["--db", str(disk / "t.db"), "--user", "ada", *words])

def told(code, *words):
    result = run(*words)
    assert result.exit_code == code, (words, result.output)
    assert "disk is full" in result.stderr or "No space left" in result.stderr, (words, result.output)
    assert len(result.stderr.splitlines()) <= 2 and "Traceback" not in result.output, result.output
    return result.stderr

assert run("-p", "hello").exit_code == 0
document = Path(sys.argv[2])
assert run("sessions", "export", "--format", "json", "-o", str(document)).exit_code == 0
filler = disk / "filler"

def fill():
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass

fill()
told(2, "-p", "tell me a joke")
filler.unlink()
other = sqlite3.connect(disk / "t.db")  # a chat that is open before the disk is full
other.execute("SELECT * FROM turns").fetchall()
fill()
assert "Your message was not kept: send it again." in told(1, "-p", "tell me a joke")
assert "Your message was not kept" in told(1, "--new", "-p", "tell me a joke")
told(2, "sessions", "rename", "last", "other")
told(2, "sessions", "import", str(document))
told(2, "sessions", "export", "-o", str(disk / "out.json"))
told(2, "sessions", "backup", str(disk / "copy.db"))
told(2, "sessions", "fork", "last")
told(2, "sessions", "delete", "last", "--yes")
assert sorted(path.name for path in disk.iterdir() if "out" in path.name or "copy" in path.name) == []
assert run("history").exit_code == 0
filler.unlink()
assert run("-p", "tell me a joke").exit_code == 0
assert run("sessions", "rename", "last", "other").exit_code == 0
connection = sqlite3.connect(disk / "t.db")
assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
print("all is well")
"""


@pytest.mark.slow
def test_on_a_full_disk_everything_is_one_sentence_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    done = subprocess.run(
        ["unshare", "-rm", sys.executable, "-c", TINY, str(tmp_path / "disk"), str(tmp_path / "document.json")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip() == "all is well", done.stderr
