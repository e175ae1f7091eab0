"""Full-text search over turns, turns that were undone, and the summary of a long session.

The index holds no text of its own (external content); triggers keep it in the transaction that ends a turn. It is
SQLite's; on PostgreSQL there is none yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INSERT = (
    "INSERT INTO turn_search(rowid, user_input, agent_response) VALUES (new.id, new.user_input, new.agent_response)"
)
_DELETE = (
    "INSERT INTO turn_search(turn_search, rowid, user_input, agent_response)"
    " VALUES ('delete', old.id, old.user_input, old.agent_response)"
)


def upgrade() -> None:
    op.add_column("session_info", sa.Column("summary_event_id", sa.String(length=128), nullable=True))
    op.add_column("session_info", sa.Column("summarized_through", sa.Integer(), nullable=True))
    op.add_column("turns", sa.Column("undone_at", sa.DateTime(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        _index()


def _index() -> None:
    op.execute(
        "CREATE VIRTUAL TABLE turn_search USING fts5("
        "user_input, agent_response, content='turns', content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute(
        "INSERT INTO turn_search(rowid, user_input, agent_response)"
        " SELECT id, user_input, agent_response FROM turns WHERE status <> 'running'"
    )
    op.execute(
        "CREATE TRIGGER turn_search_ended AFTER UPDATE OF status ON turns"
        f" WHEN old.status = 'running' AND new.status <> 'running' BEGIN {_INSERT}; END"
    )
    op.execute(
        "CREATE TRIGGER turn_search_changed AFTER UPDATE OF user_input, agent_response ON turns"
        f" WHEN old.status <> 'running' BEGIN {_DELETE}; {_INSERT}; END"
    )
    op.execute(
        f"CREATE TRIGGER turn_search_added AFTER INSERT ON turns WHEN new.status <> 'running' BEGIN {_INSERT}; END"
    )
    op.execute(
        f"CREATE TRIGGER turn_search_deleted AFTER DELETE ON turns WHEN old.status <> 'running' BEGIN {_DELETE}; END"
    )
