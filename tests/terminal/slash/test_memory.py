"""The slash command `/memory`, in a chat on a real record."""

import pytest

from memory.client import MemoryClient
from memory.shared_state import SharedState
from settings import Settings
from storage.database import Database
from tests.conftest import Converse
from tests.scripted import Play, call
from tests.terminal.talking import ENTER, typed


def lines(*commands: str) -> str:
    return "".join(command + ENTER for command in commands)


@pytest.fixture
async def filled(database: Database) -> MemoryClient:
    client = MemoryClient(database)
    await SharedState(client, "local", "nerd").set("the report", {"rows": [1, 2]})
    await client.store_knowledge("my sister lives in Oslo", "sister", tenant_id="local", user_id="ada")
    return client


async def test_an_empty_memory_says_what_fills_it(converse: Converse, settings: Settings) -> None:
    async with converse(Play(manager={})) as talk:
        text = await typed(lines("/memory", "/memory list working", "/memory semantic"), talk, settings)
    assert "Nothing is kept for a plan yet" in text
    assert text.count("remember that ...") == 2


async def test_it_lists_shows_and_searches(converse: Converse, settings: Settings, filled: MemoryClient) -> None:
    async with converse(Play(manager={})) as talk:
        commands = ("/memory", "/memory list shared", "/memory show shared the report", "/memory show sister")
        text = await typed(lines(*commands, "/memory search oslo", "/memory search shared oslo"), talk, settings)
    assert "/memory list shared shows what is there." in text
    assert "/memory show shared NAME shows all of one." in text
    assert '  "rows": [' in text
    assert text.count("my sister lives in Oslo") == 2
    assert "Nothing was found." in text


async def test_it_edits_and_forgets(converse: Converse, settings: Settings, filled: MemoryClient) -> None:
    async with converse(Play(manager={})) as talk:
        commands = (
            '/memory edit shared "the report" 7',
            "/memory forget the report",
            "n",
            "/memory forget sister",
            "y",
        )
        text = await typed(lines(*commands), talk, settings)
    assert "version 2" in text
    assert "Nothing was forgotten." in text
    assert "Forgotten. What was said of it in the chat stays in its record." in text
    assert await SharedState(filled, "local", "nerd").get("the report") == 7
    assert await filled.get_knowledge("sister", tenant_id="local", user_id="ada") is None


async def test_what_is_wrong_is_told_in_a_line(converse: Converse, settings: Settings) -> None:
    wrong = ("/memory nothing", "/memory show", "/memory show nothing", "/memory list nowhere", "/memory search")
    async with converse(Play(manager={})) as talk:
        text = await typed(lines(*wrong), talk, settings)
    for said in (
        "'nothing' is nothing that /memory does",
        "Show what?",
        "there is nothing called",
        "no scope 'nowhere'",
    ):
        assert said.lower() in text.lower()
    assert "Search for what?" in text


async def test_a_fact_that_a_model_remembers_is_there(converse: Converse, settings: Settings) -> None:
    async with converse(Play(manager={"keep": call("remember_fact", fact="tea is at four")})) as talk:
        text = await typed(lines("keep", "/memory semantic"), talk, settings)
    assert "tea is at four" in text
