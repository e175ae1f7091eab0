"""One run of the whole, as the command line starts it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from settings import ROOT


@pytest.mark.slow
def test_a_small_run(tmp_path: Path) -> None:
    calls = ["--entries", "200", "--calls", "3", "--rounds", "1"]
    increments = ["--only", "sqlite", "--processes", "2", "--seconds", "0.3", "--times", "1"]
    results = tmp_path / "memory.jsonl"
    command = [sys.executable, "-m", "benchmarks.memory", *calls, *increments, "--results", str(results)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    assert "| SQLite | get |" in done.stdout and "SQLite lists by a prefix by the index" in done.stdout
    assert (lines[-1]["system"], lines[-1]["lost"]) == ("this program, SQLite", 0)
    assert list(tmp_path.iterdir()) == [results]
