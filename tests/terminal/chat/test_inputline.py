from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from settings import APP_NAME, Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences
from storage.queries.sessions import SessionInfo
from storage.scope import SessionKey, User
from terminal.chat.completion import SlashCompleter
from terminal.chat.inputline import InputLine, open_history, wants_vi
from terminal.chat.room import Room
from terminal.chat.talk import Agents, Talk
from terminal.slash.commands import COMMANDS
from tests.storage.support import START, exchange, store
from tests.terminal.talking import ToldTalk, screen

ADA = User(APP_NAME, "ada")


@asynccontextmanager
async def open_talk(key: SessionKey, database: Database, model: str | None = None) -> AsyncIterator[Talk]:
    yield ToldTalk(key=key, model=model or "scripted")


async def load() -> Agents:
    tickers = (("NVDA", "NVIDIA"), ("AAPL", "Apple"))
    return Agents(open_talk, (("funny_nerd", "Tells jokes."),), topics=("python", "math"), tickers=tickers)


@pytest.fixture
async def room(database: Database, settings: Settings) -> AsyncIterator[Room]:
    """A room in a new session, with the agents loaded."""
    console, _ = screen()
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        room = Room(database, SessionKey(APP_NAME, "ada", "new"), settings, console, InputLine(), load)
        room.open()
        await room.talk()
        yield room
        await room.close()


async def completed(room: Room, line: str) -> Sequence[str]:
    completer = SlashCompleter(room, COMMANDS)
    found = completer.get_completions_async(Document(line), CompleteEvent())
    return [line[: len(line) + each.start_position] + each.text async for each in found]


async def test_names_are_completed_with_their_help(room: Room) -> None:
    assert await completed(room, "/st") == ["/state", "/stats"]
    completions = list(SlashCompleter(room, COMMANDS).get_completions(Document("/he"), CompleteEvent()))
    assert completions[0].display_meta_text == "this list, or one command's arguments"


@pytest.mark.parametrize("line", ["", "hello /st", " /st", "/nothing at", "/s x", "/undo x", "/new\n/"])
async def test_messages_and_unknown_commands_complete_nothing(room: Room, line: str) -> None:
    assert await completed(room, line) == []


async def test_arguments_are_completed_from_the_record_and_the_team(room: Room) -> None:
    await preferences.add(room.database, ADA, preferences.STOCK_WATCHLIST, "NVDA")
    await preferences.add(room.database, ADA, preferences.JOKE_PREFERENCES, "math")
    assert await completed(room, "/watch ") == ["/watch add ", "/watch remove NVDA", "/watch add AAPL"]
    assert await completed(room, "/watchlist rem") == ["/watchlist remove NVDA"]
    assert "/preferences set favorite_agent funny_nerd" in await completed(room, "/preferences set fav")
    assert "/preferences remove stock_watchlist NVDA" in await completed(room, "/preferences rem")
    assert await completed(room, "/preferences add joke_preferences p") == ["/preferences add joke_preferences python"]
    assert await completed(room, "/agents f") == ["/agents funny_nerd"]
    assert await completed(room, "/theme l") == ["/theme light"]
    assert await completed(room, "/verbose o") == ["/verbose on", "/verbose off"]
    assert await completed(room, "/model off") == ["/model offline"]
    assert await completed(room, "/help wat") == ["/help watchlist"]
    assert await completed(room, "/export h") == ["/export html"]


async def test_files_to_import_are_completed(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "talk.json").touch()
    (tmp_path / "talk.md").touch()
    monkeypatch.chdir(tmp_path)
    assert await completed(room, "/import ") == ["/import talk.json"]


async def test_sessions_are_completed_by_title_and_turns_by_what_was_said(room: Room, service: SessionService) -> None:
    await store(service, exchange("jokes about python"), "aaaaaaaa-1")
    await store(service, exchange("prices", at=START + 10, invocation_id="turn-2"), "aaaaaaaa-1")
    assert await completed(room, "/resume PYTHON") == ["/resume aaaaaaaa"]
    await room.enter("aaaaaaaa-1")
    assert await completed(room, "/resume ") == []
    assert await completed(room, "/fork ") == ["/fork 2", "/fork 1"]
    assert await completed(room, "/rename j") == ["/rename jokes about python"]


async def test_before_the_agents_are_there_nothing_of_them_is_completed(room: Room) -> None:
    room.agents = None
    assert await completed(room, "/agents ") == []
    assert await completed(room, "/watchlist add A") == []


@pytest.mark.parametrize("width", [40, 60, 100, 200])
async def test_the_status_line_fits_and_tells_session_model_turns_and_tokens(room: Room, width: int) -> None:
    moment = datetime.fromtimestamp(START, UTC)
    room.info = SessionInfo("session-1", "jokes about python, one after the other", moment, moment, 12)
    room.tokens = 3456
    line = room.status_line(width)
    assert len(line) < width
    assert line.startswith("jokes")
    assert line.endswith("· scripted · 12 turns · 3,456 tokens" if width >= 60 else "· scripted · 12 turns")


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


async def test_what_is_typed_before_the_history_is_there_is_kept_and_the_history_is_offered(tmp_path: Path) -> None:
    before = FileHistory(tmp_path / "history")
    before.store_string("from before")
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        line = InputLine()
        pipe.send_text("early\r")
        assert await line.read() == "early"
        line.attach(
            completer=SlashCompleter.__new__(SlashCompleter),
            status=lambda _width: "",
            history=FileHistory(tmp_path / "history"),
            vi=False,
        )
        kept = [text async for text in FileHistory(tmp_path / "history").load()]
    assert kept == ["early", "from before"]


@pytest.mark.parametrize(
    ("typed", "sure"), [("y\r", True), ("YES\r", True), ("\r", False), ("no\r", False), ("\x03", False)]
)
async def test_only_a_yes_is_a_yes(typed: str, sure: bool) -> None:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(typed)
        assert await InputLine().confirm("Sure?") is sure
