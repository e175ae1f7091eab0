"""Whatever fails under a command is one or two lines and an exit code, on every command."""

import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeAlias

import pytest

from conversation.conversation import Conversation
from conversation.events import TurnEvent
from settings import Settings
from tests.scripted import ScriptedModel
from tests.terminal.commanded import READING, TURNS, WRITING, dumped, is_told, run
from tests.terminal.talking import ENTER, typed

Break: TypeAlias = Callable[[Path, ExitStack], None]


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
