from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, InMemoryHistory

from storage import preferences
from storage.database import Database
from terminal.commands import COMMANDS
from terminal.completion import SlashCompleter
from terminal.inputline import open_history, status_line, wants_vi
from terminal.room import Room, SessionStatus
from tests.conftest import Converse
from tests.terminal.talking import ToldTalk, screen


def room_of(talk: Any) -> Room:
    console, _ = screen()
    return Room(talk, SimpleNamespace(), console, (("funny_nerd", "Tells jokes."),), "", AsyncExitStack())


async def completed(room: Room, line: str) -> Sequence[str]:
    completer = SlashCompleter(room, COMMANDS)
    found = completer.get_completions_async(Document(line), CompleteEvent())
    return [line[: len(line) + each.start_position] + each.text async for each in found]


async def test_names_are_completed_with_their_help(database: Database) -> None:
    room = room_of(ToldTalk(database))
    assert await completed(room, "/st") == ["/state", "/stats"]
    completions = list(SlashCompleter(room, COMMANDS).get_completions(Document("/he"), CompleteEvent()))
    assert completions[0].display_meta_text == "this list, or one command's arguments"


@pytest.mark.parametrize("line", ["", "hello /st", " /st", "/nothing at", "/s x", "/stats x", "/new\n/"])
async def test_messages_and_unknown_commands_complete_nothing(database: Database, line: str) -> None:
    assert await completed(room_of(ToldTalk(database)), line) == []


async def test_arguments_are_completed_from_the_record(database: Database) -> None:
    talk = ToldTalk(database)
    await preferences.add(database, talk.key.user, preferences.STOCK_WATCHLIST, "NVDA")
    room = room_of(talk)
    assert await completed(room, "/watch ") == ["/watch add ", "/watch remove NVDA"]
    assert await completed(room, "/watchlist rem") == ["/watchlist remove NVDA"]
    assert "/preferences set favorite_agent funny_nerd" in await completed(room, "/preferences set fav")
    assert "/preferences remove stock_watchlist NVDA" in await completed(room, "/preferences rem")
    assert await completed(room, "/theme l") == ["/theme light"]
    assert await completed(room, "/verbose o") == ["/verbose on", "/verbose off"]
    assert await completed(room, "/model off") == ["/model offline"]
    assert await completed(room, "/help wat") == ["/help watchlist"]


async def test_sessions_are_completed_by_title(converse: Converse) -> None:
    async with converse(lambda _: "Fine.") as talk:
        first = talk.key.session_id
        async for _ in talk.send("jokes about python"):
            pass
        room = room_of(talk)
        assert await completed(room, "/resume ") == []
        talk.switch()
        assert await completed(room, "/resume PYTHON") == [f"/resume {first[:8]}"]


@pytest.mark.parametrize("width", [40, 60, 100, 200])
async def test_the_status_line_fits_and_tells_session_model_turns_and_tokens(database: Database, width: int) -> None:
    room = room_of(ToldTalk(database))
    room.status = SessionStatus("jokes about python, one after the other", 12, 3456)
    line = status_line(room, width)
    assert len(line) < width
    assert line.startswith("jokes")
    if width >= 60:
        assert line.endswith("· scripted · 12 turns · 3,456 tokens")


@pytest.mark.parametrize(
    ("inputrc", "vi"),
    [
        ("set editing-mode vi\n", True),
        ("set bell-style none\n  set editing-mode vi\n", True),
        ("set editing-mode vi\nset editing-mode emacs\n", False),
        ("# set editing-mode vi\n", False),
        ("", False),
    ],
)
def test_vi_keys_follow_readline(tmp_path: Path, inputrc: str, vi: bool) -> None:
    file = tmp_path / "inputrc"
    file.write_text(inputrc)
    assert wants_vi(file) is vi
    assert not wants_vi(tmp_path / "missing")


def test_an_input_history_that_cannot_be_written_is_kept_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert isinstance(open_history(tmp_path / "file" / "history"), InMemoryHistory)
    assert isinstance(open_history(tmp_path / "new" / "history"), FileHistory)
