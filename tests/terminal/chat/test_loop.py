import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import launch
from conversation.events import TurnEvent
from models.errors import ModelError
from settings import APP_NAME, Settings
from storage.adk.service import SessionService
from storage.database import Database
from storage.errors import StorageError
from storage.queries import preferences
from storage.scope import User
from terminal.chat.agents import agents_of
from terminal.chat.talk import Agents
from terminal.interrupt import on_interrupt
from tests.conftest import Converse
from tests.storage.support import exchange, store
from tests.terminal.talking import ALT_ENTER, CTRL_C, ENTER, ToldTalk, opener, typed

ADA = User(APP_NAME, "ada")
PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"


async def test_the_first_run_says_what_to_try_and_leaves_without_a_word(settings: Settings) -> None:
    text = await typed("", ToldTalk(), settings)
    assert "Tell me a joke about Python" in text
    assert "/help" in text
    assert "Resume with" not in text


async def test_the_offline_model_is_announced_first(settings: Settings) -> None:
    text = await typed("", ToldTalk(), settings)
    assert "offline model" in text.splitlines()[0]
    other = settings.model_copy(update={"model": "scripted"})
    assert "offline model" not in await typed("", ToldTalk(), other)


async def test_a_message_is_a_turn(settings: Settings) -> None:
    talk = ToldTalk()
    assert "You said hello." in await typed(f"hello{ENTER}", talk, settings)
    assert talk.sent == ["hello"]


async def test_alt_enter_and_paste_make_several_lines_of_one_message(settings: Settings) -> None:
    talk = ToldTalk()
    await typed(f"a{ALT_ENTER}b{ENTER}{PASTE}c\nd{PASTE_END}{ENTER}", talk, settings)
    assert talk.sent == ["a\nb", "c\nd"]


async def test_ctrl_c_at_the_prompt_clears_the_line_and_on_an_empty_one_says_how_to_leave(settings: Settings) -> None:
    talk = ToldTalk()
    text = await typed(f"unwanted{CTRL_C}wanted{ENTER}{CTRL_C}", talk, settings)
    assert talk.sent == ["wanted"]
    assert "Ctrl-D leaves." in text


async def test_ctrl_c_in_a_turn_stops_it_and_the_next_one_works(settings: Settings) -> None:
    talk = ToldTalk(interrupt=lambda: os.kill(os.getpid(), signal.SIGINT))
    before = signal.getsignal(signal.SIGINT)
    text = await typed(f"slow{ENTER}quick{ENTER}", talk, settings)
    assert "Stopped." in text
    assert "You said quick." in text
    assert signal.getsignal(signal.SIGINT) is before


async def test_an_error_nobody_expected_is_one_line_and_the_chat_goes_on(settings: Settings) -> None:
    def breaks(text: str) -> list[TurnEvent]:
        raise RuntimeError(f"no {text}\nat all")

    text = await typed(f"first{ENTER}/help{ENTER}", ToldTalk(breaks), settings)
    assert "No first at all" in text
    assert "Traceback" not in text
    assert "/sessions" in text


async def test_exit_leaves_without_ctrl_d(settings: Settings) -> None:
    await typed(f"/exit{ENTER}", ToldTalk(), settings, leave=False)


async def test_blank_lines_are_no_turns(settings: Settings) -> None:
    talk = ToldTalk()
    await typed(f"{ENTER}  {ENTER} /help{ENTER}", talk, settings)
    assert talk.sent == ["/help"]


async def test_what_was_typed_is_kept_for_the_next_time_for_its_owner_only(settings: Settings) -> None:
    await typed(f"remember me{ENTER}", ToldTalk(), settings)
    assert "remember me" in settings.input_history.read_text()
    assert settings.input_history.stat().st_mode & 0o077 == 0


async def test_unknown_and_wrong_commands_say_what_to_do(settings: Settings) -> None:
    text = await typed(
        f"/histroy{ENTER}/history x{ENTER}/resume nothing{ENTER}/resume{ENTER}/verbose maybe{ENTER}/theme pink{ENTER}",
        ToldTalk(),
        settings,
    )
    for said in (
        "Did you mean /history?",
        "'x' is not a number.",
        "No session is called 'nothing'",
        "Which session?",
        "/verbose is on or off",
        "There are dark, light, plain.",
    ):
        assert said in text


async def test_the_watchlist_is_shown_and_changed(database: Database, settings: Settings) -> None:
    talk = ToldTalk()
    lines = ("/watchlist", "/watch add nvda, $aapl", "/watch remove NVDA", "/watch add ???", "/watch zap")
    text = await typed("".join(line + ENTER for line in lines), talk, settings)
    assert (await preferences.of_user(database, ADA))["stock_watchlist"] == ["AAPL"]
    for said in (
        "Your watchlist is empty",
        "Watchlist: NVDA, AAPL",
        "is not a ticker symbol",
        "/watchlist [add|remove TICKER]",
    ):
        assert said in text


async def test_preferences_are_shown_and_changed(database: Database, settings: Settings) -> None:
    talk = ToldTalk()
    keys = [
        "/preferences set user_name Ada Lovelace",
        "/pref add joke_preferences Python",
        "/pref set favorite_agent funny_nerd",
        "/pref set favorite_agent nobody",
        "/pref set shoe_size 40",
        "/pref remove nerd_topics space",
        "/pref add",
    ]
    text = await typed("".join(key + ENTER for key in keys), talk, settings)
    assert await preferences.of_user(database, ADA) == {
        "user_name": ["Ada Lovelace"],
        "joke_preferences": ["python"],
        "favorite_agent": ["funny_nerd"],
    }
    for said in ("There is no agent 'nobody'", "There is no preference 'shoe_size'", "'space' was not there."):
        assert said in text


async def test_the_model_is_switched_within_the_session(settings: Settings) -> None:
    talk = ToldTalk()
    text = await typed(f"/model{ENTER}/model bad{ENTER}/model other{ENTER}/model other{ENTER}", talk, settings)
    assert "The model is scripted." in text
    assert "There is no model 'bad'" in text
    assert "From now on other answers." in text
    assert "other answers already." in text


async def test_an_editor_gives_the_next_draft(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "long\\ntext" > "$1"\ntouch -d "+2 seconds" "$1"\n')
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(editor))
    talk = ToldTalk()
    await typed(f"/edit{ENTER}{ENTER}", talk, settings)
    assert talk.sent == ["long\ntext"]
    monkeypatch.setenv("VISUAL", "/no/such/editor")
    assert "Set $EDITOR" in await typed(f"/edit{ENTER}", talk, settings)


async def test_every_reading_command_works_in_an_empty_record(settings: Settings) -> None:
    names = ("help", "sessions", "history", "state", "stats", "agents", "watchlist", "preferences", "copy", "theme")
    text = await typed("".join(f"/{name}{ENTER}" for name in names), ToldTalk(), settings, width=40)
    assert "No sessions yet." in text
    assert "There is no answer to copy yet." in text
    assert "Nothing is lost" not in text


async def test_a_restart_greets_with_the_last_exchange_and_goes_on(converse: Converse, settings: Settings) -> None:
    async with converse(lambda _: "Hello **Ada**.") as talk:
        left = await typed(f"good morning{ENTER}", talk, settings)
        session_id = talk.key.session_id
    assert f"{launch.command()} --session {session_id[:8]}" in left
    async with converse(lambda _: "Again.") as talk:
        keys = "".join(f"/{name}{ENTER}" for name in ("sessions", "history", "state", "state json", "copy"))
        text = await typed(keys, talk, settings)
    assert "Welcome back, ada.\nSession restored: good morning · 1 turn · just now\n" in text
    assert "> good morning\nHello Ada.\n" in text
    assert "* good morning" in text
    assert '"total_interactions": 1' in text
    assert "\x1b]52;c;SGVsbG8gKipBZGEqKi4=\x07" in text


async def test_another_session_is_begun_and_the_first_resumed(converse: Converse, settings: Settings) -> None:
    async with converse(lambda _: "Fine.") as talk:
        lines = ("one", "/new", "two", "/resume ONE", "/history", "/new")
        text = await typed("".join(line + ENTER for line in lines), talk, settings)
    assert "Session restored: one · 1 turn" in text
    assert text.count("A new session.") == 2
    assert "Resume with" not in text
    assert "Hello again, ada." in await typed("", ToldTalk(), settings, new=True)


async def test_opening_a_session_and_leaving_at_once_changes_nothing_in_it(
    converse: Converse, settings: Settings
) -> None:
    async with converse(lambda _: "Fine.") as talk:
        await typed(f"one{ENTER}", talk, settings)
    file = Path(settings.database_url.partition(":///")[2])
    before = dump(file)
    async with converse(lambda _: "Fine.") as talk:
        assert "Session restored: one" in await typed("", talk, settings)
        await typed(f"/history{ENTER}/new{ENTER}", talk, settings)
    assert dump(file) == before


def dump(file: Path) -> list[str]:
    connection = sqlite3.connect(file)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


async def test_a_session_named_on_the_command_line_is_gone_on_with(converse: Converse, settings: Settings) -> None:
    async with converse(lambda _: "Fine.") as talk:
        await typed(f"one{ENTER}/new{ENTER}two{ENTER}", talk, settings)
        assert "Session restored: one" in await typed("", talk, settings, session="ONE")
        with pytest.raises(StorageError, match="no session is called 'three'"):
            await typed("", talk, settings, session="three", leave=False)


async def test_agents_that_cannot_be_loaded_end_the_chat_with_the_reason(settings: Settings) -> None:
    async def fails() -> Agents:
        raise ModelError("there is no model 'bad'", "Use another.")

    with pytest.raises(ModelError, match="there is no model 'bad'"):
        await typed("", ToldTalk(), settings, leave=False, load=fails)


async def test_a_message_typed_before_the_agents_are_there_waits_for_them(settings: Settings) -> None:
    talk, ready = ToldTalk(), asyncio.Event()

    async def later() -> Agents:
        asyncio.get_running_loop().call_later(0.05, ready.set)
        await ready.wait()
        assert talk.sent == []
        return Agents(opener(talk))

    assert "You said hello." in await typed(f"hello{ENTER}", talk, settings, load=later)


async def test_ctrl_c_gives_up_waiting_for_the_agents_and_keeps_the_message(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def pressed(act: Callable[[], object]) -> Iterator[None]:
        with on_interrupt(act):
            os.kill(os.getpid(), signal.SIGINT)
            yield

    async def never() -> Agents:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    monkeypatch.setattr("terminal.chat.turn.on_interrupt", pressed)
    talk = ToldTalk()
    await typed(f"hello{ENTER}{CTRL_C}", talk, settings, load=never)
    assert talk.sent == []


async def test_a_chat_opens_its_database_and_chooses_its_session_once(
    settings: Settings, service: SessionService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store(service, exchange(), "mine")
    opened: list[str] = []
    at = Database.at

    def counted(url: str, **how: Any) -> Database:
        opened.append(url)
        return at(url, **how)

    monkeypatch.setattr(Database, "at", counted)

    async def load() -> Agents:
        return agents_of(settings)

    text = await typed(f"hello{ENTER}", ToldTalk(), settings, load=load)
    assert "mine" in text and opened == [settings.database_url]
