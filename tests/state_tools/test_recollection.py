"""What was said is recalled by its words, and where no turn has them by what it means."""

from google.adk.tools.tool_context import ToolContext

from memory.knowledge.meaning import Meaning
from settings import APP_NAME
from state_tools.lookup import recall
from state_tools.recollection import LedgerMemoryService
from storage.adk.service import SessionService
from storage.scope import User
from tests.memory.support import Letters
from tests.storage.support import ADA, START, exchange, store

BOB = User(APP_NAME, "bob")


async def said(service: SessionService, *texts: str, user: User = ADA) -> None:
    for number, text in enumerate(texts):
        made = exchange(text, "...", f"{user.user_id}-{number}", START + 100 * number)
        await store(service, made, f"session-of-{user.user_id}", user)


def remember(context: ToolContext, service: SessionService, letters: Letters) -> None:
    """Gives the runner's context a memory with that embedder, as the host does."""
    context._invocation_context.memory_service = LedgerMemoryService(service.database, Meaning(letters))


async def recalled(context: ToolContext, query: str, limit: int = 5) -> tuple[list[str], str]:
    answer = await recall(query, context, limit)
    return [match["user_input"] for match in answer["matches"]], answer["note"]


async def test_a_turn_that_means_the_same_is_recalled_and_said_to_be_no_match_of_words(
    service: SessionService, tool_context: ToolContext
) -> None:
    letters = Letters()
    remember(tool_context, service, letters)
    await said(service, "listen", "dormitory", "quite another")
    await said(service, "listen", user=BOB)
    found, note = await recalled(tool_context, "silent")
    assert found == ["listen"] and "may mean the same" in note
    assert await recalled(tool_context, "bbbbb") == ([], "")
    assert "quite another\n..." in letters.asked


async def test_words_come_before_meaning_and_ask_no_embedder(
    service: SessionService, tool_context: ToolContext
) -> None:
    letters = Letters()
    remember(tool_context, service, letters)
    await said(service, "listen", "silent night")
    assert await recalled(tool_context, "silent") == (["silent night"], "")
    assert letters.asked == []


async def test_some_of_the_words_and_the_meaning_are_joined(service: SessionService, tool_context: ToolContext) -> None:
    await said(service, "kyaka listen", "kayak tinsel", "silent dogs bow to wolves")
    words_only, _ = await recalled(tool_context, "silent kayak")
    assert words_only == ["silent dogs bow to wolves", "kayak tinsel"]
    remember(tool_context, service, Letters())
    found, note = await recalled(tool_context, "silent kayak")
    assert found == ["kayak tinsel", "silent dogs bow to wolves", "kyaka listen"]
    assert note.startswith("No turn has all of these words")


async def test_a_text_is_embedded_once(service: SessionService, tool_context: ToolContext) -> None:
    letters = Letters()
    remember(tool_context, service, letters)
    await said(service, "listen", "dormitory")
    for _ in range(3):
        assert (await recalled(tool_context, "silent"))[0] == ["listen"]
    assert sorted(letters.asked) == ["dormitory\n...", "listen\n...", "silent"]


async def test_without_an_embedder_and_while_it_fails_words_alone_are_recalled(
    service: SessionService, tool_context: ToolContext
) -> None:
    await said(service, "listen", "silent zebra")
    assert await recalled(tool_context, "silent listen") == await recalled(tool_context, "listen silent")
    assert await recalled(tool_context, "enlist") == ([], "")
    letters = Letters()
    letters.broken = True
    remember(tool_context, service, letters)
    assert await recalled(tool_context, "enlist") == ([], "")


async def test_adks_own_search_finds_by_meaning_too(service: SessionService) -> None:
    memory = LedgerMemoryService(service.database, Meaning(Letters()))
    await said(service, "listen", "dormitory")
    found = await memory.search_memory(app_name=APP_NAME, user_id=ADA.adk_id, query="silent")
    assert [(each.content.parts or [])[0].text for each in found.memories] == ["listen\n..."]
    theirs = await memory.search_memory(app_name=APP_NAME, user_id=BOB.adk_id, query="silent")
    assert theirs.memories == []
