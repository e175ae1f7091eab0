"""One thing that is remembered, whatever it is kept as: what a person sees of it, and what they type for it.

It is named as its scope names it: `KEY` where all share it, `PLAN/KEY`, `AGENT/KEY`, `AGENT` for an agent's state, an
id or a number for what is known and said, `AGENT/NAME` for a skill.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from storage.knowledge.interactions import Interaction
from storage.knowledge.knowledge import Knowledge
from storage.knowledge.skills import Skill
from storage.memory.entries import Entry
from storage.memory.scopes import SHARED, STATE, WORKING

ScopeName: TypeAlias = Literal["shared", "working", "agent", "episodic", "semantic", "procedural"]
SCOPES: tuple[ScopeName, ...] = get_args(ScopeName)
MEANT: dict[ScopeName, str] = {
    "shared": "what all agents of the tenant share",
    "working": "what agents keep for a plan",
    "agent": "what an agent keeps for itself",
    "episodic": "what was said to agents",
    "semantic": "what is known",
    "procedural": "what agents can do",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is remembered.

    Attributes:
        name: What a person types for it, in its scope.
        value: What is remembered: any JSON of an entry, else a text.
        version: Of an entry.
        by: Who wrote it last: an agent, or a user.
        at: When it was written last.
        mine: Whether the person may change and forget it.
        more: What else is known of it.
    """

    scope: ScopeName
    name: str
    value: Any
    by: str
    at: datetime
    created_at: datetime
    version: int | None = None
    expires_at: datetime | None = None
    mine: bool = True
    more: dict[str, Any] = field(default_factory=dict)
    source: Entry | Knowledge | Interaction | Skill | None = field(default=None, compare=False)


def of_entry(entry: Entry) -> Item:
    """An entry of any scope."""
    kind, id = entry.scope.kind, entry.scope.id
    scope: ScopeName = "shared" if kind == SHARED else "working" if kind == WORKING else "agent"
    name = entry.key if kind == SHARED else id if kind == STATE else f"{id}/{entry.key}"
    return Item(
        scope,
        name,
        entry.value,
        entry.updated_by,
        entry.updated_at,
        entry.created_at,
        entry.version,
        entry.expires_at,
        more={"created_by": entry.created_by, "strategy": entry.strategy, "metadata": entry.metadata},
        source=entry,
    )


def of_knowledge(known: Knowledge, user_id: str) -> Item:
    """What is known, as a user sees it."""
    more = {"public": known.is_public, "tags": known.tags, "source": known.source, "metadata": known.metadata}
    mine = known.user_id == user_id
    name, at = known.external_id or str(known.id), (known.updated_at, known.created_at)
    return Item("semantic", name, known.content, known.user_id, *at, mine=mine, more=more, source=known)


def of_skill(skill: Skill, user_id: str) -> Item:
    """What an agent can do, as a user sees it."""
    name = f"{skill.agent_id}/{skill.name}" if skill.agent_id else skill.name
    more, at = {"context": skill.context, "metadata": skill.metadata}, (skill.updated_at, skill.created_at)
    mine = skill.user_id == user_id
    return Item("procedural", name, skill.content, skill.agent_id, *at, mine=mine, more=more, source=skill)


def of_interaction(said: Interaction) -> Item:
    """What was said."""
    more, at = {"role": said.role, "session_id": said.session_id, "metadata": said.metadata}, said.created_at
    return Item("episodic", str(said.id), said.content, said.agent_id, at, at, more=more, source=said)
