"""What is pasted into the page goes between its own marks, and nowhere else."""

from pathlib import Path

import pytest

from benchmarks import page

_TURNS = "<!-- turns: begin -->\nold\n<!-- turns: end -->\n"
HELD = f"# Benchmarks\n{_TURNS}<!-- many: begin -->\n<!-- many: end -->\nThe end.\n"


def test_the_tables_of_one_benchmark_leave_those_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    page.PAGE.write_text(HELD)
    page.paste("many", "| new |")
    page.paste("many", "| newer |")
    empty = "<!-- many: begin -->\n"
    assert page.PAGE.read_text() == HELD.replace(empty, f"{empty}| newer |\n")


def test_a_page_without_a_place_is_left_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "PAGE", tmp_path / "benchmarks.md")
    page.PAGE.write_text(HELD)
    with pytest.raises(AssertionError, match="no place for other"):
        page.paste("other", "| new |")
    assert page.PAGE.read_text() == HELD
