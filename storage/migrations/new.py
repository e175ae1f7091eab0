"""Writes the next migration: what the tables, as they are declared, have that those of the newest one have not.

`make migration NAME="What it is for"`. It is read over before it is kept: Alembic sees columns, tables and indexes, and
no triggers, views or rows.

Nor does it see what older programs rely on. A migration states in `compatible_from` the oldest version whose program
may go on working with the tables. As written it is the migration's own, which shuts out all others; one that only adds
(nothing is renamed, dropped, or required of who writes) keeps what the migration before it states.
"""

import re
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine

from storage.schema import version


def write(conn: Connection, message: str) -> None:
    """Writes the file of the new migration, and makes `HEAD` to be it; Alembic prints where it is.

    Args:
        conn: An empty database.
        message: What the migration is for, in one sentence without its full stop.
    """
    version.upgrade(conn)
    config = Config()
    config.set_main_option("script_location", str(version.MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = conn
    number = f"{int(version.HEAD) + 1:04}"
    command.revision(config, message, autogenerate=True, rev_id=number)
    source = Path(version.__file__)
    source.write_text(re.sub(r'^HEAD = "\d+"', f'HEAD = "{number}"', source.read_text(), flags=re.MULTILINE))


def main() -> None:
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit('usage: make migration NAME="What it is for"')
    engine = create_engine("sqlite://")
    with engine.begin() as conn:
        write(conn, sys.argv[1].strip())
    engine.dispose()


if __name__ == "__main__":
    main()
