"""Knowledge of two users of a tenant: what is private, what is public, and what takes the place of what.

    python -m examples.semantic_memory.knowledge_demo

It is found by words alone here, so that the same is printed everywhere; `MemoryClient.open(url)` finds by meaning too
where there is an embedder.
"""

import asyncio
import tempfile
from pathlib import Path

from memory import MemoryClient
from storage.database import Database

TENANT = "acme"


async def known(memory: MemoryClient, user_id: str, query: str) -> list[str]:
    """What a user finds."""
    return [each.content for each in await memory.search_knowledge(query, tenant_id=TENANT, user_id=user_id)]


async def main() -> None:
    """On a database that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        async with Database.open(f"sqlite+aiosqlite:///{Path(folder) / 'demo.db'}") as database:
            await demo(MemoryClient(database))


async def demo(memory: MemoryClient) -> None:
    """Stores, searches, stores again, and deletes."""
    await memory.store_knowledge("My sister lives in Oslo.", tenant_id=TENANT, user_id="ada")
    await memory.store_knowledge(
        "Refunds take five days.", "refunds", is_public=True, tags=["policy"], tenant_id=TENANT, user_id="ada"
    )
    print(f"ada, sister:  {await known(memory, 'ada', 'sister')}")
    print(f"bob, sister:  {await known(memory, 'bob', 'sister')}")
    print(f"bob, refunds: {await known(memory, 'bob', 'refunds')}")
    await memory.store_knowledge("Refunds take two days.", "refunds", True, tenant_id=TENANT, user_id="ada")
    print(f"bob, refunds: {await known(memory, 'bob', 'refunds')}")
    print(f"bob deletes:  {await memory.delete_knowledge('refunds', tenant_id=TENANT, user_id='bob')}")
    print(f"ada deletes:  {await memory.delete_knowledge('refunds', tenant_id=TENANT, user_id='ada')}")
    print(f"bob, refunds: {await known(memory, 'bob', 'refunds')}")


if __name__ == "__main__":
    asyncio.run(main())
