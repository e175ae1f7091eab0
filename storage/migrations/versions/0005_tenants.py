"""The tenant of each row, from its user, and how old a program may be that goes on working with the tables.

A user whose id holds a `/` would now be another tenant's: they become `local/user`, with a `%` as `%25` and a `/` as
`%2F`. An older program does not know them by that; all others it goes on with.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
compatible_from = "0004"

_TENANT = (
    "CASE WHEN (instr(user_id, '/') = 0) THEN 'local'"
    " ELSE replace(replace(substr(user_id, 1, instr(user_id, '/') - 1), '%2F', '/'), '%25', '%') END"
)
_STORED = _TENANT.replace("instr(", "strpos(")
"""For PostgreSQL, which computes no column when it is read until version 18."""
_OF_ADK = ("sessions", "user_states", "events")
_OURS = ("turns", "delegations", "tool_calls", "session_info", "preferences", "shown_items")


def upgrade() -> None:
    _rename_users()
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in _OURS:
        computed = sa.Computed(_TENANT, persisted=False) if is_sqlite else sa.Computed(_STORED, persisted=True)
        op.add_column(table, sa.Column("tenant", sa.String(length=128), computed))
    op.create_table(
        "schema_info",
        sa.Column("compatible_from", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("compatible_from"),
    )


def _rename_users() -> None:
    """In all tables, or in none: that rows refer to their session is checked when all is committed."""
    conn = op.get_bind()
    there = set(sa.inspect(conn).get_table_names())
    tables = [table for table in (*_OF_ADK, *_OURS) if table in there]
    found = " UNION ".join(f"SELECT user_id FROM {table} WHERE user_id LIKE '%/%'" for table in tables)
    users = conn.execute(sa.text(found)).scalars().all()
    if not users:
        return
    _defer(conn)
    # The longest first: a new name is longer than the old one, and whoever has it already has made room by then.
    for old in sorted(users, key=len, reverse=True):
        new = "local/" + old.replace("%", "%25").replace("/", "%2F")
        for table in tables:
            conn.execute(sa.text(f"UPDATE {table} SET user_id = :new WHERE user_id = :old"), {"new": new, "old": old})
    _undefer(conn)


def _defer(conn: sa.Connection) -> None:
    if conn.dialect.name == "sqlite":
        conn.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
    for name in _keys_of_events(conn):
        conn.execute(sa.text(f'ALTER TABLE events ALTER CONSTRAINT "{name}" DEFERRABLE INITIALLY DEFERRED'))


def _undefer(conn: sa.Connection) -> None:
    for name in _keys_of_events(conn):
        conn.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        conn.execute(sa.text(f'ALTER TABLE events ALTER CONSTRAINT "{name}" NOT DEFERRABLE'))


def _keys_of_events(conn: sa.Connection) -> list[str]:
    """On PostgreSQL, where a key says itself when it is checked; there are no rows of ours yet."""
    of_server = conn.dialect.name == "postgresql"
    return [str(key["name"]) for key in sa.inspect(conn).get_foreign_keys("events")] if of_server else []
