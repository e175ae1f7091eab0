"""Nothing that is stored, heard or typed steers a terminal, whatever command shows it; and all JSON is strict."""

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner, Result
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from rich.style import Style
from rich.text import Text

from conversation.events import DelegationStarted, Reply, SessionOpened, TextDelta, ToolCalled, TurnError, TurnEvent
from record import csvout, documents
from settings import ROOT, Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences
from terminal.chat.lines import run_lines
from terminal.cli import cli
from terminal.say import say
from terminal.show.answer import answer
from terminal.show.console import print_error
from terminal.slash.commands import COMMANDS
from terminal.slash.completion import SlashCompleter
from tests.storage.support import ADA, START, delegated_turn, exchange, file_of, key, store
from tests.storage.test_harmless import UNSEEN
from tests.terminal.talking import KINDS, ToldTalk, finished, screen, typed

EVIL = "é\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp\u2066\u200f\u061c\u200b\U000e0041\u2028\x85\r\x7f=end"
EVIL_NAME = f"n{EVIL}"
REPLY = f"{EVIL} [x](https://example.com/\x1b]0;x\x07) [y](javascript:x) `{EVIL}`\n\n```{EVIL}\n{EVIL}\n```"
KEYS = {"app_name", "user_id", "session_id", "invocation_id"}

STYLES = re.compile(r"\x1b\[[\d;]*m|\x1b\]8;(?:id=\d+)?;(?:(?:https?://|mailto:)[!-~]+)?\x1b\\")
"""What rich writes to a terminal: colours and links. A screen that is redrawn is tried in `test_screen.py`."""

Program: TypeAlias = Callable[..., Result]


def steers(text: str) -> list[str]:
    """Characters that do not belong there."""
    return sorted(set(STYLES.sub("", text)) & set(UNSEEN))


def _poison(file: Path) -> None:
    """Every text that the ledger holds becomes one that means harm, where no key is broken by it."""
    with closing(sqlite3.connect(file)) as connection:
        for table in ("turns", "delegations", "tool_calls", "session_info", "preferences"):
            for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})").fetchall():
                if not kind.startswith(("VARCHAR", "TEXT")) or name in KEYS or (table == "turns" and name == "id"):
                    continue
                if name in ("id", "event_id", "value"):
                    connection.execute(f"UPDATE {table} SET {name} = {name} || :evil", {"evil": EVIL})
                elif name not in ("status", "kind"):
                    connection.execute(f"UPDATE {table} SET {name} = :evil", {"evil": EVIL})
        connection.execute("UPDATE tool_calls SET arguments = :given", {"given": json.dumps({EVIL: [EVIL]})})
        connection.execute("UPDATE delegations SET status = 'failed'")
        connection.commit()


async def _talk(url: str) -> None:
    async with Database.open(url) as database:
        service = SessionService(database)
        await service.prepare_tables()
        await store(service, delegated_turn(at=START), f"{EVIL}a-1")
        await store(service, exchange("hello", "hi", "turn-2", START + 100), f"{EVIL}b-2")
        for kind in KINDS:
            await preferences.add(database, ADA, kind.name, "x")


@pytest.fixture(scope="module")
def poison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which every text means harm."""
    file = tmp_path_factory.mktemp("poison") / "poison.db"
    asyncio.run(_talk(f"sqlite+aiosqlite:///{file}"))
    _poison(file)
    return file


@pytest.fixture
def poisoned(settings: Settings, poison: Path) -> Settings:
    shutil.copy(poison, file_of(settings.database_url))
    return settings


@pytest.fixture
def program(poisoned: Settings, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Runs the command line on that record, as on a terminal or into a pipe."""

    def run(*arguments: str, stdin: str = "", terminal: bool = True) -> Result:
        monkeypatch.setenv("FORCE_COLOR", "1" if terminal else "")
        given = ["--db", poisoned.database_url, "--user", "ada", *arguments]
        return CliRunner().invoke(cli, given, input=stdin, color=terminal)

    return run


SHOWS = [
    "sessions",
    "sessions search end",
    "sessions search owned",
    "sessions rename last",
    "sessions fork last",
    "sessions delete last",
    "sessions prune --older-than 1d --keep 0 --dry-run",
    "sessions export last --format md",
    "sessions export last --format html",
    "sessions export last --format json",
    "history",
    "history --turn 1",
    "history --trace",
    "state",
    "stats",
    "stats --plot",
    *(f"stats {what}" for what in ("agents", "tools", "models", "days", "sessions", "preferences")),
    "sql --schema",
]
QUERIES = [
    "SELECT * FROM turns",
    "SELECT * FROM tool_calls",
    "SELECT * FROM preferences",
    "SELECT * FROM session_info",
    f"SELECT 1 AS \"{EVIL}\", x'1b00' AS b, 9e999 AS i",
    f'SELECT * FROM "{EVIL}"',
    f"{EVIL} SELECT",
]


@pytest.mark.parametrize("command", SHOWS)
def test_no_command_lets_a_record_steer_a_terminal(program: Program, command: str) -> None:
    arguments = command.split() + ([EVIL] if "rename" in command else [])
    for form, terminal in (((), True), ((), False), (("--json",), False), (("--csv",), False)):
        result = program(*arguments, *form, terminal=terminal)
        assert steers(result.output) == [], form
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception


@pytest.mark.parametrize("query", QUERIES)
def test_no_answer_of_sql_does(program: Program, query: str) -> None:
    for form in ((), ("--json",), ("--csv",)):
        assert steers(program("sql", query, *form).output) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("sessions", "delete", EVIL),
        ("sessions", "rename", EVIL, "x"),
        ("sessions", "import", f"/no{EVIL}"),
        ("sessions", "export", "-o", f"/no{EVIL}/x.md"),
        ("history", "--session", EVIL),
        ("stats", EVIL),
        ("stats", "--agent", EVIL),
        ("stats", "--plot", EVIL),
        ("stats", "--since", EVIL),
        (EVIL,),
        (f"--{EVIL}",),
        ("--model", EVIL, "-p", "x"),
        ("--db", f"/{EVIL}", "sessions"),
        ("--user", EVIL, "state"),
        ("--explain", EVIL),
        ("completion", "bash", "--name", EVIL),
    ],
)
def test_what_was_typed_is_quoted_without_harm(program: Program, arguments: tuple[str, ...]) -> None:
    assert steers(program(*arguments).output) == []


def test_a_session_with_an_id_that_a_shell_would_read_is_not_offered_to_it(program: Program) -> None:
    words = {"COMP_WORDS": "pma --session ", "COMP_CWORD": "2"}
    for shell in ("bash", "zsh", "fish"):
        env = {**words, "_CLI_COMPLETE": f"{shell}_complete"}
        assert steers(CliRunner().invoke(cli, [], env=env, prog_name="cli").output) == []


async def test_the_chat_shows_a_record_without_harm(poisoned: Settings) -> None:
    talk = ToldTalk(happens=lambda _text: told_turn())
    commands = ["sessions", "history", "search end", "state", "state json", "stats", "stats agents", "agents"]
    commands += ["watchlist", "preferences", "model", f"model {EVIL}", "rename x", "fork", "verbose on"]
    keys = "".join(f"/{command}\r" for command in commands) + "hello\r"
    assert steers(await typed(keys.replace(EVIL, "x"), talk, poisoned, session="last")) == []


def told_turn() -> list[TurnEvent]:
    """A turn of which every field means harm; its sequences are split between two pieces."""
    return [
        SessionOpened(EVIL, True),
        DelegationStarted("1", EVIL_NAME, EVIL),
        ToolCalled("2", EVIL_NAME, EVIL, {EVIL: EVIL, "n": float("nan")}, EVIL, 0.1),
        TextDelta(EVIL_NAME, "a\x1b"),
        TextDelta(EVIL_NAME, "[2J\x9b"),
        Reply(REPLY, (EVIL,)),
        TurnError(EVIL, EVIL),
        replace(finished(), model=EVIL),
    ]


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_turn_in_lines_does_no_harm_and_its_json_is_strict(as_json: bool) -> None:
    _, out = screen()
    _, err = screen()
    await run_lines(ToldTalk(happens=lambda _text: told_turn()), ["x"], as_json=as_json, out=out, err=err)
    assert steers(out.getvalue()) == steers(err.getvalue()) == []
    if as_json:
        events = [json.loads(line, parse_constant=_refused) for line in out.getvalue().splitlines()]
        assert next(event["text"] for event in events if event["type"] == "reply") == REPLY
        assert events[2]["args"] == {EVIL: EVIL, "n": None}


@pytest.mark.parametrize("links", [False, True])
@pytest.mark.parametrize("terminal", [False, True])
async def test_a_turn_on_the_screen_does_no_harm(links: bool, terminal: bool) -> None:
    console, out = screen(100, terminal=terminal)
    reply = next(event for event in told_turn() if isinstance(event, Reply))
    console.print(answer(reply.text, "ansi_dark", links=links))
    print_error(console, EVIL, EVIL)
    assert steers(out.getvalue()) == []


def test_what_is_printed_carelessly_does_no_harm_either() -> None:
    console, out = screen(100, terminal=True)
    for link in ("javascript:x", "https://example.com/\x1b]0;x\x07", "file:///etc/passwd", "https://example.com/ü"):
        console.print(Text("x", style=Style(link=link)))
    console.print(EVIL, Text(EVIL))
    console.out(EVIL)
    say(EVIL, file=out)
    assert steers(out.getvalue()) == []
    assert "]8;" not in out.getvalue()


async def test_what_is_completed_at_the_prompt_does_no_harm(poisoned: Settings) -> None:
    from storage.queries import sessions
    from terminal.chat.inputline import InputLine
    from terminal.chat.state import ChatState
    from tests.terminal.chat.test_inputline import load

    async with Database.open(poisoned.database_url) as database:
        latest = await sessions.latest(database, ADA)
        assert latest is not None
        chat = ChatState(database, key(latest.session_id), poisoned, screen()[0], InputLine(), load)
        await chat.refresh()
        completer = SlashCompleter(chat, COMMANDS)
        said = chat.status_line(80)
        for line in ("/resume ", "/rename ", "/delete ", "/preferences ", "/watchlist ", "/fork "):
            async for each in completer.get_completions_async(Document(line), CompleteEvent()):
                said += f"{each.text}{each.display_text}{each.display_meta_text}"
        assert steers(said) == []


def _refused(name: str) -> Any:
    raise AssertionError(f"{name} is not JSON")


def test_json_is_strict_whatever_is_in_it() -> None:
    value = {"n": [float("nan"), float("inf"), -float("inf"), 1.5], "b": b"\x00\xff", "s": "\ud800", 1: {2: (3,)}}
    for told in (documents.dumps(value), documents.line(value)):
        assert json.loads(told.encode(), parse_constant=_refused) == {
            "n": [None, None, None, 1.5],
            "b": "x'00ff'",
            "s": "\ufffd",
            "1": {"2": [3]},
        }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=x", "\r=x", " =x", "\x1b=x", "\u200b=x", "\uff1d1"])
def test_a_text_in_csv_is_no_formula(text: str) -> None:
    names, cells = csvout.dumps([text], [[text]]).splitlines()
    assert names.strip('"')[0] == cells.strip('"')[0] == "'"


def test_numbers_and_other_texts_in_csv_are_as_they_are() -> None:
    assert csvout.dumps(["a"], [[-1], [-1.5], [None], ["x=1"], [b"\x01"]]) == "a\n-1\n-1.5\n\nx=1\nx'01'\n".replace(
        "\n\n", '\n""\n'
    )


def test_the_terminal_speaks_only_through_its_console() -> None:
    """`print`, `click.echo` and rich's own console would be ways around it."""
    around = re.compile(r"(?<![.\w])print\(|click\.s?echo|click\.style|(?<!\w)Console\(|stdout\.write|stderr\.write")
    found = [
        f"{file.name}:{number}"
        for file in sorted((ROOT / "terminal").glob("*.py"))
        if file.name not in ("say.py", "console.py", "streams.py")
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if around.search(line)
    ]
    assert found == []
