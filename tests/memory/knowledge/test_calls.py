"""What agents say, know and can do is kept and found, each user's for that user."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from memory.knowledge.calls import KnowledgeApi
from memory.knowledge.meaning import Meaning
from storage.database import Database
from storage.memory.errors import BadNameError, MemoryRefusedError, TooLargeError
from tests.memory.support import WHO, Letters, Who

BOB = Who(tenant_id="acme", user_id="bob")
ELSEWHERE = Who(tenant_id="globex", user_id="ada")


@pytest.fixture
async def api(database: Database) -> AsyncIterator[KnowledgeApi]:
    """Without an embedder: words alone."""
    made = KnowledgeApi(database, Meaning(None))
    yield made
    await made.settled()


async def feed(database: Database) -> list[tuple[Any, ...]]:
    statement = "SELECT tenant, user_id, topic, key, kind FROM changes ORDER BY id"
    return [tuple(row) for row in await database.do(lambda execute: execute(statement, {}))]


async def test_an_embedder_is_asked_of_a_skill_as_it_is_kept(database: Database) -> None:
    letters = Letters()
    api = KnowledgeApi(database, Meaning(letters))
    kept = await api.store_skill("porter", "late", "a guest \ud83d is late\0", "the key is at the bar", **WHO)
    assert letters.asked == [f"late {kept.context}"] == ["late a guest \ufffd is late\ufffd"]
    with pytest.raises(BadNameError):
        await api.store_skill("porter", "\ud83d", "a guest is late", "the key is at the bar", **WHO)
    assert len(letters.asked) == 1


async def test_E4_what_is_no_yes_makes_nothing_public(api: KnowledgeApi) -> None:
    said: Any = "false"
    with pytest.raises(MemoryRefusedError, match="is_public must be True or False, not str"):
        await api.store_knowledge("my pin is 1234", is_public=said, **WHO)
    with pytest.raises(MemoryRefusedError, match="include_public must be True or False, not str"):
        await api.search_knowledge("pin", include_public=said, **WHO)
    assert await api.list_knowledge(**BOB) == []


@pytest.mark.parametrize("odd", ["", " ", "\ud83d", "a\0b", ["doc"], {"a": 1}, 1.5])
async def test_what_can_name_nothing_is_refused_and_is_no_outage(api: KnowledgeApi, odd: Any) -> None:
    calls: list[Awaitable[Any]] = [api.get_knowledge(odd, **WHO), api.delete_knowledge(odd, **WHO)]
    for call in (*calls, api.delete_knowledge(id=odd, **WHO)):
        with pytest.raises(MemoryRefusedError, match=r"^(the name of an external_id|id must be a number, not)"):
            await call


@pytest.mark.parametrize("role", ["user", "assistant", "system", "tool"])
async def test_E1_a_role_is_accepted(api: KnowledgeApi, role: str) -> None:
    said = await api.log_interaction("concierge", role, "hello", **WHO)
    assert (said.role, said.content, said.agent_id, said.metadata) == (role, "hello", "concierge", {})
    assert (said.tenant_id, said.user_id, said.session_id, said.score) == ("acme", "ada", None, None)


async def test_E1_another_role_is_refused_with_those_there_are(api: KnowledgeApi) -> None:
    with pytest.raises(MemoryRefusedError, match="role must be one of user, assistant, system, tool, not 'robot'"):
        await api.log_interaction("concierge", "robot", "hello", **WHO)


@pytest.mark.parametrize("content", [None, 1, "", " \n"])
async def test_E1_nothing_said_is_refused(api: KnowledgeApi, content: Any) -> None:
    with pytest.raises(MemoryRefusedError, match=r"content must (be text, not|not be empty)"):
        await api.log_interaction("concierge", "user", content, **WHO)
    assert await api.get_recent_history("concierge", **WHO) == []


async def test_E2_the_newest_is_first_and_only_that_agents_and_users(api: KnowledgeApi) -> None:
    for number in range(12):
        await api.log_interaction("concierge", "user", f"message {number}", **WHO)
    await api.log_interaction("porter", "user", "another agent's", **WHO)
    await api.log_interaction("concierge", "user", "another user's", **BOB)
    await api.log_interaction("concierge", "user", "another tenant's", **ELSEWHERE)
    newest = [said.content for said in await api.get_recent_history("concierge", **WHO)]
    assert newest == [f"message {number}" for number in range(11, 1, -1)]
    assert len(await api.get_recent_history("concierge", 100, **WHO)) == 12
    assert len(await api.get_recent_history("concierge", 1, **WHO)) == 1


@pytest.mark.parametrize("limit", [0, 101, -1, True, "10"])
async def test_E2_a_limit_beyond_its_bounds_is_refused(api: KnowledgeApi, limit: Any) -> None:
    with pytest.raises(MemoryRefusedError, match="limit must be 1 to 100"):
        await api.get_recent_history("concierge", limit, **WHO)


async def test_E3_the_same_content_is_one_row(api: KnowledgeApi) -> None:
    first = await api.store_knowledge("Water boils at 100 degrees.", tags=["physics"], **WHO)
    again = await api.store_knowledge("Water boils at 100 degrees.", metadata={"checked": True}, **WHO)
    assert again.id == first.id
    assert [(each.metadata, each.tags) for each in await api.list_knowledge(**WHO)] == [
        ({"checked": True}, ["physics"])
    ]


async def test_E3_the_same_external_id_is_one_row_with_the_new_text(api: KnowledgeApi) -> None:
    first = await api.store_knowledge("The office is in Paris.", "office", source="wiki", **WHO)
    again = await api.store_knowledge("The office is in Rome.", "office", **WHO)
    assert (again.id, again.content, again.source) == (first.id, "The office is in Rome.", "wiki")
    assert again.updated_at >= again.created_at == first.created_at
    assert await api.search_knowledge("Paris", **WHO) == []
    assert [found.external_id for found in await api.search_knowledge("Rome", **WHO)] == ["office"]


async def test_E3_many_at_once_are_one_row(api: KnowledgeApi) -> None:
    stored = [api.store_knowledge(f"version {number}", "doc", **WHO) for number in range(20)]
    assert len({each.id for each in await asyncio.gather(*stored)}) == 1


async def test_E4_private_is_the_users_alone_and_public_the_tenants(api: KnowledgeApi) -> None:
    await api.store_knowledge("The safe opens with 4711.", **WHO)
    await api.store_knowledge("The kitchen is on the safe second floor.", is_public=True, **WHO)

    async def found(who: Who, include_public: bool = True) -> set[bool]:
        return {each.is_public for each in await api.search_knowledge("safe", include_public=include_public, **who)}

    assert await found(WHO) == {False, True}
    assert await found(WHO, include_public=False) == {False}
    assert await found(BOB) == {True}
    assert await found(BOB, include_public=False) == set()
    assert await found(ELSEWHERE) == set()


async def test_E4_two_users_may_own_the_same_private_external_id(api: KnowledgeApi) -> None:
    await api.store_knowledge("Ada's notes", "notes", **WHO)
    await api.store_knowledge("Bob's notes", "notes", **BOB)
    for who, content in ((WHO, "Ada's notes"), (BOB, "Bob's notes")):
        assert [each.content for each in await api.search_knowledge("notes", **who)] == [content]


async def test_E4_its_owner_makes_it_public_and_private_again(api: KnowledgeApi, database: Database) -> None:
    await api.store_knowledge("Lunch is at noon.", "lunch", **WHO)
    await api.store_knowledge("Lunch is at noon.", "lunch", is_public=True, **WHO)
    (seen,) = await api.search_knowledge("lunch", **BOB)
    assert (seen.user_id, seen.is_public) == ("ada", True)
    await api.store_knowledge("Lunch is at noon.", "lunch", **WHO)
    assert await api.search_knowledge("lunch", **BOB) == []
    assert await feed(database) == [
        ("acme", "ada", "memory.semantic", "lunch", "created"),
        ("acme", "", "memory.semantic", "lunch", "updated"),
        ("acme", "", "memory.semantic", "lunch", "deleted"),
        ("acme", "ada", "memory.semantic", "lunch", "updated"),
    ]


async def test_E4_what_is_public_is_not_overwritten_or_deleted_by_others(api: KnowledgeApi) -> None:
    await api.store_knowledge("Lunch is at noon.", "lunch", is_public=True, **WHO)
    with pytest.raises(MemoryRefusedError, match="another user of this tenant has made 'lunch' public") as refused:
        await api.store_knowledge("Lunch is at one.", "lunch", is_public=True, **BOB)
    assert "private" in refused.value.hint
    await api.store_knowledge("Lunch is at one.", "lunch", **BOB)
    with pytest.raises(MemoryRefusedError):
        await api.store_knowledge("Lunch is at one.", "lunch", is_public=True, **BOB)
    assert await api.delete_knowledge("lunch", **BOB)
    assert not await api.delete_knowledge("lunch", **BOB)
    assert [each.content for each in await api.search_knowledge("lunch", **BOB)] == ["Lunch is at noon."]
    assert (await api.store_knowledge("Elsewhere", "lunch", is_public=True, **ELSEWHERE)).is_public


async def test_E5_scores_fall_and_the_limit_holds(api: KnowledgeApi) -> None:
    for number in range(8):
        await api.store_knowledge(f"plain note {number}", **WHO)
    await api.store_knowledge("green apples and green pears", **WHO)
    await api.store_knowledge("one green note among others", **WHO)
    found = await api.search_knowledge("green apples", **WHO)
    assert [each.content.split()[0] for each in found] == ["green", "one"]
    assert found[0].score == 1.0 and found[0].score > (found[1].score or 0) > 0
    assert len(await api.search_knowledge("note", 50, **WHO)) == 9
    assert len(await api.search_knowledge("note", **WHO)) == 5
    assert len(await api.search_knowledge("note", 1, **WHO)) == 1
    assert await api.search_knowledge("zeppelin", **WHO) == []


async def test_E5_what_was_said_is_searched_alike(api: KnowledgeApi) -> None:
    await api.log_interaction("concierge", "user", "I would like a table by the window", **WHO)
    await api.log_interaction("concierge", "assistant", "The window table is yours, window and all", {"sure": 1}, **WHO)
    await api.log_interaction("porter", "user", "the window is broken", **WHO)
    found = await api.search_interactions("concierge", "window table yours", **WHO)
    assert [said.role for said in found] == ["assistant", "user"]
    assert found[0].metadata == {"sure": 1} and (found[0].score or 0) > (found[1].score or 0)
    assert await api.search_interactions("concierge", "broken", **WHO) == []
    assert await api.search_interactions("concierge", "window", **BOB) == []


@pytest.mark.parametrize("limit", [0, 51])
async def test_E5_no_search_gives_more_than_fifty(api: KnowledgeApi, limit: int) -> None:
    with pytest.raises(MemoryRefusedError, match="limit must be 1 to 50"):
        await api.search_knowledge("note", limit, **WHO)
    with pytest.raises(MemoryRefusedError, match="limit must be 1 to 50"):
        await api.search_interactions("concierge", "note", limit, **WHO)


async def test_P6_an_interaction_moves_its_sessions_last_interaction(api: KnowledgeApi, database: Database) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    insert = (
        "INSERT INTO memory_sessions (tenant, user_id, session_id, created_at, last_interaction)"
        " VALUES ('acme', :user, :session, :at, :at)"
    )
    for user, session in (("ada", "s-1"), ("ada", "s-2"), ("bob", "s-3")):
        values = {"user": user, "session": session, "at": long_ago}
        await database.do(lambda execute, values=values: execute(insert, values), writes=True)  # type: ignore[misc]
    said = await api.log_interaction("concierge", "user", "hello", session_id="s-1", **WHO)
    await api.log_interaction("concierge", "user", "hello", session_id="s-3", **WHO)
    await api.log_interaction("concierge", "user", "hello", session_id="of nobody", **WHO)
    moved = "SELECT session_id FROM memory_sessions WHERE last_interaction > created_at"
    assert [row[0] for row in await database.do(lambda execute: execute(moved, {}))] == ["s-1"]
    assert said.session_id == "s-1"


async def test_a_skill_is_stored_found_changed_and_deleted(api: KnowledgeApi, database: Database) -> None:
    skill = await api.store_skill("cook", "souffle", "eggs and patience", "Beat the whites.", {"stars": 3}, **WHO)
    await api.store_skill("cook", "bread", "flour, yeast and time", "Knead.", **WHO)
    await api.store_skill("", "greet", "eggs or no eggs, a guest arrives", "Say hello.", **WHO)
    found = await api.get_relevant_skills("cook", "what to do with eggs and patience?", **WHO)
    assert [each.name for each in found] == ["souffle", "greet"]
    changed = await api.store_skill("cook", "souffle", "eggs", "Beat them longer.", **WHO)
    assert (changed.id, changed.content, changed.metadata) == (skill.id, "Beat them longer.", {"stars": 3})
    assert await api.get_skill("cook", "souffle", **WHO) == changed
    assert {each.name for each in await api.list_skills("cook", **WHO)} == {"souffle", "bread", "greet"}
    assert await api.delete_skill("cook", "souffle", **WHO)
    assert not await api.delete_skill("cook", "souffle", **WHO)
    assert await api.get_skill("cook", "souffle", **WHO) is None
    assert [row[3:] for row in await feed(database)] == [
        ("souffle", "created"),
        ("bread", "created"),
        ("greet", "created"),
        ("souffle", "updated"),
        ("souffle", "deleted"),
    ]


async def test_skills_of_another_agent_user_or_tenant_are_not_there(api: KnowledgeApi) -> None:
    await api.store_skill("cook", "souffle", "eggs", "Beat the whites.", **WHO)
    for agent, who in (("porter", WHO), ("cook", BOB), ("cook", ELSEWHERE)):
        assert await api.get_relevant_skills(agent, "eggs", **who) == []
        assert await api.list_skills(agent, **who) == []
        assert await api.get_skill(agent, "souffle", **who) is None
        assert not await api.delete_skill(agent, "souffle", **who)
    assert await api.get_skill("cook", "souffle", **WHO)


Call = Callable[[KnowledgeApi, Who], Awaitable[object]]
CALLS: dict[str, Call] = {
    "log": lambda api, who: api.log_interaction("concierge", "user", "hello", **who),
    "history": lambda api, who: api.get_recent_history("concierge", **who),
    "search said": lambda api, who: api.search_interactions("concierge", "hello", **who),
    "store": lambda api, who: api.store_knowledge("hello", **who),
    "search known": lambda api, who: api.search_knowledge("hello", **who),
    "get": lambda api, who: api.get_knowledge("hello", **who),
    "list": lambda api, who: api.list_knowledge(**who),
    "delete": lambda api, who: api.delete_knowledge("hello", **who),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(("missing", "value"), [("tenant_id", ""), ("user_id", " "), ("user_id", "x" * 257)])
async def test_a_call_of_nobody_is_refused(api: KnowledgeApi, call: Call, missing: str, value: str) -> None:
    who = Who(tenant_id=value, user_id="ada") if missing == "tenant_id" else Who(tenant_id="acme", user_id=value)
    with pytest.raises(BadNameError, match=missing.removesuffix("_id")):
        await call(api, who)


async def test_what_is_too_large_or_no_json_is_refused(api: KnowledgeApi) -> None:
    with pytest.raises(TooLargeError, match="content takes 1,048,577 bytes, and may take 1,048,576"):
        await api.store_knowledge("x" * (1024 * 1024 + 1), **WHO)
    with pytest.raises(MemoryRefusedError, match="metadata cannot be kept as JSON"):
        await api.store_knowledge("x", metadata={"it": object()}, **WHO)
    for tags in ("one", 7, [7]):
        with pytest.raises(MemoryRefusedError, match="tags must be a list of texts"):
            await api.store_knowledge("x", tags=cast(list[str], tags), **WHO)
    with pytest.raises(MemoryRefusedError, match="by its id, or by its external_id"):
        await api.delete_knowledge(**WHO)
    assert await api.list_knowledge(**WHO) == []


async def test_what_means_the_same_is_found_with_an_embedder(database: Database) -> None:
    api = KnowledgeApi(database, Meaning(Letters()))
    await api.store_knowledge("listen", **WHO)
    await api.store_knowledge("quite different words", **WHO)
    assert [each.content for each in await api.search_knowledge("silent", **WHO)] == ["listen"]
    assert await api.search_knowledge("silent", **BOB) == []
    await api.settled()


async def test_rows_of_before_the_embedder_are_found_after_a_search(database: Database) -> None:
    await KnowledgeApi(database, Meaning(None)).store_knowledge("listen", **WHO)
    api = KnowledgeApi(database, Meaning(Letters()))
    assert await api.search_knowledge("silent", **WHO) == []
    await api.settled()
    assert [each.content for each in await api.search_knowledge("silent", **WHO)] == ["listen"]
    await api.settled()
