"""Many conversations on one host: each is as it would be alone."""

import asyncio
import re
import shutil
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from google.adk.models import LlmRequest
from google.genai import types
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from conversation import apps
from conversation.conversation import Conversation
from conversation.host import Host
from models.errors import ModelError
from settings import APP_NAME, Settings
from storage.adk import service as session_service
from storage.database import Database
from storage.errors import StorageError
from storage.queries import turns
from storage.scope import SessionKey, User
from tests.conversation.support import Gate, Told, of_type, reply, status, team, told
from tests.conversation.test_history import Said, said
from tests.conversation.test_same_as_adk import ODD, as_adk_sends
from tests.scripted import Play, ScriptedModel, call, is_manager, said_last
from tests.storage.support import file_of, rows

AT_ONCE = 8
STEPS = st.lists(st.sampled_from([*ODD, "hello", "one", "both", "watch", "break", "undo", "retry"]), max_size=6)
MARK = re.compile(r" #\d+$")


class Lines(dict[str, object]):
    """What is said to a message, whoever's it is."""

    def get(self, said: str, default: object = None) -> object:
        return super().get(MARK.sub("", said), default)


class Crowd(Play):
    """A team that notes whose message it was asked about, and what it was sent of that session."""

    def __init__(self) -> None:
        play = team()
        lines = Lines({**play.manager, **ODD, "break": ConnectionError("no")})
        members = {**play.members, "think": [types.Part(text="thought over")]}
        super().__init__(lines, members)  # type: ignore[arg-type]
        self.sent: dict[str, list[Said]] = defaultdict(list)

    async def __call__(self, request: LlmRequest) -> object:  # type: ignore[override]
        if is_manager(request) and (mark := MARK.search(said_last(request))):
            self.sent[mark.group()].append(said(request.contents))
        await asyncio.sleep(0)
        answer = super().__call__(request)
        return await answer if asyncio.iscoroutine(answer) else answer


async def lead(conversation: Conversation, mark: str, steps: Sequence[str], crowd: Crowd, file: Path) -> None:
    """One person's turns; each time the model is sent what ADK alone would send."""
    for step in [*steps, "last"]:
        session_id = conversation.key.session_id
        match step:
            case "undo":
                await conversation.undo()
            case "retry":
                async for _ in conversation.retry():
                    pass
            case _:
                expected = as_adk_sends(file, session_id, step + mark)
                await told(conversation, step + mark)
                assert crowd.sent[mark][-1] == expected
        assert conversation.key.session_id == session_id


@examples(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(scripts=[["hello", "one", "both"], ["both", "undo", "watch"], ["break", "retry", "one"], *[["one"]] * 5])
@given(scripts=st.lists(STEPS, min_size=AT_ONCE, max_size=AT_ONCE))
def test_many_at_once_are_each_sent_what_adk_alone_would_send(blank_database: Path, scripts: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(shutil.copy(blank_database, Path(folder) / "test.db"))
        asyncio.run(play_at_once(file, scripts))


async def play_at_once(file: Path, scripts: Sequence[Sequence[str]]) -> None:
    settings, crowd = Settings(database_url=f"sqlite+aiosqlite:///{file}"), Crowd()
    async with Host.open(settings, models=lambda _: ScriptedModel(script=crowd)) as host:
        conversations = [await host.conversation(f"user-{number % 3}", new=True) for number in range(len(scripts))]
        marks = [f" #{number}" for number in range(len(scripts))]
        await asyncio.gather(*(lead(*each, crowd, file) for each in zip(conversations, marks, scripts, strict=True)))
    for conversation, mark in zip(conversations, marks, strict=True):
        mine = "WHERE user_id = ? AND session_id = ?"
        whose = (conversation.key.user_id, conversation.key.session_id)
        found = rows(file, f"SELECT user_input, status, undone_at, number FROM turns {mine} ORDER BY id", *whose)
        assert found and all(str(turn["user_input"]).endswith(mark) for turn in found)
        assert {turn["status"] for turn in found} <= {"completed", "failed"}
        live = [turn["number"] for turn in found if turn["undone_at"] is None]
        assert live == list(range(1, len(live) + 1))
    (counted,) = rows(file, "SELECT SUM(events) AS told, (SELECT COUNT(*) FROM events) AS stored FROM turns")
    undone = rows(file, "SELECT COUNT(*) AS n FROM events WHERE event_data LIKE '%rewind_before%'")
    assert counted["told"] == counted["stored"] - undone[0]["n"]
    assert rows(file, "SELECT 1 FROM delegations d LEFT JOIN turns t USING (invocation_id) WHERE t.id IS NULL") == []


def host_of(settings: Settings, play: Play) -> AbstractAsyncContextManager[Host]:
    return Host.open(settings, models=lambda _: ScriptedModel(script=play))


@dataclass
class Busy:
    """A host, one of whose sessions has a turn that goes on until `gate` is opened; and another conversation in it."""

    host: Host
    other: Conversation
    gate: Gate
    first: asyncio.Task[Told]


@asynccontextmanager
async def busy(settings: Settings) -> AsyncIterator[Busy]:
    gate = Gate("the first")
    async with host_of(settings, Play(manager={"slow": gate})) as host:
        one = await host.conversation("ada", new=True)
        first = asyncio.create_task(told(one, "slow"))
        await gate.entered.wait()
        yield Busy(host, await host.conversation("ada", one.key), gate, first)


async def test_a_session_has_one_turn_at_a_time_whichever_conversation_begins_it(settings: Settings) -> None:
    async with busy(settings) as at:
        second = asyncio.create_task(told(at.other, "hello"))
        elsewhere = await told(await at.host.conversation("ada", new=True), "hello")
        assert status(elsewhere) == "completed" and not second.done()
        at.gate.opened.set()
        assert reply(await at.first) == "the first"
        assert status(await second) == "completed"
        found = await turns.history(at.host.database, at.other.key, limit=9)
        assert [turn.user_input for turn in found] == ["hello", "slow"]


async def test_a_session_has_one_turn_at_a_time_with_several_hosts_on_one_database(database: Database) -> None:
    gate, key = Gate("the first"), SessionKey(APP_NAME, "ada", "shared")
    settings = Settings(database_url="not opened")
    play = ScriptedModel(script=Play(manager={"slow": gate}))
    async with (
        Host.open(settings, models=lambda _: play, database=database) as one,
        Host.open(settings, models=lambda _: play, database=database) as other,
    ):
        first = asyncio.create_task(told(await one.conversation("ada", key), "slow"))
        await gate.entered.wait()
        second = asyncio.create_task(told(await other.conversation("ada", key), "hello"))
        await asyncio.wait([second], timeout=0.2)
        gate.opened.set()
        assert reply(await first) == "the first"
        assert status(await second) == "completed"


async def test_a_turn_that_waits_for_another_can_be_given_up(settings: Settings) -> None:
    async with busy(settings) as at:
        second = asyncio.create_task(told(at.other, "hello"))
        while not at.other._waiting:
            await asyncio.sleep(0)
        at.other.cancel()
        events = await second
        assert (len(events), status(events), events[0]["turn_id"]) == (1, "cancelled", "")
        at.gate.opened.set()
        assert status(await at.first) == "completed"
        assert status(await told(at.other, "hello")) == "completed"


async def test_another_model_answers_in_one_conversation_and_no_other(settings: Settings) -> None:
    async with Host.open(settings) as host:
        one, other = await host.conversation("ada", new=True), await host.conversation("ada", new=True, model="offline")
        third = await host.conversation("ada", new=True, model="gemini-3-pro")
        assert one.app is other.app is not third.app
        assert (one.model, third.model) == ("offline", "gemini-3-pro")
        with pytest.raises(ModelError, match="there is no model 'nonsense'"):
            await host.conversation("ada", new=True, model="nonsense")


async def test_apps_that_nobody_uses_are_closed_when_there_are_too_many(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apps, "MOST", 2)
    async with Host.open(settings) as host:
        kept = await host.conversation("ada", new=True, model="gemini-one")
        for name in ("two", "three", "four"):
            await host.conversation("ada", new=True, model=f"gemini-{name}")
        assert list(host._apps._open) == ["gemini-one", "gemini-four"]
        assert (await host.conversation("ada", kept.key, model="gemini-one")).app is kept.app


async def test_no_app_is_closed_that_a_conversation_has_just_been_given(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apps, "MOST", 2)
    async with Host.open(settings) as host:
        opening = (host.conversation("ada", new=True, model=f"gemini-{number}") for number in range(6))
        opened = await asyncio.gather(*opening)
        assert {conversation.app for conversation in opened} <= set(host._apps._open.values())


async def test_what_is_kept_in_memory_of_sessions_has_an_end_and_nothing_is_forgotten(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_service, "_KEPT", 3)
    crowd = Crowd()
    async with host_of(settings, crowd) as host:
        conversations = [await host.conversation("ada", new=True) for _ in range(6)]
        for _ in range(2):
            for number, conversation in enumerate(conversations):
                await lead(conversation, f" #{number}", ["one"], crowd, file_of(settings.database_url))
        assert len(conversations[0]._service._kept) == 3


async def test_sessions_of_one_name_are_each_persons_own(settings: Settings) -> None:
    async with host_of(settings, team()) as host:
        keys = [SessionKey(APP_NAME, user, "mine") for user in ("ada", "eve")]
        ada, eve = [await host.conversation(key.user, key) for key in keys]
        await asyncio.gather(told(ada, "one"), told(eve, "watch"))
        assert [turn.user_input for turn in await turns.history(host.database, ada.key, limit=9)] == ["one"]
        assert [turn.user_input for turn in await turns.history(host.database, eve.key, limit=9)] == ["watch"]
        with pytest.raises(StorageError, match="'eve' has no session 'mine'"):
            await host.conversation("eve", ada.key)
        latest = await host.conversation(User(APP_NAME, "eve"))
        assert latest.key == eve.key


async def test_a_turn_that_fails_costs_no_other(settings: Settings) -> None:
    play = Play(manager={"break": ConnectionError("no"), "one": call("funny_nerd", request="x")})
    async with host_of(settings, play) as host:
        conversations = [await host.conversation("ada", new=True) for _ in range(6)]
        texts = ["break", "one"] * 3
        done = await asyncio.gather(*(told(*each) for each in zip(conversations, texts, strict=True)))
    assert [status(events) for events in done] == ["failed", "completed"] * 3
    assert [len(of_type(events, "error")) for events in done] == [1, 0] * 3
