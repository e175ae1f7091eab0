"""What a person does with memory: they see what is theirs, change what they saw, and what they forget is gone."""

from datetime import UTC, datetime
from typing import TypeAlias, TypedDict

import pytest

from memory.agent_memory import AgentMemory
from memory.client import MemoryClient
from memory.shared_state import SharedState
from memory.workflow_state import WorkflowState
from record import documents
from record.memory import PersonalMemory
from record.memory_items import SCOPES, Item, ScopeName
from storage.database import Database
from storage.memory.errors import ConflictError, MemoryRefusedError, NotThereError
from storage.scope import User

ADA, BOB, STRANGER = User("app", "ada", "acme"), User("app", "bob", "acme"), User("app", "ada", "other")


class Whose(TypedDict):
    tenant_id: str
    user_id: str


WHO: Whose = {"tenant_id": "acme", "user_id": "ada"}
NAMES: dict[ScopeName, str] = {
    "shared": "report",
    "working": "plan/1/draft",
    "agent": "nerd/told",
    "episodic": "1",
    "semantic": "sister",
    "procedural": "nerd/pun",
}

Named: TypeAlias = tuple[ScopeName, str]
MADE: list[Named] = [("shared", "k"), ("working", "p/k"), ("agent", "a/k"), ("agent", "a"), ("semantic", "fact")]
REFUSED: list[Named] = [("working", "no-plan"), ("episodic", "7"), ("procedural", "a/b"), ("working", "/k")]


@pytest.fixture
def database(memory_database: Database) -> Database:
    return memory_database


@pytest.fixture
async def memory(database: Database) -> PersonalMemory:
    """Ada's, with one item of hers in each scope."""
    client = MemoryClient(database)
    await SharedState(client, "acme", "nerd").set("report", {"rows": [1, 2]})
    await WorkflowState(client, "plan/1", "acme", "ada").set("draft", "a first draft")
    await AgentMemory(client, "nerd", "acme", "ada").set_memory("told", ["one"])
    await client.log_interaction("nerd", "user", "tell me of recursion", **WHO)
    await client.store_knowledge("my sister lives in Oslo", "sister", **WHO)
    await client.store_skill("nerd", "pun", "when asked for jokes", "turn a word around", **WHO)
    return PersonalMemory(database, ADA)


async def test_each_scope_lists_counts_finds_and_searches_what_is_in_it(memory: PersonalMemory) -> None:
    counted = await memory.overview()
    assert {scope: counts.count for scope, counts in counted.items()} == dict.fromkeys(SCOPES, 1)
    assert all(counts.latest and counts.latest <= datetime.now(UTC) for counts in counted.values())
    for scope, name in NAMES.items():
        (item,) = (await memory.page(scope)).items
        assert (item.scope, item.name, item.mine) == (scope, name, True)
        assert await memory.find(name, scope) == item == await memory.find(name)
        word = {"agent": "one", "episodic": "recursion", "semantic": "oslo", "procedural": "jokes"}.get(scope, name)
        assert [each.name for each in await memory.search(word, scope)] == [name]
    assert [each.scope for each in await memory.search("Oslo")] == ["semantic"]
    assert documents.memories_json([await memory.find("report")])[0]["value"] == {"rows": [1, 2]}


@pytest.mark.parametrize("name", ["a/" + "b" * 300, "a/ ", " /a", " "])
async def test_a_name_is_found_that_would_be_none_in_another_scope(memory: PersonalMemory, name: str) -> None:
    with pytest.raises(NotThereError):
        await memory.find(name)
    await memory.put("shared", name, 1)
    assert (await memory.find(name)).scope == "shared"


async def test_nothing_of_another_tenant_or_user_is_there(memory: PersonalMemory) -> None:
    for other, shared in ((PersonalMemory(memory.database, STRANGER), 0), (PersonalMemory(memory.database, BOB), 1)):
        counted = await other.overview()
        assert [counts.count for counts in counted.values()] == [shared, 0, 0, 0, 0, 0]
        for scope, name in NAMES.items():
            if scope == "shared" and shared:
                continue
            assert (await other.page(scope)).items == []
            with pytest.raises(NotThereError):
                await other.find(name, scope)
        assert await other.search("oslo recursion draft one jokes") == []
        seen = await memory.find("1", "episodic")
        with pytest.raises(NotThereError):
            await other.forget(seen)
        own: tuple[ScopeName, ...] = ("working", "agent", "semantic")
        for scope in own:
            await other.put(scope, NAMES[scope], "theirs")
            await other.forget(await other.find(NAMES[scope], scope))
    assert (await memory.find("plan/1/draft")).value == "a first draft"
    assert (await memory.find("sister")).value == "my sister lives in Oslo"


@pytest.mark.parametrize("scope", ["shared", "working", "agent", "semantic", "procedural"])
async def test_what_is_changed_is_what_was_seen(memory: PersonalMemory, scope: ScopeName) -> None:
    seen = await memory.find(NAMES[scope], scope)
    changed = await memory.edit(seen, "other words")
    assert (changed.value, changed.name, await memory.find(NAMES[scope], scope)) == ("other words", seen.name, changed)
    with pytest.raises(ConflictError):
        await memory.edit(seen, "late words")
    assert (await memory.find(NAMES[scope], scope)).value == "other words"


async def test_a_fact_without_a_name_is_reworded_as_itself(memory: PersonalMemory) -> None:
    client = MemoryClient(memory.database)
    await client.store_knowledge("tea", tags=["drinks"], source="a cup", **WHO)
    seen = (await memory.search("tea"))[0]
    changed = await memory.edit(seen, "green tea")
    assert [each.value for each in (await memory.page("semantic")).items] == ["green tea", "my sister lives in Oslo"]
    assert (changed.more["tags"], changed.more["source"]) == (["drinks"], "a cup")


async def test_what_is_set_is_made_or_replaced(memory: PersonalMemory) -> None:
    for scope, name in MADE:
        value = {"n": 1} if name == "a" else "first"
        assert (await memory.put(scope, name, value)).name == name
        again = await memory.put(scope, name, {"n": 2} if name == "a" else "second")
        assert again == await memory.find(name, scope)
        assert again.value in ("second", {"n": 2})
    assert (await AgentMemory(MemoryClient(memory.database), "a", "acme", "ada").get_state()) == {"n": 2}
    for scope, name in (*REFUSED, ("agent", "a"), ("agent", "b")):
        with pytest.raises(MemoryRefusedError):
            await memory.put(scope, name, "x")


@pytest.mark.parametrize("scope", SCOPES)
async def test_what_is_forgotten_is_gone_with_its_words(memory: PersonalMemory, scope: ScopeName) -> None:
    item = await memory.find(NAMES[scope], scope)
    await memory.forget(item)
    assert (await memory.page(scope)).items == []
    assert await memory.search("recursion Oslo jokes", scope) == []
    with pytest.raises(NotThereError):
        await memory.forget(item)
    if item.version:
        (entry,) = [item.source]
        past = await MemoryClient(memory.database).store.history(entry.scope, entry.key)  # type: ignore[union-attr]
        assert [each.value for each in past] == [None, None]


async def test_what_others_have_made_public_is_read_and_not_changed(memory: PersonalMemory) -> None:
    await MemoryClient(memory.database).store_knowledge(
        "the wifi is fast", "wifi", True, tenant_id="acme", user_id="bob"
    )
    theirs = await memory.find("wifi")
    assert (theirs.mine, theirs.by, theirs.more["public"]) == (False, "bob", True)
    for change in (memory.edit(theirs, "slow"), memory.forget(theirs), memory.put("semantic", "wifi", "slow")):
        with pytest.raises(MemoryRefusedError, match="not yours"):
            await change
    assert (await memory.find("wifi")).value == "the wifi is fast"


async def test_what_was_said_is_not_changed(memory: PersonalMemory) -> None:
    with pytest.raises(MemoryRefusedError, match="stays as it was said"):
        await memory.edit(await memory.find("1", "episodic"), "something else")


async def test_pages_are_whole_and_in_order(memory: PersonalMemory) -> None:
    shared = SharedState(MemoryClient(memory.database), "acme", "nerd")
    for number in range(5):
        await shared.set(f"z{number}", number)
    pages = [await memory.page("shared", number, 2) for number in (1, 2, 3)]
    names: list[str] = [item.name for page in pages for item in page.items]
    assert (names, {page.pages for page in pages}) == (["report", "z0", "z1", "z2", "z3", "z4"], {3})
    for number in range(3):
        await MemoryClient(memory.database).log_interaction("other", "user", f"said {number}", **WHO)
    said: list[Item] = [item for number in (1, 2) for item in (await memory.page("episodic", number, 2)).items]
    assert [item.value for item in said] == ["said 2", "said 1", "said 0", "tell me of recursion"]


async def test_a_name_in_several_scopes_wants_its_scope(memory: PersonalMemory) -> None:
    await memory.put("semantic", "report", "a text")
    with pytest.raises(MemoryRefusedError, match="shared, semantic"):
        await memory.find("report")
    assert (await memory.find("report", "semantic")).value == "a text"
