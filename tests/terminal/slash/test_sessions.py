"""The slash commands about sessions, in a chat on a real record."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from conversation.conversation import Conversation
from settings import APP_NAME, Settings
from storage.database import Database
from storage.queries import sessions, turns
from storage.scope import User
from tests.conftest import Converse
from tests.scripted import Play, call
from tests.terminal.talking import ENTER, typed

ADA = User(APP_NAME, "ada")


def lines(*commands: str) -> str:
    return "".join(command + ENTER for command in commands)


@pytest.fixture
async def talk(converse: Converse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Conversation]:
    """A conversation with the scripted team, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    play = Play(
        manager={
            "watch": call("add_to_stock_watchlist", ticker="nvda"),
            "joke": call("funny_nerd", request="a joke"),
            "breaks": RuntimeError("no luck"),
        },
        members={"a joke": "Why did the **tab** cross the road?"},
    )
    async with converse(play) as opened:
        yield opened


async def test_search_marks_the_line_and_says_how_to_resume(talk: Conversation, settings: Settings) -> None:
    text = await typed(lines("joke", "/new", "hello", "/search TAB", "/search", "/search nowhere"), talk, settings)
    found = text[text.index("\njoke\n") :]
    assert "turn 1 · just now · funny_nerd\n  Why did the tab cross the road?\n" in found
    assert "/resume " in found
    assert "Search for what?" in text
    assert "Nothing was found." in text


@pytest.mark.slow
async def test_odd_words_are_searches_and_no_errors(talk: Conversation, settings: Settings) -> None:
    odd = ('"', "*", "a AND", "NEAR(", "🎉", "x" * 10_000, "'; DROP TABLE turns; --")
    text = await typed(lines("hello", *(f"/search {words}" for words in odd)), talk, settings)
    assert text.count("Nothing was found.") == len(odd)
    assert "Nothing is lost" not in text


async def test_a_session_is_renamed(talk: Conversation, settings: Settings, database: Database) -> None:
    text = await typed(lines("/rename too early", "hello", "/rename", "/rename My  plans"), talk, settings)
    assert "Nothing has been said in this session yet." in text
    assert "What should this session be called?" in text
    assert "This session is called My plans." in text
    (info,) = await sessions.listing(database, ADA, limit=2)
    assert info.title == "My plans"


async def test_delete_asks_and_goes_on_in_a_new_session(
    talk: Conversation, settings: Settings, database: Database
) -> None:
    text = await typed(lines("one", "/delete", "n", "/new", "two", "/delete one", "y"), talk, settings)
    assert "Nothing was deleted." in text
    assert [info.title for info in await sessions.listing(database, ADA, limit=3)] == ["two"]
    await typed(lines("/delete", "yes", "three"), talk, settings)
    assert [info.title for info in await sessions.listing(database, ADA, limit=3)] == ["three"]


async def test_a_fork_goes_on_from_a_turn_and_says_where_it_came_from(
    talk: Conversation, settings: Settings, database: Database
) -> None:
    commands = ("one", "two", "/fork 7", "/fork 1", "three", "/history", "/sessions")
    text = await typed(lines(*commands), talk, settings)
    fork, origin = await sessions.listing(database, ADA, limit=3)
    assert "This session has no turn 7" in text
    assert f"Forked from {origin.short_id} after turn 1. That session stays as it was." in text
    assert (fork.title, fork.turns, origin.title, origin.turns) == ("one (fork)", 2, "one", 2)
    assert f"from {origin.short_id}, turn 1" in text
    again = await typed("", talk, settings)
    assert f"Session restored: one (fork) · 2 turns · just now\nForked from {origin.short_id} after turn 1." in again


async def test_undo_says_what_was_taken_back_and_what_stays(talk: Conversation, settings: Settings) -> None:
    text = await typed(lines("/undo", "hello", "watch", "/undo 9", "/undo", "/watchlist"), talk, settings)
    assert "Undid 2 turns:\n  > hello\n  > watch\nWhat the agents learned in it stays" in text
    assert "  NVDA was put on your watchlist" in text
    assert "There is nothing to undo." in text
    assert "Watchlist: NVDA" in text


async def test_retry_sends_the_last_message_again_also_after_a_failure(
    talk: Conversation, settings: Settings, database: Database
) -> None:
    text = await typed(lines("/retry", "hello", "breaks", "/retry", "/undo", "/retry"), talk, settings)
    assert text.count("No luck") == 2
    assert "> breaks" in text
    assert text.count("manager: hello") == 2
    (turn,) = await turns.history(database, talk.key, limit=5)
    assert (turn.user_input, turn.status) == ("hello", "completed")


async def test_a_session_is_exported_and_imported(talk: Conversation, settings: Settings, tmp_path: Path) -> None:
    commands = ("/export", "joke", "/export", "/export html", "/export json talk.json", "/export talk.json")
    text = await typed(lines(*commands), talk, settings)
    assert "Nothing has been said in this session yet." in text
    assert "There is a file talk.json already" in text
    assert "Why did the **tab** cross the road?" in (tmp_path / "joke.md").read_text()
    assert "<strong>tab</strong>" in (tmp_path / "joke.html").read_text()
    assert json.loads((tmp_path / "talk.json").read_text())["turns"][0]["user_input"] == "joke"
    (tmp_path / "bad.json").write_text("{}")
    text = await typed(lines("/import talk.json", "/import bad.json", "/import gone.json", "/import"), talk, settings)
    assert "Session restored: joke · 1 turn" in text
    for said in ("Not an exported session", "Cannot read gone.json", "Import what?"):
        assert said in text


async def test_prune_offers_what_is_old_and_never_the_session_one_is_in(
    talk: Conversation, settings: Settings, database: Database
) -> None:
    commands = ("one", "/new", "two", "/new", "three", "/resume one")
    await typed(lines(*commands), talk, settings)
    tomorrow = "2999-01-01"
    text = await typed(
        lines("/resume one", "/prune", "/prune soon", "/prune 90d", f"/prune {tomorrow} 1", "n"), talk, settings
    )
    assert "How old?" in text
    assert "'soon' is not a time" in text
    assert "No session is that old." in text
    assert "Nothing was deleted." in text
    await typed(lines("/resume one", f"/prune {tomorrow} 1", "y"), talk, settings)
    assert {info.title for info in await sessions.listing(database, ADA, limit=5)} == {"one", "three"}


async def test_the_database_is_backed_up(talk: Conversation, settings: Settings, tmp_path: Path) -> None:
    text = await typed(lines("joke", "/backup copy.db", "/backup copy.db", "/backup"), talk, settings)
    assert "The whole database was copied to copy.db" in text
    assert "There is a file copy.db already" in text
    copied = settings.model_copy(update={"database_url": f"sqlite+aiosqlite:///{tmp_path / 'copy.db'}"})
    assert "Session restored: joke · 1 turn" in await typed("", talk, copied)
