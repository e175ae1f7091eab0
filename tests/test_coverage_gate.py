"""A part of the program that is tested too little is named, and fails the check."""

import json
from pathlib import Path

import pytest

from tests.coverage_gate import main


def report(file: Path, **covered: int) -> Path:
    """A report in which each part has 90 lines and 10 branches, all of whose branches were taken."""
    files = {
        f"{part}/a.py": {
            "summary": {"num_statements": 90, "num_branches": 10, "covered_lines": lines, "covered_branches": 10}
        }
        for part, lines in covered.items()
    }
    file.write_text(json.dumps({"files": files}))
    return file


def test_enough_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    enough = report(tmp_path / "r.json", storage=85, conversation=85, state_tools=85, terminal=75)
    assert main(enough) == 0
    assert "too little" not in capsys.readouterr().out


@pytest.mark.parametrize("part", ["storage", "conversation", "state_tools"])
def test_a_part_with_a_limit_of_its_own_is_named(part: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    covered = {"storage": 90, "conversation": 90, "state_tools": 90, "terminal": 90, part: 84}
    assert main(report(tmp_path / "r.json", **covered)) == 1
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "too little" in line]
    assert line.startswith(f"{part}/")


def test_the_rest_counts_to_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(report(tmp_path / "r.json", storage=90, conversation=90, state_tools=90, terminal=40)) == 1
    assert "all" in capsys.readouterr().out


def test_a_part_that_was_not_measured_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="storage"):
        main(report(tmp_path / "r.json", conversation=90, state_tools=90))
