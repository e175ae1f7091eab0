"""What was remembered is found when it is asked for in other words."""

import os

import pytest

from memory.knowledge.calls import KnowledgeApi
from memory.knowledge.embedders import WordLlama
from memory.knowledge.meaning import Meaning
from storage.database import Database
from tests.memory.knowledge.paraphrases import PARAPHRASES
from tests.memory.support import WHO

FIRST, IN_THREE = 15, 18
"""Of twenty; seen were 16 and 19. Words alone find none: the questions have no telling word of what they ask for."""


async def test_most_paraphrases_are_found(database: Database) -> None:
    if not os.environ.get("CI"):
        pytest.importorskip("wordllama")
    api = KnowledgeApi(database, Meaning(WordLlama()))
    for remembered, _ in PARAPHRASES:
        await api.store_knowledge(remembered, **WHO)
    places = []
    for remembered, question in PARAPHRASES:
        found = [each.content for each in await api.search_knowledge(question, 20, **WHO)]
        places.append(found.index(remembered) if remembered in found else len(PARAPHRASES))
    await api.settled()
    assert sum(place == 0 for place in places) >= FIRST
    assert sum(place < 3 for place in places) >= IN_THREE
