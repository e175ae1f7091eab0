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

from models.factory import PROVIDERS
from settings import APP_NAME, Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.queries import preferences
from storage.queries.sessions import SessionInfo
from storage.scope import SessionKey, User
from terminal.chat.inputline import InputLine, open_history, wants_vi
from terminal.chat.state import ChatState
from terminal.chat.talk import Agents, OpenTalk, Talk
from terminal.slash.commands import COMMANDS
from terminal.slash.completion import SlashCompleter
from tests.storage.support import START, exchange, store
from tests.terminal.talking import KINDS, ToldTalk, screen

ADA = User(APP_NAME, "ada")


@asynccontextmanager
async def open_host(database: Database) -> AsyncIterator[OpenTalk]:
    async def open_talk(key: SessionKey, model: str | None = None) -> Talk:
        return ToldTalk(key=key, model=model or "scripted")

    yield open_talk


async def load() -> Agents:
    return Agents(open_host, (("funny_nerd", "Tells jokes."),), KINDS)


@pytest.fixture
async def chat(database: Database, settings: Settings) -> AsyncIterator[ChatState]:
    """A chat in a new session, with the agents loaded."""
    console, _ = screen()
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        chat = ChatState(database, SessionKey(APP_NAME, "ada", "new"), settings, console, InputLine(), load)
        chat.open()
        await chat.talk()
        yield chat
        await chat.close()


async def completed(chat: ChatState, line: str) -> Sequence[str]:
    completer = SlashCompleter(chat, COMMANDS)
    found = completer.get_completions_async(Document(line), CompleteEvent())
    return [line[: len(line) + each.start_position] + each.text async for each in found]


async def test_a_model_of_each_provider_is_offered(chat: ChatState) -> None:
    offered = await completed(chat, "/model ")
    assert offered == [f"/model {name}" for provider in PROVIDERS for name in provider.offered]
    assert {"/model offline", "/model gemini-2.5-flash"} <= set(offered)
    chat.agents = None
    assert await completed(chat, "/model ") == []


async def test_names_are_completed_with_their_help(chat: ChatState) -> None:
    assert await completed(chat, "/st") == ["/state", "/stats"]
    completions = list(SlashCompleter(chat, COMMANDS).get_completions(Document("/he"), CompleteEvent()))
    assert completions[0].display_meta_text == "this list, or one command's arguments"


@pytest.mark.parametrize("line", ["", "hello /st", " /st", "/nothing at", "/s x", "/undo x", "/new\n/"])
async def test_messages_and_unknown_commands_complete_nothing(chat: ChatState, line: str) -> None:
    assert await completed(chat, line) == []


async def test_arguments_are_completed_from_the_record_and_the_team(chat: ChatState) -> None:
    await preferences.add(chat.database, ADA, "stock_watchlist", "NVDA")
    await preferences.add(chat.database, ADA, "joke_preferences", "math")
    assert await completed(chat, "/watch ") == ["/watch add ", "/watch remove NVDA", "/watch add AAPL"]
    assert await completed(chat, "/watchlist rem") == ["/watchlist remove NVDA"]
    assert "/preferences set favorite_agent funny_nerd" in await completed(chat, "/preferences set fav")
    assert "/preferences remove stock_watchlist NVDA" in await completed(chat, "/preferences rem")
    assert await completed(chat, "/preferences add joke_preferences p") == ["/preferences add joke_preferences python"]
    assert await completed(chat, "/agents f") == ["/agents funny_nerd"]
    assert await completed(chat, "/theme l") == ["/theme light"]
    assert await completed(chat, "/verbose o") == ["/verbose on", "/verbose off"]
    assert await completed(chat, "/model off") == ["/model offline"]
    assert await completed(chat, "/help wat") == ["/help watchlist"]
    assert await completed(chat, "/export h") == ["/export html"]


async def test_files_to_import_are_completed(chat: ChatState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "talk.json").touch()
    (tmp_path / "talk.md").touch()
    monkeypatch.chdir(tmp_path)
    assert await completed(chat, "/import ") == ["/import talk.json"]


async def test_sessions_are_completed_by_title_and_turns_by_what_was_said(
    chat: ChatState, service: SessionService
) -> None:
    await store(service, exchange("jokes about python"), "aaaaaaaa-1")
    await store(service, exchange("prices", at=START + 10, invocation_id="turn-2"), "aaaaaaaa-1")
    assert await completed(chat, "/resume PYTHON") == ["/resume aaaaaaaa"]
    await chat.enter("aaaaaaaa-1")
    assert await completed(chat, "/resume ") == []
    assert await completed(chat, "/fork ") == ["/fork 2", "/fork 1"]
    assert await completed(chat, "/rename j") == ["/rename jokes about python"]


async def test_before_the_agents_are_there_nothing_of_them_is_completed(chat: ChatState) -> None:
    chat.agents = None
    assert await completed(chat, "/agents ") == []
    assert await completed(chat, "/watchlist add A") == []


@pytest.mark.parametrize("width", [40, 60, 100, 200])
async def test_the_status_line_fits_and_tells_session_model_turns_and_tokens(chat: ChatState, width: int) -> None:
    moment = datetime.fromtimestamp(START, UTC)
    chat.info = SessionInfo("session-1", "jokes about python, one after the other", moment, moment, 12)
    chat.tokens = 3456
    line = chat.status_line(width)
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
