"""A turn that the database fails says what happened, what is kept and what is not; all of it is true."""

import asyncio
import gc
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from google.adk.models import LlmRequest

from conversation.conversation import Conversation
from conversation.host import Host
from settings import Settings
from storage.errors import MissingError
from storage.process import Process
from storage.queries import sessions, turns
from storage.schema.tables import FAILED, INTERRUPTED, RUNNING
from tests.conftest import Converse
from tests.conversation.support import Gate, Told, of_type, reply, status, team, told
from tests.scripted import Play, ScriptedModel, call
from tests.storage.support import execute, file_of, rows

NOT_KEPT = "Your message was not kept: send it again."
KEPT = "Your message is kept, its answer is not: send it again."
UNENDED = "Your message is kept, its answer is not; it will be marked as interrupted."


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for others longer than a moment."""
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT", 0.05)


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Another program that writes, and does not come to an end."""
    with closing(sqlite3.connect(file_of(settings.database_url), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def failed(events: Told) -> str:
    """What is said of a turn that failed, in one line."""
    assert status(events) == "failed"
    (error,) = of_type(events, "error")
    said = f"{error['message']}. {error['hint']}"
    for never in ("SQL", "sqlite", "sqlalche", "Error", "Nothing is lost", "\n"):
        assert never not in said
    return said


def messages(settings: Settings) -> list[tuple[str, str]]:
    found = rows(file_of(settings.database_url), "SELECT user_input, status FROM turns ORDER BY id")
    return [(row["user_input"], row["status"]) for row in found]


async def is_usable(conversation: Conversation, settings: Settings) -> None:
    assert reply(await told(conversation, "hello"))
    assert rows(file_of(settings.database_url), "PRAGMA integrity_check") == [{"integrity_check": "ok"}]


async def test_a_message_that_others_keep_from_being_written_is_not_kept_and_so_it_is_said(
    converse: Converse, settings: Settings
) -> None:
    async with converse(team()) as conversation:
        with held(settings):
            new = failed(await told(conversation, "first"))
        await is_usable(conversation, settings)
        with held(settings):
            events = await told(conversation, "again")
        assert failed(events) == new
        assert "in use by another program" in new and NOT_KEPT in new
        assert messages(settings) == [("hello", "completed")]
        await is_usable(conversation, settings)


async def test_a_first_message_that_cannot_be_written_leaves_no_session(converse: Converse, settings: Settings) -> None:
    async with converse(team()) as conversation:
        with held(settings):
            events = await told(conversation, "first")
        assert [event["type"] for event in events] == ["session", "error", "turn"]
        assert events[-1]["turn_id"] == ""
        assert rows(file_of(settings.database_url), "SELECT * FROM sessions") == []
        again = await told(conversation, "first")
        assert not of_type(again, "session_deleted") and again[0]["session_id"] == events[0]["session_id"]


async def test_a_turn_that_cannot_be_opened_is_two_events(converse: Converse, settings: Settings) -> None:
    async with converse(team()) as conversation:
        execute(file_of(settings.database_url), "ALTER TABLE user_states RENAME TO user_states_no_more")
        events = await told(conversation, "first")
        execute(file_of(settings.database_url), "ALTER TABLE user_states_no_more RENAME TO user_states")
    assert [event["type"] for event in events] == ["error", "turn"]
    assert events[-1]["turn_id"] == ""


async def test_turns_whose_end_could_not_be_written_do_not_run_as_long_as_the_program(settings: Settings) -> None:
    gates = [Gate() for _ in range(8)]
    play = Play(manager={f"slow {number}": gate for number, gate in enumerate(gates)})
    short = settings.model_copy(update={"lease_seconds": 0.3})
    async with Host.open(short, models=lambda _: ScriptedModel(script=play)) as host:
        conversations = [await host.conversation("ada", new=True) for _ in gates]
        running = [asyncio.create_task(told(one, f"slow {number}")) for number, one in enumerate(conversations)]
        for gate in gates:
            await gate.entered.wait()
        with held(settings):
            for gate in gates:
                gate.opened.set()
            for turn in running:
                assert UNENDED in failed(await turn)
        async with asyncio.timeout(10):
            while {state for _, state in messages(settings)} != {"interrupted"}:
                await asyncio.sleep(0.02)
        assert reply(await told(conversations[0], "hello"))


async def test_a_turn_is_told_to_its_end_when_the_host_closes_before_that_is_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT", 0.6)
    gate = Gate()
    with ExitStack() as other:
        async with Host.open(settings, models=lambda _: ScriptedModel(script=Play(manager={"slow": gate}))) as host:
            conversation = await host.conversation("ada", new=True)
            running = asyncio.create_task(told(conversation, "slow"))
            await gate.entered.wait()
            other.enter_context(held(settings))
            conversation.cancel()
            await asyncio.wait([running], timeout=0.3)
            assert not running.done()
        async with asyncio.timeout(5):
            assert status(await running) == "cancelled"


async def test_an_answer_that_others_keep_from_being_written_is_interrupted_at_the_next_start(
    converse: Converse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = ExitStack()

    def answers(_: LlmRequest) -> str:
        others.enter_context(held(settings))
        return "never kept"

    async with converse(Play(manager={"slow": answers})) as conversation:
        events = await told(conversation, "slow")
        assert "in use by another program" in failed(events) and UNENDED in failed(events)
        assert not of_type(events, "reply")
        others.close()
        assert messages(settings) == [("slow", RUNNING)]
        await is_usable(conversation, settings)
    monkeypatch.setattr(Process, "is_gone", lambda _process: True)
    async with converse(team()):
        assert messages(settings) == [("slow", INTERRUPTED), ("hello", "completed")]


async def test_others_that_let_go_in_time_leave_the_end_of_the_turn_to_be_written(
    converse: Converse, settings: Settings
) -> None:
    others = ExitStack()

    def answers(_: LlmRequest) -> str:
        others.enter_context(held(settings))
        return "never kept"

    async with converse(Play(manager={"slow": answers})) as conversation:
        end = turns.fail

        async def late(*arguments: object) -> bool:
            others.close()
            return await end(*arguments)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(turns, "fail", late)
            assert KEPT in failed(await told(conversation, "slow"))
    assert messages(settings) == [("slow", FAILED)]


async def test_a_summary_that_others_keep_from_being_written_is_made_later(
    settings: Settings, made_database: Path
) -> None:
    heard: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context))
    others = ExitStack()

    def script(request: LlmRequest) -> str:
        if "Write one summary" not in str(request.contents[0]):
            return "yes"
        if not asked:
            others.enter_context(held(settings))
        asked.append(request)
        return "They count."

    asked: list[LlmRequest] = []
    short = settings.model_copy(update={"context_turns": 2})
    async with Conversation.open(short, models=lambda _: ScriptedModel(script=script)) as conversation:
        for text in "1234":
            assert status(await told(conversation, text)) == "completed"
            await conversation.settled()
            others.close()
    gc.collect()
    assert asked and heard == []
    (kept,) = rows(file_of(settings.database_url), "SELECT summarized_through FROM session_info")
    assert kept["summarized_through"] == 3


def fill(conversation: Conversation) -> Callable[[], None]:
    """From now on there is no room in the database, until the result is called."""
    connection = conversation._service.log._connection._open()
    connection.execute("PRAGMA max_page_count = 1")

    def make_room() -> None:
        connection.execute("PRAGMA max_page_count = 1000000")

    return make_room


async def test_on_a_full_disk_the_message_or_the_answer_is_not_kept_and_the_session_goes_on(
    converse: Converse, settings: Settings
) -> None:
    empty: list[Callable[[], None]] = []

    def answers(_: LlmRequest) -> str:
        empty.append(fill(conversation))
        return "x" * 100_000

    async with converse(Play(manager={"long answer": answers})) as conversation:
        await is_usable(conversation, settings)
        make_room = fill(conversation)
        said = failed(await told(conversation, "x" * 100_000))
        assert said.startswith("the disk is full. Make room on it.") and NOT_KEPT in said
        make_room()
        said = failed(await told(conversation, "long answer"))
        assert said.startswith("the disk is full. Make room on it.") and KEPT in said
        empty.pop()()
        await is_usable(conversation, settings)
    assert messages(settings) == [("hello", "completed"), ("long answer", FAILED), ("hello", "completed")]


async def delete(settings: Settings) -> None:
    """Another program deletes all sessions."""
    execute(file_of(settings.database_url), "PRAGMA foreign_keys = ON", "DELETE FROM sessions")


@pytest.mark.parametrize("text", ["alone", "with an agent"])
async def test_a_session_that_is_deleted_during_a_turn_is_told_as_gone(
    converse: Converse, settings: Settings, text: str
) -> None:
    async def deletes(_: LlmRequest) -> str:
        await delete(settings)
        return "too late"

    play = Play(manager={"alone": deletes, "with an agent": call("funny_nerd", request="x")}, members={"x": deletes})
    async with converse(play) as conversation:
        await is_usable(conversation, settings)
        gone = conversation.key.session_id
        events = await told(conversation, text)
        said = failed(events)
        assert "deleted by another program: what was said in it is gone" in said and "begins a new session" in said
        assert not of_type(events, "reply") and "is kept" not in said
        assert messages(settings) == []
        events = await told(conversation, "hello")
        assert [event["type"] for event in events[:2]] == ["session", "session_deleted"]
        assert events[0]["session_id"] == conversation.key.session_id != gone and not events[0]["resumed"]
        assert events[1]["session_id"] == gone
        assert status(events) == "completed"


async def test_a_session_that_is_deleted_when_its_turn_was_answered_is_told_as_gone(
    converse: Converse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with converse(team()) as conversation:
        log = conversation._service.log
        ending = log.ending

        async def deletes(*arguments: Any) -> Any:
            await delete(settings)
            return await ending(*arguments)

        monkeypatch.setattr(log, "ending", deletes)
        events = await told(conversation, "hello")
        said = failed(events)
    assert "deleted by another program: what was said in it is gone" in said and "is kept" not in said
    assert not of_type(events, "reply")


@pytest.mark.parametrize("opened", ["here", "from the record", "by a chat"])
async def test_a_session_that_is_deleted_between_two_turns_is_told_and_a_new_one_begins(
    converse: Converse, settings: Settings, opened: str
) -> None:
    async with converse(team()) as conversation:
        await is_usable(conversation, settings)
        gone = conversation.key.session_id
        if opened == "here":
            await delete(settings)
            await goes_on(conversation, gone)
    if opened == "here":
        return
    async with converse(team(), new=opened == "by a chat") as conversation:
        if opened == "by a chat":
            conversation.switch(gone, begun=True)
        await delete(settings)
        await goes_on(conversation, gone)


async def goes_on(conversation: Conversation, gone: str) -> None:
    events = await told(conversation, "hello")
    assert [event["session_id"] for event in of_type(events, "session_deleted")] == [gone]
    assert status(events) == "completed" and conversation.key.session_id != gone
    events = await told(conversation, "hello")
    assert events[0]["resumed"] and not of_type(events, "session_deleted")
    found = await sessions.listing(conversation.database, conversation.key.user, limit=9)
    assert [info.session_id for info in found] == [conversation.key.session_id]


async def test_undo_and_retry_in_a_session_that_is_gone_say_so(converse: Converse, settings: Settings) -> None:
    async with converse(team()) as conversation:
        assert (await conversation.undo()).messages == ()
        await is_usable(conversation, settings)
        await delete(settings)
        with pytest.raises(MissingError):
            await conversation.undo()
        with pytest.raises(MissingError):
            await anext(conversation.retry())


@pytest.mark.parametrize("how", ["deleted", "replaced"])
async def test_a_file_that_is_gone_or_another_one_is_told_and_nothing_is_shown_as_kept(
    converse: Converse, settings: Settings, how: str
) -> None:
    file = file_of(settings.database_url)
    async with converse(team()) as conversation:
        await is_usable(conversation, settings)
        if how == "deleted":
            file.unlink()
        else:
            file.with_name("other.db").write_bytes(file.read_bytes())
            file.with_name("other.db").replace(file)
        events = await told(conversation, "hello")
        assert "deleted or replaced while it was open" in failed(events) and NOT_KEPT in failed(events)
        assert not of_type(events, "reply")


async def test_a_file_that_is_damaged_or_lacks_a_table_fails_the_turn_in_one_sentence(
    converse: Converse, settings: Settings
) -> None:
    async with converse(team()) as conversation:
        await is_usable(conversation, settings)
        execute(file_of(settings.database_url), "PRAGMA foreign_keys = OFF", "DROP TABLE turns")
        said = failed(await told(conversation, "hello"))
        assert "not those that this program made" in said and NOT_KEPT in said


async def test_a_turn_that_runs_out_of_time_before_its_message_is_written_does_not_say_what_it_does_not_know(
    converse: Converse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database.BUSY_TIMEOUT", 0.5)
    async with converse(team()) as conversation:
        await is_usable(conversation, settings)
        conversation.turn_timeout = 0.1
        with held(settings):
            said = failed(await told(conversation, "again"))
        assert "is not known: look at the history" in said


async def test_a_tool_that_the_database_fails_is_told_to_the_model_without_sql(
    converse: Converse, settings: Settings
) -> None:
    execute(
        file_of(settings.database_url),
        "CREATE TRIGGER no BEFORE INSERT ON preferences BEGIN SELECT abs(-9223372036854775808); END",
    )
    play = team()
    async with converse(play) as conversation:
        assert status(await told(conversation, "watch")) == "completed"
    (called,) = rows(file_of(settings.database_url), "SELECT error FROM tool_calls")
    assert called["error"].startswith("add_to_stock_watchlist failed: ")
    assert "SQL" not in called["error"] and "sqlite" not in called["error"]


async def test_a_failure_when_the_answer_is_kept_already_does_not_say_that_it_is_not(
    converse: Converse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async with converse(team()) as conversation:
        monkeypatch.setattr(conversation._service.log, "ending", fails)
        events = await told(conversation, "hello")
        assert reply(events)
        assert "What was shown is kept." in failed(events)
    assert messages(settings) == [("hello", "completed")]


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("no such table: mine"), FileNotFoundError(2, "gone", "/models/weights.bin")]
)
async def test_what_a_model_or_a_tool_has_of_its_own_is_not_taken_for_the_database(
    converse: Converse, error: Exception
) -> None:
    async with converse(
        Play(manager={"go": error, "one": call("funny_nerd", request="x")}, members={"x": error})
    ) as talk:
        for message in ("go", "one"):
            (said,) = of_type(await told(talk, message), "error")
            assert str(error) in said["message"] and said["hint"].startswith("Send the message again.")
