"""The program as scripts use it: `-p`, pipes, `--json`, the commands on the record, exit codes."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner, Result

from settings import ROOT
from storage.strict import MESSAGE_LENGTH
from terminal.cli import cli

Program: TypeAlias = Callable[..., Result]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Runs the command line on a database of the test's own, for the user `ada`."""

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(cli, ["--db", str(tmp_path / "p.db"), "--user", "ada", *arguments], input=stdin)

    return run


def json_lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_what_one_process_is_told_another_one_knows(tmp_path: Path) -> None:
    program = [sys.executable, str(ROOT / "persistent_multi_agent.py"), "--db", str(tmp_path / "p.db"), "--user", "ada"]
    told = subprocess.run([*program, "-p", "put NVDA on my watchlist"], capture_output=True, text=True, timeout=60)
    assert (told.returncode, told.stderr) == (0, "")
    asked = subprocess.run([*program, "state", "--json"], capture_output=True, text=True, timeout=60)
    state = json.loads(asked.stdout)
    assert state["user_preferences"]["stock_watchlist"] == ["NVDA"]
    assert state["session_metadata"]["total_interactions"] == 1
    (entry,) = state["conversation_history"]
    assert set(entry) == {"timestamp", "user_input", "agent_response", "event_id"}
    assert entry["user_input"] == "put NVDA on my watchlist"


def test_two_agents_start_before_either_finishes_and_give_one_reply(program: Program) -> None:
    result = program("-p", "tell me a joke about java and the price of AAPL", "--json")
    assert result.exit_code == 0
    events = json_lines(result)
    kinds = [event["type"] for event in events]
    assert kinds[0] == "session" and kinds[-1] == "turn"
    delegations = [kind for kind in kinds if kind.startswith("delegation")]
    assert delegations == ["delegation_started"] * 2 + ["delegation_finished"] * 2
    (reply,) = [event for event in events if event["type"] == "reply"]
    assert sorted(reply["agents"]) == ["funny_nerd", "stock_analyst"]
    assert "Java" in reply["text"] and "AAPL" in reply["text"]
    assert "".join(event["delta"] for event in events if event["type"] == "text") == reply["text"]


def test_json_events_have_the_documented_fields(program: Program) -> None:
    events = {event["type"]: event for event in json_lines(program("--json", "-p", "a joke about python please"))}
    assert {kind: sorted(set(event) - {"type"}) for kind, event in events.items()} == {
        "session": ["resumed", "session_id"],
        "delegation_started": ["agent", "id", "task"],
        "tool_call": ["agent", "args", "id", "seconds", "status", "tool"],
        "text": ["agent", "delta", "start"],
        "delegation_finished": ["agent", "id", "seconds", "status"],
        "reply": ["agents", "text"],
        "turn": ["model", "model_calls", "output_tokens", "prompt_tokens", "seconds", "status", "turn_id"],
    }
    assert events["turn"]["model_calls"] == 3


def test_each_piped_line_is_a_turn(program: Program) -> None:
    result = program("--json", stdin="hello\n\nput NVDA on my watchlist\n")
    assert [event["status"] for event in json_lines(result) if event["type"] == "turn"] == ["completed"] * 2
    (listed,) = json.loads(program("sessions", "--json").stdout)
    assert (listed["turns"], listed["title"]) == (2, "hello")


def test_a_session_is_continued_unless_a_new_one_is_asked_for(program: Program) -> None:
    first = json_lines(program("--json", "-p", "hello"))[0]
    again = json_lines(program("--json", "-p", "hello"))[0]
    other = json_lines(program("--json", "--new", "-p", "hello"))[0]
    back = json_lines(program("--json", "--session", first["session_id"][:8], "-p", "hello"))[0]
    assert (first["resumed"], again["resumed"], other["resumed"], back["resumed"]) == (False, True, False, True)
    assert first["session_id"] == again["session_id"] == back["session_id"] != other["session_id"]


def test_a_model_without_its_key_fails_the_turn_with_what_to_do(program: Program) -> None:
    result = program("--model", "gemini-2.5-flash", "-p", "hello")
    assert result.exit_code == 1
    assert "needs a key" in result.stderr and "GOOGLE_API_KEY" in result.stderr
    assert "Traceback" not in result.output
    (turn,) = json.loads(program("history", "--json").stdout)
    assert turn["status"] == "failed"
    assert program("-p", "hello").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("--session", "nowhere", "-p", "hello"),
        ("--model", "no-such-model", "-p", "hello"),
        ("state",),
        ("--nonsense",),
        ("sessions", "--limit", "0"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_to_do(program: Program, arguments: tuple[str, ...]) -> None:
    result = program(*arguments)
    assert result.exit_code == 2
    assert len(result.stderr.strip().splitlines()) >= 1
    assert "Traceback" not in result.output


def test_a_reading_command_makes_no_database(program: Program, tmp_path: Path) -> None:
    assert program("sessions").exit_code == 2
    assert not (tmp_path / "p.db").exists()


def test_the_views_are_readable_by_any_sql_tool(program: Program, tmp_path: Path) -> None:
    program("-p", "tell me a joke about python")
    with sqlite3.connect(tmp_path / "p.db") as database:
        database.row_factory = sqlite3.Row
        (stats,) = database.execute("SELECT * FROM agent_stats")
        (turn,) = database.execute("SELECT * FROM conversation_history")
    assert (stats["agent_name"], stats["delegations"], stats["completed"]) == ("funny_nerd", 1, 1)
    assert (turn["turn"], turn["user_input"], turn["agents"]) == (1, "tell me a joke about python", "funny_nerd")


def test_commands_on_the_record_do_not_load_adk(program: Program, tmp_path: Path) -> None:
    program("-p", "hello")
    check = (
        "import sys; from terminal.cli import cli\n"
        "try: cli(['--db', sys.argv[1], '--user', 'ada', 'sessions'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not [name for name in sys.modules if name.startswith('google.adk')]"
    )
    result = subprocess.run(
        [sys.executable, "-c", check, str(tmp_path / "p.db")], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stderr
    assert "hello" in result.stdout


def test_debug_writes_library_logs_to_the_log_file_only(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOG_FILE", str(tmp_path / "logs" / "debug.log"))
    result = program("--debug", "--model", "gemini-2.5-flash", "-p", "hello")
    assert "Traceback" not in result.output
    assert "Traceback" in (tmp_path / "logs" / "debug.log").read_text()


def test_explain_shows_scores_and_what_was_extracted_and_does_nothing(program: Program, tmp_path: Path) -> None:
    result = program("--explain", "put NVDA on my watchlist")
    assert result.exit_code == 0
    assert "ticker=NVDA" in result.stdout and "add_to_stock_watchlist" in result.stdout
    assert not (tmp_path / "p.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("-p", ""),
        ("-p", " \t"),
        ("-p", "\ufeff"),
        ("--session", "last", "--new"),
        ("--session", "last", "--new", "-p", "hello"),
        ("-p", "hello", "sessions"),
        ("--new", "state"),
        ("--session", "last", "history"),
        ("--stdin",),
        ("--explain", "hello", "stats"),
        ("--explain", "hello", "-p", "hello"),
        ("--explain", "hello", "--new"),
        ("--explain", "hello", "--session", "last"),
    ],
)
def test_options_that_mean_nothing_together_are_one_line_and_exit_code_2(
    program: Program, arguments: tuple[str, ...]
) -> None:
    result = program(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--json", "--session", "nope"),
        ("--json", "--session", "nope", "-p", "hello"),
        ("--json", "--model", "no-such-model", "-p", "hello"),
        ("--json", "-p", ""),
        ("--json", "--nonsense"),
        ("--json", "state", "--session", "nope"),
        ("state", "--json", "--nonsense"),
        ("sessions", "--json", "export", "nope"),
        ("--json", "completion", "bash"),
        ("--json", "sql", "SELECT nonsense"),
    ],
)
def test_with_json_an_error_is_one_json_object(program: Program, arguments: tuple[str, ...]) -> None:
    result = program(*arguments)
    assert result.exit_code == 2
    (error,) = json_lines(result)
    assert set(error) == {"type", "message", "hint"} and error["type"] == "error" and error["message"]


def test_json_before_a_command_holds_for_it(program: Program, tmp_path: Path) -> None:
    program("-p", "put NVDA on my watchlist")
    for command in (
        ("state",),
        ("history",),
        ("stats",),
        ("stats", "agents"),
        ("sql", "SELECT 1 AS one"),
        ("sessions",),
        ("sessions", "search", "NVDA"),
        ("sessions", "export"),
        ("sessions", "fork"),
        ("sessions", "rename", "last", "title"),
        ("sessions", "backup", str(tmp_path / "copy.db")),
        ("sessions", "undo"),
        ("sessions", "prune", "--yes"),
        ("sessions", "delete", "last", "--yes"),
    ):
        result = program("--json", *command)
        assert result.exit_code == 0, (command, result.output)
        json.loads(result.stdout)


def test_deleting_tells_as_json_what_was_deleted_and_that_nobody_was_there_to_ask(program: Program) -> None:
    session_id = json_lines(program("--json", "-p", "hello"))[0]["session_id"]
    unsure = program("sessions", "delete", "last", "--json")
    assert (unsure.exit_code, json.loads(unsure.stdout)["type"]) == (1, "error")
    (deleted,) = json.loads(program("sessions", "prune", "--older-than", "0d", "--keep", "0", "--yes", "--json").stdout)
    assert deleted["session_id"] == session_id
    assert json.loads(program("sessions", "--json").stdout) == []


def test_undo_tells_as_json_what_was_taken_back(program: Program) -> None:
    program("-p", "put NVDA on my watchlist")
    undone = json.loads(program("sessions", "undo", "--json").stdout)
    assert undone["messages"] == ["put NVDA on my watchlist"]
    change = {"tool": "add_to_stock_watchlist", "args": {"ticker": "NVDA"}, "told": "NVDA was put on your watchlist"}
    assert undone["changes"] == [change]


def test_marks_and_odd_line_ends_of_standard_input_are_no_part_of_messages(program: Program) -> None:
    program(stdin="\ufeffhello\r\n\r\n  \n\x0c\n\ufeff\nthe\u2028last\r\n\ufeffof two files")
    program("-p", "\ufeffhello")
    program("sql", stdin="\ufeffSELECT 1")
    told = json.loads(program("history", "--json").stdout)
    assert [turn["user_input"] for turn in reversed(told)] == ["hello", "the\u2028last", "of two files", "hello"]
    assert program("sql", stdin="\ufeffSELECT 1 AS one").stdout.split() == ["one", "1"]


def test_a_line_as_long_as_it_may_be_and_one_with_nul_end_as_others_do(program: Program) -> None:
    result = program("--json", stdin="long " * (MESSAGE_LENGTH // 5 - 1) + "\nwith \0 in it\n")
    assert [event["status"] for event in json_lines(result) if event["type"] == "turn"] == ["completed"] * 2


@pytest.mark.parametrize("arguments", [(), ("-p", "what is this?", "--stdin"), ("sql", "-"), ("--json",)], ids=" ".join)
def test_more_input_than_a_message_may_have_is_one_line(program: Program, arguments: tuple[str, ...]) -> None:
    result = program(*arguments, stdin="x" * (MESSAGE_LENGTH + 1) + "\nmore")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 2)
    assert "standard input is longer than 1,000,000 characters" in result.stderr


def test_what_was_asked_before_a_line_that_is_too_long_is_answered(program: Program) -> None:
    result = program("--json", stdin="hello\n" + "x" * (MESSAGE_LENGTH + 1))
    assert (result.exit_code, json_lines(result)[-2]["status"], json_lines(result)[-1]["type"]) == (
        2,
        "completed",
        "error",
    )


def test_a_message_and_its_material_that_are_too_long_together_are_not_kept(program: Program) -> None:
    result = program("-p", "hello", "--stdin", stdin="x" * MESSAGE_LENGTH)
    assert (result.exit_code, result.stderr.splitlines()[0]) == (
        1,
        "error: the message is longer than 1,000,000 characters",
    )
    assert "was not kept" in result.stderr and json.loads(program("sessions", "--json").stdout) == []


@pytest.mark.parametrize("answer", ["", "n\n", "\0" * 1000, "maybe\ny\n", "\xff\n"])
def test_a_question_that_is_not_answered_with_yes_deletes_nothing(program: Program, answer: str) -> None:
    program("-p", "hello")
    for command in (("delete", "last"), ("prune", "--older-than", "0m", "--keep", "0")):
        result = program("sessions", *command, stdin=answer)
        assert (result.exit_code, "nothing was deleted" in result.stderr) == (1, True)
    assert "Deleted 1 session." in program("sessions", "delete", "last", stdin=" Yes\n").stdout
