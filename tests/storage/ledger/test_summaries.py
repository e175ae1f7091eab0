"""A summary stands for what is old as long as the turns it covers are there: after undo, fork, import and catch-up."""

import json
from typing import Any

import pytest
from google.adk.flows.llm_flows.contents import _get_contents
from google.adk.sessions import DatabaseSessionService

from conversation.context import Context
from models.factory import Budget
from settings import Settings
from storage.adk.catchup import catch_up
from storage.adk.service import SessionService, Window, rewind
from storage.database import Database
from storage.queries import archive, session_changes
from storage.queries.turns import Turn
from storage.scope import SessionKey, TurnKey
from tests.storage.adk.test_catchup import write_with_adk
from tests.storage.support import ADA, EVE, LEDGER, START, exchange, execute, file_of, key, rows, store


async def remember(earlier: str, older: list[Turn]) -> str:
    """A summary that says which messages it has seen."""
    return " ".join([*earlier.split(), *(turn.user_input for turn in older)])


async def tidy(
    service: SessionService, session: SessionKey, budget: Budget | None = None, summarize: Any = remember
) -> None:
    _, extent = await service.log.ending(TurnKey(session, ""))
    assert extent is not None
    await Context(service, budget or Budget(turns=2, tokens=10_000), summarize).compact(session, extent)


async def say(service: SessionService, session: SessionKey, *messages: str, at: float = START) -> None:
    for message in messages:
        events = exchange(message, f"re {message}", invocation_id=f"t-{message}", at=at)
        await store(service, events, session.session_id, session.user)
        await tidy(service, session)


async def told(service: SessionService, session: SessionKey) -> tuple[list[str], list[str]]:
    """The messages in the summary that a model would be sent, and those it would be sent as they were."""
    fresh = SessionService(service.database)
    found = await fresh.get_session(
        app_name=session.app_name, user_id=session.user_id, session_id=session.session_id, config=Window(turns=2)
    )
    assert found is not None
    contents = [part.text or "" for content in fresh.history(found) for part in content.parts or []]
    said = [text for text in contents if not text.startswith("re ")]
    info = await service.log.session(session)
    assert info is not None
    return (said[0].split(), said[1:]) if info.summary_event_id else ([], said)


def whole(told: tuple[list[str], list[str]]) -> list[str]:
    return [*told[0], *told[1]]


def numbered(first: int, last: int) -> list[str]:
    return [f"m{number}" for number in range(first, last + 1)]


async def undo(service: SessionService, session: SessionKey, message: str) -> None:
    await store(service, [rewind(f"t-{message}")], session.session_id, session.user)


async def test_the_summary_and_the_window_together_are_the_whole_conversation(service: SessionService) -> None:
    for number in range(1, 12):
        await say(service, key(), f"m{number}")
        old, new = await told(service, key())
        assert old + new == numbered(1, number)
        assert len(new) <= 2


async def test_a_fork_keeps_the_summary_that_covers_turns_of_its_own(service: SessionService) -> None:
    await say(service, key(), *numbered(1, 9))
    for at in (9, 8, 5, 3, 2, 1):
        target = await session_changes.fork(service.database, key(), at=at)
        old, new = await told(service, target)
        assert (old + new) == numbered(1, at)
        assert bool(old) == (at > 1)
        await say(service, target, "own1", "own2", "own3")
        assert whole(await told(service, target)) == [*numbered(1, at), "own1", "own2", "own3"]
    assert whole(await told(service, key())) == numbered(1, 9)


async def test_an_undo_into_a_summary_goes_back_to_the_one_before(service: SessionService) -> None:
    await say(service, key(), *numbered(1, 9))
    for last in (7, 4, 2):
        await undo(service, key(), f"m{last + 1}")
        old, new = await told(service, key())
        assert old and old + new == numbered(1, last)
    await undo(service, key(), "m1")
    assert await told(service, key()) == ([], [])
    await say(service, key(), "again1", "again2", "again3")
    assert whole(await told(service, key())) == ["again1", "again2", "again3"]


async def test_an_undo_in_a_fork_goes_back_as_well(service: SessionService) -> None:
    await say(service, key(), *numbered(1, 9))
    target = await session_changes.fork(service.database, key())
    await undo(service, target, "m6")
    old, new = await told(service, target)
    assert old and old + new == numbered(1, 5)


async def test_an_import_keeps_its_summaries(service: SessionService) -> None:
    await say(service, key(), *numbered(1, 9))
    document = (await archive.export(service.database, key())).model_dump_json()
    target = await archive.import_(service.database, EVE, document)
    assert whole(await told(service, target)) == numbered(1, 9)
    await undo(service, target, "m6")
    old, new = await told(service, target)
    assert old and old + new == numbered(1, 5)


async def test_a_ledger_made_anew_finds_its_summaries(service: SessionService, settings: Settings) -> None:
    await say(service, key(), *numbered(1, 9))
    await undo(service, key(), "m8")
    before = await told(service, key())
    execute(file_of(settings.database_url), *(f"DELETE FROM {table}" for table in LEDGER))
    await catch_up(service.database)
    assert await told(service, key()) == before
    assert before[0] and whole(before) == numbered(1, 7)


@pytest.mark.parametrize("count", [3, 5, 6, 30])
async def test_what_another_program_wrote_enters_the_summary_whole(
    database: Database, settings: Settings, count: int
) -> None:
    events = [e for n in range(1, count + 1) for e in exchange(f"m{n}", f"re m{n}", f"t-m{n}", START + 10 * n)]
    await write_with_adk(settings.database_url, events)
    service = SessionService(database)
    await service.prepare_tables()
    await tidy(service, key())
    old, new = await told(service, key())
    assert old and old + new == numbered(1, count)


async def thirty(service: SessionService) -> None:
    await store(service, [e for n in range(1, 31) for e in exchange(f"m{n}", f"re m{n}", f"t-m{n}", START + 10 * n)])


async def test_many_old_turns_are_summarised_in_bounded_steps_and_a_failing_one_loses_no_other(
    service: SessionService,
) -> None:
    await thirty(service)
    steps: list[int] = []

    async def failing(earlier: str, older: list[Turn]) -> str:
        steps.append(len(older))
        if len(steps) == 3:
            raise ConnectionError("no summary today")
        return await remember(earlier, older)

    await tidy(service, key(), Budget(turns=4, tokens=10_000), failing)
    assert max(steps) <= 4
    assert sum(steps) == 28
    seen = " ".join((await told(service, key()))[0])
    assert all(message in seen.split() for message in numbered(1, 28))


async def test_each_step_is_stored_whatever_ends_those_that_follow(service: SessionService) -> None:
    await thirty(service)

    async def ended(earlier: str, older: list[Turn]) -> str:
        if older[0].number > 8:
            raise KeyboardInterrupt
        return await remember(earlier, older)

    budget = Budget(turns=4, tokens=10_000)
    with pytest.raises(KeyboardInterrupt):
        await tidy(service, key(), budget, ended)
    assert (await told(service, key()))[0] == numbered(1, 8)
    await tidy(service, key(), budget)
    assert whole(await told(service, key())) == numbered(1, 30)


async def test_a_step_takes_no_more_than_the_budget_of_tokens(service: SessionService) -> None:
    long = "x" * 400
    await store(service, [e for n in range(1, 13) for e in exchange(f"{long}{n}", long, f"t-{n}", START + 10 * n)])
    steps: list[int] = []

    async def counted(earlier: str, older: list[Turn]) -> str:
        steps.append(len(older))
        return "so far"

    await tidy(service, key(), Budget(turns=50, tokens=1_000), counted)
    assert max(steps) == 2 and sum(steps) == 11


async def test_a_summary_of_turns_taken_back_meanwhile_is_not_stored(service: SessionService) -> None:
    await store(service, [e for n in range(1, 5) for e in exchange(f"m{n}", f"re m{n}", f"t-m{n}", START + 10 * n)])

    async def slow(earlier: str, older: list[Turn]) -> str:
        await undo(service, key(), "m2")
        return await remember(earlier, older)

    await tidy(service, key(), summarize=slow)
    assert await told(service, key()) == ([], ["m1"])


async def test_of_two_summaries_made_at_once_that_of_more_turns_stays(service: SessionService) -> None:
    await store(service, [e for n in range(1, 5) for e in exchange(f"m{n}", f"re m{n}", f"t-m{n}", START + 10 * n)])

    async def slow(earlier: str, older: list[Turn]) -> str:
        await store(service, exchange("m5", "re m5", "t-m5", START + 50))
        await tidy(service, key())
        return await remember(earlier, older)

    await tidy(service, key(), summarize=slow)
    assert await told(service, key()) == (numbered(1, 4), ["m5"])


async def test_a_summary_of_an_earlier_version_serves_until_it_is_undone(
    service: SessionService, settings: Settings
) -> None:
    await say(service, key(), *numbered(1, 5))
    file = file_of(settings.database_url)
    for row in rows(file, "SELECT id, event_data FROM events WHERE invocation_id LIKE 'e-%'"):
        data = {name: value for name, value in json.loads(row["event_data"]).items() if name != "custom_metadata"}
        execute(file, f"UPDATE events SET event_data = '{json.dumps(data)}' WHERE id = '{row['id']}'")
    assert whole(await told(service, key())) == numbered(1, 5)
    await undo(service, key(), "m4")
    assert await told(service, key()) == ([], numbered(1, 3))
    await say(service, key(), "m6", "m7")
    assert whole(await told(service, key())) == [*numbered(1, 3), "m6", "m7"]


@pytest.mark.parametrize("turns", [2, 6])
async def test_adks_own_service_still_reads_every_turn_that_is_kept(
    service: SessionService, settings: Settings, turns: int
) -> None:
    for number, ahead in enumerate([3600, 3600, 0, 0, 0, -3600, 0, 0], start=1):
        at = START + 100 * number + ahead
        await store(service, exchange(f"m{number}", f"re m{number}", invocation_id=f"t-m{number}", at=at))
        await tidy(service, key(), Budget(turns=turns, tokens=10_000))
    _, kept = await told(service, key())
    assert len(kept) > turns / 2
    async with DatabaseSessionService(settings.database_url) as stock:
        session = await stock.get_session(app_name=ADA.app_name, user_id=ADA.user_id, session_id="session-1")
    assert session is not None
    seen = [part.text for content in _get_contents(None, session.events, "manager") for part in content.parts or []]
    assert set(kept) <= set(seen)
    assert any(text and text.startswith("m1 m2") for text in seen)
