from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import RenderableType

from storage.queries.sessions import SessionInfo
from storage.queries.turns import Turn
from storage.stats.figures import AgentStats
from terminal.show import sessions, tables
from tests.terminal.talking import KINDS, screen

NOW = datetime(2026, 10, 30, 14, 0, tzinfo=UTC)
TITLE = "Tell me a joke about Python and then one about databases, please"
SESSIONS = [
    SessionInfo("11111111-aaaa", TITLE, NOW, NOW - timedelta(minutes=5), 12, short_id="11111111", agents=("a",)),
    SessionInfo("22222222-bbbb", "", NOW, NOW - timedelta(days=1), 1, "11111111-aaaa", 3, "22222222"),
]
TURN = Turn(
    "11111111-aaaa", "turn-1", 1, "event-1", "put NVDA on my watchlist", "**NVDA** is on it.", "completed",
    NOW - timedelta(minutes=5), 0.2, "offline", 2, 100, 20, None, ("stock_analyst", "news_analyst"),
)  # fmt: skip
FAILED = replace(TURN, agent_response=None, status="failed", error="the model took too long", agents=())
STATS = [AgentStats("stock_analyst", 3, 2, 1, 0.21, 0.4, NOW), AgentStats("librarian", 1, 0, 0, None, None, NOW)]
WIDTHS = [40, 60, 100, 200]


def text_of(render: RenderableType, width: int = 100, *, terminal: bool = False) -> str:
    console, out = screen(width, terminal=terminal)
    console.print(render)
    return out.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_table_fits_its_screen(width: int, terminal: bool) -> None:
    console, out = screen(width, terminal=terminal)
    console.no_color = True
    for table in (
        sessions.sessions(SESSIONS, console, now=NOW),
        tables.history([TURN, FAILED], console, now=NOW),
        tables.agent_stats(STATS, console, now=NOW),
        tables.agents([("stock_analyst", "Gives prices " * 20)], STATS, console, now=NOW),
        tables.preferences({"stock_watchlist": ["NVDA"] * 40}, KINDS, console),
    ):
        console.print(table)
    plain = out.getvalue() if not terminal else ""
    assert max(map(len, plain.splitlines()), default=0) <= width


@pytest.mark.parametrize("width", WIDTHS)
def test_a_session_is_told_by_title_turns_time_and_id(width: int) -> None:
    console, _ = screen(width, terminal=True)
    text = text_of(sessions.sessions(SESSIONS, console, current="11111111-aaaa", now=NOW), width)
    assert "* Tell me" in text
    assert "5 minutes ago" in text
    assert "11111111" in text
    assert "(no title)" in text


def test_what_is_piped_has_no_boxes_and_whole_titles() -> None:
    console, _ = screen(240)
    text = text_of(sessions.sessions(SESSIONS, console, now=NOW), 240)
    assert TITLE in text
    assert not set(text) & set("─│━┃┌└╭")
    assert "\x1b" not in text


@pytest.mark.parametrize("width", WIDTHS)
def test_history_shows_message_answer_and_agents(width: int) -> None:
    console, _ = screen(width)
    words = " ".join(text_of(tables.history([TURN], console, now=NOW), width).split())
    for word in ("NVDA", "watchlist", "is on it.", "stock_analyst", "5 minutes ago"):
        assert word in words
    assert "**" not in words


def test_piped_history_is_one_line_a_turn_without_trailing_spaces() -> None:
    console, _ = screen(240)
    long = replace(TURN, user_input="please " * 40, agent_response="word " * 200)
    lines = text_of(tables.history([long, TURN], console, now=NOW), 240).splitlines()
    assert len(lines) == 3
    assert all(line == line.rstrip() for line in lines)


def test_history_says_why_a_turn_has_no_answer() -> None:
    console, _ = screen(60)
    assert "(failed: the model took too long)" in text_of(tables.history([FAILED], console, now=NOW), 60)


def test_agent_stats_drop_columns_before_they_fold() -> None:
    narrow, _ = screen(40)
    wide, _ = screen(100)
    assert "95 %" in text_of(tables.agent_stats(STATS, wide, now=NOW))
    text = text_of(tables.agent_stats(STATS, narrow, now=NOW), 40)
    assert "95 %" not in text
    assert "67%" in text
    assert "0.2 s" in text


def test_agents_say_what_they_do_and_how_they_did() -> None:
    console, _ = screen(100)
    team = [("stock_analyst", "Gives prices."), ("funny_nerd", "Tells jokes.")]
    text = text_of(tables.agents(team, STATS, console, now=NOW))
    assert "stock_analyst  3 tasks, 67% OK, last just now" in text
    assert "funny_nerd  not asked yet" in text
    assert "  Tells jokes." in text


def test_state_counts_what_json_has_whole() -> None:
    document = {
        "user_name": "Ada",
        "conversation_history": [],
        "agent_delegations": [{"agent_name": "funny_nerd"}] * 2 + [{"agent_name": "librarian"}],
        "user_preferences": {"favorite_agent": None, "stock_watchlist": ["NVDA", "AAPL"]},
        "session_metadata": {
            "created_at": NOW.isoformat(),
            "last_activity": NOW.isoformat(),
            "total_interactions": 3,
        },
    }
    console, _ = screen(60)
    text = text_of(tables.state(document, console, now=NOW), 60)
    for line in ("NVDA, AAPL", "3 (funny_nerd 2, librarian 1)", "Ada", "just now"):
        assert line in text


def test_an_empty_record_is_said_and_not_an_empty_table() -> None:
    console, _ = screen(60)
    assert "No sessions yet." in text_of(sessions.sessions([], console))
    assert "Nothing has been said yet." in text_of(tables.history([], console))
    assert "No agent has been asked yet." in text_of(tables.agent_stats([], console))
