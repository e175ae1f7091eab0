"""What the command line means, in which order is measured, and one run of the program itself."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.many.__main__ import _in_turn, _number
from benchmarks.many.carrying import Load
from benchmarks.many.systems import SYSTEMS
from settings import ROOT

LOADS = [Load(sessions, 1, 0.0, 1.0, 2.0) for sessions in (1, 16)]


@pytest.mark.parametrize("text, found", [("16", (1, 16)), ("4x16", (4, 16))])
def test_sessions_are_of_one_process_or_of_each(text: str, found: tuple[int, int]) -> None:
    assert _number(text) == found


@pytest.mark.parametrize("text", ["0", "x16", "4x0", "4x", "many", "1.5", "-1"])
def test_what_is_no_number_of_sessions_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="no number of sessions"):
        _number(text)


def test_another_system_is_first_each_time_and_none_is_left_out() -> None:
    order = list(_in_turn(SYSTEMS[:3], LOADS, rounds=2))
    assert [system.key for _, system in order[::3]] == ["ours", "openai", "langgraph", "ours"]
    assert len(order) == len(set(order)) * 2 == 12


@pytest.mark.slow
def test_a_run_of_two_sessions(tmp_path: Path) -> None:
    given = ["--only", "ours", "--sessions", "2", "--model-ms", "0", "--warm", "0.2", "--seconds", "0.6"]
    command = [sys.executable, "-m", "benchmarks.many", *given, "--results", str(tmp_path / "many.jsonl")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    found = json.loads((tmp_path / "many.jsonl").read_text())
    assert "| 2 | this program |" in done.stdout
    assert (found["lost"], found["failed"], found["broken"]) == (0, {}, "")
    assert found["turns_a_second"] > 0 and found["answered"] >= 2
    assert found["p95"] >= found["p50"] > 0 and found["commits"] > 0
    assert list(tmp_path.iterdir()) == [tmp_path / "many.jsonl"]
