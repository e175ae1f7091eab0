"""How the agents did: the one place that counts, for the tools, the terminal, the command line and the SQL views."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from storage import selects
from storage.database import Database
from storage.scope import User
from storage.tables import COMPLETED, FAILED, turns


@dataclass(frozen=True, slots=True)
class AgentStats:
    """One agent's record for one user; times are seconds of completed delegations."""

    agent_name: str
    delegations: int
    completed: int
    failed: int
    median_seconds: float | None
    p95_seconds: float | None
    last_used: datetime

    @property
    def success_rate(self) -> float | None:
        """Completed in those that ended either way, 0 to 1."""
        ended = self.completed + self.failed
        return self.completed / ended if ended else None


@dataclass(frozen=True, slots=True)
class Totals:
    """What a user's record holds in all."""

    sessions: int
    turns: int
    completed: int
    failed: int
    model_calls: int
    prompt_tokens: int
    output_tokens: int
    first_turn: datetime | None
    last_turn: datetime | None


async def agent_stats(database: Database, user: User) -> list[AgentStats]:
    """One entry for every agent that was ever given a task by this user, the busiest first."""
    query = selects.agent_stats()
    columns = query.selected_columns
    mine = query.where(columns.app_name == user.app_name, columns.user_id == user.user_id)
    async with database.read() as conn:
        rows = (await conn.execute(mine)).all()
    return [AgentStats(*row[2:]) for row in rows]


async def totals(database: Database, user: User) -> Totals:
    """Counts over all of a user's turns."""
    query = select(
        func.count(turns.c.session_id.distinct()),
        func.count(),
        func.count(case((turns.c.status == COMPLETED, 1))),
        func.count(case((turns.c.status == FAILED, 1))),
        func.coalesce(func.sum(turns.c.model_calls), 0),
        func.coalesce(func.sum(turns.c.prompt_tokens), 0),
        func.coalesce(func.sum(turns.c.output_tokens), 0),
        func.min(turns.c.started_at),
        func.max(turns.c.started_at),
    ).where(turns.c.app_name == user.app_name, turns.c.user_id == user.user_id)
    async with database.read() as conn:
        return Totals(*(await conn.execute(query)).one())
