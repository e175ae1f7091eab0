"""`sessions ...` on the command line, as scripts use it."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner, Result
from google.adk.sessions import DatabaseSessionService

from settings import ROOT, Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences
from terminal.cli import cli
from tests.storage.support import ADA, START, delegated_turn, exchange, file_of, rows, store, without_hook

Program: TypeAlias = Callable[..., Result]


async def _talk(settings: Settings) -> None:
    async with Database.open(settings.database_url) as database:
        service = SessionService(database)
        await service.prepare_tables()
        await store(service, exchange("my plans", "fine *plans*", at=START), "aaaaaaaa-1")
        await store(service, delegated_turn(at=START + 86_400), "bbbbbbbb-2")
        await store(service, exchange("and more", invocation_id="turn-2", at=START + 86_500), "bbbbbbbb-2")
        await store(service, exchange("plans for today", at=START + 172_800), "cccccccc-3")


@pytest.fixture
def program(settings: Settings) -> Program:
    """Runs the command line on a record of Ada's with three sessions, a day apart."""
    asyncio.run(_talk(settings))

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(cli, ["--db", settings.database_url, "--user", "ada", *arguments], input=stdin)

    return run


def listed(program: Program, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(program("sessions", "--json", *arguments).stdout)
    return found


def test_sessions_are_listed_with_their_agents_in_pages(program: Program) -> None:
    found = listed(program)
    assert [info["short_id"] for info in found] == ["cccccccc", "bbbbbbbb", "aaaaaaaa"]
    assert [info["agents"] for info in found] == [[], ["funny_nerd", "stock_analyst"], []]
    assert [info["title"] for info in listed(program, "--limit", "1", "--page", "2")] == ["a joke and a price"]
    text = program("sessions", "--limit", "1", "--page", "2").stdout
    assert "funny_nerd, stock_analyst" in text
    assert "Page 2 of 3." in text


def test_a_session_that_was_made_and_not_used_is_a_new_one_for_every_command(
    program: Program, settings: Settings
) -> None:
    with without_hook():
        asyncio.run(_make(settings, "eeeeeeee-5", {"user_name": "Ada L.", "user_preferences": {"favorite_agent": "x"}}))
    assert "new session" in program("sessions").stdout
    assert [(info["session_id"], info["title"], info["turns"]) for info in listed(program)[:1]] == [
        ("eeeeeeee-5", "", 0)
    ]
    state = json.loads(program("state", "--session", "eeeeeeee", "--json").stdout)
    assert (state["user_name"], state["conversation_history"]) == ("Ada L.", [])
    assert state["user_preferences"]["favorite_agent"] is None
    assert "0 turns" in program("sessions", "export", "eeeeeeee").stdout
    assert program("sessions", "undo", "eeeeeeee").exit_code == 0
    for refuses, code in (("fork", 2), ("retry", 1)):
        assert program("sessions", refuses, "eeeeeeee").exit_code == code
    assert program("sessions", "rename", "eeeeeeee", "plan", "B").exit_code == 0
    assert program("sessions", "delete", "plan B", "--yes").exit_code == 0
    assert len(listed(program)) == 3


async def _make(settings: Settings, session_id: str, state: dict[str, Any]) -> None:
    async with DatabaseSessionService(settings.database_url) as adks:
        await adks.create_session(app_name=ADA.app_name, user_id=ADA.adk_id, session_id=session_id, state=state)


def test_a_search_says_what_matches_and_how_to_resume(program: Program) -> None:
    text = program("sessions", "search", "today").stdout
    assert "plans for today\n  cccccccc · turn 1 · " in text
    assert "--session cccccccc goes on there." in text
    found = json.loads(program("sessions", "search", "FINE", "plans", "--json").stdout)
    assert [(each["session_id"], each["line"], each["hits"]) for each in found] == [
        ("aaaaaaaa-1", "fine plans", ["fine", "plans"])
    ]
    assert (
        json.loads(program("sessions", "search", "plans", "--session", "cccccccc", "--json").stdout)[0]["number"] == 1
    )
    assert program("sessions", "search", '"*NEAR(').exit_code == 0
    assert program("sessions", "search").exit_code == 2


def test_a_session_is_renamed(program: Program) -> None:
    assert "'Great plans' now" in program("sessions", "rename", "aaa", "Great", "plans").stdout
    assert json.loads(program("sessions", "rename", "great plans", "Other", "--json").stdout)["title"] == "Other"
    assert program("sessions", "rename", "nothing", "x").exit_code == 2


def test_delete_asks_unless_it_is_told_not_to(program: Program) -> None:
    assert program("sessions", "delete", "aaa", stdin="n\n").exit_code == 1
    nobody = program("sessions", "delete", "aaa")
    assert (nobody.exit_code, len(listed(program))) == (1, 3)
    assert "--yes answers the question" in nobody.stderr
    assert "Deleted 1 session." in program("sessions", "delete", "aaa", stdin="y\n").stdout
    assert program("sessions", "delete", "bbb", "nothing", "--yes").exit_code == 2
    assert len(listed(program)) == 2
    assert program("sessions", "delete", "bbb", "ccc", "ccc", "--yes").stdout == "Deleted 2 sessions.\n"
    assert listed(program) == []


@pytest.mark.parametrize("name", ["", " ", "%", "\x00", "\udcff", "x" * 10_000])
def test_what_no_session_is_called_by_is_refused_in_one_line(program: Program, name: str) -> None:
    assert program("sessions", "delete", "aaaaaaaa", "bbbbbbbb", "--yes").exit_code == 0
    for arguments in (
        ("--session", name, "-p", "hello"),
        ("sessions", "delete", name, "--yes"),
        ("sessions", "rename", name, "x"),
        ("sessions", "fork", name),
        ("sessions", "undo", name),
        ("sessions", "export", name),
        ("sessions", "search", "--session", name, "plans"),
        ("sessions", "search", "--session", name, "???"),
        ("stats", "--session", name),
        ("history", "--session", name),
        ("state", "--session", name),
    ):
        done = program(*arguments)
        assert done.exit_code and "no session is called" in done.output, arguments
        assert done.exception is None or isinstance(done.exception, SystemExit)
    (left,) = listed(program)
    assert left["title"] == "plans for today" and left["turns"] == 1


def test_a_search_for_a_mark_stays_in_its_session(program: Program, settings: Settings) -> None:
    for name, expected in (("aaaaaaaa", 1), ("cccccccc", 0)):
        found = json.loads(program("sessions", "search", "--json", "--session", name, "*").stdout)
        assert len(found) == expected
    assert program("sessions", "search", "--session", "aaaaaaaa", "\udcff").exit_code == 0


def test_a_document_that_is_too_large_is_refused_before_it_is_read(program: Program, tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(2**40)
    done = program("sessions", "import", str(huge))
    assert done.exit_code and "larger than 64 MB" in done.output


def test_a_fork_says_where_it_came_from(program: Program) -> None:
    forked = json.loads(program("sessions", "fork", "bbb", "--at", "1", "--json").stdout)
    assert (forked["forked_from"], forked["forked_at_turn"], forked["turns"]) == ("bbbbbbbb-2", 1, 1)
    text = program("sessions", "fork", "bbb").stdout
    assert text.startswith("a joke and a price (fork 2): Forked from bbbbbbbb after turn 2.\n")
    assert program("sessions", "fork", "bbb", "--at", "9").exit_code == 2
    assert "a joke and a price (fork)  from bbbbbbbb, turn 1" in program("sessions").stdout


def test_undo_takes_turns_back_and_retry_sends_the_last_message_again(program: Program) -> None:
    assert program("sessions", "undo", "bbb").stdout == "Undid 1 turn:\n  > and more\n"
    assert [info["turns"] for info in listed(program)] == [1, 1, 1]
    again = program("sessions", "retry", "aaa", "--json")
    events = [json.loads(line) for line in again.stdout.splitlines()]
    assert (again.exit_code, events[0]["session_id"], events[-1]["status"]) == (0, "aaaaaaaa-1", "completed")
    program("sessions", "undo", "ccc", "--turns", "5")
    nothing = program("sessions", "retry", "ccc")
    assert (nothing.exit_code, nothing.stderr) == (1, "Error: There is nothing to send again in this session.\n")


def test_a_session_is_exported_to_a_file_or_printed(program: Program, tmp_path: Path) -> None:
    assert "# my plans" in program("sessions", "export", "aaa").stdout
    assert program("sessions", "export", "aaa", "--format", "html").stdout.startswith("<!doctype html>")
    file = tmp_path / "talk.json"
    told = program("sessions", "export", "aaa", "-o", str(file))
    assert (told.stdout, told.stderr) == ("", f"Written to {file}.\n")
    assert json.loads(file.read_text())["session"]["id"] == "aaaaaaaa-1"
    assert program("sessions", "export", "bbb", "-o", str(file)).exit_code == 2
    assert program("sessions", "export", "bbb", "-o", str(file), "--force").exit_code == 0
    assert json.loads(file.read_text())["session"]["id"] == "bbbbbbbb-2"
    assert program("sessions", "export", "bbb", "-o", str(tmp_path / "no" / "talk.md")).exit_code == 2


def test_what_was_exported_is_imported_elsewhere_as_the_same_conversation(program: Program, tmp_path: Path) -> None:
    document = program("sessions", "export", "bbb", "--format", "json").stdout
    elsewhere = ("--db", str(tmp_path / "other.db"))
    imported = CliRunner().invoke(cli, [*elsewhere, "--user", "eve", "sessions", "import", "-"], input=document)
    assert imported.stdout.startswith("a joke and a price: 2 turns.\n"), imported.stderr
    again = CliRunner().invoke(cli, [*elsewhere, "--user", "eve", "sessions", "export", "--format", "json"])
    assert again.stdout == document
    for bad, said in (("{", "not an exported session"), (document.replace('"version": 1', '"version": 9'), "newer")):
        refused = CliRunner().invoke(cli, [*elsewhere, "--user", "eve", "sessions", "import", "-"], input=bad)
        assert (refused.exit_code, said in refused.stderr) == (2, True)
    assert len(rows(tmp_path / "other.db", "SELECT * FROM session_info")) == 1


def test_prune_deletes_what_is_old_but_for_the_last_used(program: Program) -> None:
    old = ("sessions", "prune", "--older-than", "2026-01-04")
    assert [info["short_id"] for info in json.loads(program(*old, "--keep", "1", "--dry-run", "--json").stdout)] == [
        "bbbbbbbb",
        "aaaaaaaa",
    ]
    assert program(*old, "--keep", "20", "--yes").stdout == "There is nothing to delete.\n"
    assert program(*old, "--keep", "1", stdin="n\n").exit_code == 1
    assert len(listed(program)) == 3
    assert program(*old, "--keep", "2", "--yes").stdout == "Deleted 1 session.\n"
    assert [info["short_id"] for info in listed(program)] == ["cccccccc", "bbbbbbbb"]
    assert program("sessions", "prune", "--older-than", "soon").exit_code == 2


def test_a_backup_is_a_database_of_its_own_for_its_owner_only(program: Program, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert program("sessions", "backup", str(copy)).exit_code == 0
    assert copy.stat().st_mode & 0o077 == 0
    assert len(rows(copy, "SELECT * FROM session_info")) == 3
    assert program("sessions", "backup", str(copy)).exit_code == 2


def test_a_wrong_setting_is_one_line(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TURN_TIMEOUT", "soon")
    result = program("sessions")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: TURN_TIMEOUT cannot be 'soon'")
    assert "Traceback" not in result.output


def test_input_that_is_piped_is_material_for_the_message(program: Program) -> None:
    assert program("-p", "hello", "--new", stdin="one line\nand another\n").exit_code == 0
    (turn,) = json.loads(program("history", "--json").stdout)
    assert turn["user_input"] == "hello\n\none line\nand another"
    assert program("-p", "hello again", stdin="\n\n").exit_code == 0
    assert json.loads(program("history", "--json").stdout)[0]["user_input"] == "hello again"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_given_a_command_with_completion(program: Program, shell: str) -> None:
    script = program("completion", shell).stdout
    assert "pma" in script and f"{shell}_complete" in script
    assert "work" in program("completion", shell, "--name", "work").stdout
    assert program("completion", shell, "--name", "rm -rf").exit_code == 2


@pytest.mark.slow
def test_bash_completes_commands_options_and_sessions(program: Program, settings: Settings) -> None:
    """The script as printed, in a real shell; a shell's own line editor is all that is left out."""
    ask = """
        eval "$("$0" "$1" completion bash)"
        complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pma_complete; echo "${COMPREPLY[*]}"; }
        complete_words pma ses
        complete_words pma sessions exp
        complete_words pma sessions export --fo
        complete_words pma --db "$2" --user ada sessions export bb
        pma --db "$2" --user ada sessions --limit 1
    """
    program_file = str(ROOT / "persistent_multi_agent.py")
    done = subprocess.run(
        ["bash", "-c", ask, sys.executable, program_file, settings.database_url],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    lines = done.stdout.splitlines()
    assert lines[:4] == ["sessions", "export", "--format --force", "bbbbbbbb"], done.stderr
    assert "plans for today" in done.stdout


def test_what_agents_know_of_the_user_outlives_the_sessions(program: Program, settings: Settings) -> None:
    async def remember() -> None:
        async with Database.open(settings.database_url) as database:
            await preferences.add(database, ADA, "stock_watchlist", "NVDA")

    asyncio.run(remember())
    program("sessions", "delete", "aaa", "bbb", "ccc", "--yes")
    with sqlite3.connect(file_of(settings.database_url)) as database:
        assert database.execute("SELECT value FROM preferences").fetchall() == [("NVDA",)]
        assert database.execute("SELECT COUNT(*) FROM events").fetchone() == (0,)
