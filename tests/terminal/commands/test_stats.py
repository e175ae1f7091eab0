"""`stats`, `sql` and `history --trace` as a person and a script use them."""

import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from click.testing import CliRunner, Result

from record.prices import FILE, Prices
from settings import Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences
from storage.queries.trace import trace
from storage.stats.filter import EVERYTHING
from storage.stats.overview import overview
from terminal.cli import cli
from terminal.show.plots import binned, line
from terminal.show.stats_reports import REPORTS, StatsQuery
from terminal.show.stats_screen import bar, shade
from terminal.show.stats_screen import overview as on_screen
from terminal.show.trace import trace as turn_tree
from tests.storage.support import ADA, START, Turn, call_part, delegated_turn, exchange, key, store
from tests.terminal.talking import screen

Program: TypeAlias = Callable[..., Result]
NOW = datetime.fromtimestamp(START, UTC)


@pytest.fixture
async def record(database: Database, service: SessionService) -> Database:
    """Turns of two sessions, one of which failed, with a call that never ended."""
    await store(service, delegated_turn("turn-1", START - 9000))
    await store(service, exchange("hello", "hi", "turn-2", START - 100))
    failed = Turn("turn-3", START - 50)
    failed.user("again")
    failed.bare(error_code="500", error_message="the model is down")
    await store(service, failed.made, "session-2")
    lost = Turn("turn-4", START - 20)
    lost.user("compare")
    lost.model(call_part("lost", "compare_stocks", tickers=["NVDA"]))
    lost.model("never mind")
    await store(service, lost.made, "session-2")
    await preferences.add(database, ADA, "stock_watchlist", "NVDA")
    return database


@pytest.fixture
def program(record: Database, settings: Settings) -> Program:
    """Runs the command line on that record, for the user `ada`."""

    def run(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(cli, ["--db", settings.database_url, "--user", "ada", *arguments], input=stdin)

    return run


def done(program: Program, *arguments: str) -> Result:
    """The result of a command that succeeds."""
    result = program(*arguments)
    assert result.exit_code == 0, result.output
    return result


def csv_rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_overview_tells_what_was_done(program: Program) -> None:
    text = done(program, "stats").stdout
    assert "4 turns in 2 sessions" in text
    assert "3 completed, 1 failed" in text
    assert "no price for scripted" in text
    assert "1 orphaned (never ended)" in text
    assert "Asked for most:" in text and "AAPL 2, NVDA 1" in text


def test_json_has_every_figure(program: Program) -> None:
    document = json.loads(done(program, "stats", "--json").stdout)
    assert document["totals"]["turns"] == 4
    assert document["tool_calls"] == {
        "calls": 3, "completed": 2, "failed": 0, "cancelled": 0, "interrupted": 0, "running": 0, "orphaned": 1,
    }  # fmt: skip
    assert (document["dollars"], document["without_price"]) == (None, ["scripted"])
    assert sum(map(sum, document["week"])) == 4
    assert {agent["agent_name"] for agent in document["agents"]} == {"funny_nerd", "stock_analyst"}


def test_it_counts_what_is_remembered(program: Program) -> None:
    assert "in memory" not in done(program, "stats").stdout
    for scope, name in (("shared", "a"), ("agent", "nerd/b"), ("semantic", "c")):
        done(program, "memory", "set", "--scope", scope, name, "1")
    assert "in memory: 2 entries, 1 fact\n" in done(program, "stats").stdout
    counted = json.loads(done(program, "stats", "--json").stdout)["memory"]
    assert counted == {"entries": 2, "facts": 1, "interactions": 0, "skills": 0}


@pytest.mark.parametrize("report", list(REPORTS))
def test_every_report_is_a_table_json_and_csv_of_the_same_rows(program: Program, report: str) -> None:
    rows = json.loads(done(program, "stats", report, "--json").stdout)
    table = done(program, "stats", report).stdout.splitlines()
    lines = csv_rows(done(program, "stats", report, "--csv").stdout)
    assert len(rows) == len(lines) == len(table) - 1 > 0
    assert [list(row) for row in rows] == [list(row) for row in lines]


def test_a_period_a_session_and_an_agent_narrow_what_is_counted(program: Program) -> None:
    def turns(*arguments: str) -> int:
        return int(json.loads(done(program, "stats", "--json", *arguments).stdout)["totals"]["turns"])

    assert turns() == 4
    assert turns("--session", "session-1") == 2
    assert turns("--agent", "funny_nerd") == 1
    assert turns("--until", "2000-01-01") == 0
    assert turns("--since", "2026-01-02 03:00:00Z") == 3
    assert turns("--user", "eve") == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("stats", "--since", "soon"),
        ("stats", "--since", "1d", "--until", "2d"),
        ("stats", "nonsense"),
        ("stats", "--json", "--csv"),
        ("stats", "--plot", "file.bmp"),
        ("stats", "--json", "--plot"),
        ("stats", "--session", "nowhere"),
        ("sql",),
        ("sql", "DELETE FROM turns"),
        ("sql", "--json", "--csv", "SELECT 1"),
        ("history", "--trace", "--turn", "9"),
        ("history", "--turn", "9"),
    ],
)
def test_wrong_usage_exits_with_2_and_one_reason(program: Program, arguments: tuple[str, ...]) -> None:
    result = program(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr.strip() and "Traceback" not in result.output


def test_nothing_said_is_told(program: Program) -> None:
    assert "Nothing was said then" in done(program, "stats", "--since", "1m").stdout
    assert "nothing to draw" in done(program, "stats", "--since", "1m", "--plot").stdout
    assert "No agent has been asked" in done(program, "stats", "agents", "--user", "eve").stdout


def test_plots_are_drawn_as_text(program: Program) -> None:
    text = done(program, "stats", "--plot").stdout
    for title in ("Turns a day by agent", "Seconds of a task by agent", "Tokens a day by model"):
        assert title in text
    assert "█" in text and "funny_nerd" in text and "(no agent)" in text


def test_without_matplotlib_a_file_is_refused_with_what_to_do(
    program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "record.plots", raising=False)
    monkeypatch.delattr("record.plots", raising=False)
    result = program("stats", "--plot", str(tmp_path / "a.png"))
    assert result.exit_code == 2
    assert "pip install matplotlib" in result.stderr


@pytest.mark.parametrize("kind", ["png", "svg", "html"])
def test_plots_are_drawn_to_a_file(program: Program, tmp_path: Path, kind: str) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is an extra")
    file = tmp_path / f"plots.{kind}"
    assert str(file) in done(program, "stats", "--plot", str(file)).stdout
    drawn = file.read_bytes()
    if kind == "png":
        assert drawn.startswith(b"\x89PNG")
        return
    text = drawn.decode()
    assert "<svg" in text and "<script" not in text
    assert not any(f'{attribute}="http' in text for attribute in ("src", "href"))
    assert ("<!doctype html>" in text) == (kind == "html")


def test_a_file_that_cannot_be_written_is_told(program: Program, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is an extra")
    result = program("stats", "--plot", str(tmp_path / "nowhere" / "a.png"))
    assert result.exit_code == 2 and "cannot write" in result.stderr


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
async def test_all_of_it_fits_the_screen(record: Database, width: int, terminal: bool) -> None:
    console, out = screen(width, terminal=terminal)
    console.no_color = True
    prices = Prices.read(FILE)
    shown = await overview(record, ADA, now=NOW)
    console.print(on_screen(shown, console, prices, NOW))
    lines_of_overview = out.getvalue().count("\n")
    asked = StatsQuery(record, ADA, EVERYTHING, NOW, None, prices)
    for report in REPORTS.values():
        console.print(report.render(await report.rows(asked), console, NOW))
    console.print(turn_tree(await trace(record, key(), 1), console))
    if not terminal:
        assert max(len(line) for line in out.getvalue().splitlines()) <= width
    if width >= 80:
        assert lines_of_overview <= 24


def test_a_bar_is_as_long_as_its_part_and_a_shade_shows_anything_at_all() -> None:
    assert [bar(part, 4) for part in (0.0, 0.5, 1.0, 2.0)] == ["", "██", "████", "████"]
    assert [shade(value, 100) for value in (0, 1, 50, 100)] == ["·", "░", "▒", "█"]
    assert shade(0, 0) == "·"


def test_a_plot_of_a_line_shows_anything_at_all_and_sums_days_into_columns() -> None:
    assert line([0, 1, 50, 100], 100) == " ▁▄█"
    first, last = datetime(2026, 1, 1).date(), datetime(2026, 1, 10).date()
    days = Counter({first: 1, last: 5, datetime(2026, 1, 2).date(): 2})
    assert binned(days, first, last, 5) == [3, 0, 0, 0, 5]
    assert binned(days, first, last, 100) == [1, 2, 0, 0, 0, 0, 0, 0, 0, 5]


def test_sql_gives_a_table_json_and_csv(program: Program) -> None:
    query = "SELECT number, user_input, error FROM turns WHERE session_id = 'session-2' ORDER BY number"
    assert json.loads(done(program, "sql", "--json", query).stdout) == [
        {"number": 1, "user_input": "again", "error": "the model is down"},
        {"number": 2, "user_input": "compare", "error": None},
    ]
    assert done(program, "sql", "--csv", query).stdout.splitlines() == [
        "number,user_input,error", "1,again,the model is down", "2,compare,",
    ]  # fmt: skip
    assert done(program, "sql", query).stdout.split()[:3] == ["number", "user_input", "error"]
    assert "no rows" in done(program, "sql", "SELECT 1 WHERE 0").stdout


def test_sql_is_read_from_standard_input_and_says_when_there_is_more(program: Program) -> None:
    result = program("sql", "--csv", "--limit", "1", stdin="SELECT number FROM turns ORDER BY number")
    assert (result.exit_code, result.stdout) == (0, "number\n1\n")
    assert "first 1 row" in result.stderr


def test_what_is_refused_takes_one_line(program: Program) -> None:
    for query in ("DELETE FROM turns", "PRAGMA user_version", "ATTACH 'x' AS y"):
        result = program("sql", query)
        assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def test_sql_tells_the_schema(program: Program) -> None:
    text = done(program, "sql", "--schema").stdout
    assert "### `agent_stats` (view)" in text and "| `user_input` |" in text


def test_a_turn_is_shown_as_a_tree(program: Program) -> None:
    text = done(program, "history", "--session", "session-1", "--turn", "1", "--trace").stdout
    rows: list[Any] = [line.strip() for line in text.splitlines()]
    assert rows[0] == "Turn 1: completed, 7.0 s, 5 model calls, 50 tokens read, 15 written"
    assert rows[1].startswith("> a joke and a price")
    assert any(row.startswith("├─ stock_analyst a price") for row in rows)
    assert any(row.startswith("│  ├─ get_stock_price ticker='AAPL'") for row in rows)
    document = json.loads(done(program, "history", "--trace", "--json").stdout)
    assert document["root"]["detail"] == "compare"
    (turn,) = json.loads(done(program, "history", "--turn", "1", "--json").stdout)
    assert turn["user_input"] == "again"
