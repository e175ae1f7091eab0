"""The program as a process: closed pipes, full disks, closed streams, encodings, and whose standard input is whose."""

import json
import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from settings import ROOT

pytestmark = pytest.mark.slow

PATIENCE = 60.0
SCRIPT = f'"{sys.executable}" "{ROOT / "persistent_multi_agent.py"}"'
PIPE = 128 + signal.SIGPIPE
COMMANDS = ("--json -p hello", "sessions export", "--help")
Shell: TypeAlias = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Runs a line of bash in which `pma` is the program, on the test's own database."""

    def run(line: str, stdin: bytes = b"", **environ: str) -> "subprocess.CompletedProcess[bytes]":
        own = {"DATABASE_URL": str(tmp_path / "p.db"), "CHAT_USER": "ada", "HOME": str(tmp_path), "MODEL": "offline"}
        plain = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        script = f'pma() {{ {SCRIPT} "$@"; }}\n{line}'
        return subprocess.run(
            ["bash", "-c", script], input=stdin, capture_output=True, timeout=PATIENCE, env={**plain, **own, **environ}
        )

    return run


def said(folder: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(folder / "p.db") as database:
        return database.execute("SELECT user_input, status FROM turns ORDER BY number").fetchall()


def lines(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_when_the_reader_goes_the_turn_that_runs_is_cancelled_and_the_run_ends(shell: Shell, tmp_path: Path) -> None:
    ran = shell("printf 'tell me a joke\\n%.0s' 1 2 3 4 | pma --json | head -1; exit ${PIPESTATUS[1]}")
    assert (ran.returncode, ran.stderr) == (PIPE, b"")
    assert [event["type"] for event in lines(ran.stdout)] == ["session"]
    assert said(tmp_path) == [("tell me a joke", "cancelled")]


@pytest.mark.parametrize("streams", ["</dev/full >/dev/full", "</dev/zero >&-", "<&- 2>&-", "</dev/full >&- 2>&-"])
@pytest.mark.parametrize("command", ["sessions delete last", "sessions prune --older-than 0m --keep 0"])
def test_a_question_that_nobody_can_answer_is_answered_with_no_at_once(
    shell: Shell, tmp_path: Path, command: str, streams: str
) -> None:
    shell("pma -p hello")
    assert shell(f"timeout 20 {SCRIPT} {command} {streams}").returncode == 1
    assert said(tmp_path) == [("hello", "completed")]


@pytest.mark.parametrize("command", ["", "-p x --stdin", "sql -", "sessions import -"])
def test_input_without_an_end_is_one_line(shell: Shell, command: str) -> None:
    for endless in ("</dev/zero", "< <(yes | tr -d '\\n')"):
        ran = shell(f"timeout 20 {SCRIPT} {command} {endless}")
        assert (ran.returncode, len(ran.stderr.splitlines())) == (2, 2), ran.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_output_that_cannot_be_written_is_one_line_at_most(shell: Shell, command: str) -> None:
    shell("pma -p hello")
    for line, code, told in (
        (f"pma {command} | head -0; exit ${{PIPESTATUS[0]}}", PIPE, 0),
        (f"pma {command} > /dev/full", 1, 1),
        (f"pma {command} >&-", 1, 1),
    ):
        ran = shell(line)
        assert (ran.returncode, len(ran.stderr.splitlines())) == (code, told), ran.stderr
        assert b"Traceback" not in ran.stderr and b"ignored" not in ran.stderr


def test_closed_error_output_and_closed_input_are_no_failure(shell: Shell, tmp_path: Path) -> None:
    assert shell("pma -p hello 2>&-").returncode == 0
    assert shell("pma -p '  ' 2>&-").returncode == 2
    assert shell("pma -p hello <&-").returncode == 0
    assert shell("pma --json <&-").returncode == 0
    assert shell("pma <&- >&- 2>&-").returncode == 0
    assert shell("pma -p hello <&- 2>&- >&-").returncode == 1
    assert sqlite3.connect(tmp_path / "p.db").execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_no_encoding_of_the_output_fails_and_json_has_everything(shell: Shell, encoding: str) -> None:
    shell("pma -p 'my name is Zoë ☂ 😀'")
    for command in ("-p 'price of AAPL'", "history"):
        ran = shell(f"pma {command}", PYTHONIOENCODING=encoding)
        assert (ran.returncode, ran.stderr) == (0, b""), command
        ran.stdout.decode(encoding)
    asked = shell("pma history --json", PYTHONIOENCODING=encoding).stdout.decode(encoding)
    assert json.loads(asked)[-1]["user_input"] == "my name is Zoë ☂ 😀"
    events = shell("pma --json -p 'my name is Zoë ☂ 😀'", PYTHONIOENCODING=encoding).stdout.decode(encoding)
    assert "Zoë" in [json.loads(line) for line in events.splitlines()][-2]["text"]


def test_input_is_read_in_its_encoding(shell: Shell, tmp_path: Path) -> None:
    shell("pma", "grüße\n".encode("latin-1"), PYTHONIOENCODING="latin-1")
    shell("pma", "grüße\r\nzwei".encode("utf-16"))
    assert [text for text, _ in said(tmp_path)] == ["grüße", "grüße", "zwei"]


def test_a_loop_keeps_its_input(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "asked").write_text("hello\nthanks\n")
    for line in (
        f'while read -r q; do pma -p "$q"; done < {tmp_path / "asked"}',
        f'cat {tmp_path / "asked"} | while read -r q; do env pma_is=here {SCRIPT} -p "$q"; done',
    ):
        ran = shell(line)
        assert ran.returncode == 0
        assert len(ran.stderr.splitlines()) == 1  # after the last line nothing is left alone
    assert [text for text, _ in said(tmp_path)] == ["hello", "thanks"] * 2


def test_what_is_piped_in_is_material(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a report\n")
    shell(f"cat {tmp_path / 'report'} | pma -p one")
    shell(f"pma -p two < {tmp_path / 'report'}")
    shell(f"cat {tmp_path / 'report'} | timeout 60 {SCRIPT} -p three")
    shell("pma --stdin -p four; true", b"a report\n")
    shell("pma --no-stdin -p five < " + str(tmp_path / "report"))
    both = [f"{text}\n\na report" for text in ("one", "two", "three", "four")]
    assert [text for text, _ in said(tmp_path)] == [*both, "five"]


def test_waiting_for_material_is_said(tmp_path: Path) -> None:
    own = {"DATABASE_URL": str(tmp_path / "p.db"), "CHAT_USER": "ada", "HOME": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, str(ROOT / "persistent_multi_agent.py"), "-p", "hello"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], **own},
    ) as waiting:
        assert waiting.stdin and waiting.stderr
        if not select.select([waiting.stderr], [], [], PATIENCE)[0]:
            waiting.kill()
        assert waiting.stderr.readline().startswith(b"Waiting for standard input")
        began = time.monotonic()
        waiting.terminate()
        assert waiting.wait(PATIENCE) == -signal.SIGTERM
        assert time.monotonic() - began < 5
        assert waiting.stderr.read() == b""


def test_a_model_that_never_stops_does_not_keep_the_process(tmp_path: Path) -> None:
    own = {"DATABASE_URL": str(tmp_path / "p.db"), "HOME": str(tmp_path), "TURN_TIMEOUT": "1"}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.terminal.program", "-p", "deaf"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        env={"PATH": os.environ["PATH"], **own},
    )
    assert (ran.returncode, ran.stdout) == (1, b"")
    assert ran.stderr.startswith(b"error: the turn took too long") and len(ran.stderr.splitlines()) == 2
    assert said(tmp_path) == [("deaf", "failed")]
