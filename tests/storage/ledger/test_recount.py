"""Whatever a conversation was like, and however its events were grouped, its rows are what counting by hand says."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any

import pytest
from google.adk.events import Event
from google.adk.sessions.schemas.v1 import Base
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, select

from storage.events.writes import NewEvent, append, create
from storage.leases import Lease
from storage.ledger.entries import entries
from storage.ledger.posting import on, post
from storage.schema.tables import delegations, metadata, session_info, tool_calls, turns
from storage.scope import TurnKey
from storage.strict import encodable
from tests.storage.support import START, Turn, call_part, delegating, key, response_part

_LEASE = Lease()
STATUS = {"answer": "completed", "error": "failed", "abort": "cancelled", "nothing": "running"}


@dataclass(frozen=True)
class Delegated:
    """One delegation of a plan: the tools its agent calls, each with whether it works, and whether the agent does."""

    tools: tuple[bool, ...]
    works: bool


@dataclass(frozen=True)
class Planned:
    """One turn of a plan; `reports` name tasks told by `track_agent_delegation`, a number being a real one's task."""

    text: str
    delegated: tuple[Delegated, ...]
    tools: tuple[bool, ...]
    reports: tuple[int, ...]
    end: str


plans = st.lists(
    st.builds(
        Planned,
        text=st.text(min_size=1, max_size=20),
        delegated=st.lists(
            st.builds(Delegated, tools=st.lists(st.booleans(), max_size=2).map(tuple), works=st.booleans()), max_size=3
        ).map(tuple),
        tools=st.lists(st.booleans(), max_size=2).map(tuple),
        reports=st.lists(st.integers(0, 4), max_size=3).map(tuple),
        end=st.sampled_from(sorted(STATUS)),
    ),
    min_size=1,
    max_size=4,
)


def answer(works: bool) -> dict[str, Any]:
    return {"status": "success"} if works else {"status": "error", "error_message": "no"}


def played(plan: Planned, number: int) -> list[Event]:
    """The events that a runner would have made of a planned turn."""
    turn = Turn(f"turn-{number}", START + 1000 * number)
    turn.user(plan.text)
    handed = [f"{number}-d{i}" for i in range(len(plan.delegated))]
    own = [f"{number}-t{i}" for i in range(len(plan.tools))]
    reported = [f"{number}-r{i}" for i in range(len(plan.reports))]
    calls = [
        call_part(id_, "track_agent_delegation", agent_name="bob", task=f"task {task}")
        for id_, task in zip(reported, plan.reports, strict=True)
    ]
    calls += [call_part(id_, "bob", request=f"task {i}") for i, id_ in enumerate(handed)]
    calls += [call_part(id_, "get_current_time") for id_ in own]
    if calls:
        turn.model(*calls, **delegating(*handed))
        for id_, delegated in zip(handed, plan.delegated, strict=True):
            for i, works in enumerate(delegated.tools):
                turn.model(call_part(f"{id_}-{i}", "dig"), author="bob", of=id_)
                turn.tools(response_part(f"{id_}-{i}", "dig", **answer(works)), author="bob", of=id_)
            if delegated.works:
                turn.model("found", author="bob", of=id_)
            else:
                turn.bare(author="bob", of=id_, error_code="500", error_message="broken")
        turn.tools(
            *(response_part(id_, "track_agent_delegation", status="success") for id_ in reported),
            *(
                response_part(id_, "bob", **({"result": "found"} if d.works else {"error": "broken"}))
                for id_, d in zip(handed, plan.delegated, strict=True)
            ),
            *(
                response_part(id_, "get_current_time", **answer(works))
                for id_, works in zip(own, plan.tools, strict=True)
            ),
            **delegating(*handed),
        )
    match plan.end:
        case "answer":
            turn.model("done")
        case "error":
            turn.bare(error_code="500", error_message="broken")
        case "abort":
            turn.bare(error_code="INVOCATION_ABORTED", error_message="aborted")
    return turn.made


def model_calls(plan: Planned) -> int:
    called = bool(plan.delegated or plan.tools or plan.reports) + (plan.end == "answer")
    return called + sum(len(delegated.tools) + delegated.works for delegated in plan.delegated)


def delegation_statuses(plan: Planned) -> list[str]:
    told = {task for task in plan.reports if task >= len(plan.delegated)}
    return sorted([*("completed" if d.works else "failed" for d in plan.delegated), *("delegated" for _ in told)])


def tool_statuses(plan: Planned) -> list[str]:
    worked = [*plan.tools, *(works for d in plan.delegated for works in d.tools), *(True for _ in plan.reports)]
    return sorted("completed" if works else "failed" for works in worked)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as opened:
        Base.metadata.create_all(opened)
        metadata.create_all(opened)
        yield opened
    engine.dispose()


def stored(event: Event) -> dict[str, Any]:
    return event.model_dump(exclude_none=True, mode="json")


def written(connection: Connection, plan: list[Planned], sizes: list[int]) -> dict[str, list[Any]]:
    """All rows of a session whose turns were written in groups of these sizes, over and over."""
    session = key()
    write = on(connection)
    create(write, session, datetime.fromtimestamp(START, UTC))
    size = cycle(sizes)
    for number, planned in enumerate(plan, start=1):
        events = iter(played(planned, number))
        while group := [NewEvent(stored(event), {"newest": event.id}) for event in islice(events, next(size))]:
            append(write, TurnKey(session, f"turn-{number}"), group, None, _LEASE)
    tables = ("sessions", "events", "turns", "delegations", "tool_calls", "session_info")
    found = {table: [tuple(row) for row in write(f"SELECT * FROM {table}", {})] for table in tables}
    connection.rollback()
    return found


@settings(max_examples=30)
@given(plan=plans, sizes=st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_events_written_in_groups_leave_the_same_rows_as_one_at_a_time(
    connection: Connection, plan: list[Planned], sizes: list[int]
) -> None:
    alone, grouped = written(connection, plan, [1]), written(connection, plan, sizes)
    assert len(alone["events"]) >= len(plan)
    assert grouped == alone


@settings(max_examples=30)
@given(plan=plans)
def test_rows_equal_a_recount_of_the_conversation(connection: Connection, plan: list[Planned]) -> None:
    try:
        for number, planned in enumerate(plan, start=1):
            for event in played(planned, number):
                at = datetime.fromtimestamp(event.timestamp, UTC)
                post(on(connection), TurnKey(key(), event.invocation_id), [at], entries(stored(event)), None)
        found = connection.execute(select(turns).order_by(turns.c.number)).all()
        assert [row.number for row in found] == list(range(1, len(plan) + 1))
        assert [row.user_input for row in found] == [encodable(planned.text) for planned in plan]
        assert [row.status for row in found] == [STATUS[planned.end] for planned in plan]
        assert [row.agent_response for row in found] == ["done" if p.end == "answer" else None for p in plan]
        assert [row.model_calls for row in found] == [model_calls(planned) for planned in plan]
        assert [row.prompt_tokens for row in found] == [10 * model_calls(planned) for planned in plan]
        assert [row.output_tokens for row in found] == [3 * model_calls(planned) for planned in plan]
        assert [row.events for row in found] == [len(played(p, n)) for n, p in enumerate(plan, start=1)]
        for number, planned in enumerate(plan, start=1):
            turn = f"turn-{number}"
            handed = connection.execute(select(delegations.c.status).where(delegations.c.invocation_id == turn))
            assert sorted(handed.scalars()) == delegation_statuses(planned)
            called = connection.execute(select(tool_calls.c.status).where(tool_calls.c.invocation_id == turn))
            assert sorted(called.scalars()) == tool_statuses(planned)
        assert len(connection.execute(select(session_info)).all()) == 1
    finally:
        connection.rollback()
