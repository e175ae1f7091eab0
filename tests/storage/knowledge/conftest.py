"""What agents share and remember is the same on both databases."""

import pytest

from storage.database import Database


@pytest.fixture
def database(memory_database: Database) -> Database:
    return memory_database
