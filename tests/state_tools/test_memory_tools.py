"""Tools for facts and for what agents share, called as ADK calls them: with a tool context on a real session."""

from typing import Any

import pytest
from google.adk.tools import ToolContext

from memory.client import MemoryClient
from memory.knowledge.calls import KnowledgeApi
from memory.knowledge.meaning import Meaning
from memory.shared_state import SharedState
from settings import APP_NAME
from state_tools.memory import forget_fact, read_shared, recall_fact, remember_fact, share_result
from state_tools.preferences import get_user_preferences
from state_tools.recollection import LedgerMemoryService
from state_tools.record import Record
from storage.scope import LOCAL
from tests.conftest import USER
from tests.memory.support import Letters

OSLO, BERGEN = "my sister lives in Oslo", "my brother lives in Bergen"


def facts(answer: dict[str, Any]) -> list[str]:
    assert answer["status"] == "success"
    return [each["fact"] for each in answer["facts"]]


async def test_a_fact_is_remembered_once_and_found_by_its_words(tool_context: ToolContext) -> None:
    first = await remember_fact(f" {OSLO} ", tool_context)
    again = await remember_fact(OSLO, tool_context)
    assert (first["action"], first["fact"], first["added"], again["added"]) == ("remember_fact", OSLO, True, False)
    await remember_fact(BERGEN, tool_context)
    assert facts(await recall_fact(tool_context, "my sister")) == [OSLO]
    assert facts(await recall_fact(tool_context)) == [BERGEN, OSLO]
    nothing = await recall_fact(tool_context, "dentist")
    assert (facts(nothing), nothing["message"]) == ([], "Nothing of that is remembered.")


async def test_a_fact_is_found_by_its_meaning_where_there_is_an_embedder(tool_context: ToolContext) -> None:
    await remember_fact("listen", tool_context)
    assert facts(await recall_fact(tool_context, "silent")) == []
    memory = LedgerMemoryService(Record.of(tool_context).database, Meaning(Letters()))
    tool_context._invocation_context.memory_service = memory
    await remember_fact("enlist", tool_context)
    (found,) = (await recall_fact(tool_context, "silent"))["facts"]
    assert (found["fact"], found["found_by"]) == ("enlist", "meaning")
    assert (await recall_fact(tool_context, "enlist"))["facts"][0]["found_by"] == "words"


async def test_a_fact_is_private_to_the_user_of_the_session(tool_context: ToolContext) -> None:
    await remember_fact(OSLO, tool_context)
    memory = KnowledgeApi(Record.of(tool_context).database, Meaning(None))
    assert len(await memory.list_knowledge(tenant_id=LOCAL, user_id=USER)) == 1
    await memory.store_knowledge("my sister is a spy", tenant_id=LOCAL, user_id="bob", is_public=True)
    await memory.store_knowledge("my sister is a nun", tenant_id="acme", user_id=USER)
    assert facts(await recall_fact(tool_context, "sister")) == [OSLO]
    assert (await forget_fact("my sister is a spy", tool_context))["forgotten"] == []
    assert len(await memory.list_knowledge(tenant_id=LOCAL, user_id="bob", include_public=False)) == 0
    assert len(await memory.list_knowledge(tenant_id=LOCAL, user_id="bob")) == 1


async def test_only_the_one_fact_that_is_meant_is_forgotten(tool_context: ToolContext) -> None:
    for fact in (OSLO, "My sister lives in Oslo with her cat.", BERGEN):
        await remember_fact(fact, tool_context)
    several = await forget_fact("sister", tool_context)
    assert (several["forgotten"], len(several["fitting"])) == ([], 2)
    assert (await forget_fact("My sister lives in Oslo.", tool_context))["forgotten"] == [OSLO]
    assert (await forget_fact("brother", tool_context))["forgotten"] == [BERGEN]
    assert (await forget_fact("dentist", tool_context))["forgotten"] == []
    assert facts(await recall_fact(tool_context)) == ["My sister lives in Oslo with her cat."]


async def test_what_agents_share_belongs_to_the_tenant_and_says_who_wrote_it(tool_context: ToolContext) -> None:
    shared = await share_result("report", {"rows": [1]}, tool_context)
    assert (shared["action"], shared["version"]) == ("share_result", 1)
    read = await read_shared("report", tool_context)
    assert (read["found"], read["value"], read["by"], read["version"]) == (True, {"rows": [1]}, APP_NAME, 1)
    memory = MemoryClient(Record.of(tool_context).database)
    assert await SharedState(memory, LOCAL, "other").get("report") == {"rows": [1]}
    await SharedState(memory, "acme", "other").set("theirs", 1)
    assert (await read_shared("theirs", tool_context))["found"] is False


@pytest.mark.parametrize("strategy, said", [("reject", "report"), ("first_write_wins", "first writer")])
async def test_what_may_not_be_written_over_is_an_error(tool_context: ToolContext, strategy: str, said: str) -> None:
    shared = SharedState(MemoryClient(Record.of(tool_context).database), LOCAL, "other")
    await shared.set("report", 1, strategy=strategy)
    answer = await share_result("report", 2, tool_context)
    assert (answer["status"], said in answer["error_message"]) == ("error", True)
    assert await shared.get("report") == 1


async def test_what_memory_refuses_is_told_in_a_sentence(tool_context: ToolContext) -> None:
    refused = [
        await share_result("", 1, tool_context),
        await share_result("big", "x" * 2**21, tool_context),
        await read_shared("k" * 600, tool_context),
        await remember_fact("  ", tool_context),
    ]
    assert [answer["status"] for answer in refused] == ["error"] * 4
    messages = [answer["error_message"] for answer in refused]
    assert all(each[0].isupper() and each.endswith(".") and "\n" not in each for each in messages)
    assert "1,048,576" in messages[1]


async def test_what_is_known_of_the_user_counts_their_facts(tool_context: ToolContext) -> None:
    assert (await get_user_preferences(tool_context))["facts"] == 0
    await remember_fact(OSLO, tool_context)
    assert (await get_user_preferences(tool_context))["facts"] == 1
