"""A long answer takes as long as its length asks for, whatever it is made of."""

import time
from collections.abc import Iterable

import pytest
from google.adk.events import Event
from google.adk.models import LlmRequest, LlmResponse
from google.genai import types

from conversation.conversation import Conversation
from conversation.translation import Translation
from settings import Settings
from tests.conversation.support import told
from tests.scripted import RawModel, said_whole

_SECONDS = 0.45
"""Of the processor; twice what it takes, and less than it took."""


@pytest.mark.parametrize("words", ["Fine words, and more. ", "x", "\u200b"], ids=["words", "one word", "unseen"])
async def test_five_megabytes_are_kept_at_once(settings: Settings, words: str) -> None:
    def script(request: LlmRequest) -> Iterable[LlmResponse]:
        yield said_whole("hi" if len(request.contents) == 1 else words * (5_000_000 // len(words)))

    async with Conversation.open(settings, models=lambda _skills: RawModel(script=script)) as conversation:
        await told(conversation, "hello")
        before = time.process_time()
        assert (await told(conversation, "more"))[-1]["status"] == ("failed" if words == "\u200b" else "completed")
        assert time.process_time() - before < _SECONDS


def test_an_answer_in_many_pieces_is_not_copied_for_each() -> None:
    piece = types.Content(role="model", parts=[types.Part(text="é" * 250)])
    event = Event(author="manager", content=piece, partial=True)
    translation = Translation()
    before = time.process_time()
    for _ in range(20_000):
        assert len(list(translation.of(event))) == 1
    assert time.process_time() - before < 2 * _SECONDS
