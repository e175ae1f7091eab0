"""A session told from its first turn to its last, agent by agent: what an export for reading is made from."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from storage.database import Database
from storage.queries import turns
from storage.queries.sessions import SessionInfo
from storage.queries.turns import Delegation, ToolCall, Turn
from storage.schema.tables import FAILED
from storage.scope import SessionKey, User

Row = TypeVar("Row", Delegation, ToolCall)

_PAGE = 500
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class Task:
    """A task that an agent was given, and the tools it called for it."""

    delegation: Delegation
    calls: tuple[ToolCall, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """A turn: who was given what, and the tools that the manager called itself."""

    turn: Turn
    tasks: tuple[Task, ...]
    calls: tuple[ToolCall, ...]

    @property
    def by(self) -> str:
        """Who answered."""
        return " + ".join(self.turn.agents) or "manager"


@dataclass(frozen=True, slots=True)
class Share:
    """What one agent did in the whole session; `seconds` is the sum of its tasks, None when none was timed."""

    agent: str
    tasks: int
    failed: int
    calls: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Transcript:
    """A session, oldest turn first, without turns that were undone."""

    session: SessionInfo
    user: str
    exchanges: tuple[Exchange, ...]
    shares: tuple[Share, ...]


async def transcript(database: Database, user: User, info: SessionInfo) -> Transcript:
    """The whole of a session."""
    key = SessionKey.of(user, info.session_id)
    handed = await turns.recent_delegations(database, user, limit=_ALL, session_id=info.session_id)
    tasks = _by_turn(sorted(handed, key=lambda each: (each.started_at, each.id)))
    exchanges: list[Exchange] = []
    while page := await turns.history(database, key, limit=_PAGE, offset=len(exchanges)):
        calls = _by_turn(await turns.tool_calls_of(database, key, [turn.invocation_id for turn in page]))
        exchanges += [
            _exchange(turn, tasks.get(turn.invocation_id, []), calls.get(turn.invocation_id, [])) for turn in page
        ]
    exchanges.reverse()
    return Transcript(info, user.user_id, tuple(exchanges), tuple(_shares(exchanges)))


def arguments(call: ToolCall) -> str:
    """A call as it was made: `get_stock_price(ticker="AAPL")`."""
    given = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in call.arguments.items())
    return f"{call.tool_name}({given})"


def _by_turn(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.invocation_id, []).append(row)
    return found


def _exchange(turn: Turn, handed: Sequence[Delegation], made: Sequence[ToolCall]) -> Exchange:
    """A call belongs to the task that its agent was given last before it."""
    of_task: dict[str, list[ToolCall]] = {delegation.id: [] for delegation in handed}
    own: list[ToolCall] = []
    for call in made:
        of_agent = [each for each in handed if each.agent_name == call.agent_name]
        begun = [each for each in of_agent if each.started_at <= call.started_at] or of_agent[:1]
        (of_task[begun[-1].id] if begun else own).append(call)
    return Exchange(turn, tuple(Task(each, tuple(of_task[each.id])) for each in handed), tuple(own))


def _shares(exchanges: Iterable[Exchange]) -> list[Share]:
    of_agent: dict[str, list[Task]] = {}
    for task in (task for exchange in exchanges for task in exchange.tasks):
        of_agent.setdefault(task.delegation.agent_name, []).append(task)
    return sorted(
        (_share(agent, tasks) for agent, tasks in of_agent.items()), key=lambda share: (-share.tasks, share.agent)
    )


def _share(agent: str, tasks: Sequence[Task]) -> Share:
    timed = [task.delegation.seconds for task in tasks if task.delegation.seconds is not None]
    return Share(
        agent,
        len(tasks),
        sum(task.delegation.status == FAILED for task in tasks),
        sum(len(task.calls) for task in tasks),
        sum(timed) if timed else None,
    )
