"""One visit to the database, whatever it is: what it cannot do is a `StorageError`, told in one line."""

from collections.abc import Callable
from typing import TypeVar

from storage.database import Database
from storage.errors import failure
from storage.ledger.statements import Execute

Result = TypeVar("Result")


async def visit(database: Database, work: Callable[[Execute], Result], *, writes: bool = False) -> Result:
    """As `Database.do`.

    Raises:
        StorageError: The database cannot be used.
        Exception: What `work` raises.
    """
    try:
        return await database.do(work, writes=writes)
    except Exception as error:
        found = failure(error)
        if found is None or found is error:
            raise
        raise found from error
