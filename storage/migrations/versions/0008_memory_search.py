"""Full-text search of what is remembered, and what finds rows whose vectors are to be made anew.

The words of SQLite's indexes are kept by triggers, so that they hold whoever writes; PostgreSQL keeps its own.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
compatible_from = "0006"

_WORDS = {"interactions": ("content",), "knowledge": ("content", "tags"), "skills": ("name", "context", "content")}


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for table, columns in _WORDS.items():
        op.create_index(f"ix_{table}_vector_model", table, ["vector_model"], unique=False)
        (_index_on_sqlite if sqlite else _index_on_postgresql)(table, columns)


def _index_on_postgresql(table: str, columns: tuple[str, ...]) -> None:
    """A text may be larger than all that can be indexed of one."""
    text = " || ' ' || ".join(columns)
    op.execute(f"CREATE INDEX {table}_search ON {table} USING gin (to_tsvector('simple', left({text}, 100000)))")


def _index_on_sqlite(table: str, columns: tuple[str, ...]) -> None:
    index, names = f"{table}_search", ", ".join(columns)
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("new", "old"))
    insert = f"INSERT INTO {index}(rowid, {names}) VALUES (new.id, {new})"
    delete = f"INSERT INTO {index}({index}, rowid, {names}) VALUES ('delete', old.id, {old})"
    op.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5("
        f"{names}, content='{table}', content_rowid='id', tokenize='unicode61 remove_diacritics 2')"
    )
    op.execute(f"INSERT INTO {index}({index}) VALUES ('rebuild')")
    op.execute(f"CREATE TRIGGER {index}_added AFTER INSERT ON {table} BEGIN {insert}; END")
    op.execute(f"CREATE TRIGGER {index}_changed AFTER UPDATE OF {names} ON {table} BEGIN {delete}; {insert}; END")
    op.execute(f"CREATE TRIGGER {index}_deleted AFTER DELETE ON {table} BEGIN {delete}; END")
