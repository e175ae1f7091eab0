"""Indexes for statistics: each is read in its own order, so that nothing has to be sorted or looked up."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_TOPIC = (
    "instr(arguments, '\"topic\"') + instr(arguments, '\"ticker') + instr(arguments, '\"query\"') > 0"
    " AND length(arguments) <= 200"
)


def upgrade() -> None:
    op.create_index(
        "ix_turns_stats",
        "turns",
        [
            "app_name",
            "user_id",
            "model",
            "status",
            "started_at",
            "prompt_tokens",
            "output_tokens",
            "model_calls",
            "undone_at",
        ],
        unique=False,
    )
    op.drop_index("ix_delegations_agent", "delegations")
    op.create_index(
        "ix_delegations_agent",
        "delegations",
        ["app_name", "user_id", "agent_name", "started_at", "status", "seconds"],
        unique=False,
    )
    op.create_index(
        "ix_delegations_seconds",
        "delegations",
        ["app_name", "user_id", "agent_name", "seconds"],
        unique=False,
        sqlite_where=sa.text("status = 'completed'"),
        postgresql_where=sa.text("status = 'completed'"),
    )
    op.create_index(
        "ix_delegations_unfinished",
        "delegations",
        ["app_name", "user_id", "agent_name", "status", "started_at"],
        unique=False,
        sqlite_where=sa.text("status <> 'completed'"),
        postgresql_where=sa.text("status <> 'completed'"),
    )
    op.create_index("ix_tool_calls_started", "tool_calls", ["app_name", "user_id", "started_at"], unique=False)
    op.create_index(
        "ix_tool_calls_unfinished",
        "tool_calls",
        ["app_name", "user_id", "status", "started_at"],
        unique=False,
        sqlite_where=sa.text("status <> 'completed'"),
        postgresql_where=sa.text("status <> 'completed'"),
    )
    op.create_index(
        "ix_tool_calls_topic",
        "tool_calls",
        ["app_name", "user_id", "arguments", "started_at"],
        unique=False,
        sqlite_where=sa.text(_TOPIC),
        postgresql_where=sa.text(_TOPIC.replace("instr(", "strpos(")),
    )
