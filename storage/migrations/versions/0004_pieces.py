"""Search in scripts without spaces, and values that no clock or counter gives, which older versions took in.

`turn_pieces` has every three characters in a row of the turns that hold such a script; it holds no text of its own, and
triggers keep it in the transaction that ends a turn. Older versions leave it alone and keep it true all the same.
It is SQLite's; on PostgreSQL there is none yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_UNSPACED = (
    "\u0e00-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u318f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf"
    "\ua960-\ua97f\uaa60-\uaa7f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_MAY_BE = "\u0e00-\u1fff\u2e80-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff"
"""Fewer ranges that hold them all: GLOB takes long for each."""
_EARLIEST, _LATEST = "1970-01-02 00:00:00.000000", "2199-12-31 00:00:00.000000"
_LONGEST, _MOST = 1e9, 10**12
_TIMES = {
    "turns": ("started_at", "ended_at", "undone_at"),
    "delegations": ("started_at", "ended_at"),
    "tool_calls": ("started_at", "ended_at"),
    "session_info": ("created_at", "last_event_at"),
    "sessions": ("create_time", "update_time"),
    "events": ("timestamp",),
}
_COUNTS = ("model_calls", "prompt_tokens", "output_tokens", "events")


def _texts(row: str) -> str:
    """The two columns as they are indexed: two more characters let a piece at a text's end begin a three."""
    return f"{row}.user_input || '  ', COALESCE({row}.agent_response, '') || '  '"


def _is_indexed(row: str) -> str:
    said = f"({row}.user_input || COALESCE({row}.agent_response, ''))"
    is_ascii = f"length(CAST({said} AS BLOB)) = length({said})"
    holds = f"CASE WHEN {is_ascii} OR {said} NOT GLOB '*[{_MAY_BE}]*' THEN 0 ELSE {said} GLOB '*[{_UNSPACED}]*' END"
    return f"{row}.status <> 'running' AND {holds}"


def _insert(row: str) -> str:
    return (
        f"INSERT INTO turn_pieces(rowid, user_input, agent_response) SELECT {row}.id, {_texts(row)}"
        f" WHERE {_is_indexed(row)}"
    )


def _delete(row: str) -> str:
    return (
        "INSERT INTO turn_pieces(turn_pieces, rowid, user_input, agent_response)"
        f" SELECT 'delete', {row}.id, {_texts(row)} WHERE {_is_indexed(row)}"
    )


def upgrade() -> None:
    _repair()
    if op.get_bind().dialect.name == "sqlite":
        _index()


def _index() -> None:
    op.execute(
        "CREATE VIEW turn_pieces_source AS"
        f" SELECT id, user_input || '  ' AS user_input, COALESCE(agent_response, '') || '  ' AS agent_response"
        f" FROM turns WHERE {_is_indexed('turns')}"
    )
    op.execute(
        "CREATE VIRTUAL TABLE turn_pieces USING fts5("
        "user_input, agent_response, content='turn_pieces_source', content_rowid='id', tokenize='trigram')"
    )
    op.execute("CREATE VIRTUAL TABLE turn_piece_terms USING fts5vocab('turn_pieces', 'row')")
    op.execute(
        "INSERT INTO turn_pieces(rowid, user_input, agent_response)"
        " SELECT id, user_input, agent_response FROM turn_pieces_source"
    )
    op.execute(f"CREATE TRIGGER turn_pieces_added AFTER INSERT ON turns BEGIN {_insert('new')}; END")
    op.execute(
        "CREATE TRIGGER turn_pieces_changed AFTER UPDATE OF status, user_input, agent_response ON turns"
        f" BEGIN {_delete('old')}; {_insert('new')}; END"
    )
    op.execute(f"CREATE TRIGGER turn_pieces_deleted AFTER DELETE ON turns BEGIN {_delete('old')}; END")


def _repair() -> None:
    """Times, lengths and counts that an archive could bring in, and that no reader can work with."""
    conn = op.get_bind()
    there = set(sa.inspect(conn).get_table_names())
    for table, columns in _TIMES.items():
        for column in columns if table in there else ():
            for beyond, bound in ((f"{column} < :bound", _EARLIEST), (f"{column} > :bound", _LATEST)):
                conn.execute(sa.text(f"UPDATE {table} SET {column} = :bound WHERE {beyond}"), {"bound": bound})
    for table in ("turns", "delegations", "tool_calls"):
        beyond = "NOT seconds BETWEEN 0 AND :longest"
        conn.execute(sa.text(f"UPDATE {table} SET seconds = NULL WHERE {beyond}"), {"longest": _LONGEST})
    for column in _COUNTS:
        beyond = f"NOT {column} BETWEEN 0 AND :most"
        conn.execute(sa.text(f"UPDATE turns SET {column} = 0 WHERE {beyond}"), {"most": _MOST})
