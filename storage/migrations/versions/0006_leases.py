"""Leases: who runs a turn, and whether they still do; running turns are found by their session."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
compatible_from = "0006"
"""Older programs take a lease for a process that is gone, and would end the turns that run under it."""


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("owner", sa.String(length=128), nullable=False),
        sa.Column("beat", sa.Integer(), nullable=False),
        sa.Column("machine", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started", sa.Float(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("owner"),
    )
    op.drop_index("ix_turns_running", "turns")
    op.create_index(
        "ix_turns_running",
        "turns",
        ["app_name", "user_id", "session_id"],
        unique=False,
        sqlite_where=sa.text("status = 'running'"),
        postgresql_where=sa.text("status = 'running'"),
    )
