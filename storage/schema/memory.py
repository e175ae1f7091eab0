"""What agents share and remember, beside the conversation: entries with their history, the feed of changes, plans and
sessions as records, and what was said and learned.

Every row says whose it is: a tenant, and a user of it, who is '' where the row is all of the tenant's. Values are JSON,
kept as the text that was written, so that a number comes back as the one it was.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from storage.dialects import POSTGRES, rows_where
from storage.schema.tables import UtcDateTime, metadata

KEY_LENGTH = 512
"""Characters of a key."""
NAME_LENGTH = 256
"""Characters of every other name: of a tenant, a user, an agent, a plan, a session."""

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""Numbers that rise for ever; SQLite counts by itself only where the type is INTEGER."""
_KEY = String(KEY_LENGTH).with_variant(String(KEY_LENGTH, collation="C"), POSTGRES)
"""Compared by its characters' numbers on both databases, so that a beginning is a range of the index."""
_COUNTS: dict[str, Any] = {"sqlite_autoincrement": True}
"""A number is never given twice, though the newest row be deleted."""


def _name(name: str, comment: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, String(NAME_LENGTH), nullable=nullable, comment=comment)


def _time(name: str, comment: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, UtcDateTime, nullable=nullable, comment=f"{comment}, UTC")


def _number(comment: str) -> Column[int]:
    return Column("id", _NUMBER, primary_key=True, autoincrement=True, comment=comment)


def _owner() -> list[Column[str]]:
    return [
        _name("tenant", "tenant the row belongs to"),
        _name("user_id", "user of the tenant the row belongs to; empty where it is all of the tenant's"),
    ]


def _scope() -> list[Column[str]]:
    return [
        *_owner(),
        Column("scope", String(16), nullable=False, comment="one of `shared`, `working`, `agent` and `state`"),
        _name("scope_id", "the plan of `working`, the agent of `agent` and `state`; empty for `shared`"),
    ]


def _json(name: str, comment: str, *, default: str | None = None) -> Column[str]:
    return Column(name, Text, nullable=default is None, server_default=default, comment=f"{comment}, as JSON")


memory_entries = Table(
    "memory_entries",
    metadata,
    *_scope(),
    Column("key", _KEY, nullable=False, comment="what it is called within its scope"),
    Column("value", Text, nullable=False, comment="the value, as JSON"),
    Column("version", Integer, nullable=False, comment="1 when it is created, one more with each change"),
    Column(
        "strategy", String(24), nullable=False, comment="how it was created; what a later writer asks cannot undo it"
    ),
    Column("metadata", Text, nullable=False, server_default="{}", comment="what its writer says of it, as JSON"),
    _time("created_at", "when it was created"),
    _name("created_by", "agent that created it"),
    _time("updated_at", "when it was changed last"),
    _name("updated_by", "agent that changed it last"),
    _time("expires_at", "from when on it is not there any more; never where empty", nullable=True),
    PrimaryKeyConstraint("tenant", "user_id", "scope", "scope_id", "key"),
    Index(
        "ix_memory_entries_expires",
        "expires_at",
        **rows_where("expires_at IS NOT NULL"),
    ),
    comment="one row is one value that agents keep",
)

memory_history = Table(
    "memory_history",
    metadata,
    _number("the row's own number, in the order of the changes"),
    *_scope(),
    Column("key", _KEY, nullable=False, comment="the entry's key"),
    Column("version", Integer, nullable=False, comment="the entry's version after the change"),
    Column(
        "change",
        String(16),
        nullable=False,
        comment="one of `created`, `updated`, `incremented`, `appended`, `extended`, `merged`, `deleted` and `expired`",
    ),
    _json("value", "the new value, or what was added to it; empty of what is gone"),
    Column("redacted", Boolean, nullable=False, comment="whether the value was removed, with the entry that had it"),
    _name("changed_by", "agent that changed it"),
    _time("changed_at", "when it was changed"),
    Index("ix_memory_history_entry", "tenant", "user_id", "scope", "scope_id", "key", "id"),
    comment="one row is one change of a value",
    **_COUNTS,
)

changes = Table(
    "changes",
    metadata,
    _number("the place in the feed, in the order of the commits"),
    *_owner(),
    Column("topic", String(64), nullable=False, comment="what has changed: `memory.shared`, `plans`, and so on"),
    Column("key", _KEY, nullable=False, comment="which of them"),
    Column("kind", String(32), nullable=False, comment="how: `created`, `updated`, `deleted`, and so on"),
    Column(
        "facts", Text, nullable=False, server_default="{}", comment="small facts, as JSON; values are read elsewhere"
    ),
    _time("at", "when it changed"),
    Index("ix_changes_tenant", "tenant", "id"),
    comment="the feed: one row is one thing that has changed, written with the change",
    **_COUNTS,
)

plans = Table(
    "plans",
    metadata,
    *_owner(),
    _name("plan_id", "the plan; unique in its tenant"),
    _name("session_id", "session it was made in", nullable=True),
    _name("parent_plan_id", "plan it is a part of", nullable=True),
    Column("goal_event", Text, comment="event, or words, that say what it is for"),
    _json("goal_data", "what belongs to the goal", default="{}"),
    Column(
        "status",
        String(16),
        nullable=False,
        comment="one of `pending`, `running`, `paused`, `completed`, `failed` and `cancelled`",
    ),
    _json("result", "what it has led to"),
    Column("error", Text, comment="why it failed, in one line"),
    Column("on_complete", String(16), comment="what is done when it ends: with `cleanup` its working memory goes"),
    _time("created_at", "when it was made"),
    _time("updated_at", "when it was changed last"),
    _time("ended_at", "when it ended", nullable=True),
    PrimaryKeyConstraint("tenant", "plan_id"),
    Index("ix_plans_user", "tenant", "user_id", "updated_at"),
    Index("ix_plans_session", "tenant", "session_id"),
    Index("ix_plans_parent", "tenant", "parent_plan_id"),
    Index("ix_plans_ended", "ended_at", **rows_where("ended_at IS NOT NULL")),
    comment="one row is one plan",
)

plan_actions = Table(
    "plan_actions",
    metadata,
    _number("the row's own number, in the order of the actions"),
    *_owner(),
    _name("plan_id", "plan it was done for"),
    Column("action", Text, nullable=False, comment="what was done"),
    _name("agent_id", "agent that did it"),
    _time("at", "when it was done"),
    Index("ix_plan_actions_plan", "tenant", "user_id", "plan_id", "id"),
    comment="one row is one thing that was done for a plan",
    **_COUNTS,
)

memory_sessions = Table(
    "memory_sessions",
    metadata,
    *_owner(),
    _name("session_id", "the session; unique in its tenant"),
    Column("name", Text, comment="what a person calls it"),
    Column("metadata", Text, nullable=False, server_default="{}", comment="what its maker says of it, as JSON"),
    _time("created_at", "when it was made"),
    _time("last_interaction", "when a plan or an interaction of it was made last"),
    PrimaryKeyConstraint("tenant", "session_id"),
    Index("ix_memory_sessions_user", "tenant", "user_id", "last_interaction"),
    comment="one row is one session that agents have made; those of the chat are in `sessions`",
)

interactions = Table(
    "interactions",
    metadata,
    _number("the row's own number, in the order in which they were told"),
    *_owner(),
    _name("agent_id", "agent that took part"),
    _name("session_id", "session it was in", nullable=True),
    Column("role", String(16), nullable=False, comment="who spoke: `user`, `assistant`, `system` or `tool`"),
    Column("content", Text, nullable=False, comment="what was said"),
    Column("metadata", Text, nullable=False, server_default="{}", comment="what the agent says of it, as JSON"),
    _time("at", "when it was said"),
    Column("vector", LargeBinary, comment="what the words mean, to `vector_model`: 32-bit floats"),
    Column("vector_model", String(128), comment="which embedder has made the vector"),
    Index("ix_interactions_agent", "tenant", "user_id", "agent_id", "id"),
    Index("ix_interactions_vector_model", "vector_model"),
    comment="one row is one thing said between a user and an agent: episodic memory",
    **_COUNTS,
)

knowledge = Table(
    "knowledge",
    metadata,
    _number("the row's own number"),
    _name("tenant", "tenant the row belongs to"),
    _name("user_id", "user who may find it; empty where all of the tenant may"),
    _name("owner", "user who stored it"),
    _name("external_id", "what its owner calls it", nullable=True),
    Column("content_hash", String(64), nullable=False, comment="SHA-256 of the content"),
    Column("content", Text, nullable=False, comment="what is known"),
    Column("metadata", Text, nullable=False, server_default="{}", comment="what its owner says of it, as JSON"),
    Column("tags", Text, nullable=False, server_default="[]", comment="words it is filed under, as JSON"),
    Column("source", Text, comment="where it is from"),
    _time("created_at", "when it was stored"),
    _time("updated_at", "when it was changed last"),
    Column("vector", LargeBinary, comment="what the words mean, to `vector_model`: 32-bit floats"),
    Column("vector_model", String(128), comment="which embedder has made the vector"),
    UniqueConstraint("tenant", "user_id", "external_id", name="uq_knowledge_external"),
    Index("ix_knowledge_hash", "tenant", "user_id", "content_hash"),
    Index("ix_knowledge_owner", "tenant", "owner"),
    Index("ix_knowledge_vector_model", "vector_model"),
    comment="one row is one thing that is known: semantic memory",
    **_COUNTS,
)

skills = Table(
    "skills",
    metadata,
    _number("the row's own number"),
    *_owner(),
    _name("agent_id", "agent that can do it; empty where all can"),
    _name("name", "what it is called"),
    Column("context", Text, nullable=False, comment="when it is of use"),
    Column("content", Text, nullable=False, comment="how it is done"),
    Column("metadata", Text, nullable=False, server_default="{}", comment="what its writer says of it, as JSON"),
    _time("created_at", "when it was stored"),
    _time("updated_at", "when it was changed last"),
    Column("vector", LargeBinary, comment="what the words mean, to `vector_model`: 32-bit floats"),
    Column("vector_model", String(128), comment="which embedder has made the vector"),
    UniqueConstraint("tenant", "user_id", "agent_id", "name", name="uq_skills_name"),
    Index("ix_skills_vector_model", "vector_model"),
    comment="one row is one thing that agents can do: procedural memory",
    **_COUNTS,
)
