"""Memory, what agents share and remember, and the feed of changes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
compatible_from = "0006"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEY = sa.String(length=512).with_variant(sa.String(length=512, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=256), nullable=False),
        sa.Column("user_id", sa.String(length=256), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("facts", sa.Text(), server_default="{}", nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_changes_tenant", "changes", ["tenant", "id"], unique=False)
    op.create_table(
        "interactions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=256), nullable=False),
        sa.Column("user_id", sa.String(length=256), nullable=False),
        sa.Column("agent_id", sa.String(length=256), nullable=False),
        sa.Column("session_id", sa.String(length=256), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), server_default="{}", nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("vector_model", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_interactions_agent", "interactions", ["tenant", "user_id", "agent_id", "id"], unique=False)
    op.create_table(
        "knowledge",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=256), nullable=False),
        sa.Column("user_id", sa.String(length=256), nullable=False),
        sa.Column("owner", sa.String(length=256), nullable=False),
        sa.Column("external_id", sa.String(length=256), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), server_default="{}", nullable=False),
        sa.Column("tags", sa.Text(), server_default="[]", nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("vector_model", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant", "user_id", "external_id", name="uq_knowledge_external"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_knowledge_hash", "knowledge", ["tenant", "user_id", "content_hash"], unique=False)
    op.create_index("ix_knowledge_owner", "knowledge", ["tenant", "owner"], unique=False)
    op.create_table(
        "memory_entries",
        sa.Column("tenant", sa.String(length=256), nullable=False),
        sa.Column("user_id", sa.String(length=256), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("scope_id", sa.String(length=256), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("strategy", sa.String(length=24), nullable=False),
        sa.Column("metadata", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=256), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("updated_by", sa.String(length=256), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "user_id", "scope", "scope_id", "key"),
    )
    op.create_index(
        "ix_memory_entries_expires",
        "memory_entries",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_table(
        "memory_history",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=256), nullable=False),
        sa.Column("user_id", sa.String(length=256), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("scope_id", sa.String(length=256), nullable=False),
        sa.Column("key", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("redacted", sa.Boolean(), nullable=False),
        sa.Column("changed_by", sa.String(length=256), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_memory_history_entry",
        "memory_history",
        ["tenant", "user_id", "scope", "scope_id", "key", "id"],
        unique=False,
    )
    op.create_table(
        "memory_sessions",
        sa.Column("tenant", sa.String(length=256), nullable=False),
        sa.Column("user_id", sa.String(length=256), nullable=False),
        sa.Column("session_id", sa.String(length=256), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_interaction", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "session_id"),
    )
    op.create_index(
        "ix_memory_sessions_user", "memory_sessions", ["tenant", "user_id", "last_interaction"], unique=False
    )
    op.create_table(
        "plan_actions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=256), nullable=False),
        sa.Column("user_id", sa.String(length=256), nullable=False),
        sa.Column("plan_id", sa.String(length=256), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.String(length=256), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_plan_actions_plan", "plan_actions", ["tenant", "user_id", "plan_id", "id"], unique=False)
    op.create_table(
        "plans",
        sa.Column("tenant", sa.String(length=256), nullable=False),
        sa.Column("user_id", sa.String(length=256), nullable=False),
        sa.Column("plan_id", sa.String(length=256), nullable=False),
        sa.Column("session_id", sa.String(length=256), nullable=True),
        sa.Column("parent_plan_id", sa.String(length=256), nullable=True),
        sa.Column("goal_event", sa.Text(), nullable=True),
        sa.Column("goal_data", sa.Text(), server_default="{}", nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("on_complete", sa.String(length=16), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "plan_id"),
    )
    op.create_index(
        "ix_plans_ended",
        "plans",
        ["ended_at"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NOT NULL"),
        postgresql_where=sa.text("ended_at IS NOT NULL"),
    )
    op.create_index("ix_plans_parent", "plans", ["tenant", "parent_plan_id"], unique=False)
    op.create_index("ix_plans_session", "plans", ["tenant", "session_id"], unique=False)
    op.create_index("ix_plans_user", "plans", ["tenant", "user_id", "updated_at"], unique=False)
    op.create_table(
        "skills",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=256), nullable=False),
        sa.Column("user_id", sa.String(length=256), nullable=False),
        sa.Column("agent_id", sa.String(length=256), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("metadata", sa.Text(), server_default="{}", nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("vector_model", sa.String(length=128), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("tenant", "user_id", "agent_id", "name", name="uq_skills_name"),
        sqlite_autoincrement=True,
    )
