"""What tests of memory share: a row of any of its tables, and all rows with whose they are."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import Boolean, Connection, Integer, LargeBinary, String, Table, Text, insert, inspect, text

from settings import APP_NAME
from storage.database import Database
from storage.queries import erasing
from storage.schema.tables import UtcDateTime, metadata
from storage.scope import User
from tests.storage.support import START

AT = datetime.fromtimestamp(START, UTC)
SECRET = "zebrafisch"
"""What all says that is kept of a user."""
MINE_ID = "ada"
MINE = User(APP_NAME, MINE_ID, "acme")
OTHERS = [
    User(APP_NAME, "eve", "acme"),
    User(APP_NAME, MINE_ID),
    User(APP_NAME, f"acme/{MINE_ID}"),
    User(APP_NAME, MINE_ID, "acme2"),
    User(APP_NAME, MINE_ID, "ac"),
    User(APP_NAME, MINE_ID, "ac%"),
    User(APP_NAME, MINE_ID, "acme/"),
]
OF_MEMORY = {
    table.name: table for table in metadata.tables.values() if "tenant" in table.c and not table.c.tenant.computed
}
"""The tables of memory, by what they have: a new one is among them."""
_WORDS = {"scope": "working", "status": "running", "role": "user", "change": "updated", "strategy": "last_write_wins"}
_JSON = ("value", "metadata", "facts", "goal_data", "result", "tags")
Rows: TypeAlias = dict[str, list[tuple[tuple[str, str] | None, str]]]
"""Table -> its rows, each with the tenant and the user that it belongs to."""


def row(table: Table, tenant: str, user_id: str, *, called: str, says: str) -> dict[str, Any]:
    """A row of any table of memory: in its ids it is `called` so, and every text `says` the same."""
    values = {
        column.name: _value(column.name, column.type, called, says)
        for column in table.columns
        if not (column.primary_key and isinstance(column.type, Integer)) and column.name != "expires_at"
    }
    return {**values, "tenant": tenant, "user_id": user_id} | ({"owner": user_id} if "owner" in values else {})


def _value(name: str, kind: Any, called: str, says: str) -> Any:
    match kind:
        case Boolean():
            return False
        case Integer():
            return 1
        case UtcDateTime():
            return AT
        case LargeBinary():
            return says.encode()
        case Text() if name in _JSON:
            return f'{{"says": "{says}"}}'
        case Text():
            return says
        case String():
            return _WORDS.get(name, called)
    raise TypeError(f"no value for {name} of {kind}")


async def remember_all(database: Database) -> None:
    """Rows of everybody in every table of memory, and of all of a tenant; of the user's, each text is the secret."""
    await remember(database, MINE.tenant, MINE.user_id, called=SECRET, says=SECRET)
    for number, user in enumerate(OTHERS):
        await remember(database, user.tenant, user.user_id, called=f"word{number}", says=f"word{number}")
    await remember(database, MINE.tenant, "", called="shared", says="shared")


async def remember(database: Database, tenant: str, user_id: str, *, called: str, says: str) -> None:
    """A row in every table of memory."""

    def fill(conn: Connection) -> None:
        for table in OF_MEMORY.values():
            conn.execute(insert(table), [row(table, tenant, user_id, called=called, says=says)])

    await database.write(fill)


def tables_of(conn: Connection) -> set[str]:
    """All tables of the database, as it says itself and as SQLAlchemy does."""
    found = set(inspect(conn).get_table_names())
    if conn.dialect.name == "sqlite":
        found |= set(conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
    return {each for each in found if not each.startswith("sqlite_")}


async def rows_of(database: Database) -> Rows:
    """All rows of all tables, but for those of indexes."""

    def read(conn: Connection) -> Rows:
        names = sorted(tables_of(conn) & {*erasing.ERASERS, *erasing.NOBODYS} - {"turn_piece_terms"})
        found = {name: conn.execute(text(f"SELECT * FROM {name}")).mappings().all() for name in names}
        return {name: sorted((_owner(name, each), repr(each)) for each in rows) for name, rows in found.items()}

    return await database.write(read)


def _owner(table: str, row: Mapping[Any, Any]) -> tuple[str, str] | None:
    if "user_id" not in row:
        return None
    if table in OF_MEMORY:
        return row["tenant"], row.get("owner", row["user_id"])
    user = User.stored(APP_NAME, row["user_id"])
    return user.tenant, user.user_id


def without(rows: Rows, tenant: str, user_id: str | None) -> Rows:
    """The rows of everybody else than a user, or a tenant."""
    gone = {user_id} if user_id is not None else {owner[1] for held in rows.values() for owner, _ in held if owner}
    theirs = {(tenant, each) for each in gone}
    return {name: [row for row in held if row[0] not in theirs] for name, held in rows.items()}


def size(rows: Rows) -> dict[str, int]:
    """How many rows there are, by table."""
    return {name: len(held) for name, held in rows.items()}


def with_secret(rows: Rows) -> set[str]:
    """The tables that have the secret."""
    return {name for name, held in rows.items() for _, row in held if SECRET in row}


async def erase(database: Database, tenant: str, user_id: str | None) -> dict[str, int]:
    """All that is kept of a user, or of a tenant; how many rows it was, by table."""
    return await database.write(lambda conn: erasing.erase(conn, tenant, user_id))
