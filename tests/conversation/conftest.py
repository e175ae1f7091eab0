"""A conversation with a model that says odd things."""

from pathlib import Path

import pytest

from conversation.conversation import Conversation
from settings import Settings
from tests.conversation.odd import Opened
from tests.scripted import RawModel


@pytest.fixture
def odd(settings: Settings, made_database: Path) -> Opened:
    return lambda script: Conversation.open(settings, models=lambda _: RawModel(script=script))
