"""A session that another program deletes is told where a person is, and they can go on in a new one."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from io import StringIO
from pathlib import Path

import pytest

from conversation.conversation import Conversation
from conversation.events import TurnEvent
from settings import Settings
from terminal.chat.lines import run_lines
from terminal.chat.talk import Agents
from tests.scripted import ScriptedModel
from tests.terminal.talking import ENTER, opener, typed


def forgotten(file: Path) -> None:
    """Another program deletes all sessions."""
    with closing(sqlite3.connect(file)) as other:
        other.executescript("PRAGMA foreign_keys = ON; DELETE FROM sessions")


async def test_a_session_that_is_deleted_elsewhere_is_told_and_the_chat_goes_on_in_a_new_one(
    settings: Settings, record: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = settings.model_copy(update={"database_url": str(record)})
    async with Conversation.open(here, models=lambda _skills: ScriptedModel(script=lambda _: "Fine.")) as talk:
        old, keep = talk.key.session_id, talk.send

        async def send(text: str) -> AsyncIterator[TurnEvent]:
            if text == "first":
                forgotten(record)
            async for event in keep(text):
                yield event

        monkeypatch.setattr(talk, "send", send)
        text = await typed(f"first{ENTER}second{ENTER}/history{ENTER}", talk, here)
        new = talk.key.session_id
    assert text.count("This session was deleted by another program: what was said in it is gone.") == 1
    assert new != old and f"--session {new[:8]}" in text
    assert "first" in text and "hello" not in text.partition("This session was deleted")[2]


async def test_commands_in_a_session_that_is_deleted_elsewhere_say_so(settings: Settings, record: Path) -> None:
    here = settings.model_copy(update={"database_url": str(record)})
    async with Conversation.open(here, models=lambda _skills: ScriptedModel(script=lambda _: "Fine.")) as talk:

        async def load() -> Agents:
            forgotten(record)
            return Agents(opener(talk))

        commands = ("/undo", "/retry", "/rename other", "/fork", "/export", "/delete")
        text = await typed("/agents" + ENTER + "".join(each + ENTER for each in commands), talk, here, load=load)
    assert text.count("This session was deleted by another program: what was said in it is gone") == len(commands)


async def test_in_a_pipe_a_session_that_is_deleted_elsewhere_is_told_too(settings: Settings, record: Path) -> None:
    here = settings.model_copy(update={"database_url": str(record)})
    async with Conversation.open(here, models=lambda _skills: ScriptedModel(script=lambda _: "Fine.")) as talk:
        out, err = StringIO(), StringIO()
        forgotten(record)
        assert await run_lines(talk, ["hello"], as_json=False, out=out, err=err) == 0
        assert out.getvalue() == "Fine.\n" and "A new session begins here." in err.getvalue()
        forgotten(record)
        out = StringIO()
        assert await run_lines(talk, ["hello"], as_json=True, out=out, err=err) == 0
    assert [json.loads(line)["type"] for line in out.getvalue().splitlines()][:2] == ["session", "session_deleted"]
