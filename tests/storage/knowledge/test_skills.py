"""A skill belongs to an agent or to all of them, to a user or to the tenant."""

from datetime import UTC, datetime

from storage.database import Database
from storage.knowledge import skills
from storage.ledger.statements import Execute

NOW = datetime(2026, 1, 2, tzinfo=UTC)


async def test_a_skill_of_all_is_each_ones_and_changed_by_its_own_name_only(database: Database) -> None:
    def work(execute: Execute) -> None:
        for user, agent in (("", ""), ("", "cook"), ("ada", ""), ("ada", "cook")):
            skills.store(execute, "acme", user, agent, "knead", "bread", f"{user}/{agent}", at=NOW)

    def seen(execute: Execute, user: str, agent: str) -> set[str]:
        return {each.content for each in skills.of_agent(execute, "acme", user, agent)}

    await database.do(work, writes=True)
    assert await database.do(lambda execute: seen(execute, "ada", "cook")) == {"/", "/cook", "ada/", "ada/cook"}
    assert await database.do(lambda execute: seen(execute, "ada", "porter")) == {"/", "ada/"}
    assert await database.do(lambda execute: seen(execute, "bob", "cook")) == {"/", "/cook"}
    assert await database.do(lambda execute: skills.delete(execute, "acme", "ada", "cook", "knead", NOW), writes=True)
    assert await database.do(lambda execute: seen(execute, "ada", "cook")) == {"/", "/cook", "ada/"}
