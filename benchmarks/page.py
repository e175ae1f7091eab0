"""Where the figures of the benchmarks go: the page in the docs, and a folder for what was measured."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"


def paste(name: str, told: str) -> None:
    """Puts tables into the page, between the two marks that have this name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = PAGE.read_text().partition(begin)
    assert found and end in rest, f"{PAGE} has no place for {name}"
    PAGE.write_text(f"{before}{begin}\n{told}\n{end}{rest.partition(end)[2]}")
