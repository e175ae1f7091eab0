"""What one search reads, in one consistent state: the orders of what has the words, and the vectors to compare."""

from dataclasses import dataclass

from sqlalchemy import Connection

from storage.database import Database
from storage.knowledge import vectors
from storage.knowledge.fulltext import Within, ranked
from storage.ledger.posting import on


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may be what is looked for.

    Attributes:
        orders: Numbers of rows that have words of the query, each with the best match first.
        ids: Numbers of the rows that have vectors.
        vectors: Those vectors.
    """

    orders: list[list[int]]
    ids: list[int]
    vectors: list[bytes]


async def candidates(database: Database, within: Within, query: str, model: str | None) -> Candidates:
    """What a search has to go by; vectors only of a model that is named.

    It is read beside the thread that writes turns: there may be much of it.
    """

    def read(conn: Connection) -> Candidates:
        execute = on(conn)
        orders = ranked(execute, conn.dialect.name, within, query)
        return Candidates(orders, *(vectors.of_scope(execute, within, model) if model else ([], [])))

    async with database.read() as conn:
        return await conn.run_sync(read)
