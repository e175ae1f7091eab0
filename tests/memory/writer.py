"""A process that writes to one key: says `ready`, waits for a line, writes, and says `done`.

python -m tests.memory.writer URL NAME OPERATION COUNT
"""

import asyncio
import sys

from memory.store import Store
from storage.database import Database
from storage.memory.scopes import SHARED, Scope

SCOPE = Scope("acme", SHARED)


async def write(store: Store, name: str, operation: str, number: int) -> None:
    """One change of the key that is called as the operation."""
    match operation:
        case "increment":
            await store.increment(SCOPE, operation, by=name)
        case "append":
            await store.append(SCOPE, operation, f"{name}-{number}", by=name)
        case "merge":
            await store.set(SCOPE, operation, {f"{name}-{number}": number}, by=name, strategy="merge")
        case "change":
            await store.change(SCOPE, operation, lambda value: {**value, name: value.get(name, 0) + 1}, {}, by=name)
        case _:
            await store.set(SCOPE, f"{name}-{number}", number, by=name)


async def main(url: str, name: str, operation: str, count: int) -> None:
    async with Database.open(url) as database:
        store = Store(database)
        await store.get(SCOPE, operation)
        print("ready", flush=True)
        sys.stdin.readline()
        for number in range(count):
            await write(store, name, operation, number)
    print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
