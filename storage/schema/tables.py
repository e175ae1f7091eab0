"""The ledger: our tables, beside ADK's own `sessions`, `events`, `user_states` and `app_states` in the same database.

Rows of `turns`, `delegations` and `tool_calls` are derived from ADK's events (see `storage/ledger`) and go with their
session when it is deleted. `preferences` and `shown_items` belong to the user and outlive any session. Every column
says what it holds; the documentation of the schema is generated from here.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
    case,
    column,
    func,
)
from sqlalchemy.sql.elements import ColumnElement

from storage.dialects import JSON_TEXT, POSTGRES, ComputedWhenRead, position, rows_where
from storage.scope import LOCAL, SessionKey

RUNNING = "running"
COMPLETED = "completed"
FAILED = "failed"
CANCELLED = "cancelled"
INTERRUPTED = "interrupted"
_STATUSES = "one of `running`, `completed`, `failed`, `cancelled` and `interrupted`"

HAS_TOPIC = (
    "instr(arguments, '\"topic\"') + instr(arguments, '\"ticker') + instr(arguments, '\"query\"') > 0"
    " AND length(arguments) <= 200"
)
"""SQL: a tool call whose arguments name what was asked about."""

_COUNT = Integer().with_variant(BigInteger, POSTGRES)
"""SQLite's own integers are as large."""

metadata = MetaData()


class UtcDateTime(TypeDecorator[datetime]):
    """A time-zone-aware datetime, stored as naive UTC as ADK stores its own."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


# ADK owns these four; here is what our foreign keys, queries and copies need of them.
sessions = Table(
    "sessions",
    MetaData(),
    Column("app_name", String(128), primary_key=True),
    Column("user_id", String(128), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("state", JSON),
    Column("create_time", UtcDateTime),
    Column("update_time", UtcDateTime),
)

events = Table(
    "events",
    MetaData(),
    Column("id", String(128), primary_key=True),
    Column("app_name", String(128), primary_key=True),
    Column("user_id", String(128), primary_key=True),
    Column("session_id", String(128), primary_key=True),
    Column("invocation_id", String(256)),
    Column("timestamp", UtcDateTime),
    Column("event_data", JSON),
)

app_states = Table(
    "app_states",
    MetaData(),
    Column("app_name", String(128), primary_key=True),
    Column("state", JSON),
    Column("update_time", UtcDateTime),
)

user_states = Table(
    "user_states",
    MetaData(),
    Column("app_name", String(128), primary_key=True),
    Column("user_id", String(128), primary_key=True),
    Column("state", JSON),
    Column("update_time", UtcDateTime),
)


def _key(name: str, doc: str, *, primary_key: bool = True) -> Column[str]:
    return Column(name, String(128), primary_key=primary_key, nullable=False, comment=doc)


def tenant_of(user_id: ColumnElement[str]) -> ColumnElement[str]:
    """The tenant of a `user_id`, as `User.stored` reads it."""
    end = position(user_id, "/")
    escaped = func.substr(user_id, 1, end - 1)
    return case((end == 0, LOCAL), else_=func.replace(func.replace(escaped, "%2F", "/"), "%25", "%"))


_TENANT = tenant_of(column("user_id", String))
"""Computed: it is never wrong, and who names the columns of a row need not know of it."""


def _user_key(*, primary_key: bool = True) -> list[Column[str]]:
    return [
        _key("app_name", "ADK app the row belongs to", primary_key=primary_key),
        _key(
            "user_id",
            "user the row belongs to, as ADK has them: `tenant/user` unless the tenant is `local`",
            primary_key=primary_key,
        ),
        Column("tenant", String(128), ComputedWhenRead(_TENANT), comment="tenant of the user"),
    ]


def _session_key(*, primary_key: bool = True) -> list[Column[str]]:
    return [
        *_user_key(primary_key=primary_key),
        _key("session_id", "ADK session the row belongs to", primary_key=primary_key),
    ]


def _of_session() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["app_name", "user_id", "session_id"],
        [sessions.c.app_name, sessions.c.user_id, sessions.c.id],
        ondelete="CASCADE",
    )


def _span(what: str) -> list[Column[object]]:
    columns: list[Column[object]] = [
        Column("started_at", UtcDateTime, nullable=False, comment=f"when the {what} started, UTC"),
        Column("ended_at", UtcDateTime, comment=f"when the {what} ended, UTC; empty while it runs"),
        Column("seconds", Float, comment="from start to end"),
        Column("error", Text, comment="why it failed, or why the answer is not whole, in one line"),
    ]
    return columns


turns = Table(
    "turns",
    metadata,
    Column("id", Integer, primary_key=True, comment="the row's own number"),
    *_session_key(primary_key=False),
    _key("invocation_id", "ADK invocation that is this turn", primary_key=False),
    Column("number", Integer, nullable=False, comment="1 for the first turn of the session"),
    Column("event_id", String(128), nullable=False, comment="event of the answer; of the message until there is one"),
    Column("user_input", Text, nullable=False, comment="what the user said"),
    Column("agent_response", Text, comment="what was answered"),
    Column("status", String(16), nullable=False, comment=_STATUSES),
    Column("model", String(128), comment="model that answered, as it calls itself"),
    Column("model_calls", _COUNT, nullable=False, server_default="0", comment="model calls of all agents"),
    Column("prompt_tokens", _COUNT, nullable=False, server_default="0", comment="tokens sent to the model"),
    Column("output_tokens", _COUNT, nullable=False, server_default="0", comment="tokens the model wrote"),
    *_span("turn"),
    Column("undone_at", UtcDateTime, comment="when the turn was undone, UTC; it is no longer in the conversation"),
    Column("owner", String(128), comment="who runs the turn, or ran it: a lease, or host, pid and start"),
    Column("events", _COUNT, nullable=False, server_default="0", comment="ADK events this turn is derived from"),
    _of_session(),
    UniqueConstraint("app_name", "user_id", "session_id", "invocation_id", name="uq_turns_invocation"),
    Index("ix_turns_number", "app_name", "user_id", "session_id", "number"),
    Index("ix_turns_started", "app_name", "user_id", "started_at"),
    Index("ix_turns_running", "app_name", "user_id", "session_id", **rows_where("status = 'running'")),
    # The order in which statistics group turns, with all they sum: they read neither the texts nor sort.
    Index(
        "ix_turns_stats",
        "app_name",
        "user_id",
        "model",
        "status",
        "started_at",
        "prompt_tokens",
        "output_tokens",
        "model_calls",
        "undone_at",
    ),
    comment="one row is one user message and its answer",
)

delegations = Table(
    "delegations",
    metadata,
    *_session_key(),
    _key("invocation_id", "turn it belongs to"),
    _key("id", "id of the function call that handed over"),
    Column("from_agent", String(128), nullable=False, comment="agent that delegated"),
    Column("agent_name", String(128), nullable=False, comment="agent that was asked"),
    Column("task", Text, nullable=False, comment="what it was asked"),
    Column("status", String(16), nullable=False, comment="as that of a turn; `delegated` where it was only reported"),
    Column("reported", Boolean, nullable=False, comment="told by `track_agent_delegation`, not seen by the runner"),
    *_span("delegation"),
    _of_session(),
    Index("ix_delegations_agent", "app_name", "user_id", "agent_name", "started_at", "status", "seconds"),
    # Medians and percentiles are a place in this order.
    Index(
        "ix_delegations_seconds",
        "app_name",
        "user_id",
        "agent_name",
        "seconds",
        **rows_where("status = 'completed'"),
    ),
    Index(
        "ix_delegations_unfinished",
        "app_name",
        "user_id",
        "agent_name",
        "status",
        "started_at",
        **rows_where("status <> 'completed'"),
    ),
    comment="one row is one hand-over of a task to an agent",
)

tool_calls = Table(
    "tool_calls",
    metadata,
    *_session_key(),
    _key("invocation_id", "turn it belongs to"),
    _key("id", "id of the function call"),
    Column("agent_name", String(128), nullable=False, comment="agent that called the tool"),
    Column("tool_name", String(128), nullable=False, comment="tool that was called"),
    Column("arguments", JSON_TEXT, nullable=False, comment="arguments as JSON"),
    Column("status", String(16), nullable=False, comment=_STATUSES),
    *_span("call"),
    _of_session(),
    Index("ix_tool_calls_started", "app_name", "user_id", "started_at"),
    Index(
        "ix_tool_calls_unfinished",
        "app_name",
        "user_id",
        "status",
        "started_at",
        **rows_where("status <> 'completed'"),
    ),
    Index("ix_tool_calls_topic", "app_name", "user_id", "arguments", "started_at", **rows_where(HAS_TOPIC)),
    comment="one row is one call of a tool by an agent",
)

session_info = Table(
    "session_info",
    metadata,
    *_session_key(),
    Column("title", String(200), comment="first message until renamed"),
    Column(
        "created_at",
        UtcDateTime,
        nullable=False,
        comment="when it was made, or its first message if older, UTC",
    ),
    Column(
        "last_event_at",
        UtcDateTime,
        nullable=False,
        comment="time of the newest event the ledger knows, UTC; of the making while there is none",
    ),
    Column("forked_from", String(128), comment="session this one was forked from"),
    Column("forked_at_turn", Integer, comment="last turn taken over from there"),
    Column("summary_event_id", String(128), comment="ADK compaction event with the summary of the older turns"),
    Column("summarized_through", Integer, comment="last turn that the summary covers"),
    _of_session(),
    Index("ix_session_info_latest", "app_name", "user_id", "last_event_at"),
    comment="one row is what a person calls a session by: its title and where it came from",
)

preferences = Table(
    "preferences",
    metadata,
    *_user_key(),
    Column(
        "kind", String(64), primary_key=True, comment="which of the kinds of preferences, such as `stock_watchlist`"
    ),
    Column("value", String(256), primary_key=True, comment="ticker, topic, agent or name"),
    Column("created_at", UtcDateTime, nullable=False, comment="when it was stated, UTC"),
    Column("session_id", String(128), comment="session it was stated in"),
    Column("invocation_id", String(256), comment="turn it was stated in"),
    comment="one row is one thing the agents know about the user's taste",
)

shown_items = Table(
    "shown_items",
    metadata,
    *_user_key(),
    Column("collection", String(128), primary_key=True, comment="what the item is from, such as `jokes/python`"),
    Column("item", String(128), primary_key=True, comment="id of what was shown"),
    Column("shown_at", UtcDateTime, nullable=False, comment="when it was shown, UTC"),
    Index("ix_shown_items_latest", "app_name", "user_id", "shown_at"),
    comment="one row is one thing shown to a user that should not be shown again soon",
)

leases = Table(
    "leases",
    metadata,
    Column("owner", String(128), primary_key=True, comment="its own name, as the turns have it that run under it"),
    Column("beat", Integer, nullable=False, comment="a number that is raised while a turn runs; it begins anywhere"),
    Column("machine", Text, nullable=False, comment="host, boot and process numbers of the program"),
    Column("pid", Integer, nullable=False, comment="the program's process"),
    Column("started", Float, nullable=False, comment="when that started, in seconds since the boot or the epoch"),
    Column("taken_at", UtcDateTime, nullable=False, comment="when the lease was taken, by the program's clock, UTC"),
    comment="one row is one program that runs turns; without it, another one ends them as interrupted",
)

schema_info = Table(
    "schema_info",
    metadata,
    Column(
        "compatible_from",
        String(32),
        primary_key=True,
        comment="schema version of the oldest program that may go on working with these tables",
    ),
    comment="the one row says who may work with the tables, beside their version in `alembic_version`",
)


def adk_session(key: SessionKey) -> ColumnElement[bool]:
    """The row of ADK's own table that is a session."""
    return and_(sessions.c.app_name == key.app_name, sessions.c.user_id == key.user_id, sessions.c.id == key.session_id)
